/* Parses server-sent events, the format of streamed answers. Pure: takes bytes in pieces of any
 * size, gives events. Lines end in LF, CRLF or CR; comment lines (": keep-alive") and fields other
 * than data are ignored. */
#ifndef LLM_SSE_H
#define LLM_SSE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum { SSE_EVENT_MAX = 1 << 20 }; /* bytes of one event's data, and of one line */

struct sse {
	struct buf line, data;
	bool after_cr, has_data, started;
	/* Called with the data of each event, its lines joined by LF, NUL-terminated. Other than
	 * 0 stops the feeding. */
	int (*event)(void *arg, const char *data, size_t len);
	void *arg;
};

void sse_init(struct sse *s, int (*event)(void *arg, const char *data, size_t len), void *arg);
void sse_release(struct sse *s);

/* Returns 0, what event returned, or -1 if an event is longer than SSE_EVENT_MAX. */
int sse_feed(struct sse *s, const char *bytes, size_t len);

/* Ends the stream. A last event counts even without its blank line, which some servers leave out. */
void sse_end(struct sse *s);

#endif
