/* The event loop: descriptors, absolute timers on the monotonic clock, signals. A
 * thin layer over libuv, which is known to this module alone. Timers are
 * timerfds, so they are as exact as the kernel is; libuv's own count in milliseconds. */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include "base/err.h"

#include <stdint.h>

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_soon;
struct loop_signal;

enum loop_events {
	LOOP_READ = 1,
	LOOP_WRITE = 2,
	LOOP_ERROR = 4, /* only reported: error or hang-up; the watch is off until the next loop_fd_set */
};

struct loop *loop_new(struct err *e); /* NULL on error */
/* Frees the loop. Every watch must have been freed (its memory may linger until here). */
void loop_free(struct loop *l);

/* Runs until loop_stop, or until nothing is watched: no descriptor with events, no timer that
 * is set. Signals do not count. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Storage for one object that users of the loop share; NULL at first. */
void **loop_shared(struct loop *l);

/* Watches a descriptor, which stays the caller's and stays blocking or not as it was: read
 * or write once per call of cb, or make it non-blocking. Starts with no events. NULL if the
 * descriptor cannot be polled (a regular file: e->sys_errno is EPERM; it is always ready). */
struct loop_fd *loop_fd_new(struct loop *l, int fd, void (*cb)(void *arg, int events), void *arg,
			    struct err *e);
/* events: a set of enum loop_events; 0 stops. Returns -1 if the loop cannot watch for them: another
 * watch has the descriptor. */
int loop_fd_set(struct loop_fd *w, int events);
/* Stops and frees; allowed in any callback, its own too. Call before the descriptor is closed. Accepts NULL. */
void loop_fd_free(struct loop_fd *w);

/* A one-shot timer at an absolute CLOCK_MONOTONIC time; a time that has
 * passed fires at once. Setting it again replaces the time. */
struct loop_timer *loop_timer_new(struct loop *l, void (*cb)(void *arg), void *arg, struct err *e);
void loop_timer_at(struct loop_timer *t, int64_t mono);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* accepts NULL */

/* Calls cb once before the loop waits again, whenever loop_soon asks for it: for what several callbacks of one turn
 * have in common. */
struct loop_soon *loop_soon_new(struct loop *l, void (*cb)(void *arg), void *arg);
void loop_soon(struct loop_soon *s);
void loop_soon_free(struct loop_soon *s); /* accepts NULL */

/* Calls cb in the loop when the process gets signo. A SIGHUP that is ignored (nohup) stays ignored. */
struct loop_signal *loop_signal_new(struct loop *l, int signo, void (*cb)(void *arg, int signo),
				    void *arg, struct err *e);
void loop_signal_free(struct loop_signal *s); /* accepts NULL */

#endif
