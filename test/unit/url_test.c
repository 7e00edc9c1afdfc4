#include "base/buf.h"
#include "url/url.h"
#include "url/url_host.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void parts(void **state)
{
	(void)state;
	static const struct {
		const char *text, *scheme, *user, *password, *host;
		int port;
		const char *path;
	} cases[] = {
		{"http://localhost:8001", "http", "", "", "localhost", 8001, ""},
		{"HTTP://LocalHost", "http", "", "", "localhost", 80, ""},
		{"https://a.example/", "https", "", "", "a.example", 443, "/"},
		{"redis://127.0.0.1", "redis", "", "", "127.0.0.1", 6379, ""},
		{"redis://:s3cret@h:7000/2", "redis", "", "s3cret", "h", 7000, "/2"},
		{"redis://u:p%40s%2Fs@h", "redis", "u", "p@s/s", "h", 6379, ""},
		{"http://u@h", "http", "u", "", "h", 80, ""},
		{"http://u:a:b@h", "http", "u", "a:b", "h", 80, ""},
		{"http://[::1]:8001/x?y=1#z", "http", "", "", "::1", 8001, "/x?y=1"},
		{"http://[fe80::1]", "http", "", "", "fe80::1", 80, ""},
		{"http://[FE80:0::0:1%25eth0]", "http", "", "", "fe80::1", 80, ""},
		{"http://127.1", "http", "", "", "127.0.0.1", 80, ""},
		{"http://a.localhost.", "http", "", "", "a.localhost", 80, ""},
		{"http://h.example.", "http", "", "", "h.example.", 80, ""},
		{"http://0x7f000001", "http", "", "", "127.0.0.1", 80, ""},
		{"http://2130706433", "http", "", "", "127.0.0.1", 80, ""},
		{"http://127.1.example", "http", "", "", "127.1.example", 80, ""},
		{"http://b\xc3\xbc"
		 "cher.Example",
		 "http", "", "", "xn--bcher-kva.example", 80, ""},
		{"http://B\xc3\x9c" "CHER.example", "http", "", "", "xn--bcher-kva.example", 80, ""},
		{"http://\xd0\x9f\xd0\xa0\xd0\x98\xd0\x9c\xd0\x95\xd0\xa0", "http", "", "", "xn--e1afmkfd", 80, ""},
		{"http://m\xc3\xbcnchen-\xc3\xb6st", "http", "", "", "xn--mnchen-st-67a3d", 80, ""},
		{"http://\xe6\x97\xa5\xe6\x9c\xac", "http", "", "", "xn--wgv71a", 80, ""},
		{"http://h?q=a@b:c", "http", "", "", "h", 80, "/?q=a@b:c"},
		{"http://h#f", "http", "", "", "h", 80, ""},
		{"http://h:065535", "http", "", "", "h", 65535, ""},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;
		struct err e = {0};
		if (url_parse(cases[i].text, &u, &e))
			fail_msg("%s: %s", cases[i].text, e.msg);
		assert_string_equal(u.scheme, cases[i].scheme);
		assert_string_equal(u.user, cases[i].user);
		assert_string_equal(u.password, cases[i].password);
		assert_string_equal(u.host, cases[i].host);
		assert_int_equal(u.port, cases[i].port);
		assert_string_equal(u.path, cases[i].path);
		url_release(&u);
	}
}

static void names_are_small(void **state)
{
	(void)state;
	/* Latin of Western Europe, Vietnam, Romania, Azerbaijan, Hausa, Ewe; pinyin; Greek; Cyrillic */
	static const char *const names[][2] = {
		{"ŸẞŒŽŁÞ", "ÿßœžłþ"}, {"ƠƯẾĐ", "ơưếđ"}, {"ȘȚĂ", "șță"}, {"ƏĞ", "əğ"}, {"ƁƊƘƳ", "ɓɗƙƴ"},
		{"ƉƐƑƔƆƲŊ", "ɖɛƒɣɔʋŋ"}, {"ǍǙǦȲ", "ǎǚǧȳ"}, {"ΆΈΉΊΌΎΏΪΩ", "άέήίόύώϊω"}, {"ЁЖҐӀӁӍӘ", "ёжґӏӂӎә"},
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char host[2][64], zone[16];
		for (int k = 0; k < 2; k++) {
			strcpy(host[k], names[i][k]);
			assert_int_equal(url_host_normalise(host[k], sizeof host[k], zone, sizeof zone), 0);
		}
		assert_string_equal(host[0], host[1]);
	}
}

