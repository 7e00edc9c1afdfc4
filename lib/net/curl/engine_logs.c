#include "net/curl/engine_logs.h"

#include <stdbool.h>
#include <stdlib.h>

enum { LINES = 10000, HEAD = 8 };

/* Output and error of a container without a terminal come in frames: a head with the stream and, in its
 * last four bytes, the length. */
static bool is_framed(const unsigned char *p, size_t len)
{
	return len >= HEAD && p[0] <= 2 && !p[1] && !p[2] && !p[3];
}

static void add_frames(struct buf *out, const char *body, size_t len)
{
	const unsigned char *p = (const unsigned char *)body;
	bool framed = is_framed(p, len);
	if (!framed)
		buf_add(out, body, len);
	while (framed && is_framed(p, len)) {
		size_t part = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 | p[7];
		part = part < len - HEAD ? part : len - HEAD;
		buf_add(out, (const char *)p + HEAD, part);
		p += HEAD + part;
		len -= HEAD + part;
	}
}

void engine_logs_start(struct engine_call *c, const char *container, double since_s, int64_t timeout_ns)
{
	char *path = mem_printf("/containers/%s/logs?stdout=1&stderr=1&tail=%d&since=%.9f", container, LINES, since_s);
	engine_call_start(c, "GET", path, timeout_ns);
	free(path);
}

int engine_logs_take(const struct engine_call *c, const char *container, size_t most_bytes, struct buf *out,
		     struct err *e)
{
	struct buf text = BUF_INIT;
	size_t len;
	if (engine_call_step(c) != ENGINE_ANSWERED)
		return engine_call_error(c, e);
	if (engine_call_status(c) != 200)
		return err_runtime(e, "the container engine has no log of container %.12s: status %d", container,
				   engine_call_status(c));
	const char *body = engine_call_bytes(c, &len);
	add_frames(&text, body, len);
	size_t skip = text.len > most_bytes ? text.len - most_bytes : 0;
	if (text.len)
		buf_add(out, text.data + skip, text.len - skip);
	buf_release(&text);
	return 0;
}

int engine_logs(const char *at, const char *container, double since_s, size_t most_bytes, int64_t timeout_ns,
		struct buf *out, struct err *e)
{
	struct loop *l = loop_new(e);
	if (!l)
		return -1;
	struct engine_call *c = engine_call_new(l, at);
	engine_logs_start(c, container, since_s, timeout_ns);
	loop_run(l); /* nothing but the call is watched */
	int rc = engine_logs_take(c, container, most_bytes, out, e);
	engine_call_free(c);
	loop_free(l);
	return rc;
}
