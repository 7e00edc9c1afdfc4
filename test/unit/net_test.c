#include "unit.h"

#include "base/buf.h"
#include "net/pattern.h"
#include "net/http_plan.h"
#include "net/http_request.h"
#include "net/request_mix.h"
#include "net/net_error.h"
#include "net/redis/redis_pipe.h"
#include "net/redis/redis_words.h"
#include "net/resolve.h"
#include "net/transport.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void request_for(struct http_request *q, const struct http_template *template,
			const char *url)
{
	struct url u;
	struct err e;
	assert_int_equal(url_parse(url, &u, &e), 0);
	http_request_init(q, &u, template);
	url_release(&u);
}

static void the_request_follows_url_and_options(void **state)
{
	static const struct {
		const char *url, *method, *body, *op, *sent_url;
		bool has_body;
	} cases[] = {
		{"http://h:1", NULL, NULL, "POST /work", "http://h:1/work", true},
		{"http://h", NULL, NULL, "POST /work", "http://h:80/work", true},
		{"http://h:1/", NULL, NULL, "GET /", "http://h:1/", false},
		{"http://h:1/a?b=1,2#x", NULL, NULL, "GET /a?b=1%2C2", "http://h:1/a?b=1,2", false},
		{"http://h:1?q", NULL, NULL, "GET /?q", "http://h:1/?q", false},
		{"http://h:1", "GET", NULL, "GET /", "http://h:1/", false},
		{"http://h:1/a", NULL, "x", "POST /a", "http://h:1/a", true},
		{"http://h:1/a", "PUT", "x", "PUT /a", "http://h:1/a", true},
		{"http://h:1", "POST", NULL, "POST /work", "http://h:1/work", true},
		{"http://h:1/a", "POST", NULL, "POST /a", "http://h:1/a", true},
		{"https://[::1]:2/", "DELETE", NULL, "DELETE /", "https://[::1]:2/", false},
		{"http://[fe80::1%25lo]/", NULL, NULL, "GET /", "http://[fe80::1%25lo]:80/", false},
		{"http://h/gr\xc3\xbc\xc3\x9f", NULL, NULL, "GET /gr%C3%BC%C3%9F",
		 "http://h:80/gr%C3%BC%C3%9F", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_template template = {.method = cases[i].method,
						 .body = cases[i].body,
						 .body_len =
							 cases[i].body ? strlen(cases[i].body) : 0};
		struct http_request q;
		request_for(&q, &template, cases[i].url);
		assert_string_equal(q.op, cases[i].op);
		assert_string_equal(q.url, cases[i].sent_url);
		assert_int_equal(q.body != NULL, cases[i].has_body);
		http_request_release(&q);
	}
}

static void the_body_has_a_type(void **state)
{
	const char *const own[] = {"content-type: a/b"};
	struct http_template json = {.body = "[1]", .body_len = 3};
	const struct http_template form = {.body = "a=b", .body_len = 3};
	struct http_request q;
	(void)state;
	request_for(&q, &json, "http://h");
	assert_string_equal(http_content_type(&q), "Content-Type: application/json");
	json.headers = own;
	json.header_count = 1;
	assert_null(http_content_type(&q));
	http_request_release(&q);
	request_for(&q, &form, "http://h");
	assert_string_equal(http_content_type(&q), "Content-Type: text/plain");
	http_request_release(&q);
}

static void errno_has_a_class(void **state)
{
	(void)state;
	assert_int_equal(net_error_class(ECONNREFUSED), ERROR_REFUSED);
	assert_int_equal(net_error_class(ECONNRESET), ERROR_RESET);
	assert_int_equal(net_error_class(EPIPE), ERROR_RESET);
	assert_int_equal(net_error_class(EHOSTUNREACH), ERROR_UNREACHABLE);
	assert_int_equal(net_error_class(ETIMEDOUT), ERROR_TIMEOUT);
	assert_int_equal(net_error_class(EMFILE), ERROR_LOCAL);
	assert_int_equal(net_error_class(EADDRNOTAVAIL), ERROR_LOCAL);
}

/* What the short way takes is what hiredis makes of it; of a part, and of an answer that is not short, it takes nothing. */
static void a_short_answer_is_read_where_it_is(void **state)
{
	static const char *const all[] = {":0\r\n", ":-17\r\n", ":999999999999999999\r\n", "+OK\r\n", "+\r\n", "-MOVED 1 h:2\r\n",
					  "$0\r\n\r\n", "$5\r\na\r\nb:\r\n", "$-1\r\n"};
	static const char *const others[] = {"*1\r\n:1\r\n", ":9223372036854775807\r\n", ":\r\n", ":1x\r\n", "$-2\r\n", "$1\r\nab\r\n",
					     "+a\rb\r\n", "?1\r\n", "$99999999999\r\n"};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		redisReader *reader = redisReaderCreate();
		void *got;
		char text[64];
		size_t len = strlen(all[i]);
		redisReply r;
		for (size_t part = 0; part < len; part++) {
			memcpy(text, all[i], len);
			assert_int_equal(redis_reply_short(text, part, &r), 0);
			assert_memory_equal(text, all[i], len);
		}
		strcat(strcpy(text, all[i]), ":1\r\n"); /* and not more than one */
		assert_int_equal(redis_reply_short(text, len + 4, &r), len);
		redisReaderFeed(reader, all[i], len);
		assert_int_equal(redisReaderGetReply(reader, &got), REDIS_OK);
		const redisReply *theirs = got;
		assert_int_equal(r.type, theirs->type);
		if (r.type == REDIS_REPLY_INTEGER)
			assert_int_equal(r.integer, theirs->integer);
		else if (r.type != REDIS_REPLY_NIL)
			assert_memory_equal(r.str, theirs->str, (size_t)theirs->len + 1);
		freeReplyObject(got);
		redisReaderFree(reader);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		char text[64];
		redisReply r;
		assert_int_equal(redis_reply_short(strcpy(text, others[i]), strlen(others[i]), &r), 0);
	}
}

