/* The loop of the relay: edge-triggered descriptors and many timers. Beside sys/loop.h, since a relay
 * asks for every event of every socket once, and never again: no call to the kernel as traffic
 * changes direction, no allocation for a timer. */
#ifndef PROXY_EVLOOP_H
#define PROXY_EVLOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct evloop;

enum evloop_events {
	EVLOOP_READ = 1,  /* also for the end of the stream, and errors */
	EVLOOP_WRITE = 2, /* also for errors */
	EVLOOP_END = 4,	  /* the other side will send no more, or there is an error */
	EVLOOP_BROKEN = 8, /* error, or both directions have ended */
};

/* Part of its owner's storage. */
struct evloop_watch {
	void (*ready)(struct evloop_watch *w, int events);
	int fd; /* -1: not watched */
};

struct evloop_timer {
	void (*due)(struct evloop_timer *t);
	int64_t at_ns; /* monotonic */
	size_t place;  /* private; 0: not set */
};

struct evloop *evloop_new(struct err *e); /* NULL on error */
void evloop_free(struct evloop *l);	  /* accepts NULL */

/* Watches a non-blocking socket for all events; each is told once, until it has been used up. */
int evloop_add(struct evloop *l, struct evloop_watch *w, int fd, struct err *e);
/* The same of a descriptor that is told of as long as it can be read. */
int evloop_add_level(struct evloop *l, struct evloop_watch *w, int fd, struct err *e);
/* Stops; the descriptor, which stays open, is the caller's again. */
int evloop_forget(struct evloop *l, struct evloop_watch *w);
/* Stops and closes the descriptor; nothing more is told. Accepts one that is not watched. */
void evloop_close(struct evloop_watch *w);

/* A non-blocking connection from a listening socket; -1 with errno. */
int evloop_accept(int fd);

void evloop_at(struct evloop *l, struct evloop_timer *t, int64_t at_ns);
void evloop_soon(struct evloop *l, struct evloop_timer *t); /* after what is ready now */
void evloop_unset(struct evloop *l, struct evloop_timer *t);

/* Frees memory that holds watches when no event can be under way for them any more. */
void evloop_free_later(struct evloop *l, void *memory);

/* Runs until evloop_stop, or SIGINT, SIGTERM or SIGHUP: returns its number, or 0. */
int evloop_run(struct evloop *l);
void evloop_stop(struct evloop *l);

#endif