static void bad_ones_say_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "not a URL"},
		{"localhost:8001", "not a URL"},
		{"://h", "not a URL"},
		{"htp://h", "did you mean 'http'?"},
		{"redsi://h", "did you mean 'redis'?"},
		{"ftp://h", "unknown scheme 'ftp'"},
		{"averyveryverylongscheme://h", "unknown scheme"},
		{"http://", "no host"},
		{"http:///x", "no host"},
		{"http://:80", "no host"},
		{"http://[]:80", "no host"},
		{"http://[::1", "bad host"},
		{"http://[::g]", "bad host"},
		{"http://[1]", "bad host"},
		{"http://[fe80::1%]", "bad host"},
		{"http://a\xff", "bad host"},
		{"http://[::1]80", "bad host"},
		{"http://::1:80", "bad host"},
		{"http://h:", "bad port"},
		{"http://h:0", "bad port"},
		{"http://h:65536", "bad port"},
		{"http://h:-1", "bad port"},
		{"http://h:80x", "bad port"},
		{"http://h:99999999999999999999", "bad port"},
		{"http://a b/", "blank or control character; write %20"},
		{"http://h/a\r\nX: y", "write %0D"},
		{"redis://:%zz@h", "two hexadecimal digits"},
		{"redis://:a%0@h", "two hexadecimal digits"},
		{"redis://:a%00b@h", "two hexadecimal digits"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;
		struct err e = {0};
		if (url_parse(cases[i].text, &u, &e) == 0)
			fail_msg("'%s' was accepted", cases[i].text);
		assert_int_equal(e.code, EXIT_USAGE);
		assert_contains(e.msg, cases[i].why);
	}
}

/* Parts that are too long are refused, never cut, and never overflow. */
static void long_parts(void **state)
{
	(void)state;
	static const char *const shapes[] = {"http://%s",   "http://h/%s",   "http://h?%s",
					     "http://%s@h", "http://u:%s@h", "http://h:%s",
					     "%s://h",	    "http://[%s]"};
	for (size_t n = 1; n < 1400; n++) {
		char part[1400];
		memset(part, '9', n);
		part[n] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
			struct buf text = BUF_INIT;
			const char *at = strstr(shapes[i], "%s");
			buf_add(&text, shapes[i], (size_t)(at - shapes[i]));
			buf_addstr(&text, part);
			buf_addstr(&text, at + 2);
			struct url u;
			struct err e = {0};
			if (url_parse(text.data, &u, &e) == 0 && i == 1)
				assert_int_equal(strlen(u.path), n + 1);
			url_release(&u);
			buf_release(&text);
		}
	}
}

/* A token may be 64 KB long, whatever it becomes as %XX. */
static void long_secrets(void **state)
{
	(void)state;
	for (size_t n = 65535; n < 65538; n++)
		for (int as_user = 0; as_user < 2; as_user++) {
			struct buf text = BUF_INIT;
			struct url u;
			struct err e = {0};
			buf_addstr(&text, as_user ? "http://" : "http://u:");
			for (size_t i = 0; i < n; i++)
				buf_addstr(&text, "%40");
			buf_addstr(&text, "@h/");
			int rc = url_parse(text.data, &u, &e);
			assert_int_equal(rc, n > 65536 ? -1 : 0);
			if (rc == 0)
				assert_int_equal(strlen(as_user ? u.user : u.password), n);
			else
				assert_contains(e.msg, "longer than 65536 bytes");
			url_release(&u);
			buf_release(&text);
		}
}

static void loopback(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{"http://localhost", true},
		{"http://LOCALHOST", true},
		{"http://127.0.0.1", true},
		{"http://127.9.9.9", true},
		{"http://[::1]", true},
		{"http://128.0.0.1", false},
		{"http://127.evil.example", false},
		{"http://localhost.evil.example", false},
		{"http://10.0.0.1", false},
		{"http://127", false},
		{"http://localhost.", true},
		{"http://a.b.localhost:1", true},
		{"http://notlocalhost", false},
		{"http://[0:0:0::0:1]", true},
		{"http://[::ffff:127.0.0.2]", true},
		{"http://127.1", true},
		{"http://0x7f.1", true},
		{"http://2130706433", true},
		{"http://0.0.0.0", true},
		{"http://[::]", true},
		{"http://[::2]", false},
		{"http://[::ffff:10.0.0.1]", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;
		struct err e;
		assert_int_equal(url_parse(cases[i].text, &u, &e), 0);
		if (url_is_loopback(&u) != cases[i].want)
			fail_msg("%s", cases[i].text);
		url_release(&u);
	}
}

