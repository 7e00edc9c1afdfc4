/* One call of a program that is a fault or a kind of node: "PROGRAM VERB", one JSON object on its
 * standard input, at most one on its standard output, words on standard error. It runs without a
 * shell, with a clean environment, in a process group of its own that ends with the call, and ends
 * with this process. Nothing here waits. */
#ifndef FAULT_PROGRAMS_CALL_H
#define FAULT_PROGRAMS_CALL_H

#include "base/err.h"
#include "stream/json.h"
#include "sys/proc.h"

#include <stdbool.h>
#include <stdint.h>

struct call;

/* keep_fd: a descriptor that the program and all that it starts inherit, or -1. NULL: it could not
 * be started. */
struct call *call_new(const char *program, const char *verb, const struct json *ask,
		      int64_t within_ns, int keep_fd, struct err *e);

/* Goes on as far as is possible without waiting. True when the call is over. call is a struct call
 * (void for await). */
bool call_step(void *call);

/* Of one that is over: the exit code; -1 with e if it was killed, has not ended in time, has written
 * too much, or something that is no JSON object. */
int call_code(const struct call *c, struct err *e);

/* The JSON object that it has written, or NULL. */
const struct json *call_answer(const struct call *c);

/* The same, which the caller frees from now on. */
struct json *call_take_answer(struct call *c);

/* Its last words on standard error, as an error: "delay: no such device". Returns -1. */
int call_err(const struct call *c, struct err *e);

/* The process that was started. */
struct proc_id call_process(const struct call *c);

/* "PROGRAM hold": started as nodes are, nobody's child, and left to itself; what it writes is lost.
 * mark, "NAME=VALUE", is in its environment and that of all that it starts. before_exec as in struct
 * proc_daemon. -1: it does not run. */
int call_hold(const char *program, const struct json *ask, const char *mark,
	      int (*before_exec)(void *arg, const struct proc_id *id, struct err *e), void *arg,
	      struct err *e);

/* Ends it if it is not over. Accepts NULL. */
void call_free(struct call *c);

#endif
