#include "base/buf.h"
#include "base/units.h"
#include "conf/yaml.h"

#include "unit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct yaml_doc *parse(const char *text)
{
	struct err e;
	struct yaml_doc *doc = yaml_parse(text, strlen(text), "f.yaml", &e);
	if (!doc)
		fail_msg("%s", e.msg);
	return doc;
}

static void refused(const char *text, const char *message)
{
	struct err e = {0};
	struct yaml_doc *doc = yaml_parse(text, strlen(text), "f.yaml", &e);
	assert_null(doc);
	assert_int_equal(e.code, EXIT_USAGE);
	assert_says(e.msg, message);
}

static void every_place_is_known(void **state)
{
	(void)state;
	struct yaml_doc *doc = parse("a: 1\nlist:\n  - x\n  - {k: v, \"q\": 'w'}\n\u00e4\u00f6: here\n");
	struct ynode root = yaml_root(doc), list = ynode_get(root, "list"), key, value;
	assert_int_equal(ynode_kind(root), YNODE_MAP);
	assert_int_equal(ynode_count(root), 3);
	assert_int_equal(ynode_kind(list), YNODE_LIST);
	assert_int_equal(ynode_count(list), 2);
	assert_string_equal(ynode_text(ynode_item(list, 0)), "x");
	assert_int_equal(ynode_line(ynode_item(list, 0)), 3);
	assert_int_equal(ynode_column(ynode_item(list, 0)), 5);
	ynode_pair(ynode_item(list, 1), 1, &key, &value);
	assert_string_equal(ynode_text(key), "q");
	assert_int_equal(ynode_line(value), 4);
	assert_int_equal(ynode_column(value), 17);
	ynode_pair(root, 2, &key, &value); /* columns count characters, not bytes */
	assert_int_equal(ynode_column(value), 5);

	struct ynode none = ynode_get(root, "absent");
	assert_int_equal(ynode_kind(none), YNODE_NONE);
	assert_null(ynode_text(none));
	assert_true(ynode_is_null(none));
	assert_int_equal(ynode_line(none), 0);
	assert_int_equal(ynode_count(none), 0);
	assert_int_equal(ynode_kind(ynode_item(list, 2)), YNODE_NONE);
	assert_int_equal(ynode_kind(ynode_item(root, 0)), YNODE_NONE);
	assert_int_equal(ynode_kind(ynode_get(list, "x")), YNODE_NONE);
	ynode_pair(root, 3, &key, &value);
	assert_int_equal(ynode_kind(key), YNODE_NONE);
	assert_null(ynode_text(list));
	struct err e;
	ynode_err(none, &e, "is missing");
	assert_says(e.msg, "f.yaml:|missing");
	yaml_doc_free(doc);
	yaml_doc_free(NULL);
}

static void nulls(void **state)
{
	(void)state;
	struct yaml_doc *doc = parse("- \n- ~\n- null\n- NULL\n- Null\n- ''\n- 'null'\n- [x]\n- {}\n- nullx\n");
	struct ynode root = yaml_root(doc);
	for (size_t i = 0; i < ynode_count(root); i++)
		assert_int_equal(ynode_is_null(ynode_item(root, i)), i < 5);
	yaml_doc_free(doc);
}

static void broken_documents(void **state)
{
	(void)state;
	refused("a:\n  b: 1\n c: 2\n", "f.yaml:3:2:|key|indented");
	refused("", "f.yaml:1:1:|empty");
	refused("# nothing but a comment\n", "f.yaml:1:1:|empty");
	refused("a: 1\nb: [1, 2\nc: 3\n", "f.yaml:3:");
	refused("a: 1\n\tb: 2\n", "f.yaml:2:1: ");
	refused("a: \"open\nb: 1\n", "f.yaml:");
	refused("a: *nowhere\n", "f.yaml:1:4:|alias");
	refused("\xff\xfe \x80x", "f.yaml:|UTF-8|byte ");
	refused("a: \xc3\x28\n", "f.yaml:|UTF-8|byte ");
	refused("a: 1\n---\nb: 2\n", "f.yaml:2:1:|second document");
	refused("a: 1\n---\n[\n", "f.yaml:4:");
	refused("- a\n- \"b\\0c\"\n", "f.yaml:2:3:|NUL");
	struct yaml_doc *doc = parse("--- # one document\na: 1\n...\n# and an end\n");
	yaml_doc_free(doc);
	struct err e;
	assert_null(yaml_load("/no/such/file.yaml", &e));
	assert_int_equal(e.code, EXIT_USAGE);
	assert_says(e.msg, "|'/no/such/file.yaml'|No such file or directory");
}

/* Aliases may make a tree of any size out of a few bytes; nobody walks it unasked. */
static void a_bomb_stays_small(void **state)
{
	(void)state;
	struct buf b = BUF_INIT;
	buf_addstr(&b, "a0: &a0 [x]\n");
	for (int i = 1; i < 40; i++)
		buf_addf(&b, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1, i - 1);
	buf_addstr(&b, "loop: &l [*l]\n");
	struct yaml_doc *doc = parse(b.data);
	assert_int_equal(ynode_count(ynode_get(yaml_root(doc), "a39")), 3);
	yaml_doc_free(doc);
	buf_release(&b);
}

/* Each of these took libyaml more than a minute. */
static void depth_and_anchors_are_bounded(void **state)
{
	static const struct {
		const char *piece, *why;
	} cases[] = {
		{"[", "f.yaml:1:65:|64|lists|tables"},
		{"{a: ", "f.yaml:1:257:|64|lists|tables"},
		{"- ", "f.yaml:1:129:|64|lists|tables"},
		{"? ", "f.yaml:1:129:|64|lists|tables"},
	};
	struct buf text = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		buf_reset(&text);
		while (text.len < 400000)
			buf_addstr(&text, cases[i].piece);
		refused(text.data, cases[i].why);
	}
	buf_reset(&text);
	for (int i = 0; i < 100000; i++)
		buf_addf(&text, "- &a%d\n", i);
	refused(text.data, "f.yaml:1001:3:|1000|anchors");
	buf_release(&text);
}

