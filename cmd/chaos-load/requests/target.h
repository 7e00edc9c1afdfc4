/* The target of the load: nodes from the URLs, and their request mix. */
#ifndef LOAD_REQUESTS_TARGET_H
#define LOAD_REQUESTS_TARGET_H

#include "base/buf.h"
#include "net/request_mix.h"
#include "net/transport.h"
#include "options.h"

struct target {
	struct transport_node *nodes; /* owned; those of the command line come first */
	char **names;		      /* for the node column of a sample; owned, one a node */
	size_t room; /* of these two, which stay in their place */
	struct url topology;		/* who tells of further nodes while the load runs; its hosts are the seeds */
	struct transport_node *seeds;	/* owned; none: the nodes are those of the URLs */
	size_t seed_count;
	size_t count, given; /* given: on the command line; the URLs of others are of lines */
	const struct transport_ops *transport;
	struct request_mix lines;	 /* what is asked for */
	struct http_template *templates; /* owned; what they point to is in lines */
	struct redis_template *commands; /* owned; the same */
	struct buf authorization;	 /* a header line, or empty */
	struct http_expect expect;
	char *audit_op; /* of the writes that --audit-http reads back; owned */
	const char *audit_read; /* how, if it may be told; borrowed */
};

/* Checks the URLs, reads body, targets and secrets and looks up the names (a name that is unknown
 * gets a warning on stderr and an empty address list). */
int target_init(struct target *t, const struct load_opts *o, const char *const *urls, size_t count,
		struct err *e);
/* The transport's config without its loop and callbacks. Target and options must outlive it. */
struct transport_config target_config(struct target *t, const struct load_opts *o);
/* The further columns of the samples: enum sample_column. */
unsigned target_columns(const struct load_opts *o);
void target_release(struct target *t); /* accepts a zeroed one */

#endif
