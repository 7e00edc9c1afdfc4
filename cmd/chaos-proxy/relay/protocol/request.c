#include "relay/protocol/request.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 1 << 20, BULK_MAX = 1 << 29 };

static void next_request(struct request *r)
{
	buf_reset(&r->start);
	free(r->path_text);
	r->path_text = NULL;
	r->path = "";
	r->known = r->expects = false;
	r->words = r->word = r->left = r->line_bytes = 0;
}

void request_init(struct request *r, enum toxic_protocol protocol)
{
	*r = (struct request){.protocol = protocol};
	buf_init(&r->start);
	next_request(r);
}

void request_release(struct request *r)
{
	buf_release(&r->start);
	free(r->path_text);
	r->path_text = NULL;
}

/* --- HTTP/1 ------------------------------------------------------------------------ */

static bool is_token(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* METHOD TARGET HTTP/1.x */
static bool read_request_line(struct request *r)
{
	const char *at = r->start.data + strspn(r->start.data, "\r\n"), *verb = at;
	while (is_token(*at))
		at++;
	size_t len = (size_t)(at - verb);
	const char *target = at + 1, *end = *at == ' ' ? strchr(target, ' ') : NULL;
	if (!len || len >= sizeof r->verb || !end || end == target)
		return false;
	const char *version = end + 1;
	if (strncmp(version, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)version[7]) ||
	    version[8 + strspn(version + 8, "\r\n")] != '\0')
		return false;
	memcpy(r->verb, verb, len);
	r->verb[len] = '\0';
	r->path_text = mem_printf("%.*s", (int)(end - target), target);
	r->path = r->path_text;
	/* The same reader takes the rest, which has the form of an answer's. */
	http1_parse_start(&r->http, false);
	char as_answer[] = "HTTP/1.1 200 \r\n";
	as_answer[7] = version[7];
	http1_parse(&r->http, as_answer, sizeof as_answer - 1);
	return true;
}

/* Whether what is in cannot become a request line any more. */
static bool cannot_begin(const struct buf *start)
{
	const char *at = start->data + strspn(start->data, "\r\n");
	size_t len = 0, all = (size_t)(start->data + start->len - at);
	while (len < all && is_token(at[len]))
		len++;
	return len >= REQUEST_WORD_MAX || (len < all && (at[len] != ' ' || !len));
}

static enum request_step http_start(struct request *r, const char *data, size_t len, size_t *used)
{
	const char *newline = memchr(data, '\n', len);
	*used = newline ? (size_t)(newline - data) + 1 : len;
	buf_add(&r->start, data, *used);
	if (r->start.len > REQUEST_START_MAX)
		return REQUEST_OTHER;
	if (memchr(data, '\0', *used) || cannot_begin(&r->start))
		return REQUEST_OTHER;
	bool blank = strspn(r->start.data, "\r\n") == r->start.len;
	if (!newline || blank)
		return REQUEST_MORE;
	r->known = true;
	return read_request_line(r) ? REQUEST_KNOWN : REQUEST_OTHER;
}

static enum request_step http_rest(struct request *r, const char *data, size_t len, size_t *used)
{
	bool head = r->http.state == HTTP1_HEADER;
	const char *newline = head ? memchr(data, '\n', len) : NULL;
	size_t part = newline ? (size_t)(newline - data) + 1 : len;
	if (head && part > 7 && strncasecmp(data, "expect:", 7) == 0)
		r->expects = true;
	*used = http1_parse(&r->http, data, part);
	if (r->http.state == HTTP1_BAD) {
		*used = part;
		return REQUEST_OTHER;
	}
	r->last = r->http.said_close || r->http.http10;
	/* An answer without a length goes on to the end of the connection; a request has no body. */
	return r->http.state == HTTP1_DONE || r->http.state == HTTP1_BODY_CLOSE ? REQUEST_END
										 : REQUEST_MORE;
}

/* --- Redis --------------------------------------------------------------------------- */

/* A line with a number behind its first byte; -1: it is none. */
static int64_t line_number(const struct request *r)
{
	char *end;
	if (r->line_bytes < 2 || !isdigit((unsigned char)r->line[1]))
		return -1;
	long long n = strtoll(r->line + 1, &end, 10);
	return *end ? -1 : n;
}

static void to_upper(char *text)
{
	for (; *text; text++)
		*text = (char)toupper((unsigned char)*text);
}

