#include "detect/track.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

void track_init(struct track *t, size_t healthy_windows,
		void (*tell)(void *arg, enum track_change change, const struct tracked *x),
		void *arg)
{
	*t = (struct track){.healthy_windows = healthy_windows, .tell = tell, .arg = arg};
}

void track_release(struct track *t)
{
	free(t->all);
	*t = (struct track){0};
}

static void drop(struct track *t, size_t i)
{
	t->count--;
	memmove(&t->all[i], &t->all[i + 1], (t->count - i) * sizeof *t->all);
}

bool track_is_over(const struct detection *d, const struct interval *x, size_t healthy_windows)
{
	size_t well = 0, want = d->joined ? healthy_windows : 1;
	for (size_t k = x->end; k < d->count && well < want; k++)
		well += d->windows[k].judged;
	return well == want;
}

/* The interval that shares a window with x, or NULL. */
static struct tracked *find(struct track *t, const struct interval *x)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct interval *y = &t->all[i].interval;
		if (y->start < x->end && x->start < y->end)
			return &t->all[i];
	}
	return NULL;
}

/* Updates a reported interval and reports what changed. */
static void revise(struct track *t, struct tracked *y, const struct interval *x, bool over,
		   bool run_over)
{
	struct interval was = y->interval;
	bool was_closed = y->closed;
	y->interval = *x;
	y->interval.alarm = was.alarm;
	y->recovered = over;
	y->closed = over || run_over;
	bool moved = was.start != x->start, ended = was.end != x->end || was.reasons != x->reasons;
	if (moved || (was_closed && !y->closed))
		t->tell(t->arg, TRACK_OPEN, y);
	if (y->closed && (!was_closed || moved || ended))
		t->tell(t->arg, TRACK_CLOSE, y);
}

static struct tracked *add(struct track *t, const struct interval *x, size_t alarm)
{
	t->all = mem_grow(t->all, &t->alloc, t->count, sizeof *t->all);
	struct tracked *y = &t->all[t->count++];
	*y = (struct tracked){.id = ++t->last_id, .interval = *x};
	y->interval.alarm = alarm;
	t->tell(t->arg, TRACK_OPEN, y);
	return y;
}

/* Withdraws reported intervals that are no longer found, except those that began before first,
 * which may lie outside the windows judged. */
static void withdraw(struct track *t, const bool *found, size_t first)
{
	for (size_t i = t->count; i-- > 0;) {
		struct tracked *y = &t->all[i];
		if (found[y->id] || y->interval.start < first)
			continue;
		t->tell(t->arg, TRACK_WITHDRAWN, y);
		drop(t, i);
	}
}

void track_forget(struct track *t, size_t before)
{
	for (size_t i = t->count; i-- > 0;)
		if (t->all[i].closed && t->all[i].interval.end <= before)
			drop(t, i);
}

void track_update(struct track *t, const struct detection *d, size_t first, bool over)
{
	bool *found = mem_alloc((t->last_id + d->interval_count + 1) * sizeof *found);
	for (size_t i = 0; i < d->interval_count; i++) {
		struct interval x = d->intervals[i];
		bool well = track_is_over(d, &x, t->healthy_windows);
		x.start += first;
		x.end += first;
		struct tracked *y = find(t, &x);
		if (y && y->interval.start < first) {
			x.start = y->interval.start;
			x.reasons |= y->interval.reasons;
		}
		bool again = y && found[y->id]; /* the reported interval was split */
		if (!y || again)
			y = add(t, &x, first + d->count - 1);
		found[y->id] = true;
		revise(t, y, &x, well, over);
	}
	withdraw(t, found, first);
	free(found);
}

bool track_any_open(const struct track *t, unsigned reasons)
{
	for (size_t i = 0; i < t->count; i++)
		if (!t->all[i].closed && t->all[i].interval.reasons & reasons)
			return true;
	return false;
}

size_t track_windows(const struct track *t, unsigned reasons, size_t from)
{
	size_t sum = 0;
	for (size_t i = 0; i < t->count; i++) {
		const struct interval *x = &t->all[i].interval;
		if (x->end > from && x->reasons & reasons)
			sum += x->end - (x->start > from ? x->start : from);
	}
	return sum;
}
