#include "net/http1/http1_parse.h"

#include <string.h>
#include <strings.h>

enum { CHUNK_DIGITS_MAX = 15, LENGTH_DIGITS_MAX = 18 };

/* A piece of text within a line; not ended by a NUL. */
struct piece {
	const char *at;
	size_t len;
};

static void bad(struct http1_parse *p, const char *why)
{
	p->state = HTTP1_BAD;
	p->why = why;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct piece trim(struct piece s)
{
	while (s.len && is_blank(*s.at)) {
		s.at++;
		s.len--;
	}
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool is_word(struct piece s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.at, word, s.len) == 0;
}

/* Takes the next element of a list separated by commas; false at its end. */
static bool next_element(struct piece *list, struct piece *element)
{
	if (!list->len)
		return false;
	const char *comma = memchr(list->at, ',', list->len);
	size_t len = comma ? (size_t)(comma - list->at) : list->len;
	*element = trim((struct piece){list->at, len});
	len += comma != NULL;
	list->at += len;
	list->len -= len;
	return true;
}

static void start_answer(struct http1_parse *p)
{
	p->state = HTTP1_STATUS_LINE;
	p->status = 0;
	p->keep_alive = p->http10 = p->chunked = p->other_coding = false;
	p->framing = p->said_close = p->said_keep = false;
	p->length = -1;
	p->left = 0;
	p->line_bytes = 0;
}

void http1_parse_start(struct http1_parse *p, bool head_only)
{
	start_answer(p);
	p->head_only = head_only;
	p->head_bytes = 0;
	p->body_bytes = 0;
	p->why = NULL;
	p->body = NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void status_line(struct http1_parse *p, struct piece s)
{
	static const char start[] = "HTTP/1.";
	const size_t version = sizeof start - 1, code = version + 2, end = code + 3;
	if (s.len < end || memcmp(s.at, start, version) != 0 || !is_digit(s.at[version]) ||
	    s.at[version + 1] != ' ') {
		bad(p, s.len >= 5 && memcmp(s.at, "HTTP/", 5) == 0
			       ? "the answer is of another HTTP version"
			       : "the answer does not start with an HTTP/1 status line");
		return;
	}
	for (size_t i = code; i < end; i++)
		p->status = is_digit(s.at[i]) ? p->status * 10 + (s.at[i] - '0') : 10000;
	if (p->status < 100 || p->status > 999 || (s.len > end && s.at[end] != ' ')) {
		bad(p, "the status is not a number of three digits");
		return;
	}
	p->http10 = s.at[version] == '0';
	p->state = HTTP1_HEADER;
}

/* "5", or "5, 5" where servers in between have joined two headers. */
static void content_length(struct http1_parse *p, struct piece value)
{
	struct piece one;
	bool any = false;
	while (next_element(&value, &one)) {
		int64_t n = 0;
		if (!one.len || one.len > LENGTH_DIGITS_MAX)
			n = -1;
		for (size_t i = 0; i < one.len && n >= 0; i++)
			n = is_digit(one.at[i]) ? n * 10 + (one.at[i] - '0') : -1;
		if (n < 0 || (p->length >= 0 && p->length != n)) {
			bad(p, n < 0 ? "Content-Length is no number"
				     : "two different Content-Lengths");
			return;
		}
		p->length = n;
		any = true;
	}
	if (!any)
		bad(p, "Content-Length is no number");
}

/* No coding but chunked is undone, so that nobody could tell whether the body is one. */
static void transfer_encoding(struct http1_parse *p, struct piece value)
{
	struct piece one;
	while (next_element(&value, &one)) {
		if (one.len && !is_word(one, "chunked") && !is_word(one, "identity")) {
			bad(p, "Transfer-Encoding is neither chunked nor identity");
			return;
		}
		if (p->chunked) { /* nothing may come behind it */
			bad(p, "Transfer-Encoding: chunked is not the last coding");
			return;
		}
		p->chunked = is_word(one, "chunked");
	}
	p->other_coding |= !p->chunked; /* identity too, as libcurl has it */
}

static void connection(struct http1_parse *p, struct piece value)
{
	struct piece one;
	while (next_element(&value, &one)) {
		p->said_close |= is_word(one, "close");
		p->said_keep |= is_word(one, "keep-alive");
	}
}

static const struct {
	const char *name;
	void (*take)(struct http1_parse *p, struct piece value);
} known_headers[] = {
	{"content-length", content_length},
	{"transfer-encoding", transfer_encoding},
	{"connection", connection},
};

static void header(struct http1_parse *p, struct piece s)
{
	const char *colon = memchr(s.at, ':', s.len);
	if (is_blank(*s.at)) { /* an old form: the line before goes on */
		if (p->framing)
			bad(p, "a folded header line decides where the answer ends");
		return;
	}
	p->framing = false;
	if (!colon || colon == s.at || is_blank(colon[-1])) {
		bad(p, "a header line is not 'name: value'");
		return;
	}
	struct piece name = {s.at, (size_t)(colon - s.at)};
	for (size_t i = 0; i < sizeof known_headers / sizeof known_headers[0]; i++) {
		if (!is_word(name, known_headers[i].name))
			continue;
		p->framing = true;
		known_headers[i].take(p, trim((struct piece){colon + 1, s.len - name.len - 1}));
		return;
	}
}

static void finish(struct http1_parse *p, bool keep_alive)
{
	p->state = HTTP1_DONE;
	p->keep_alive = keep_alive && !p->said_close && (!p->http10 || p->said_keep);
}

static void head_ended(struct http1_parse *p)
{
	if (p->status == 101) {
		bad(p, "the server switches to a protocol that was not asked for");
	} else if (p->status < 200) {
		start_answer(p);
	} else if (p->head_only || p->status == 204 || p->status == 304) {
		finish(p, true);
	} else if (p->length >= 0 && (p->chunked || p->other_coding)) {
		/* An intermediary may have framed the message differently: RFC 9112, section 6.3.
		 */
		bad(p, "both Content-Length and Transfer-Encoding");
	} else if (p->chunked) {
		p->said_close |= p->http10;
		p->state = HTTP1_CHUNK_SIZE;
	} else if (p->other_coding || p->length < 0) {
		p->state = HTTP1_BODY_CLOSE;
	} else if (p->length == 0) {
		finish(p, true);
	} else {
		p->left = (uint64_t)p->length;
		p->state = HTTP1_BODY_LENGTH;
	}
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void chunk_size(struct http1_parse *p, struct piece s)
{
	size_t i = 0;
	p->left = 0;
	for (int d; i < s.len && (d = hex_digit(s.at[i])) >= 0; i++) {
		if (i == CHUNK_DIGITS_MAX) {
			bad(p, "a chunk is too large");
			return;
		}
		p->left = p->left << 4 | (uint64_t)d;
	}
	struct piece rest = trim((struct piece){s.at + i, s.len - i});
	if (!i || (rest.len && *rest.at != ';'))
		bad(p, "a chunk's size is no hexadecimal number");
	else
		p->state = p->left ? HTTP1_CHUNK_DATA : HTTP1_TRAILER;
}

static void take_line(struct http1_parse *p, struct piece s)
{
	const char *cr = memchr(s.at, '\r', s.len);
	bool bare_cr =
		cr && cr < s.at + s.len - 1; /* some parsers treat a lone CR as the end of a line */
	if (cr)
		s.len--;
	if (bare_cr || memchr(s.at, '\0', s.len))
		bad(p, bare_cr ? "a lone CR in a header line" : "a NUL byte in a header line");
	else if (p->state == HTTP1_STATUS_LINE)
		status_line(p, s);
	else if (p->state == HTTP1_CHUNK_SIZE)
		chunk_size(p, s);
	else if (p->state == HTTP1_CHUNK_END && s.len)
		bad(p, "a chunk is longer than its size");
	else if (p->state == HTTP1_CHUNK_END)
		p->state = HTTP1_CHUNK_SIZE;
	else if (p->state == HTTP1_TRAILER && !s.len)
		finish(p, true);
	else if (p->state == HTTP1_HEADER && s.len)
		header(p, s);
	else if (p->state == HTTP1_HEADER)
		head_ended(p);
}

/* Rejects a bad start of a line at once, not after 64 KiB. */
static void check_begun_line(struct http1_parse *p, const char *at, size_t len)
{
	static const char start[] = "HTTP/1.";
	size_t n = len < sizeof start - 1 ? len : sizeof start - 1;
	if (p->state == HTTP1_STATUS_LINE && memcmp(at, start, n) != 0)
		bad(p, "the answer does not start with an HTTP/1 status line");
	else if (p->state == HTTP1_CHUNK_END && (len > 1 || (len && *at != '\r')))
		bad(p, "a chunk is longer than its size");
}

/* Keeps the start of a line that arrives in pieces. Only known headers are parsed; the rest of a
 * longer line is dropped. */
static void take_kept_line(struct http1_parse *p)
{
	size_t len = p->line_bytes;
	if (len > sizeof p->line) {
		len = sizeof p->line;
		p->line[len - 1] = 'x'; /* not the end of the line: no \r to strip */
	}
	bool cut = len < p->line_bytes;
	p->line_bytes = 0;
	take_line(p, (struct piece){p->line, len});
	if (cut && p->framing && p->state == HTTP1_HEADER)
		bad(p, "a header that decides where the answer ends is too long");
}

/* Takes bytes of a line, perhaps up to its end. */
static size_t take_text(struct http1_parse *p, const char *data, size_t len)
{
	const char *newline = memchr(data, '\n', len);
	size_t part = newline ? (size_t)(newline - data) : len;
	size_t used = part + (newline != NULL);
	bool whole = newline && !p->line_bytes;
	p->head_bytes += p->state == HTTP1_CHUNK_SIZE || p->state == HTTP1_CHUNK_END ? 0 : used;
	if (p->head_bytes > HTTP1_HEAD_MAX || p->line_bytes + part > HTTP1_LINE_MAX) {
		bad(p, "the answer's header is too long");
		return 0;
	}
	if (whole) {
		take_line(p, (struct piece){data, part});
		return used;
	}
	if (p->line_bytes < sizeof p->line) {
		size_t room = sizeof p->line - p->line_bytes;
		memcpy(p->line + p->line_bytes, data, part < room ? part : room);
	}
	p->line_bytes += part;
	if (newline)
		take_kept_line(p);
	else
		check_begun_line(p, p->line,
				 p->line_bytes < sizeof p->line ? p->line_bytes : sizeof p->line);
	return used;
}

static size_t take_body(struct http1_parse *p, const char *data, size_t len)
{
	bool open = p->state == HTTP1_BODY_CLOSE;
	size_t n = open || len < p->left ? len : (size_t)p->left;
	p->body_bytes += (int64_t)n;
	if (p->body)
		p->body(p->arg, data, n);
	if (open)
		return n;
	p->left -= n;
	if (!p->left && p->state == HTTP1_CHUNK_DATA)
		p->state = HTTP1_CHUNK_END;
	else if (!p->left)
		finish(p, true);
	return n;
}

size_t http1_parse(struct http1_parse *p, const char *data, size_t len)
{
	size_t used = 0;
	while (used < len && p->state != HTTP1_DONE && p->state != HTTP1_BAD) {
		bool body = p->state == HTTP1_BODY_LENGTH || p->state == HTTP1_BODY_CLOSE ||
			    p->state == HTTP1_CHUNK_DATA;
		used += body ? take_body(p, data + used, len - used)
			     : take_text(p, data + used, len - used);
	}
	return used;
}

bool http1_parse_end(struct http1_parse *p)
{
	if (p->state == HTTP1_BODY_CLOSE)
		finish(p, false);
	return p->state == HTTP1_DONE;
}

bool http1_parse_begun(const struct http1_parse *p)
{
	return p->head_bytes > 0 || p->line_bytes > 0;
}
