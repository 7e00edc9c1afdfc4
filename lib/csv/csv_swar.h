/* Digits as numbers, eight at a time (SIMD within a register). The first digit is the lowest byte
 * of a word, as a little-endian machine loads it. Part of csv_fast.c. */
#ifndef CSV_SWAR_H
#define CSV_SWAR_H

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

/* A mask of the last len of eight bytes. */
static const uint64_t swar_last[] = {
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

/* The last len (0 to 8) of eight bytes, the others 0. */
static inline uint64_t swar_keep(uint64_t v, size_t len)
{
	return v & swar_last[len];
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

/* swar_digits of two numbers. Two ways to the same result; the second needs nothing of the
 * processor. */
static inline int swar_two_portably(const char *a_end, size_t a_len, const char *b_end,
				    size_t b_len, uint64_t *a, uint64_t *b)
{
	return swar_digits(a_end, a_len, a) || swar_digits(b_end, b_len, b) ? -1 : 0;
}

#if defined __SSE2__ && defined __x86_64__
#include <emmintrin.h>

/* One register of two words. */
static inline __m128i swar_pair(const void *low, const void *high)
{
	__m128i a = _mm_loadl_epi64(low), b = _mm_loadl_epi64(high);
	return _mm_unpacklo_epi64(a, b);
}

static inline int swar_two(const char *a_end, size_t a_len, const char *b_end, size_t b_len,
			   uint64_t *a, uint64_t *b)
{
	__m128i v = _mm_xor_si128(swar_pair(a_end - 8, b_end - 8), _mm_set1_epi8('0'));
	v = _mm_and_si128(v, swar_pair(&swar_last[a_len], &swar_last[b_len]));
	if (_mm_movemask_epi8(_mm_adds_epu8(v, _mm_set1_epi8(0x76))))
		return -1;
	v = _mm_add_epi16(
		_mm_mullo_epi16(_mm_and_si128(v, _mm_set1_epi16(0xff)), _mm_set1_epi16(10)),
		_mm_srli_epi16(v, 8));
	v = _mm_madd_epi16(v, _mm_set1_epi32(1 << 16 | 100)); /* fours, each in 32 bits */
	v = _mm_madd_epi16(_mm_packs_epi32(v, v), _mm_set1_epi32(1 << 16 | 10000));
	uint64_t both = (uint64_t)_mm_cvtsi128_si64(v);
	*a = both & UINT32_MAX;
	*b = both >> 32;
	return 0;
}
#else
#define swar_two swar_two_portably
#endif

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
