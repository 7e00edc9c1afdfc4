#include "live/feeds.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "live/feed_source.h"
#include "sys/sig.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 50 };
/* bound on the wait for the first rows of several loads */
#define BEGIN_NS     NS_PER_S

struct feeds {
	struct feed *all;
	size_t count;
};

/* The time of the one that is farthest behind, of those that have or may have rows; rows of all loads are taken
 * in the order of time. */
static int64_t others_at(const struct feeds *s, const struct feed *f)
{
	int64_t least_ns = INT64_MAX;
	for (const struct feed *x = s->all; x < s->all + s->count; x++)
		if (x != f && !x->finished && !x->dry && x->live->now_ns < least_ns)
			least_ns = x->live->now_ns;
	return least_ns;
}

/* Where nothing tells when the run began, it is with the first row of any. */
static void share_start(const struct feeds *s, int64_t first_ns)
{
	for (const struct feed *f = s->all; first_ns != INT64_MAX && f < s->all + s->count; f++) {
		struct live *l = f->live;
		if (l->first_due_ns != INT64_MAX || l->started || l->run->facts.t0_ns)
			continue;
		grid_expect(&l->run->grid, first_ns);
		l->first_due_ns = first_ns;
	}
}

/* Which of several began first is known when each has a row; one that has none for so long joins later. */
static int begin(const struct feeds *s, struct err *e)
{
	int64_t until_ns = mono_ns() + BEGIN_NS, first_ns = INT64_MAX;
	bool wait = s->count > 1;
	while (wait && mono_ns() < until_ns) {
		wait = false;
		for (struct feed *f = s->all; f < s->all + s->count; f++) {
			if (feed_peek(f, e))
				return -1;
			wait = wait || (!f->peeked && !f->eof);
		}
		if (wait)
			poll(NULL, 0, WAIT_MS / 5);
	}
	for (const struct feed *f = s->all; f < s->all + s->count; f++)
		if (f->peeked && f->first.due_ns < first_ns)
			first_ns = f->first.due_ns;
	share_start(s, first_ns);
	return 0;
}

/* A signal or a stop rule ends all. */
static void end_all(const struct feeds *s, const struct feed *by)
{
	bool stop = strcmp(by->ended, "stop_rule") == 0;
	for (struct feed *f = s->all; f < s->all + s->count && (stop || strcmp(by->ended, "signal") == 0); f++) {
		f->live->stopped |= stop;
		f->ended = by->ended;
	}
}

static int turn(const struct feeds *s, struct feed *f, struct err *e)
{
	diag_about(f->params->name);
	if (feed_read(f, s->count > 1 ? 0 : WAIT_MS, others_at(s, f), e))
		return -1;
	if (s->count > 1)
		share_start(s, f->live->first_due_ns);
	if (feed_look(f, e))
		return -1;
	if (!f->ended || f->reader_gone)
		return 0;
	end_all(s, f);
	return feed_finish(f, e);
}

static int go_on(const struct feeds *s, bool *reader_gone, struct err *e)
{
	for (size_t open = s->count; open && !*reader_gone;) {
		bool wait = true;
		open = 0;
		for (struct feed *f = s->all; f < s->all + s->count && !*reader_gone; f++) {
			if (!f->finished && turn(s, f, e))
				return -1;
			wait = wait && f->dry && !f->ended;
			open += !f->finished;
			*reader_gone = f->reader_gone;
		}
		if (wait && (s->count > 1 || s->all->idle))
			poll(NULL, 0, WAIT_MS);
	}
	return 0;
}

int feeds_run(struct live *lives, const struct feed_params *params, size_t count, bool *reader_gone, struct err *e)
{
	const struct feeds s = {mem_alloc(count * sizeof *s.all), count};
	int rc = 0;
	if (params->follow) {
		sig_block(SIGINT);
		sig_block(SIGTERM);
	}
	for (size_t i = 0; i < count; i++)
		rc = feed_init(&s.all[i], &lives[i], &params[i], e) || rc ? -1 : 0;
	rc = rc || begin(&s, e) ? -1 : go_on(&s, reader_gone, e);
	for (size_t i = 0; i < count; i++)
		feed_source_close(&s.all[i]);
	diag_about(NULL);
	free(s.all);
	return rc;
}
