#include "toxics/dose.h"

#include "base/rng.h"
#include "base/units.h"

#include <math.h>
#include <stdio.h>

enum { SEGMENT_BYTES = 1448, LOSSES_MAX = 8, BYTES_PER_KB = 1000 };
enum purpose { DRAW_HIT, DRAW_DELAY, DRAW_LOSS, DRAW_SLICE, DRAW_PURPOSES };

uint64_t dose_base(const struct dose_context *c, const struct toxic *t)
{
	return t->seeded ? rng_at(t->seed ^ c->key, c->connection - t->first) : c->base;
}

static double draw_at(const struct dose_context *c, const struct toxic *t, uint64_t position,
		      enum purpose purpose)
{
	return draw(dose_base(c, t), t->key, position * DRAW_PURPOSES + purpose);
}

void dose_note(const struct dose_context *c, struct toxic *t, uint64_t block, const char *kind, double value)
{
	char name[64];
	if (!c->decisions)
		return;
	/* Names differ from run to run where a fault gave them. */
	snprintf(name, sizeof name, "%s_%s", t->type->name, t->stream ? "downstream" : "upstream");
	struct decision one = {.proxy = c->proxy,
			       .toxic = decisions_name(c->decisions, t->seeded ? name : t->name),
			       .kind = kind,
			       .connection = (int64_t)(c->connection - (t->seeded ? t->first : 0)),
			       .block = block,
			       .value = value,
			       .stream = t->stream,
			       .seeded = t->seeded,
			       .seed = t->seed};
	decisions_add(c->decisions, &one);
	t->told++;
	t->told_sum += decisions_sum(&one);
}

static void note(const struct dose_context *c, struct toxic *t, uint64_t at, const char *kind, double value)
{
	if (at % BLOCK_BYTES == 0)
		dose_note(c, t, at / BLOCK_BYTES, kind, value);
}

bool dose_hits(struct toxic *t, const struct dose_context *c)
{
	if (t->from && !peers_have(&t->peers, c->peer))
		return false;
	bool hit = draw_at(c, t, 0, DRAW_HIT) < t->toxicity;
	if (t->toxicity < 1)
		dose_note(c, t, 0, "hit", hit);
	return hit;
}

/* Of its first byte, for draws. */
static uint64_t position(const struct dose *d, const struct piece *p)
{
	return p->at - d->from;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* --- latency ------------------------------------------------------------------------ */

static int64_t latency_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			   struct piece *p, int64_t at_ns)
{
	struct toxic *t = d->toxic;
	int64_t jitter_ns = t->a.jitter_ms * NS_PER_MS, delay_ns = t->a.latency_ms * NS_PER_MS;
	(void)s;
	if (t->match_bit && !(p->match & t->match_bit))
		return at_ns;
	if (jitter_ns) {
		delay_ns += (int64_t)((2 * draw_at(c, t, position(d, p), DRAW_DELAY) - 1) * (double)jitter_ns);
		delay_ns = later(delay_ns, 0);
		note(c, t, position(d, p), "delay_ms", ns_to_ms(delay_ns));
	}
	return at_ns + delay_ns;
}

/* --- loss: what TCP makes of it, the stall until the segment has been sent again ------- */

static int64_t segment_stall_ns(const struct dose_context *c, const struct toxic *t, uint64_t at)
{
	double u = draw_at(c, t, at, DRAW_LOSS), lost = t->a.share;
	int64_t stall_ns = 0, rto_ns = t->a.rto_ms * NS_PER_MS;
	/* Each further time that it is lost again, the retransmission timer has doubled. */
	for (int times = 0; times < LOSSES_MAX && u < lost; times++, lost *= t->a.share, rto_ns *= 2)
		stall_ns += rto_ns;
	return stall_ns;
}

/* The longest of the segments that begin in a part of one block: at its first byte, and at each multiple
 * of a segment's length, so that how the stream comes in pieces does not matter. */
static int64_t longest_stall_ns(const struct dose_context *c, const struct toxic *t, uint64_t at,
				uint64_t len)
{
	int64_t stall_ns = segment_stall_ns(c, t, at);
	uint64_t in_block = at % BLOCK_BYTES;
	for (uint64_t next = at + SEGMENT_BYTES - in_block % SEGMENT_BYTES; next < at + len;
	     next += SEGMENT_BYTES)
		stall_ns = later(stall_ns, segment_stall_ns(c, t, next));
	return stall_ns;
}

static int64_t loss_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			struct piece *p, int64_t at_ns)
{
	(void)s;
	uint64_t at = position(d, p);
	if (c->decisions && at % BLOCK_BYTES == 0)
		note(c, d->toxic, at, "stall_ms", ns_to_ms(longest_stall_ns(c, d->toxic, at, BLOCK_BYTES)));
	return at_ns + longest_stall_ns(c, d->toxic, at, p->len);
}

/* --- bandwidth ------------------------------------------------------------------------ */

/* In pieces of at most 100 ms. */
static size_t bandwidth_cut(struct dose *d, const struct dose_context *c, uint64_t at, size_t len)
{
	uint64_t most = (uint64_t)d->toxic->a.rate_kb * BYTES_PER_KB / 10;
	(void)c;
	(void)at;
	return most && most < len ? (size_t)most : len;
}

