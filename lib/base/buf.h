/* A growable byte buffer that always ends in a NUL beyond its length, so
 * that buf.data is a C string when it holds text. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;   /* owned; never NULL after buf_init */
	size_t len;   /* bytes in use, without the NUL */
	size_t alloc; /* 0 while data points at the shared empty string */
};

extern char buf_empty[1];
#define BUF_INIT { .data = buf_empty, .len = 0, .alloc = 0 }

void buf_init(struct buf *b);
void buf_release(struct buf *b); /* frees; leaves an initialised buffer; accepts a zeroed one */
void buf_reset(struct buf *b);	 /* empties, keeps the storage */
char *buf_detach(struct buf *b); /* gives the heap string to the caller, who frees it */

/* Adding aborts the program when memory is exhausted: no caller could go on. With mem_* below and
 * the objects of third-party libraries (JSON, curl, hiredis) this is the one exception to "a library
 * never ends the program". */
void buf_grow(struct buf *b, size_t extra); /* room for extra bytes and a NUL */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addword(struct buf *b, const char *s); /* as one word of a shell, quoted where it must be */
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Removes the first n bytes, n <= len. */
void buf_consume(struct buf *b, size_t n);

/* malloc and friends that abort when memory is exhausted. The caller frees. */
void *mem_alloc(size_t size); /* zeroed */
void *mem_alloc_aligned(size_t size, size_t to); /* zeroed; to: a power of two of which size is a multiple */
void *mem_realloc(void *p, size_t count, size_t size);
char *mem_strdup(const char *s); /* NULL of NULL */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Frees the texts, up to a NULL or to count, and the array of them, which may be NULL. */
void mem_free_texts(char **all, size_t count);

/* Makes room for one more element in a growing array: returns the array,
 * moved if need be; *alloc counts elements and is updated. */
void *mem_grow(void *array, size_t *alloc, size_t used, size_t size);

#define ARRAY_LEN(a) (sizeof(a) / sizeof(a)[0])

#endif
