#include "base/hash.h"

uint64_t hash_fnv1a(uint64_t from, const void *bytes, size_t len)
{
	for (const unsigned char *b = bytes; len--; b++)
		from = (from ^ *b) * UINT64_C(1099511628211);
	return from;
}
