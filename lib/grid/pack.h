/* Lossless packing of histograms: total, minimum and maximum, then pairs (distance to the next
 * used bucket, count), all as variable-length numbers. */
#ifndef GRID_PACK_H
#define GRID_PACK_H

#include "grid/hist.h"

/* The caller frees. NULL for an empty histogram. */
unsigned char *hist_pack(const struct hist *h);

/* Adds what was packed to h. packed may be NULL. */
void hist_unpack_add(const unsigned char *packed, struct hist *h);

/* The number of packed values in buckets above this one. packed may be NULL. */
uint64_t hist_packed_above(const unsigned char *packed, unsigned bucket);

#endif