static void same_node(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{"http://localhost:8001", "http://127.0.0.1:8001", true},
		{"http://localhost:8001", "http://[::1]:8001/", true},
		{"http://localhost:8001/work", "http://localhost:8001/health?x", true},
		{"http://h", "http://h:80", true},
		{"redis://h", "redis://:pw@h:6379/1", true},
		{"http://H.example", "HTTP://h.EXAMPLE", true},
		{"http://localhost:8001", "http://localhost:8002", false},
		{"http://localhost:443", "https://localhost:443", false},
		{"http://localhost:6379", "redis://localhost:6379", false},
		{"http://127.0.0.2", "http://127.0.0.1", false},
		{"http://localhost.", "http://127.1", true},
		{"http://[0::1]", "http://localhost", true},
		{"http://[::ffff:10.0.0.1]", "http://10.0.0.1", true},
		{"http://[fe80::1%25a]", "http://[fe80::1%a]", true},
		{"http://[fe80::1%25a]", "http://[fe80::1%25b]", false},
		{"http://b\xc3\xbc"
		 "cher",
		 "http://xn--bcher-kva", true},
		{"http://a.localhost", "http://b.localhost", false},
		{"http://a", "http://b", false},
		{"node-1", "node-1", true},
		{"node-1", "node-2", false},
		{"node-1", "http://node-1", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (url_same_node(cases[i].a, cases[i].b) != cases[i].want ||
		    url_same_node(cases[i].b, cases[i].a) != cases[i].want)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
	}
}

static void what_is_shown_has_no_password(void **state)
{
	(void)state;
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"http://localhost:8001/x@y", "http://localhost:8001/x@y"},
		{"redis://:pw@h:7000/2", "redis://h:7000/2"},
		{"redis://u:p@w@H/?q=a@b", "redis://H/?q=a@b"},
		{"http://u@[::1]:1", "http://[::1]:1"},
		{"redis://:p/w@h", "redis://h"},
		{"redsi://u:pw@h", "redsi://h"},
		{"redis:/u:pw@h", "h"},
		{"u:pw@h", "h"},
		{"node-1", "node-1"},
		{"", ""},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;
		struct err e = {0};
		char *shown = url_public(cases[i].text);
		assert_string_equal(shown, cases[i].shown);
		free(shown);
		if (url_parse(cases[i].text, &u, &e))
			assert_null(strstr(e.msg, "pw"));
		url_release(&u);
	}
	char *all = url_public_all("a: redis://:pw@h # x@y\nb: [http://u:p@g/@, \"http://i\"]\n");
	assert_string_equal(all, "a: redis://h # x@y\nb: [http://g/@, \"http://i\"]\n");
	free(all);
	struct url u = {.password = "pw"}, none = {.password = ""};
	char *word = url_hide_password(&u, "a pw, pwd"), *same = url_hide_password(&none, "a pw");
	assert_string_equal(word, "a ***, ***d");
	assert_string_equal(same, "a pw");
	free(word);
	free(same);
	struct url odd = {.password = "p%2:@"};
	word = url_hide_password(&odd, "--a=p%2:@ p%252%3a%40 %70%25%32:%40 p%252%3a%4 p%2");
	assert_string_equal(word, "--a=*** *** *** p%252%3a%4 p%2");
	free(word);
}

