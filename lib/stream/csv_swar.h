/* Digits as numbers, eight at a time (SIMD within a register). The first digit is the lowest byte
 * of a word, as a little-endian machine loads it. Part of csv_fast.c. */
#ifndef STREAM_CSV_SWAR_H
#define STREAM_CSV_SWAR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SWAR_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t swar_load(const char *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}

/* The last len (0 to 8) of eight bytes, the others 0. */
static inline uint64_t swar_keep(uint64_t v, size_t len)
{
	static const uint64_t keep[] = {
		0,
		UINT64_C(0xff00000000000000),
		UINT64_C(0xffff000000000000),
		UINT64_C(0xffffff0000000000),
		UINT64_C(0xffffffff00000000),
		UINT64_C(0xffffffffff000000),
		UINT64_C(0xffffffffffff0000),
		UINT64_C(0xffffffffffffff00),
		UINT64_C(0xffffffffffffffff),
	};
	return v & keep[len];
}

/* Eight bytes 0-9: neighbours are joined to pairs, pairs to fours, fours to eight. -1 if a byte is
 * not 0-9. */
static inline int swar_join(uint64_t v, uint64_t *out)
{
	if (((v + SWAR_EACH(0x76)) | v) & SWAR_EACH(0x80))
		return -1;
	v = v * 10 + (v >> 8);
	*out = ((v & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064) +
		((v >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001)) >>
	       32;
	return 0;
}

/* The len (0 to 8) digits that end at end, 0 if there is none. Reads the eight bytes before end. */
static inline int swar_digits(const char *end, size_t len, uint64_t *out)
{
	return swar_join(swar_keep(swar_load(end - 8) ^ SWAR_EACH('0'), len), out);
}

/* Milliseconds with at most six decimals, len (1 to 8) bytes before end, as ns. Reads the eight
 * bytes before end. */
static inline int swar_ms(const char *end, size_t len, int64_t *ns)
{
	static const uint32_t ns_of_place[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	uint64_t v = swar_load(end - 8) ^ SWAR_EACH('0'), n;
	const uint64_t point = '.' ^ '0';
	if (len >= 5 && (v >> 32 & 0xff) == point) { /* three decimals: as we write them */
		v = (v << 8 & UINT64_C(0x000000ffffffff00)) | (v & UINT64_C(0xffffff0000000000));
		if (swar_join(swar_keep(v, len - 1), &n))
			return -1;
		*ns = (int64_t)n * 1000;
		return 0;
	}
	v = swar_keep(v, len);
	uint64_t low = v ^ SWAR_EACH(point);
	uint64_t found = (low - SWAR_EACH(1)) & ~low & SWAR_EACH(0x80);
	size_t places = 0;
	if (found) { /* what is in front of the point moves up by one byte */
		unsigned at = (unsigned)__builtin_ctzll(found) / 8;
		uint64_t front = (UINT64_C(1) << (8 * at)) - 1;
		places = 7 - at;
		if (places > 6 || places + 1 == len)
			return -1;
		v = (v & front) << 8 | (v & ~front & ~(UINT64_C(0xff) << (8 * at)));
	}
	if (swar_join(v, &n))
		return -1;
	*ns = (int64_t)(n * ns_of_place[places]);
	return 0;
}

#endif
