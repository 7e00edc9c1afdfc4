#include "run/shards.h"

#include "base/buf.h"
#include "base/units.h"
#include "sys/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static int read_one(struct load_summary *s, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	load_summary_init(s);
	int rc = file_read(path, &text, e);
	if (rc == 0)
		rc = load_summary_parse(s, text.data, text.len, path, e);
	buf_release(&text);
	return rc;
}

static bool near(double a_s, double b_s)
{
	return fabs(a_s - b_s) <= ns_to_s(SHARDS_SKEW_NS);
}

static bool same_profile(const struct load_summary *a, const struct load_summary *b)
{
	bool same = a->profile_count == b->profile_count;
	for (size_t i = 0; same && i < a->profile_count; i++) {
		const struct load_profile_step *x = &a->profile[i], *y = &b->profile[i];
		same = near(x->at_s, y->at_s) && near(x->ramp_s, y->ramp_s) && fabs(x->rate_rps - y->rate_rps) < 1e-6 &&
		       fabs(x->to_rps - y->to_rps) < 1e-6;
	}
	return same;
}

/* What shards of one schedule cannot differ in. */
static int check_same(const struct load_summary *a, const char *a_path, const struct load_summary *b, const char *b_path,
		      struct err *e)
{
	if (a->shard_count != b->shard_count || !a->shard_count)
		return err_usage(e, "the load summaries '%s' and '%s' are not of shards of one load: I/N, with one N", a_path, b_path);
	if (!near(a->start_t, b->start_t))
		return err_usage(e, "the load summaries '%s' and '%s' are not of one load: their start_t are %.3f s apart (at most %g s is allowed)",
				 a_path, b_path, fabs(a->start_t - b->start_t), ns_to_s(SHARDS_SKEW_NS));
	const char *what = !same_profile(a, b)		     ? "profile"
			   : !near(a->timeout_s, b->timeout_s) ? "timeout_s"
			   : a->seed != b->seed		     ? "seed"
							     : NULL;
	return what ? err_usage(e, "the load summaries '%s' and '%s' are not of one load: they differ in %s", a_path, b_path, what)
		    : 0;
}

static void tell_lacking(const struct load_summary *all, const char *const *by_index, char *out, size_t size)
{
	struct buf text = BUF_INIT;
	for (unsigned i = 1; i <= all->shard_count && text.len < size; i++)
		if (!by_index[i])
			buf_addf(&text, "%s%u/%u", text.len ? ", " : "", i, all->shard_count);
	snprintf(out, size, "%s", text.data);
	buf_release(&text);
}

int shards_read(struct load_summary *all, const char *const *paths, char *lacking, size_t size, struct err *e)
{
	int rc = read_one(all, paths[0], e);
	const char **by_index = mem_alloc((all->shard_count + 1) * sizeof *by_index);
	by_index[all->shard_count ? all->shard_index : 0] = paths[0];
	for (size_t i = 1; paths[i] && rc == 0; i++) {
		struct load_summary one;
		rc = read_one(&one, paths[i], e) || check_same(all, paths[0], &one, paths[i], e) ? -1 : 0;
		if (rc == 0 && by_index[one.shard_index])
			rc = err_usage(e, "the load summaries '%s' and '%s' are both of shard %u/%u", by_index[one.shard_index],
				       paths[i], one.shard_index, one.shard_count);
		if (rc == 0) {
			by_index[one.shard_index] = paths[i];
			all->duration_s = fmax(all->duration_s, one.duration_s);
			all->sound = all->sound && one.sound;
			all->slots = one.slots < all->slots ? one.slots : all->slots;
		}
		load_summary_release(&one);
	}
	if (rc == 0)
		tell_lacking(all, by_index, lacking, size);
	free(by_index);
	return rc;
}
