/* The proxy before nodes with 'via', watched for as long as a session takes commands: should it die, what
 * its users see is not the fault's doing. */
#ifndef FAULT_FRONT_WATCH_H
#define FAULT_FRONT_WATCH_H

#include "node/fleet.h"

/* Zeroed: nothing is watched. */
struct proxy_watch {
	struct node *proxy;
	struct proc_id seen;  /* pid 0: it was not up */
	unsigned dead;	      /* how often in a row it was found so */
	size_t finished;      /* pieces of work of the proxy, at that time */
	struct loop_timer *timer; /* owned */
};

/* Without nodes that have one, or a timer, nothing is watched. */
void watch_begin(struct proxy_watch *w, struct fleet *f);
void watch_end(struct proxy_watch *w);

#endif
