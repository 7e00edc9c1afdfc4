/* Interface of the probes of each protocol; probe.c has the table. */
#ifndef NET_PROBER_H
#define NET_PROBER_H

#include "net/link.h"
#include "net/lookup.h"
#include "net/probe.h"

struct probe_result {
	enum probe_answer answer;
	bool heard;    /* the server has answered something */
	char why[256]; /* the reason for PROBE_NO */
	char role[16]; /* as a Redis server last said; "" before */
};

struct prober {
	/* what: an HTTP path, or a Redis command. out outlives it. */
	void *(*open)(struct loop *l, const struct url *at, const char *what,
		      struct probe_result *out);
	/* Starts an attempt, giving up one that is under way: out->answer is PROBE_PENDING, and is
	 * set when the attempt ends, perhaps in this call. */
	void (*start)(void *state, int64_t timeout_ns);
	void (*close)(void *state);
};

/* What probes on plain sockets share: address look-up and the timeout of an attempt. */
struct probe_dial {
	struct url at;
	struct net_dialer dialer;
	struct net_addrs addrs;
	struct net_lookup *lookup; /* NULL: none is under way; it may outlast its attempt */
	bool waiting;		   /* an attempt waits for it */
	struct loop_timer *timer;
	struct probe_result *out;
	void (*dial)(void *arg); /* connects to addrs */
	void (*stop)(void *arg); /* closes the connection of an attempt that timed out */
	void *arg;
};

void probe_dial_init(struct probe_dial *d, struct loop *l, const struct url *at,
		     struct probe_result *out);
/* Starts the timeout, looks up the server and calls dial; or ends the attempt. */
void probe_dial_start(struct probe_dial *d, int64_t timeout_ns);
/* Ends an attempt: PROBE_YES, or PROBE_NO if why is given. */
void probe_dial_end(struct probe_dial *d, const char *why);
void probe_dial_release(struct probe_dial *d);

/* Connects, and says nothing. */
extern const struct prober tcp_prober;

#endif
