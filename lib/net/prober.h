/* Interface of the probes of each protocol; probe.c has the table. */
#ifndef NET_PROBER_H
#define NET_PROBER_H

#include "net/probe.h"

struct probe_result {
	enum probe_answer answer;
	bool heard;    /* the server has answered something */
	bool local;    /* it could not be asked, for want of something here */
	int status;    /* of an HTTP answer; 0: there is none */
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

#endif
