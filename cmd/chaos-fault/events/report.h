/* What the user is told: events on stdout, or lines for people on stderr. */
#ifndef FAULT_EVENTS_REPORT_H
#define FAULT_EVENTS_REPORT_H

#include "base/err.h"
#include "stream/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct node;
struct work;

struct report {
	bool events;  /* JSON Lines to the sink; else lines on stderr */
	bool session; /* errors are events too, and no reason to fail */
	struct event_sink sink;
	int code;      /* the exit code so far */
	size_t errors; /* how many report_error has seen */
	bool gone;     /* stdout was closed or is full: on_gone has been called */
	void (*on_gone)(void *arg);
	void *arg;
};

void report_requested(struct report *r, const struct fault *f);
void report_injected(struct report *r, const struct fault *f, const struct work *w);
/* Its effect was seen from outside. */
void report_verified(struct report *r, const struct fault *f);
void report_reverting(struct report *r, const struct fault *f);
void report_reverted(struct report *r, const struct fault *f, bool by_other);
/* Somebody else has put it back and said so in the journal. */
void report_put_back(struct report *r, const struct fault *f);
void report_revert_failed(struct report *r, const struct fault *f, const struct err *e);

/* verb is the command behind it, f the fault it belongs to or NULL. */
void report_down(struct report *r, const struct node *n, const char *verb, const struct fault *f);
void report_ready(struct report *r, const struct node *n, const char *verb, const struct fault *f,
		  bool started, double took_ms);

/* What a pick came to: nodes of from, by the number-th draw of the seed. */
struct picked {
	const char *word; /* "one", "30%" */
	uint64_t seed, number;
	struct node *const *from, *const *nodes;
	size_t from_count, count;
};
void report_picked(struct report *r, const struct work *w, const struct picked *p);

void report_session_start(struct report *r);
/* n may be NULL. */
void report_warning(struct report *r, const struct node *n, const char *message);
/* A command that could not be obeyed: in a session an event with the line, else a
 * message and the error's exit code. n may be NULL. */
void report_error(struct report *r, const struct node *n, size_t line, const struct err *e);

#endif
