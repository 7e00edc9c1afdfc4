#include "llm/sse.h"

#include <string.h>

void sse_init(struct sse *s, int (*event)(void *arg, const char *data, size_t len), void *arg)
{
	*s = (struct sse){.line = BUF_INIT, .data = BUF_INIT, .event = event, .arg = arg};
}

void sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
}

static int dispatch(struct sse *s)
{
	int rc = 0;
	if (s->has_data)
		rc = s->event(s->arg, s->data.data, s->data.len);
	buf_reset(&s->data);
	s->has_data = false;
	return rc;
}

static int take_line(struct sse *s)
{
	const char *p = s->line.data;
	size_t len = s->line.len;
	if (!s->started && len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
		p += 3;
		len -= 3;
	}
	s->started = true;
	if (!len)
		return dispatch(s);
	if (len < 4 || memcmp(p, "data", 4) != 0 || (len > 4 && p[4] != ':'))
		return 0; /* a comment, or a field that says nothing here */
	size_t skip = len == 4 ? 4 : p[5] == ' ' ? 6 : 5;
	if (s->data.len + len > SSE_EVENT_MAX)
		return -1;
	if (s->has_data)
		buf_addch(&s->data, '\n');
	buf_add(&s->data, p + skip, len - skip);
	s->has_data = true;
	return 0;
}

int sse_feed(struct sse *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool lf_of_crlf = bytes[i] == '\n' && s->after_cr;
		s->after_cr = bytes[i] == '\r';
		if (lf_of_crlf)
			continue;
		if (bytes[i] != '\n' && bytes[i] != '\r') {
			if (s->line.len >= SSE_EVENT_MAX)
				return -1;
			buf_addch(&s->line, bytes[i]);
			continue;
		}
		int rc = take_line(s);
		buf_reset(&s->line);
		if (rc)
			return rc;
	}
	return 0;
}

void sse_end(struct sse *s)
{
	int rc = s->line.len ? take_line(s) : 0;
	buf_reset(&s->line);
	if (!rc)
		dispatch(s);
}