/* "PING" or "GET key" on a line, as people type them. */
static enum request_step inline_line(struct request *r)
{
	const char *at = r->start.data + strspn(r->start.data, " \t\r\n");
	size_t len = strcspn(at, " \t\r\n");
	r->known = true;
	if (!len || len >= sizeof r->verb || strstr(at, " HTTP/1."))
		return REQUEST_OTHER;
	memcpy(r->verb, at, len);
	r->verb[len] = '\0';
	to_upper(r->verb);
	return REQUEST_KNOWN;
}

static enum request_step line_ended(struct request *r)
{
	int64_t n = line_number(r);
	char first = *r->line;
	r->line_bytes = 0;
	if (!r->words) {
		if (first != '*' || n < 1 || n > WORDS_MAX)
			return REQUEST_OTHER;
		r->words = (uint64_t)n;
		return REQUEST_MORE;
	}
	if (first != '$' || n < 0 || n > BULK_MAX)
		return REQUEST_OTHER;
	r->left = (uint64_t)n + 2;
	return REQUEST_MORE;
}

static enum request_step word_ended(struct request *r)
{
	r->line_bytes = 0;
	to_upper(r->word ? r->second : r->verb);
	if (++r->word == 1) {
		r->known = true;
		return REQUEST_KNOWN;
	}
	return r->word == r->words ? REQUEST_END : REQUEST_MORE;
}

/* Bytes of a word, with the line's end behind them. */
static void keep_word(struct request *r, const char *data, size_t len)
{
	char *word = r->word == 0 ? r->verb : r->word == 1 ? r->second : NULL;
	for (size_t i = 0; word && i < len && r->left - i > 2; i++)
		if (r->line_bytes < REQUEST_WORD_MAX - 1 && data[i]) {
			word[r->line_bytes++] = data[i];
			word[r->line_bytes] = '\0';
		}
}

static enum request_step redis_step(struct request *r, const char *data, size_t len, size_t *used)
{
	enum request_step step = REQUEST_MORE;
	if (r->left) {
		*used = r->left < len ? (size_t)r->left : len;
		keep_word(r, data, *used);
		r->left -= *used;
		return r->left ? REQUEST_MORE : word_ended(r);
	}
	for (*used = 0; *used < len && step == REQUEST_MORE && !r->left;) {
		char c = data[(*used)++];
		if (c == '\n') {
			r->line[r->line_bytes] = '\0';
			return line_ended(r);
		}
		if (c == '\r')
			continue;
		if (r->line_bytes == sizeof r->line - 1)
			return REQUEST_OTHER;
		r->line[r->line_bytes++] = c;
	}
	return step;
}

static enum request_step inline_step(const char *data, size_t len, size_t *used)
{
	const char *newline = memchr(data, '\n', len);
	*used = newline ? (size_t)(newline - data) + 1 : len;
	for (size_t i = 0; i < *used; i++)
		if ((unsigned char)data[i] < ' ' && !strchr("\t\r\n", data[i]))
			return REQUEST_OTHER;
	return newline ? REQUEST_KNOWN : REQUEST_MORE;
}

static enum request_step redis_take(struct request *r, const char *data, size_t len, size_t *used)
{
	bool star = *(r->start.len ? r->start.data : data) == '*';
	enum request_step step;
	if (r->known)
		return redis_step(r, data, len, used);
	if (!r->start.len && (*data == '\0' || (!star && !isalpha((unsigned char)*data)))) {
		*used = 0;
		return REQUEST_OTHER;
	}
	step = star ? redis_step(r, data, len, used) : inline_step(data, len, used);
	buf_add(&r->start, data, *used);
	if (r->start.len > REQUEST_START_MAX)
		return REQUEST_OTHER;
	return step == REQUEST_KNOWN && !star ? inline_line(r) : step;
}

/* --- both ------------------------------------------------------------------------------ */

/* A command of one word has ended when it is known. */
static bool ended_already(const struct request *r)
{
	return r->known && r->protocol == PROTOCOL_REDIS && r->word == r->words;
}

enum request_step request_take(struct request *r, const char *data, size_t len, size_t *used)
{
	enum request_step step;
	*used = 0;
	if (ended_already(r)) {
		next_request(r);
		return REQUEST_END;
	}
	if (!len)
		return REQUEST_MORE;
	if (!r->known && !r->start.len)
		*r->verb = *r->second = '\0';
	if (r->protocol == PROTOCOL_REDIS)
		step = redis_take(r, data, len, used);
	else
		step = r->known ? http_rest(r, data, len, used) : http_start(r, data, len, used);
	if (step == REQUEST_END)
		next_request(r);
	return step;
}
