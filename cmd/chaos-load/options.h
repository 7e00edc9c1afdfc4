/* The options of chaos-load, checked before anything is sent. */
#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "base/buf.h"
#include "cli/cli.h"
#include "plan/profile.h"
#include "requests/replay.h"
#include "stream/json.h"

#include <stdbool.h>
#include <stdint.h>

struct load_opts {
	double rps; /* negative: not given */
	const char *profile_text, *arrivals, *shard_text;
	struct rate_profile profile; /* of profile_text; else empty */
	const char *replay;
	double speed;	       /* of the replay; 0: not given */
	struct times times;    /* of replay; else empty */
	int64_t shard, shards; /* shard counts from 0 */
	int64_t duration_ns;   /* 0: not given */
	const char *method, *body, *requests, *expect;
	struct str_list headers;
	struct str_list via, via_nodes; /* URL=HOST:PORT; the latter also of nodes that nothing goes to */
	const char *urls; /* file with more URLs; NULL: none */
	const char *user_file, *bearer_file, *proxy, *unix_socket;
	bool http2, location;
	int64_t timeout_ns, connect_timeout_ns, pace_slack_ns;
	int64_t pipeline; /* Redis: requests under way on a connection; 0: not given */
	int64_t connections, max_inflight, seed; /* the first two 0: not given; see load_plan_bounds */
	bool connections_given;
	bool connections_each, max_inflight_each; /* for each node of a topology, however many it tells of */
	const char *columns; /* further ones; NULL: none */
	const char *key; /* NULL: not given */
	const char *audit; /* prefix of the marks; NULL: none are written */
	const char *audit_run; /* what the default prefix ends in; NULL: time and process */
	const char *audit_http; /* the request that reads a write back; NULL: writes are not audited so */
	struct buf audit_file;	/* what --audit-http @FILE says; owned */
	char *audit_own;       /* the default prefix; owned */
	int64_t wait_replicas; /* 0: no WAIT */
	const char *engine; /* "auto", "own" or "curl" */
	const char *cacert; /* NULL: the system's */
	bool keep_alive;    /* HTTP: connections serve request after request */
	bool insecure, control, quiet, check, resume;
	const char *load_name; /* NULL: none */
	const char *summary, *events; /* NULL: none */
	const char *progress;	      /* "auto", "plain", "json" or "none" */
	double start_at;	      /* UNIX s; 0: now */
	int64_t anchor_ns;	      /* wall minus monotonic; 0: not given */
};

/* Fills opts and rest (the URLs). Returns CLI_RUN or the exit code, with what is wrong in e; "" if
 * nothing is to be said. What stood before a wrong option is in opts. */
int options_parse(struct load_opts *o, struct cli_rest *rest, int argc, char **argv, struct err *e);
void options_release(struct load_opts *o);

/* Those of our options that a message of ours names, as it names them: "max-inflight", "no-audit". */
struct json *options_named(const char *message);

#endif
