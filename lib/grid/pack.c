#include "grid/pack.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static unsigned char *put(unsigned char *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*out++ = (unsigned char)(v | 0x80);
	*out++ = (unsigned char)v;
	return out;
}

static uint64_t get(const unsigned char **in)
{
	uint64_t v = 0;
	for (unsigned shift = 0;; shift += 7) {
		unsigned char c = *(*in)++;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
}

unsigned char *hist_pack(const struct hist *h)
{
	/* Numbers below 2^14 take at most two bytes, any 64-bit number at most ten. */
	enum { HEAD_MAX = 30, PAIR_MAX = 12, PAIRS = 256 };
	if (h->total == 0)
		return NULL;
	size_t room = HEAD_MAX + PAIRS * PAIR_MAX;
	unsigned char *start = mem_alloc(room), *out = start;
	out = put(out, h->total);
	out = put(out, (uint64_t)h->min_ns);
	out = put(out, (uint64_t)h->max_ns);
	uint64_t seen = 0;
	for (unsigned i = 0, last = 0; seen < h->total; i++) {
		if (h->counts[i] == 0)
			continue;
		if (room - (size_t)(out - start) < PAIR_MAX) {
			size_t used = (size_t)(out - start);
			room *= 2;
			start = mem_realloc(start, room, 1);
			out = start + used;
		}
		out = put(out, i - last);
		out = put(out, h->counts[i]);
		seen += h->counts[i];
		last = i;
	}
	return mem_realloc(start, (size_t)(out - start), 1);
}

void hist_unpack_add(const unsigned char *packed, struct hist *h)
{
	if (!packed)
		return;
	uint64_t total = get(&packed);
	int64_t min_ns = (int64_t)get(&packed), max_ns = (int64_t)get(&packed);
	if (min_ns < h->min_ns)
		h->min_ns = min_ns;
	if (max_ns > h->max_ns)
		h->max_ns = max_ns;
	uint64_t seen = 0;
	for (unsigned i = 0; seen < total;) {
		i += (unsigned)get(&packed);
		uint64_t n = get(&packed);
		h->counts[i] += n;
		seen += n;
	}
	h->total += total;
}

uint64_t hist_packed_above(const unsigned char *packed, unsigned bucket)
{
	if (!packed)
		return 0;
	uint64_t total = get(&packed), seen = 0, above = 0;
	get(&packed);
	get(&packed);
	for (unsigned i = 0; seen < total;) {
		i += (unsigned)get(&packed);
		uint64_t n = get(&packed);
		above += i > bucket ? n : 0;
		seen += n;
	}
	return above;
}
