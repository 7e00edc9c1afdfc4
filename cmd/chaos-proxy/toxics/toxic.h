/* A toxic: what it is, in JSON and in memory. */
#ifndef PROXY_TOXIC_H
#define PROXY_TOXIC_H

#include "stream/json.h"
#include "toxics/peers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum toxic_stream { UPSTREAM, DOWNSTREAM };

/* The fields of all types; each uses its own. Units as the API has them. */
struct toxic_attributes {
	int64_t latency_ms, jitter_ms;
	int64_t rate_kb; /* 1000 bytes a second */
	char *scope;	 /* bandwidth: "connection" or "proxy" */
	int64_t delay;	 /* slow_close: ms; slicer: us */
	int64_t timeout_ms;
	bool keep; /* timeout: holds data instead of swallowing it, and the connection outlives it */
	int64_t average_bytes, variation_bytes;
	int64_t bytes; /* limit_data; stall: how many go through before */
	double share;  /* of segments, requests or commands: 0 to 1 */
	int64_t rto_ms;
	/* Which requests: each a list of words separated by '|', or a pattern with '*'; NULL: any. */
	char *method, *path, *command;
	int64_t status;	   /* http_error */
	char *error, *to; /* redis_error: "LOADING", …; where MOVED sends to */
	int64_t slot;
};

enum toxic_protocol { PROTOCOL_NONE, PROTOCOL_HTTP, PROTOCOL_REDIS };

struct toxic_field;

enum toxic_kind {
	TOXIC_LATENCY, TOXIC_BANDWIDTH, TOXIC_SLOW_CLOSE, TOXIC_TIMEOUT, TOXIC_RESET_PEER, TOXIC_SLICER,
	TOXIC_LIMIT_DATA, TOXIC_LOSS, TOXIC_STALL, TOXIC_REFUSE, TOXIC_BLACKHOLE, TOXIC_HTTP_ERROR,
	TOXIC_REDIS_ERROR, TOXIC_KINDS,
};

struct toxic_type {
	const char *name;
	enum toxic_kind kind;
	const struct toxic_field *fields;
	size_t field_count;
	enum toxic_protocol protocol; /* whose messages it looks at */
};

struct toxic {
	char *name; /* owned */
	const struct toxic_type *type;
	enum toxic_stream stream;
	double toxicity; /* the share of connections that it acts on */
	char *from;	 /* those that come from there alone, or NULL: all; owned */
	struct peers peers; /* the same */
	struct toxic_attributes a;
	int64_t ttl_ns, ends_ns; /* 0: none; ends_ns is monotonic */
	uint64_t key;		 /* of its draws */
	bool seeded;		 /* its draws are of a seed of its own, and count from its coming: */
	uint64_t seed, first;	 /* first: the number of the first connection behind it */
	uint64_t told, told_sum; /* decisions, and a hash of the set of them */
	uint32_t match_bit;	 /* of messages that a latency with a match delays; 0: all data */
	int64_t shared_ns;	 /* bandwidth of a proxy: until when it is used up */
	uint64_t version;	 /* of its attributes: key plus updates */
	struct toxic *next;	 /* of the same proxy, in the order in which they were added */
};

/* Reads one from the JSON of the API. NULL with EXIT_USAGE. now_ns is when a ttl begins. */
struct toxic *toxic_new(const struct json *j, int64_t now_ns, struct err *e);
void toxic_free(struct toxic *t); /* accepts NULL */

/* Changes what j names: attributes, toxicity, ttl; all else must be as it is. A ttl begins anew. -1 and
 * unchanged: EXIT_USAGE. */
int toxic_update(struct toxic *t, const struct json *j, int64_t now_ns, struct err *e);

struct json *toxic_json(const struct toxic *t, int64_t now_ns);

/* The JSON of TYPE[:KEY=VALUE,...], as on the command line. NULL with EXIT_USAGE. */
struct json *toxic_spec(const char *text, struct err *e);

enum toxic_protocol toxic_protocol(const struct toxic *t); /* that it needs to be read */

/* Whether its match takes the message; verb: the method or the command, path: HTTP. */
bool toxic_matches(const struct toxic *t, const char *verb, const char *path);

#endif
