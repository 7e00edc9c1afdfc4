/* The load summary: what a load generator says about its own run, so that its readers know
 * whether the samples show the target or the generator. One JSON object, described in
 * chaos-formats(5), written and read here alone. */
#ifndef STREAM_LOAD_SUMMARY_H
#define STREAM_LOAD_SUMMARY_H

#include "base/err.h"
#include "stream/json.h"
#include "base/error_class.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_SUMMARY_SCHEMA "chaos-load/1"

/* One change of the planned rate: linear from rate_rps to to_rps over ramp_s. */
struct load_profile_step {
	double at_s, rate_rps, to_rps, ramp_s;
};

struct load_summary {
	double start_t;			   /* UNIX s of slot 0 */
	double duration_s;		   /* from slot 0 to the end of the schedule */
	struct load_profile_step *profile; /* owned */
	size_t profile_count, profile_alloc;
	double timeout_s, pace_slack_ms;
	int64_t seed;
	const char *arrivals; /* "constant", "poisson", "replay"; borrowed; written, not read */
	char *audit_prefix;   /* of the keys that hold marks; NULL: there are none; owned */
	int64_t audit_piece_bits; /* marks in each of them */
	char *audit_op;	      /* of the HTTP writes that are audited; NULL: there are none; owned */
	char *audit_read;     /* the request that reads one back; NULL: not told; owned */
	int64_t audit_wait;   /* replicas that each write waited for; 0: none */
	const char *engine;   /* "own", "curl", "redis"; borrowed; written, not read */
	const char *shard;    /* "2/3"; NULL: all of the schedule; borrowed; written, not read */
	unsigned shard_index, shard_count; /* of these 2 and 3; 0: all; read, not written */
	char **nodes;	      /* owned */
	size_t node_count, node_alloc;

	uint64_t slots; /* of the whole schedule until its end, with those of all shards; 0: none, or not known */
	uint64_t due;  /* slots of this shard; rows + lost = due */
	uint64_t skipped; /* of slots that were due before this began, which are not among the others */
	uint64_t sent; /* a connection to the node was tried or used */
	uint64_t ok;
	uint64_t errors[ERROR_COUNT]; /* by class; ERROR_NONE stays 0 */
	uint64_t rows;		      /* that were written */
	uint64_t lost;		      /* rows that the reader was too slow for */
	/* Latencies of successes; NaN if there were none. */
	double p50_latency_ms, p95_latency_ms, p99_latency_ms, max_latency_ms;
	/* How late requests were sent, beside their due times; NaN if none was due. */
	double p50_pacing_ms, p99_pacing_ms, max_pacing_ms;
	double wait_s, max_wait_ms; /* of requests that waited for a free connection */
	double output_blocked_s; /* the reader of the samples kept us waiting */
	double cpu_user_s, cpu_system_s;
	uint64_t peak_inflight;
	const char *ended; /* why: "duration", "stop", "end_of_input", "signal", "closed_output",
			      "output_error"; a literal */
	bool sound;	   /* false: the generator was the limit */
	char **reasons;	   /* why it is not sound, or what is to be known of it; owned */
	size_t reason_count, reason_alloc;
	size_t remark_count; /* the last of these, which are to be known of a sound run as well */
};

void load_summary_init(struct load_summary *s);
void load_summary_release(struct load_summary *s);

void load_summary_add_step(struct load_summary *s, const struct load_profile_step *step);
void load_summary_add_node(struct load_summary *s, const char *url);
/* Also sets sound to false. */
void load_summary_add_reason(struct load_summary *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What is to be known of a run that may be sound all the same; behind all reasons. */
void load_summary_add_remark(struct load_summary *s, const char *text);

/* Appends the object, indented, with a newline at the end. */
void load_summary_write(const struct load_summary *s, struct buf *out);

/* Reads one; name stands for the source in errors (EXIT_USAGE). Keys that are not there
 * stay as load_summary_init has them. The caller releases, also on error. */
int load_summary_parse(struct load_summary *s, const char *text, size_t len, const char *name,
		       struct err *e);

/* One line for people: "due 1000, sent 1000, ok 996, errors 4 (refused 4), p50 …". No newline. */
void load_summary_line(const struct load_summary *s, struct buf *out);

#endif
