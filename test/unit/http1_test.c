#include "random.h"
#include "unit.h"

#include "base/buf.h"
#include "net/http1/http1_parse.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Bytes right in front of a page that may not be read. */
struct guarded {
	char *map, *end;
	size_t size, page;
};

static struct guarded guard_new(void)
{
	struct guarded g = {.page = (size_t)sysconf(_SC_PAGESIZE)};
	g.size = 128 * g.page;
	g.map = mmap(NULL, g.size + g.page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	assert_true(g.map != MAP_FAILED);
	g.end = g.map + g.size;
	assert_int_equal(mprotect(g.end, g.page, PROT_NONE), 0);
	return g;
}

static void guard_free(struct guarded *g)
{
	munmap(g->map, g->size + g->page);
}

/* Feeds the bytes so that one beyond the last faults; returns how many were taken. */
static size_t feed(struct guarded *g, struct http1_parse *p, const char *data, size_t len)
{
	char *at = g->end - len;
	memcpy(at, data, len);
	return http1_parse(p, at, len);
}

struct answer {
	const char *text;
	enum http1_state state;
	int status;
	int64_t body;
	bool keep;
	bool head;
	size_t excess; /* bytes behind the answer */
};

#define OK "HTTP/1.1 200 OK\r\n"

static const struct answer answers[] = {
	{OK "Content-Length: 5\r\n\r\nhello", HTTP1_DONE, 200, 5, true, false, 0},
	{OK "content-LENGTH:5\r\n\r\nhelloHTTP", HTTP1_DONE, 200, 5, true, false, 4},
	{OK "Content-Length:  5 , 5\t\r\nContent-Length: 5\r\n\r\nhello", HTTP1_DONE, 200, 5, true,
	 false, 0},
	{"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", HTTP1_DONE, 200, 0, true, false, 0},
	{"HTTP/1.1 200 OK\nContent-Length: 1\n\nx", HTTP1_DONE, 200, 1, true, false, 0},
	{"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", HTTP1_DONE, 200, 1, false, false, 0},
	{"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", HTTP1_DONE, 200,
	 1, true, false, 0},
	{OK "Connection: x, close\r\nContent-Length: 1\r\n\r\nx", HTTP1_DONE, 200, 1, false, false,
	 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA ; x=y\r\n0123456789\r\n0\r\n\r\n",
	 HTTP1_DONE, 200, 15, true, false, 0},
	{OK "Transfer-Encoding: identity, Chunked\r\n\r\n1\r\nx\r\n000\r\nA: b\r\nC: d\r\n\r\nZ",
	 HTTP1_DONE, 200, 1, true, false, 1},
	{OK "\r\nall of it", HTTP1_BODY_CLOSE, 200, 9, false, false, 0},
	{OK "Transfer-Encoding: identity\r\n\r\nall", HTTP1_BODY_CLOSE, 200, 3, false, false, 0},
	{"HTTP/1.1 204 No\r\n\r\n", HTTP1_DONE, 204, 0, true, false, 0},
	{"HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", HTTP1_DONE, 304, 0, true, false, 0},
	{OK "Content-Length: 9\r\n\r\n", HTTP1_DONE, 200, 0, true, true, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n", HTTP1_DONE, 200, 0, true, true, 0},
	{"HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 103 Hints\r\nConnection: close\r\nLink: x\r\n\r\n"
	 "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno",
	 HTTP1_DONE, 404, 2, true, false, 0},
	{"HTTP/1.1 700 X\r\nContent-Length: 3\r\n\r\nok\n", HTTP1_DONE, 700, 3, true, false, 0},
	{OK "X: a\r\n folded\r\nContent-Length: 1\r\n\r\nx", HTTP1_DONE, 200, 1, true, false, 0},
	{OK "X:\r\nContent-Length: 2\r\n\r\nhe", HTTP1_DONE, 200, 2, true, false, 0},

	{"what is the question?\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"\r\n" OK, HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/2 200\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1 20x OK\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1 099 OK\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1 2000 OK\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1 200OK\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1  200 OK\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{"HTTP/1.1 101 Go\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "no colon\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK ": no name\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length : 5\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 5\r\n 6\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: -5\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: +5\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 0x5\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length:\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 5,\r\nContent-Length: 6\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 99999999999999999999\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked, gzip\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: gzip\r\n\r\nall", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", HTTP1_BAD, 0, 0, false,
	 false, 0},
	{OK "Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\n", HTTP1_BAD, 0, 0, false,
	 false, 0},
	{OK "Content-Length: 3\r\nTransfer-Encoding:\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP1_BAD, 0, 0, false,
	 false, 0},
	{OK "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\n", HTTP1_BAD, 0, 0, false, false,
	 0},
	{OK "X: a\rContent-Length: 3\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Content-Length: 3\r\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n-1\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\n5 5\r\n", HTTP1_BAD, 0, 0, false, false, 0},
	{OK "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n", HTTP1_BAD, 0, 0, false,
	 false, 0},
};

static void check(const struct answer *a, const struct http1_parse *p, size_t used, size_t cut)
{
	if (p->state != a->state)
		print_message("# cut at %zu: state %d: %s\n", cut, p->state, a->text);
	assert_int_equal(p->state, a->state);
	if (a->state == HTTP1_BAD) {
		assert_non_null(p->why);
		return;
	}
	assert_int_equal(p->status, a->status);
	assert_int_equal(p->body_bytes, a->body);
	assert_int_equal(used, strlen(a->text) - a->excess);
	if (a->state == HTTP1_DONE)
		assert_int_equal(p->keep_alive, a->keep);
}

static void every_answer_is_read_alike_wherever_it_is_cut(void **state)
{
	struct guarded g = guard_new();
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct answer *a = &answers[i];
		size_t len = strlen(a->text);
		struct http1_parse p;
		for (size_t cut = 0; cut <= len; cut++) {
			http1_parse_start(&p, a->head);
			size_t used = feed(&g, &p, a->text, cut);
			if (used == cut)
				used += feed(&g, &p, a->text + cut, len - cut);
			check(a, &p, used, cut);
		}
		http1_parse_start(&p, a->head);
		size_t used = 0;
		while (used < len && feed(&g, &p, a->text + used, 1))
			used++;
		check(a, &p, used, len);
	}
	guard_free(&g);
}

static void the_end_of_the_connection_ends_only_what_has_no_other_end(void **state)
{
	static const struct {
		const char *text;
		bool whole;
	} cases[] = {
		{"", false},
		{"HTTP/1.1 2", false},
		{OK "Content-Length: 5\r\n\r\nhell", false},
		{OK "Content-Length: 5\r\n", false},
		{OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false},
		{OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false},
		{OK "\r\n", true},
		{OK "\r\nabc", true},
		{"HTTP/1.1 100 X\r\n\r\n", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http1_parse p;
		http1_parse_start(&p, false);
		assert_false(http1_parse_begun(&p));
		http1_parse(&p, cases[i].text, strlen(cases[i].text));
		assert_int_equal(http1_parse_begun(&p), *cases[i].text != '\0');
		assert_int_equal(http1_parse_end(&p), cases[i].whole);
		if (cases[i].whole)
			assert_false(p.keep_alive);
	}
}

/* Feeds the same text again and again until it is refused; returns how many bytes went in. */
static size_t endless(struct http1_parse *p, const char *text, size_t limit)
{
	size_t len = strlen(text), total = 0;
	while (p->state != HTTP1_BAD && total < limit)
		total += http1_parse(p, text, len);
	return total;
}

static void headers_are_bounded(void **state)
{
	static const struct {
		const char *start, *more;
		size_t bound;
	} cases[] = {
		{"HTTP/1.1 200 ", "aaaaaaaaaaaaaaaa", HTTP1_LINE_MAX},
		{OK "X: ", "aaaaaaaaaaaaaaaa", HTTP1_LINE_MAX},
		{OK, "X: aaaaaaaaa\r\n", HTTP1_HEAD_MAX},
		{"", "HTTP/1.1 100 X\r\n\r\n", HTTP1_HEAD_MAX},
		{OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: aaaaaaaaa\r\n", HTTP1_HEAD_MAX},
		{OK "Transfer-Encoding: chunked\r\n\r\n1;", "aaaaaaaaaaaaaaa", HTTP1_LINE_MAX},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http1_parse p;
		http1_parse_start(&p, false);
		http1_parse(&p, cases[i].start, strlen(cases[i].start));
		assert_in_range(endless(&p, cases[i].more, 10 * cases[i].bound),
				cases[i].bound - 100, cases[i].bound + 100);
		assert_int_equal(p.state, HTTP1_BAD);
	}
}

static void long_lines_of_no_interest_do_no_harm(void **state)
{
	struct buf text = BUF_INIT;
	(void)state;
	buf_addstr(&text, OK "X-Policy: ");
	for (int i = 0; i < 20000; i++)
		buf_addch(&text, 'a');
	buf_addstr(&text, "\r\nContent-Length: 2\r\n\r\nok");
	for (size_t cut = 0; cut < text.len; cut += 7) {
		struct http1_parse p;
		http1_parse_start(&p, false);
		http1_parse(&p, text.data, cut);
		http1_parse(&p, text.data + cut, text.len - cut);
		assert_int_equal(p.state, HTTP1_DONE);
		assert_int_equal(p.body_bytes, 2);
	}
	buf_release(&text);
}

static void a_nul_byte_in_a_header_is_refused(void **state)
{
	static const char text[] = OK "X: a\0b\r\n\r\n";
	struct http1_parse p;
	(void)state;
	http1_parse_start(&p, false);
	http1_parse(&p, text, sizeof text - 1);
	assert_int_equal(p.state, HTTP1_BAD);
}

/* Damaged answers in random pieces: whatever comes out, it comes out alike when fed whole. */
static void damaged_answers_are_read_alike_in_any_pieces(void **state)
{
	struct guarded g = guard_new();
	struct rng rng;
	(void)state;
	rng_init(&rng, 7);
	for (int round = 0; round < 40000; round++) {
		const struct answer *a = &answers[rng_below(&rng, ARRAY_LEN(answers))];
		char text[512];
		struct http1_parse whole, pieces;
		size_t len = strlen(a->text), used = 0;
		memcpy(text, a->text, len);
		for (uint64_t n = rng_below(&rng, 4); n > 0; n--)
			text[rng_below(&rng, len)] = (char)rng_below(&rng, 256);
		http1_parse_start(&whole, a->head);
		http1_parse_start(&pieces, a->head);
		size_t all = feed(&g, &whole, text, len);
		while (used < len) {
			size_t n = 1 + rng_below(&rng, len - used);
			size_t took = feed(&g, &pieces, text + used, n);
			used += took;
			if (took < n)
				break;
		}
		assert_int_equal(pieces.state, whole.state);
		if (whole.state == HTTP1_BAD)
			continue;
		assert_int_equal(used, all);
		assert_int_equal(pieces.status, whole.status);
		assert_int_equal(pieces.body_bytes, whole.body_bytes);
	}
	guard_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_read_alike_wherever_it_is_cut),
		cmocka_unit_test(the_end_of_the_connection_ends_only_what_has_no_other_end),
		cmocka_unit_test(headers_are_bounded),
		cmocka_unit_test(long_lines_of_no_interest_do_no_harm),
		cmocka_unit_test(a_nul_byte_in_a_header_is_refused),
		cmocka_unit_test(damaged_answers_are_read_alike_in_any_pieces),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
