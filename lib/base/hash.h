/* A hash for names of files and slots of tables; no defence against crafted input. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_FNV1A_START UINT64_C(14695981039346656037)

/* 64-bit FNV-1a of bytes; goes on from HASH_FNV1A_START or an earlier result. */
uint64_t hash_fnv1a(uint64_t from, const void *bytes, size_t len);

#endif