static void handshake_for(struct redis_command *h, const char *url, int expect)
{
	struct url u;
	struct err e;
	assert_int_equal(url_parse(url, &u, &e), 0);
	assert_int_equal(redis_handshake_init(h, &u, &e), expect);
	url_release(&u);
}

static void redis_handshake_follows_the_url(void **state)
{
	struct redis_command h;
	(void)state;
	handshake_for(&h, "redis://h", 0);
	assert_int_equal(h.count, 0);
	redis_command_release(&h);
	handshake_for(&h, "redis://:secret@h/2", 0);
	assert_int_equal(h.count, 2);
	char *said = strndup(h.text, h.len);
	assert_string_equal("*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n",
			    said);
	free(said);
	redis_command_release(&h);
	handshake_for(&h, "redis://h/two", -1);
	handshake_for(&h, "redis+sentinel://h/it", 0);
	assert_int_equal(h.count, 0);
	handshake_for(&h, "redis+sentinel://h/it/two", -1);
	redis_command_release(&h);
}

/* By CLUSTER KEYSLOT of a server. */
static void keys_have_their_slots(void **state)
{
	static const struct {
		const char *key;
		int slot;
	} keys[] = {{"123456789", 12739}, {"", 0}, {"foo", 12182}, {"{foo}", 12182}, {"a{foo}b{c}", 12182},
		    {"{}foo", 9500}, {"k:1", 10166}};
	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_int_equal(redis_key_slot(keys[i].key, strlen(keys[i].key)), keys[i].slot);
	assert_int_equal(redis_verb_key("get"), 1);
	assert_int_equal(redis_verb_key("EVAL"), 3);
	assert_int_equal(redis_verb_key("ping"), 0);
}

