/* A program that is a fault or a kind of node: where it is found, and what it says of itself. */
#ifndef FAULT_PROGRAMS_PROGRAM_H
#define FAULT_PROGRAMS_PROGRAM_H

#include "base/buf.h"
#include "base/err.h"
#include "programs/call.h"
#include "stream/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRAM_SUM_MAX = 24 };

struct program {
	char *name, *path; /* owned */
	char sum[PROGRAM_SUM_MAX]; /* of its bytes: two of the same sum are the same */
	struct json *described;	   /* its answer to describe; owned */
};

/* The path of the executable of that name in what, which is "faults" or "kinds": in libexec/chaos
 * of this installation or libexec of this build tree, then in each folder of CHAOS_PATH that is
 * absolute. NULL if there is none, with the nearest name in *near (owned by the caller) if near is
 * not NULL. The caller frees. */
char *program_find(const char *what, const char *name, char **near);

/* The paths of all that program_find would find there; the caller frees them and the array. */
char **program_list(const char *what, size_t *count);

/* Asks it to describe itself; program_described takes the answer when call_step is true. */
struct call *program_describe(struct program *p, const char *path, struct err *e);
/* -1, EXIT_USAGE: with what it says it cannot be used. */
int program_described(struct program *p, struct call *c, struct err *e);
/* The next tool of its list needs, from *at on, that cannot be run here; NULL: there is no further. */
const char *program_lacks(const struct program *p, size_t *at);

/* Fails at the first tool of its list needs that cannot be run here. -1, EXIT_USAGE: "needs 'tc', which
 * cannot run". */
int program_needs(const struct program *p, struct err *e);
void program_release(struct program *p);

/* The parameters of those words that are "NAME=VALUE", checked and with the defaults of those that are
 * missing. In units of the description. NULL, EXIT_USAGE, with the nearest name. The caller frees. */
struct json *program_params(const struct program *p, const char *const *words, size_t count,
			    struct err *e);

/* Those of its parameters that are spans, as text with a unit. The caller frees. */
struct json *program_spans(const struct program *p, const struct json *params);

/* Adds how a parameter is written: "by=SPAN  1 to 10000 ms; 100ms". */
void program_param_words(const char *name, const struct json *about, struct buf *out);

/* Its sum now, and what it is. -1 if it cannot be read. */
int program_sum(const char *path, char sum[static PROGRAM_SUM_MAX], struct buf *text,
		struct err *e);

/* Copies stay while a descriptor of this is open, whatever the journal says. alone: only if there is no
 * other. Never waits. -1, EXIT_RUNTIME: also if the folder of copies is not there; EAGAIN: another has it, or is alone. */
int program_lock(const char *state, bool alone, struct err *e);

/* So into *lock, unless that is one (0, or less: it is none); makes the folder. */
int program_keep(const char *state, int *lock, struct err *e);

/* Removes the copies that are not needed, unless anybody else has the lock. */
void program_sweep(const char *state, bool (*needed)(const char *state, const char *sum));

/* Makes a copy in the state folder, which stays as it is whatever becomes of the program, unless
 * there is one; on disk when it returns. Without program_keep before it, a sweep may remove it.
 * The caller frees the path. NULL, also if the program is not as it was described any more. */
char *program_copy(const char *state, const char *path, const char *sum, struct err *e);

/* The copy of that sum, if it is as it was made; else NULL. The caller frees. */
char *program_copied(const char *state, const char *sum, struct err *e);

#endif
