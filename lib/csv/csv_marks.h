/* Where in 32 bytes commas, newlines and quotes are ("marks"), and where newlines and quotes
 * ("stops"): bit i stands for p[i]. Two ways to the same result; the second needs nothing of the
 * processor. Part of csv_fast.c. */
#ifndef CSV_MARKS_H
#define CSV_MARKS_H

#include <stdint.h>

#define MARKS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* One bit for each byte of v that is 0 (Hacker's Delight, 6-1: exact for every byte). */
static inline uint32_t csv_zeros(uint64_t v)
{
	uint64_t high = ~(((v & MARKS_EACH(0x7f)) + MARKS_EACH(0x7f)) | v | MARKS_EACH(0x7f));
	return (uint32_t)(((high >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

static inline uint32_t csv_marks_portably(const char *p, uint32_t *stops)
{
	uint32_t marks = 0;
	*stops = 0;
	for (unsigned i = 0; i < 32; i += 8) {
		uint64_t v = 0;
		for (unsigned k = 8; k-- > 0;) /* in this order whatever the machine's is */
			v = v << 8 | (unsigned char)p[i + k];
		marks |= csv_zeros(v ^ MARKS_EACH(',')) << i;
		*stops |= (csv_zeros(v ^ MARKS_EACH('\n')) | csv_zeros(v ^ MARKS_EACH('"'))) << i;
	}
	return marks | *stops;
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline uint32_t csv_marks_16(const char *p, uint32_t *stops)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i s = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
				 _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
	*stops = (uint32_t)_mm_movemask_epi8(s);
	return (uint32_t)_mm_movemask_epi8(_mm_or_si128(s, _mm_cmpeq_epi8(v, _mm_set1_epi8(','))));
}

static inline uint32_t csv_marks(const char *p, uint32_t *stops)
{
	uint32_t upper, marks = csv_marks_16(p, stops) | csv_marks_16(p + 16, &upper) << 16;
	*stops |= upper << 16;
	return marks;
}
#else
static inline uint32_t csv_marks(const char *p, uint32_t *stops)
{
	return csv_marks_portably(p, stops);
}
#endif

#endif
