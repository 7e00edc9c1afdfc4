/* Output for the user: events on stdout, or lines for people on stderr. It knows values alone,
 * neither nodes nor faults. */
#ifndef FAULT_EVENTS_EMIT_H
#define FAULT_EVENTS_EMIT_H

#include "base/buf.h"
#include "base/err.h"
#include "stream/event.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct emitter {
	bool events;  /* JSON Lines to the sink; else lines on stderr */
	bool session; /* errors are events too, and no reason to fail */
	struct event_sink sink;
	int code;      /* the exit code so far */
	size_t errors; /* how many emit_error has seen */
	bool gone;     /* stdout was closed or is full: on_gone has been called */
	void (*on_gone)(void *arg);
	void *arg;
	struct loop *loop;	/* borrowed; NULL: a write may block */
	struct loop_fd *writer; /* while lines wait to be written; owned */
	struct buf waiting;	/* those lines */
};

/* What an event is about. */
struct subject {
	const char *fault; /* its UID, or NULL */
	const char *action, *node, *url;
};

/* Writes the lines that wait, which may block unless a signal has ended it all: after the last undo.
 * Returns the exit code. */
int emit_end(struct emitter *r);

/* Writes text to stdout for people or programs, and releases it. Returns the code, or what is worse.
 */
int emit_print(struct buf *text, int code);

enum { SHOWN_WORDS_MAX = 48, SHOWN_TEXT_MAX = 256 };

/* Which server, as people and as programs read it. */
struct shown {
	char words[SHOWN_WORDS_MAX]; /* "pid 123", "container 0123456789ab" */
	char brief[20];		     /* "123", "0123456789ab"; "-": none */
	const char *key;	     /* of an event: "pid", "container" */
	char text[SHOWN_TEXT_MAX];   /* its value; "": it is the number */
	int64_t number;
};

/* Adds its key; nothing if it has none. */
void shown_set(const struct shown *s, struct json *j);

/* CLOCK_MONOTONIC; spans in ns. */
struct injection {
	const char *past; /* "killed" */
	struct shown target;
	int64_t requested_ns, injected_ns, journal_ns;
	int64_t due_ns; /* by its schedule; 0: it had none */
	int64_t for_ns; /* negative: no end of its own */
	bool forced, stays, detached;
	bool heals; /* its target is to heal itself */
	const char *effect; /* "silent" */
};

/* What was seen of a fault's effect from outside, or by the fault's own program. */
struct external_check {
	int64_t seen_ns;	      /* CLOCK_MONOTONIC; 0: it was not looked for to the end */
	char check[80];		      /* what was asked: "GET /health" */
	char answer[120];	      /* "Connection refused", "none within 250ms" */
	bool silent;		      /* that is no answer at all */
};

struct reversion {
	const char *state, *check, *answer; /* of the node now, and by what that is seen */
	struct shown now;
	int64_t revert_ns, injected_ns;
	bool by_other, was_down, degraded;
	bool died;	   /* it had ended while it was paused */
	bool adopted;	   /* this command has not injected it */
	bool heals;	   /* its target was to heal itself: */
	int64_t healed_ns; /* when it had; 0: it did not */
	const struct json *found; /* what the program that undid it tells, or NULL */
};

/* line: of the command; 0: none. */
void emit_requested(struct emitter *r, const struct subject *s, size_t line, int64_t requested_ns);
void emit_injected(struct emitter *r, const struct subject *s, const struct injection *i);
/* Its effect was seen from outside. */
void emit_verified(struct emitter *r, const struct subject *s, const struct external_check *seen,
		   const char *state, int64_t requested_ns);
void emit_reverting(struct emitter *r, const struct subject *s, const char *why,
		    int64_t revert_ns);
void emit_reverted(struct emitter *r, const struct subject *s, const struct reversion *v);
/* Somebody else has put it back and said so in the journal; by_other: which its target could not. */
void emit_put_back(struct emitter *r, const struct subject *s, bool by_other);
void emit_revert_failed(struct emitter *r, const struct subject *s, const char *by_hand,
			const struct err *e);

/* The subject's action is the command behind it. */
void emit_down(struct emitter *r, const struct subject *s, const struct shown *was);
/* Where what it writes is found: a file, from a place on, or the engine that keeps it; or neither. */
struct written_to {
	const char *file, *engine;
	int64_t from;
};
/* found: what is said of it if it was not started, but was there: "is up already"; else NULL. */
void emit_ready(struct emitter *r, const struct subject *s, const struct shown *now, const char *found,
		const struct written_to *log, double took_ms);

/* What a pick came to: nodes of from, by the number-th draw of the seed. */
struct picked {
	size_t line;		   /* of the command; 0: none */
	const char *action, *word; /* "one", "30%" */
	int64_t requested_ns;
	uint64_t seed, number;
	const char *const *from, *const *nodes;
	size_t from_count, count;
};
void emit_picked(struct emitter *r, const struct picked *p);

/* The last lines of a node's log, on stderr: no event has what a server says, which may be a secret.
 * Changes text. */
void emit_log(const char *node, char *text);

/* Sends a line, which it frees. */
void emit_send(struct emitter *r, struct json *j);
/* Sends what is no event. */
void emit_words(struct emitter *r, const char *text, size_t len);
/* What time it is; idle: all commands have been carried out. */
void emit_clock(struct emitter *r, bool idle);
void emit_session_start(struct emitter *r, int64_t start_ns);
/* node may be NULL. */
void emit_warning(struct emitter *r, const char *node, const char *message);
/* A command that could not be obeyed: in a session an event with the line, else a
 * message and the error's exit code. node may be NULL. */
void emit_error(struct emitter *r, const char *node, size_t line, const struct err *e);

#endif
