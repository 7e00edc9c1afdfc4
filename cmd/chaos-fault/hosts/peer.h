/* Another chaos-fault that does a part of the work, on a host or for the nodes of this machine: a session, or a command
 * alone. Lines go in, events come out, on the clock and by the line numbers of whoever asks. */
#ifndef FAULT_HOSTS_PEER_H
#define FAULT_HOSTS_PEER_H

#include "events/emit.h"
#include "hosts/far.h"
#include "sys/loop.h"

struct peer;

/* What happens to it. A command alone is never ready nor idle. */
struct peer_calls {
	void (*ready)(void *arg, struct peer *p); /* it takes commands */
	void (*idle)(void *arg, struct peer *p);  /* as peer_ask_idle asks */
	/* No event; j: as JSON, or NULL. NULL: it is dropped. */
	void (*text)(void *arg, struct peer *p, const struct json *j, const char *line, size_t len);
	void (*over)(void *arg, struct peer *p);  /* it has ended, and its code is known */
	void *arg;
};

struct peer {
	const char *host; /* NULL: this machine */
	const struct peer_calls *calls;
	struct emitter *emitter; /* takes its events */
	pid_t pid;
	int in, out; /* out: a pidfd once its output has ended */
	struct loop_fd *reader, *ender, *writer;
	struct loop_timer *late;
	struct buf waiting, unread; /* not yet written; not yet whole */
	struct buf later; /* lines that follow the first questions */
	size_t *lines, line_count, line_alloc; /* of ours, of each that was sent */
	int64_t asked_ns;	    /* CLOCK_MONOTONIC: for the time */
	int64_t offset_ns, error_ns; /* its clock minus ours, and how far off that may be; of all questions the best */
	size_t questions;	    /* that are left of these */
	bool begun;		    /* past its first questions */
	bool ready, closing, cut, over;
	bool awaited; /* its idle call is to come */
	bool lost;    /* its link failed, or it was killed */
	int64_t start_ns; /* when it was ready, on our clock, UNIX */
	struct json **active; /* the last event of each fault that was requested and not yet put back, as ours; owned */
	size_t active_count, active_alloc;
	int code;
};

/* Starts it; clock: it is told what to do when it has answered for its clock. Its events, before it is ready, are those
 * of nodes that it brings up. */
int peer_open(struct peer *p, const char *host, const struct config *c, const struct args *args, bool clock,
	      struct emitter *r, const struct peer_calls *calls, struct err *e);

/* Sends a line, which is that one of ours. */
void peer_send(struct peer *p, const char *text, size_t line);

/* Calls idle when all lines have been carried out and nothing that it holds has an end of its own. */
void peer_ask_idle(struct peer *p);

/* No more lines: it puts back what it holds, and ends; at_once: even before it has begun. */
void peer_close(struct peer *p, bool at_once);

/* Ends it, whatever comes of it there. */
void peer_cut(struct peer *p);
void peer_release(struct peer *p);

#endif