static void keys_are_checked(void **state)
{
	(void)state;
	static const char *const known[] = {"name", "phases", "duration", NULL};
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"nmae: x\n", "f.yaml:1:1:|'nmae'|'name'?"},
		{"name: x\nzebra: y\n", "f.yaml:2:1:|key|'zebra'|name, phases, duration"},
		{"name: x\nphases: y\nname: z\n",
		 "f.yaml:3:1:|'name'|line 1"},
		{"[1, 2]: x\n", "f.yaml:1:1:|key|word"},
		{"- name\n", "f.yaml:1:1:|table|'key: value'"},
		{"word\n", "f.yaml:1:1:|table|'key: value'"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct yaml_doc *doc = parse(cases[i].text);
		struct err e = {0};
		assert_int_equal(ynode_check_keys(yaml_root(doc), known, &e), -1);
		assert_says(e.msg, cases[i].message);
		assert_int_equal(e.code, EXIT_USAGE);
		yaml_doc_free(doc);
	}
	struct yaml_doc *doc = parse("{duration: 1, name: 2}\n");
	struct err e;
	assert_int_equal(ynode_check_keys(yaml_root(doc), known, &e), 0);
	yaml_doc_free(doc);
}

static void typed_readers(void **state)
{
	(void)state;
	struct yaml_doc *doc = parse("d: 0.5\ni: 42\nb: off\ns: 1m30s\nt: hello\nq: \"7\"\nn: ~\nl: [x]\n"
				     "neg: -3\nbig: 99999999999999999999\nyes: TRUE\n");
	struct ynode r = yaml_root(doc);
	struct err e = {0};
	double d = 9;
	int64_t i = 9, ns = 9;
	bool b = true;
	const char *t = "before";
	assert_int_equal(ynode_double(ynode_get(r, "d"), 0, 1, &d, &e), 0);
	assert_true(fabs(d - 0.5) < 1e-12);
	assert_int_equal(ynode_int(ynode_get(r, "i"), 1, 100, &i, &e), 0);
	assert_int_equal(i, 42);
	assert_int_equal(ynode_int(ynode_get(r, "q"), 1, 100, &i, &e), 0);
	assert_int_equal(i, 7);
	assert_int_equal(ynode_bool(ynode_get(r, "b"), &b, &e), 0);
	assert_false(b);
	assert_int_equal(ynode_bool(ynode_get(r, "yes"), &b, &e), 0);
	assert_true(b);
	assert_int_equal(ynode_span(ynode_get(r, "s"), &ns, &e), 0);
	assert_int_equal(ns, 90 * NS_PER_S);
	assert_int_equal(ynode_str(ynode_get(r, "t"), &t, &e), 0);
	assert_string_equal(t, "hello");

	static const char *const left_alone[] = {"n", "absent"};
	for (size_t k = 0; k < ARRAY_LEN(left_alone); k++) {
		struct ynode n = ynode_get(r, left_alone[k]);
		assert_int_equal(ynode_double(n, 0, 1, &d, &e) | ynode_int(n, 0, 1, &i, &e) |
				 ynode_bool(n, &b, &e) | ynode_span(n, &ns, &e) |
				 ynode_str(n, &t, &e), 0);
	}
	assert_true(fabs(d - 0.5) < 1e-12 && i == 7 && b && ns == 90 * NS_PER_S);
	assert_string_equal(t, "hello");

	assert_int_equal(ynode_double(ynode_get(r, "i"), 0, 1, &d, &e), -1);
	assert_says(e.msg, "f.yaml:2:4:|'42'|number|0 to 1");
	assert_int_equal(ynode_double(ynode_get(r, "l"), 0, 1, &d, &e), -1);
	assert_says(e.msg, "f.yaml:8:4:|number|text");
	assert_int_equal(ynode_int(ynode_get(r, "neg"), 0, 9, &i, &e), -1);
	assert_says(e.msg, "f.yaml:9:6:|'-3'|whole|0 to 9");
	assert_int_equal(ynode_int(ynode_get(r, "big"), 0, INT64_MAX, &i, &e), -1);
	assert_int_equal(ynode_int(ynode_get(r, "d"), 0, 9, &i, &e), -1);
	assert_int_equal(ynode_bool(ynode_get(r, "t"), &b, &e), -1);
	assert_says(e.msg, "f.yaml:5:4:|'hello'|true|false");
	assert_int_equal(ynode_span(ynode_get(r, "neg"), &ns, &e), -1);
	assert_says(e.msg, "f.yaml:9:6:|'-3'|time span|20, 20s, 150ms, 1m30s");
	assert_int_equal(ynode_str(ynode_get(r, "l"), &t, &e), -1);
	assert_says(e.msg, "f.yaml:8:4:|number|text");
	yaml_doc_free(doc);
}

int main(void)
{
	static const struct CMUnitTest yaml[] = {
		cmocka_unit_test(every_place_is_known),
		cmocka_unit_test(nulls),
		cmocka_unit_test(broken_documents),
		cmocka_unit_test(a_bomb_stays_small),
		cmocka_unit_test(depth_and_anchors_are_bounded),
		cmocka_unit_test(keys_are_checked),
		cmocka_unit_test(typed_readers),
	};
	return RUN_GROUP(yaml);
}
