/* What a protocol's probe is made of; probe.c has the table of them. */
#ifndef NET_PROBER_H
#define NET_PROBER_H

#include "net/link.h"
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

/* For probes on sockets of their own: the server's addresses, and the time of an attempt. */
struct probe_dial {
	struct url at;
	struct net_dialer dialer;
	struct net_addrs addrs;
	struct loop_timer *timer;
	struct probe_result *out;
	void (*stop)(void *arg); /* gives up the attempt, which has timed out */
	void *arg;
};

void probe_dial_init(struct probe_dial *d, struct loop *l, const struct url *at,
		     struct probe_result *out);
/* Looks up the server and starts the clock. -1: the attempt has failed. */
int probe_dial_start(struct probe_dial *d, int64_t timeout_ns);
/* The end of an attempt, with PROBE_NO if there is a reason. */
void probe_dial_end(struct probe_dial *d, const char *why);
void probe_dial_release(struct probe_dial *d);

/* Connects, and says nothing. */
extern const struct prober tcp_prober;

#endif
