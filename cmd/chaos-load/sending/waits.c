#include "sending/waits.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>

static const int64_t harmless_ns = 10 * NS_PER_MS;

void waits_init(struct waits *w, int64_t timeout_ns)
{
	*w = (struct waits){.last = -1, .end_ns = INT64_MIN};
	w->harmless_ns = timeout_ns / 10 > harmless_ns ? timeout_ns / 10 : harmless_ns;
	w->ring_size = timeout_ns / NS_PER_S + 3; /* a late slot is given up a little later */
	w->ring = mem_alloc((size_t)w->ring_size * sizeof *w->ring);
}

void waits_release(struct waits *w)
{
	free(w->ring);
	*w = (struct waits){0};
}

static void judge(struct waits *w, struct wait_second *s)
{
	w->seconds += s->waited * 100 > s->due;
	*s = (struct wait_second){0};
}

void waits_begin(struct waits *w, int64_t due)
{
	if (w->last < 0)
		w->start_ns = due;
	int64_t second = (due - w->start_ns) / NS_PER_S;
	int64_t first = second - w->last < w->ring_size ? w->last + 1 : second - w->ring_size + 1;
	for (int64_t i = first; i <= second; i++)
		judge(w, &w->ring[i % w->ring_size]);
	w->last = second;
	w->current = &w->ring[second % w->ring_size];
	w->end_ns = w->start_ns + (second + 1) * NS_PER_S;
}

void waits_add(struct waits *w, int64_t due, int64_t wait_ns)
{
	int64_t second = (due - w->start_ns) / NS_PER_S;
	w->count++;
	w->sum_ns += wait_ns;
	if (wait_ns > w->max_ns)
		w->max_ns = wait_ns;
	if (wait_ns <= w->harmless_ns)
		return;
	w->waited++;
	if (w->last - second < w->ring_size)
		w->ring[second % w->ring_size].waited++;
}

void waits_finish(struct waits *w)
{
	for (int64_t i = 0; i < w->ring_size; i++)
		judge(w, &w->ring[i]);
}