static int64_t bandwidth_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			     struct piece *p, int64_t at_ns)
{
	struct toxic *t = d->toxic;
	bool shared = *t->a.scope == 'p';
	(void)c;
	if (!t->a.rate_kb)
		return DUE_NEVER;
	if (shared && p->shared_version == t->version)
		return later(at_ns, p->shared_ns);
	int64_t *free_ns = shared ? &t->shared_ns : &s->free_ns;
	*free_ns = later(at_ns, *free_ns) +
		   (int64_t)((double)p->len * 1e9 / ((double)t->a.rate_kb * BYTES_PER_KB));
	if (shared) {
		p->shared_ns = *free_ns;
		p->shared_version = t->version;
	}
	s->free_ns = *free_ns;
	s->busy_ns = p->came_ns + *free_ns - at_ns;
	return *free_ns;
}

/* --- slicer ----------------------------------------------------------------------------- */

/* Slices are counted from the beginning of each block, so that they depend on nothing before it. */
static uint64_t slice_end(struct dose *d, const struct dose_context *c, uint64_t at)
{
	const struct toxic_attributes *a = &d->toxic->a;
	uint64_t block = at - at % BLOCK_BYTES;
	if (d->slice_end <= block || at < d->slice_from)
		d->slice_end = block;
	while (d->slice_end <= at) {
		d->slice_from = d->slice_end;
		double u = draw_at(c, d->toxic, d->slice_from, DRAW_SLICE);
		int64_t size = a->average_bytes +
			       (int64_t)floor(u * (double)(2 * a->variation_bytes + 1)) - a->variation_bytes;
		d->slice_end += size > 0 ? (uint64_t)size : 1;
	}
	if (d->slice_end > block + BLOCK_BYTES)
		d->slice_end = block + BLOCK_BYTES;
	return d->slice_end;
}

static size_t slicer_cut(struct dose *d, const struct dose_context *c, uint64_t at, size_t len)
{
	if (!d->toxic->a.average_bytes)
		return len;
	uint64_t left = slice_end(d, c, at) - at;
	return left < len ? (size_t)left : len;
}

static int64_t slicer_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			  struct piece *p, int64_t at_ns)
{
	if (!d->toxic->a.average_bytes)
		return at_ns;
	uint64_t at = position(d, p), end = slice_end(d, c, at);
	int64_t due_ns = later(at_ns, s->free_ns);
	note(c, d->toxic, at, "slice_bytes", (double)(end - at));
	s->free_ns = due_ns;
	if (at + p->len >= end) /* the pause comes behind a whole slice */
		s->free_ns += d->toxic->a.delay * NS_PER_US;
	s->busy_ns = p->came_ns + s->free_ns - at_ns;
	return due_ns;
}

/* --- limit_data, stall, timeout, reset_peer ------------------------------------------------- */

static size_t bytes_cut(struct dose *d, const struct dose_context *c, uint64_t at, size_t len)
{
	uint64_t most = (uint64_t)d->toxic->a.bytes;
	uint64_t left = most > d->tail.bytes ? most - d->tail.bytes : 0;
	(void)c;
	(void)at;
	return left && left < len ? (size_t)left : len;
}

static int64_t limit_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			 struct piece *p, int64_t at_ns)
{
	uint64_t most = (uint64_t)d->toxic->a.bytes;
	(void)c;
	if (s->bytes + p->len > most || s->reached) {
		s->reached = true;
		return DUE_DROP;
	}
	s->bytes += p->len;
	s->reached = s->bytes == most;
	return at_ns;
}

static int64_t stall_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			 struct piece *p, int64_t at_ns)
{
	(void)c;
	if (s->bytes + p->len > (uint64_t)d->toxic->a.bytes)
		return DUE_NEVER;
	s->bytes += p->len;
	return at_ns;
}

static int64_t timeout_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
			   struct piece *p, int64_t at_ns)
{
	(void)s;
	(void)c;
	(void)p;
	(void)at_ns;
	return d->toxic->type->kind == TOXIC_TIMEOUT && !d->toxic->a.keep ? DUE_DROP : DUE_NEVER;
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct {
	size_t (*cut)(struct dose *d, const struct dose_context *c, uint64_t at, size_t len);
	int64_t (*due)(struct dose *d, struct dose_state *s, const struct dose_context *c,
		       struct piece *p, int64_t at_ns);
} acts[TOXIC_KINDS] = {
	[TOXIC_LATENCY] = {NULL, latency_due},
	[TOXIC_BANDWIDTH] = {bandwidth_cut, bandwidth_due},
	[TOXIC_TIMEOUT] = {NULL, timeout_due},
	[TOXIC_RESET_PEER] = {NULL, timeout_due},
	[TOXIC_SLICER] = {slicer_cut, slicer_due},
	[TOXIC_LIMIT_DATA] = {bytes_cut, limit_due},
	[TOXIC_LOSS] = {NULL, loss_due},
	[TOXIC_STALL] = {bytes_cut, stall_due},
};

size_t dose_cut(struct dose *d, const struct dose_context *c, uint64_t at, size_t len)
{
	size_t block = BLOCK_BYTES - (size_t)((at -= d->from) % BLOCK_BYTES);
	if (block < len)
		len = block;
	return acts[d->toxic->type->kind].cut ? acts[d->toxic->type->kind].cut(d, c, at, len) : len;
}

int64_t dose_due(struct dose *d, struct dose_state *s, const struct dose_context *c,
		 struct piece *p, int64_t at_ns)
{
	if (!acts[d->toxic->type->kind].due)
		return at_ns;
	return acts[d->toxic->type->kind].due(d, s, c, p, at_ns);
}

int64_t dose_ends_ns(const struct dose *d)
{
	const struct toxic *t = d->toxic;
	if (t->type->kind == TOXIC_TIMEOUT && t->a.timeout_ms)
		return d->since_ns + t->a.timeout_ms * NS_PER_MS;
	if (t->type->kind == TOXIC_RESET_PEER)
		return d->since_ns + t->a.timeout_ms * NS_PER_MS;
	return 0;
}