static void a_socket_is_a_host(void **state)
{
	static const struct {
		const char *text, *host, *user, *password, *path; /* host NULL: it is none */
	} cases[] = {
		{"unix:///run/r.sock", "/run/r.sock", "", "", ""},
		{"unix://me:p%2Fw@/run/r.sock?db=2", "/run/r.sock", "me", "p/w", "/2"},
		{"unix://:pw@/r?db=1#x", "/r", "", "pw", "/1"},
		{"unix://run/r.sock", NULL, "", "", ""},
		{"unix:///", NULL, "", "", ""},
		{"unix://me:pw@h/r", NULL, "", "", ""},
		{"unix:///r?password=pw", NULL, "", "", ""},
	};
	struct url u;
	struct err e;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int rc = url_parse(cases[i].text, &u, &e);
		assert_int_equal(rc, cases[i].host ? 0 : -1);
		if (rc)
			assert_null(strstr(e.msg, "pw"));
		if (rc)
			continue;
		assert_string_equal(u.host, cases[i].host);
		assert_string_equal(u.user, cases[i].user);
		assert_string_equal(u.password, cases[i].password);
		assert_string_equal(u.path, cases[i].path);
		assert_true(url_is_redis(&u) && url_is_unix(&u) && !url_is_tls(&u));
		url_release(&u);
	}
	assert_true(url_same_node("unix:///run/r.sock", "unix://:pw@/run/r.sock?db=1"));
	assert_false(url_same_node("unix:///run/r.sock", "unix:///run/s.sock"));
	char *shown = url_public("unix://me:p%2Fw@/run/r.sock?db=2");
	assert_string_equal(shown, "unix:///run/r.sock?db=2");
	free(shown);
	assert_int_equal(url_parse("rediss+sentinel://a,b/it", &u, &e), 0);
	assert_true(url_is_redis(&u) && url_is_tls(&u) && url_is_topology(&u) && !url_is_unix(&u));
	url_release(&u);
}

static void a_topology_has_several_hosts(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		int port;
	} hosts[] = {{"a", 26379}, {"::1", 7}, {"127.0.0.1", 26379}, {"d", 9}};
	struct url u, one;
	struct err e;
	assert_int_equal(url_parse("redis+sentinel://me:p%2Cw@a,[::1]:7,127.1,D:9/it/2", &u, &e), 0);
	assert_string_equal(u.password, "p,w");
	assert_string_equal(u.path, "/it/2");
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		assert_int_equal(url_nth_host(&u, i, &one), 0);
		assert_string_equal(one.scheme, "redis");
		assert_string_equal(one.host, hosts[i].host);
		assert_int_equal(one.port, hosts[i].port);
		url_release(&one);
	}
	assert_int_equal(url_nth_host(&u, 4, &one), -1);
	url_release(&u);
	assert_int_equal(url_parse("redis+cluster://a,", &u, &e), -1);
	assert_int_equal(url_parse("redis+cluster://a,b:0", &u, &e), -1);
	assert_int_equal(url_parse("redis://a,b", &u, &e), -1);
	char *public = url_public("redis+cluster://me:pw@a:1,b:2");
	assert_string_equal(public, "redis+cluster://a:1,b:2");
	free(public);
}

static void fields_need_no_quotes(void **state)
{
	(void)state;
	char every[256], out[3 * 256 + 1];
	for (int c = 1; c < 256; c++)
		every[c - 1] = (char)c;
	every[255] = '\0';
	url_escape_field(every, out);
	for (const char *c = out; *c; c++)
		assert_true(*c > ' ' && *c < 127 && *c != '"' && *c != ',');
	url_escape_field("POST /a,b \"c\"\n", out);
	assert_string_equal(out, "POST%20/a%2Cb%20%22c%22%0A");
	url_escape_field("http://localhost:8001/x?y=%20", out);
	assert_string_equal(out, "http://localhost:8001/x?y=%20");
	url_escape_field("GET /%20/{rand 1 9}/{slot}?q=%20", out);
	url_show_braces(out);
	assert_string_equal(out, "GET%20/%20/{rand 1 9}/{slot}?q=%20");
}

int main(void)
{
	static const struct CMUnitTest url[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(names_are_small),
		cmocka_unit_test(bad_ones_say_what_is_wrong),
		cmocka_unit_test(long_parts),
		cmocka_unit_test(long_secrets),
		cmocka_unit_test(loopback),
		cmocka_unit_test(same_node),
		cmocka_unit_test(a_socket_is_a_host),
		cmocka_unit_test(a_topology_has_several_hosts),
		cmocka_unit_test(fields_need_no_quotes),
		cmocka_unit_test(what_is_shown_has_no_password),
	};
	return RUN_GROUP(url);
}
