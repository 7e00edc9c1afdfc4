/* Scans text as samples, in one piece and in many, and counts it on a grid. */
#ifndef FUZZ_ROWS_H
#define FUZZ_ROWS_H

#include <stddef.h>

/* piece: bytes that are fed at once, from 1. Aborts if the two ways differ. */
void fuzz_rows(const char *text, size_t len, size_t piece);

#endif