static int resolve(const char *url, struct net_addrs *a)
{
	struct url u;
	struct err e;
	assert_int_equal(url_parse(url, &u, &e), 0);
	int rc = net_resolve(&u, a, &e);
	if (rc)
		assert_contains(e.msg, u.host);
	url_release(&u);
	return rc;
}

static void names_become_addresses(void **state)
{
	static const struct {
		const char *url, *first, *second;
	} cases[] = {
		{"redis://127.0.0.1", "127.0.0.1:6379", NULL},
		{"http://127.1", "127.0.0.1:80", NULL},
		{"http://[0:0::1]", "[::1]:80", NULL},
		{"http://[fe80::1%25lo]", "[fe80::1%lo]:80", NULL},
		{"http://localhost", "127.0.0.1:80", "[::1]:80"},
		{"http://localhost.:81", "127.0.0.1:81", "[::1]:81"},
		{"http://a.B.localhost", "127.0.0.1:80", "[::1]:80"},
	};
	struct net_addrs a;
	char text[NET_ADDR_TEXT];
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(resolve(cases[i].url, &a), 0);
		assert_int_equal(a.count, cases[i].second ? 2 : 1);
		assert_string_equal(net_addr_text(&a.list[0], text), cases[i].first);
		if (cases[i].second)
			assert_string_equal(net_addr_text(&a.list[1], text), cases[i].second);
		net_addrs_release(&a);
	}
	assert_int_equal(resolve("http://999.1.1.1.invalid", &a), -1);
	assert_int_equal(a.count, 0);
}

static const struct transport_ops *engine_for(const char *scheme, const char *header,
					      enum http_engine wanted)
{
	struct transport_node node = {0};
	const struct http_template get = {.headers = &header, .header_count = header != NULL};
	struct transport_config c = {.nodes = &node,
				     .node_count = 1,
				     .http = {.templates = &get, .template_count = 1}};
	struct err e;
	strcpy(node.url.scheme, scheme);
	return transport_for(&c, wanted, &e);
}

static void engines_are_chosen_by_need(void **state)
{
	const char *const framing = "transfer-encoding: chunked";
	const struct transport_ops *own = engine_for("http", NULL, HTTP_ENGINE_AUTO);
	const struct transport_ops *curl = engine_for("https", NULL, HTTP_ENGINE_AUTO);
	(void)state;
	assert_non_null(own);
	assert_non_null(curl);
	assert_ptr_not_equal(own, curl);
	assert_ptr_equal(engine_for("http", "X: y", HTTP_ENGINE_OWN), own);
	assert_ptr_equal(engine_for("http", NULL, HTTP_ENGINE_CURL), curl);
	assert_ptr_equal(engine_for("http", framing, HTTP_ENGINE_AUTO), curl);
	assert_null(engine_for("http", framing, HTTP_ENGINE_OWN));
	assert_null(engine_for("https", NULL, HTTP_ENGINE_OWN));
	assert_string_equal(engine_for("redis", NULL, HTTP_ENGINE_AUTO)->name, "redis");
}

static void schemes_are_known(void **state)
{
	struct url u = {.scheme = "https"};
	(void)state;
	assert_true(transport_speaks(&u));
	strcpy(u.scheme, "ttp");
	assert_false(transport_speaks(&u));
}

static void the_request_text(const char *url, const struct http_config *c,
			     const char *const *headers, size_t header_count, const char *body,
			     const char *want)
{
	const struct http_template template = {.body = body,
					       .body_len = body ? strlen(body) : 0,
					       .headers = headers,
					       .header_count = header_count};
	struct http_request q;
	struct buf text = BUF_INIT;
	struct url u;
	struct err e;
	assert_int_equal(url_parse(url, &u, &e), 0);
	http_request_init(&q, &u, &template);
	http_request_text(&q, c, &u, &text);
	assert_string_equal(text.data, want);
	url_release(&u);
	buf_release(&text);
	http_request_release(&q);
}

