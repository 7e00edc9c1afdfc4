/* The reader of HTTP/1 answers: the same in one piece and in many. The first byte says in what
 * pieces, and whether the request was HEAD. */
#include "fuzz.h"
#include "net/http1/http1_parse.h"

/* Feeds pieces; returns how many bytes belong to the answer. */
static size_t feed(struct http1_parse *p, const char *data, size_t size, size_t piece)
{
	size_t at = 0;
	while (at < size && p->state != HTTP1_DONE && p->state != HTTP1_BAD) {
		size_t n = size - at < piece ? size - at : piece;
		size_t used = http1_parse(p, data + at, n);
		MUST(used <= n);
		MUST(used == n || p->state == HTTP1_DONE || p->state == HTTP1_BAD);
		at += used;
	}
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http1_parse whole, parts;
	if (size == 0)
		return 0;
	bool head = data[0] & 1;
	const char *text = (const char *)data + 1;
	http1_parse_start(&whole, head);
	http1_parse_start(&parts, head);
	size_t a = feed(&whole, text, size - 1, size),
	       b = feed(&parts, text, size - 1, 1 + data[0] / 2);
	if (size > HTTP1_KEPT_MAX) /* a line that is kept may be that long */
		return 0;
	MUST(whole.state == parts.state);
	if (whole.state == HTTP1_BAD) {
		MUST(whole.why &&
		     parts.why); /* in pieces it may be seen earlier, and be told otherwise */
		return 0;
	}
	MUST(a == b && whole.body_bytes == parts.body_bytes && whole.status == parts.status);
	MUST(http1_parse_begun(&whole) == http1_parse_begun(&parts));
	MUST(http1_parse_end(&whole) == http1_parse_end(&parts));
	MUST(whole.state != HTTP1_DONE || whole.keep_alive == parts.keep_alive);
	return 0;
}
