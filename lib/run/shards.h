/* The load summaries of the shards of one schedule, as one. */
#ifndef RUN_SHARDS_H
#define RUN_SHARDS_H

#include "stream/load_summary.h"

/* What the clocks of shards may differ by. */
#define SHARDS_SKEW_NS INT64_C(100000000)

/* Reads those of the paths, at least one, up to a NULL: start, profile and timeout are those of all, duration_s is the
 * longest, slots is the fewest, and sound is true if each is. shard_index is that of the first. lacking: the shards of which
 * there is none, as "2/3, 3/3"; empty if there is none, or the only one is of all of the schedule. -1 (EXIT_USAGE) if one
 * cannot be read, or if they are not of different shards of one schedule. The caller releases, also on error. */
int shards_read(struct load_summary *all, const char *const *paths, char *lacking, size_t size, struct err *e);

#endif