static void requests_are_written_as_http_has_them(void **state)
{
	const char *const headers[] = {"user-agent: me", "Accept:", "X-Y: z"};
	const struct http_config plain = {.fresh = false};
	struct http_config secret = {.authorization = "Authorization: Bearer t", .fresh = true};
	(void)state;
	the_request_text("http://[::1]/a?b#c", &plain, NULL, 0, NULL,
			 "GET /a?b HTTP/1.1\r\nHost: [::1]\r\nUser-Agent: chaos-load/" CHAOS_VERSION
			 "\r\nAccept: */*\r\n\r\n");
	the_request_text("http://[fe80::1%25lo]:81/\xc3\xbc", &plain, NULL, 0, NULL,
			 "GET /%C3%BC HTTP/1.1\r\nHost: [fe80::1]:81\r\n"
			 "User-Agent: chaos-load/" CHAOS_VERSION "\r\nAccept: */*\r\n\r\n");
	the_request_text(
		"http://user:pa%20ss@h:81/a", &plain, headers, 3, "[]",
		"POST /a HTTP/1.1\r\nHost: h:81\r\nAuthorization: Basic dXNlcjpwYSBzcw==\r\n"
		"user-agent: me\r\nX-Y: z\r\nContent-Type: application/json\r\n"
		"Content-Length: 2\r\n\r\n[]");
	the_request_text("http://h/", &secret, NULL, 0, NULL,
			 "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n"
			 "User-Agent: chaos-load/" CHAOS_VERSION
			 "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

/* Two nodes on the command line and a third that only one line names. */
static void plan_for(struct http_plan *p, struct transport_config *c, struct transport_node *nodes,
		     struct http_template *templates)
{
	for (size_t i = 0; i < 3; i++)
		strcpy(nodes[i].url.scheme, "http");
	for (size_t i = 0; i < 3; i++)
		templates[i] =
			(struct http_template){.path = "/a", .node = i < 2 ? HTTP_ANY_NODE : 2};
	*c = (struct transport_config){
		.nodes = nodes,
		.node_count = 3,
		.seed = 1,
		.http = {.templates = templates, .template_count = 3, .any_count = 2}};
	http_plan_init(p, c);
}

static void templates_take_turns_over_the_nodes(void **state)
{
	struct transport_node nodes[3] = {0};
	struct http_template templates[3];
	struct transport_config c;
	struct http_plan p;
	int seen[3][3] = {{0}};
	(void)state;
	plan_for(&p, &c, nodes, templates);
	for (uint64_t slot = 0; slot < 600; slot++) {
		struct request r = {.slot = slot};
		http_plan_route(&p, &r);
		assert_int_equal(r.op, slot % 3);
		seen[r.op][r.node]++;
	}
	for (int op = 0; op < 2; op++)
		assert_true(seen[op][0] == 100 && seen[op][1] == 100 && seen[op][2] == 0);
	assert_int_equal(seen[2][2], 200);
	http_plan_release(&p);
}

static void templates_are_drawn_by_their_weights_and_the_seed(void **state)
{
	struct transport_node nodes[3] = {0};
	struct http_template templates[3];
	struct transport_config c;
	struct http_plan p;
	int count[3] = {0}, other = 0;
	(void)state;
	plan_for(&p, &c, nodes, templates);
	http_plan_release(&p);
	templates[0].weight = 7;
	templates[1].weight = 2;
	templates[2].weight = 1;
	http_plan_init(&p, &c);
	for (uint64_t slot = 0; slot < 10000; slot++) {
		struct request r = {.slot = slot}, again = {.slot = slot};
		http_plan_route(&p, &r);
		http_plan_route(&p, &again);
		assert_int_equal(r.op, again.op);
		assert_int_equal(r.node, again.node);
		count[r.op]++;
		p.mix.seed = 2;
		http_plan_route(&p, &again);
		p.mix.seed = 1;
		other += again.op != r.op;
	}
	assert_in_range(count[0], 6800, 7200);
	assert_in_range(count[1], 1800, 2200);
	assert_in_range(count[2], 800, 1200);
	assert_true(other > 1000);
	http_plan_release(&p);
}

static void answers_are_judged_by_their_status(void **state)
{
	struct http_expect only_2xx = {.ok = {[200] = true, [204] = true}};
	static const struct {
		int status;
		enum error_class plain, expecting;
	} cases[] = {
		{200, ERROR_NONE, ERROR_NONE},
		{302, ERROR_NONE, ERROR_HTTP_OTHER},
		{204, ERROR_NONE, ERROR_NONE},
		{404, ERROR_HTTP_4XX, ERROR_HTTP_4XX},
		{503, ERROR_HTTP_5XX, ERROR_HTTP_5XX},
		{700, ERROR_HTTP_OTHER, ERROR_HTTP_OTHER},
		{199, ERROR_HTTP_OTHER, ERROR_HTTP_OTHER},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request r = {.status = cases[i].status};
		struct http_template t = {.expect = NULL};
		struct http_find none = {.text = NULL}, lacks = {.text = "x", .len = 1};
		http_judge(&t, &none, &r);
		assert_int_equal(r.error, cases[i].plain);
		http_judge(&t, &lacks, &r);
		assert_int_equal(r.error, cases[i].plain ? cases[i].plain : ERROR_HTTP_CONTENT);
		t.expect = &only_2xx;
		http_judge(&t, &none, &r);
		assert_int_equal(r.error, cases[i].expecting);
		request_forget(&r);
	}
}

static void a_detail_is_cut_and_gone_with_the_next_request(void **state)
{
	char longer[2 * ERROR_DETAIL_MAX];
	struct request r = {0};
	(void)state;
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	request_begin(&r, 1);
	assert_null(r.detail);
	request_fail(&r, ERROR_RESET, longer);
	assert_int_equal(r.error, ERROR_RESET);
	assert_int_equal(strlen(r.detail), ERROR_DETAIL_MAX);
	request_failf(&r, ERROR_TIMEOUT, "%s within %d s", "no answer", 2);
	assert_int_equal(r.error, ERROR_TIMEOUT);
	assert_string_equal(r.detail, "no answer within 2 s");
	request_begin(&r, 2);
	assert_int_equal(r.error, ERROR_NONE);
	assert_string_equal(r.detail, "");
	request_forget(&r);
}

/* Wherever the pieces of a body are cut. */
static void text_is_found_across_pieces(void **state)
{
	static const struct {
		const char *body, *text;
		bool found;
	} cases[] = {
		{"hello world", "o w", true},	  {"aaaaaab", "aaab", true},
		{"ababababaca", "ababaca", true}, {"xxabcabcabd", "abcabd", true},
		{"hello", "hello!", false},	  {"abcabcab", "abcabd", false},
		{"", "a", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t piece = 1; piece <= 12; piece++) {
			const char *body = cases[i].body;
			struct http_find f;
			http_find_start(&f, cases[i].text);
			for (size_t at = 0, len = strlen(body); at < len; at += piece)
				http_find_in(&f, body + at, len - at < piece ? len - at : piece);
			assert_int_equal(f.found, cases[i].found);
		}
}

static char *pattern(const char *text, uint64_t slot, uint64_t seed)
{
	struct buf b = BUF_INIT;
	pattern_write(text, strlen(text), slot, seed, &b);
	return buf_detach(&b);
}

static void placeholders_are_functions_of_slot_and_seed(void **state)
{
	static const char text[] = "{\"a\":{slot},{seq 4} {seq 0} {rand 3 5}{rand 3 5}{rand 5 3}";
	int seen[3] = {0}, other = 0;
	struct err e;
	(void)state;
	for (uint64_t slot = 0; slot < 3000; slot++) {
		char *one = pattern(text, slot, 1), *again = pattern(text, slot, 1);
		char *seed = pattern(text, slot, 2), want[80];
		int n = *(strchr(one, ' ') + strlen(" {seq 0} ")) - '0';
		assert_in_range(n, 3, 5);
		snprintf(want, sizeof want, "{\"a\":%d,%d {seq 0} %d%d{rand 5 3}", (int)slot,
			 (int)slot % 4, n, n);
		assert_string_equal(one, want);
		assert_string_equal(one, again);
		seen[n - 3]++;
		other += strcmp(one, seed) != 0;
		free(one);
		free(again);
		free(seed);
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(seen[i], 900, 1100);
	assert_in_range(other, 1800, 2200);
	char *wide = pattern("{slot 4}{seed 3}{seed}{slot 0}{sold 3}", 17, 5);
	assert_string_equal(wide, "00170055{slot 0}{sold 3}");
	free(wide);
	assert_true(pattern_unique("/i/{seed}-{slot 12}", 19) && !pattern_unique("/i/{seed}{seq 3}", 16));
	assert_int_equal(pattern_check("{slot 21}", 9, &e), -1);
	assert_int_equal(pattern_check("{id} { user { name } } {\"a\":1} {slot}", 38, &e), 0);
	assert_int_equal(pattern_check("a{sloth}", 8, &e), -1);
	assert_contains(e.msg, "did you mean '{slot}'?");
	assert_int_equal(pattern_check("{seq 0}", 7, &e), -1);
	assert_int_equal(pattern_check("{rand 9 1}", 10, &e), -1);
}

static char *value_of(const char *name)
{
	static char value[] = "{slot} \"{sloth}\"\\\t";
	return strcmp(name, "A") == 0 ? value : NULL;
}

static void values_of_variables_are_text(void **state)
{
	static const struct {
		const char *body, *sent;
	} cases[] = {
		{"{\"n\":{slot},\"a\":\"x ${env A}\",\"b\\\"\":\"${env A}\"}",
		 "{\"n\":7,\"a\":\"x {slot} \\\"{sloth}\\\"\\\\\\u0009\","
		 "\"b\\\"\":\"{slot} \\\"{sloth}\\\"\\\\\\u0009\"}"},
		{" [${env A},{slot}]", " [{slot} \"{sloth}\"\\\t,7]"},
		{"\"${env A}\" ", "\"{slot} \\\"{sloth}\\\"\\\\\\u0009\" "},
		{"\"${env A}\",\"\"", "\"{slot} \"{sloth}\"\\\t\",\"\""},
		{"a=\"${env A}\"&b=${env B:-{slot}}", "a=\"{slot} \"{sloth}\"\\\t\"&b=7"},
	};
	struct err e;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request_mix a = {.value_of = value_of};
		assert_int_equal(request_mix_one(&a, "POST", cases[i].body, &e), 0);
		struct buf sent = BUF_INIT;
		pattern_write(a.lines[0].body.data, a.lines[0].body.len, 7, 1, &sent);
		assert_string_equal(sent.data, cases[i].sent);
		buf_release(&sent);
		request_mix_release(&a);
	}
	struct request_mix a = {.value_of = value_of};
	assert_int_equal(request_mix_one(&a, "POST", "{sloth ${env A}}", &e), -1);
	assert_null(strchr(e.msg, '\\'));
	request_mix_release(&a);
}

/* Of a connection that has had more commands than 32 bits count. */
static void a_pipe_keeps_its_order_however_many_went_through(void **state)
{
	(void)state;
	const struct redis_command command = {.text = (char[]){"x"}, .len = 1, .count = 1};
	int whose[3];
	struct redis_pipe p;
	size_t len;
	redis_pipe_init(&p, 3);
	p.head = p.sent = p.tail = UINT32_MAX - (uint32_t)1;
	for (size_t i = 0; i < 3; i++)
		redis_pipe_add(&p, &command, &whose[i], NULL);
	assert_memory_equal(redis_pipe_next(&p, &len), "xxx", 3);
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(redis_pipe_oldest(&p));
		assert_ptr_equal(redis_pipe_take(&p)->of, &whose[i]);
	}
	redis_pipe_release(&p);
}

/* In a ring that has no place to spare, with commands of the pipe's own. */
static void what_was_given_up_before_it_was_sent_leaves_its_place(void **state)
{
	(void)state;
	int whose[5];
	struct redis_pipe p;
	size_t len;
	redis_pipe_init(&p, 4);
	for (int i = 0; i < 5; i++) {
		struct redis_command *own = redis_pipe_own(&p);
		redis_command_reset(own);
		redis_command_begin(own, 1);
		redis_command_word(own, (const char *[]){"a", "b", "c", "d", "e"}[i], 1);
		redis_pipe_add(&p, own, &whose[i], NULL);
		if (i == 3)
			redis_pipe_give_up(&p, &whose[1]);
	}
	const char *out = redis_pipe_next(&p, &len);
	const char expected[] = "*1\r\n$1\r\na\r\n*1\r\n$1\r\nc\r\n*1\r\n$1\r\nd\r\n*1\r\n$1\r\ne\r\n";
	assert_int_equal(len, sizeof expected - 1);
	assert_memory_equal(out, expected, len);
	redis_pipe_next(&p, &len);
	assert_int_equal(len, 0);
	for (int i = 0; i < 5; i += 1 + !i)
		assert_ptr_equal(redis_pipe_take(&p)->of, &whose[i]);
	redis_pipe_release(&p);
}

/* As of a request whose memory has become that of the next one. */
static void of_two_commands_of_one_owner_the_one_that_is_left_is_given_up(void **state)
{
	(void)state;
	int whose, other;
	struct redis_pipe p;
	size_t len;
	redis_pipe_init(&p, 4);
	for (int i = 0; i < 3; i++) {
		struct redis_command *own = redis_pipe_own(&p);
		redis_command_reset(own);
		redis_command_begin(own, 1);
		redis_command_word(own, (const char *[]){"a", "b", "c"}[i], 1);
		redis_pipe_add(&p, own, i == 2 ? &other : &whose, NULL);
		if (i == 0)
			redis_pipe_next(&p, &len);
		if (i < 2)
			redis_pipe_give_up(&p, &whose);
	}
	const char *out = redis_pipe_next(&p, &len);
	const char expected[] = "*1\r\n$1\r\nc\r\n";
	assert_int_equal(len, sizeof expected - 1);
	assert_memory_equal(out, expected, len);
	redis_pipe_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_answer_is_read_where_it_is),
		cmocka_unit_test(the_request_follows_url_and_options),
		cmocka_unit_test(the_body_has_a_type),
		cmocka_unit_test(text_is_found_across_pieces),
		cmocka_unit_test(placeholders_are_functions_of_slot_and_seed),
		cmocka_unit_test(values_of_variables_are_text),
		cmocka_unit_test(errno_has_a_class),
		cmocka_unit_test(redis_handshake_follows_the_url),
		cmocka_unit_test(keys_have_their_slots),
		cmocka_unit_test(a_pipe_keeps_its_order_however_many_went_through),
		cmocka_unit_test(what_was_given_up_before_it_was_sent_leaves_its_place),
		cmocka_unit_test(of_two_commands_of_one_owner_the_one_that_is_left_is_given_up),
		cmocka_unit_test(names_become_addresses),
		cmocka_unit_test(engines_are_chosen_by_need),
		cmocka_unit_test(schemes_are_known),
		cmocka_unit_test(requests_are_written_as_http_has_them),
		cmocka_unit_test(templates_take_turns_over_the_nodes),
		cmocka_unit_test(templates_are_drawn_by_their_weights_and_the_seed),
		cmocka_unit_test(answers_are_judged_by_their_status),
		cmocka_unit_test(a_detail_is_cut_and_gone_with_the_next_request),
	};
	return RUN_GROUP(tests);
}
