#include "base/buf.h"
#include "stream/lines.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* What is given on for a text that comes so many bytes at a time: "number:text|", "number!|" for a
 * wrong one. */
static void check(const char *text, size_t len, bool is_file, const char *want)
{
	for (size_t piece = 1; piece <= len; piece = piece * 3 + 1) {
		struct buf out = BUF_INIT;
		struct lines l;
		struct line line;
		lines_init(&l);
		for (size_t at = 0; at < len; at += piece) {
			lines_add(&l, text + at, at + piece < len ? piece : len - at);
			while (lines_next(&l, &line)) {
				buf_addf(&out, line.text ? "%zu:%s|" : "%zu!|", line.number,
					 line.text);
				if (line.text) /* it is the caller's to change */
					memset(line.text, 'x', strlen(line.text));
			}
		}
		if (lines_last(&l, is_file, &line))
			buf_addf(&out, line.text ? "%zu:%s|" : "%zu!|", line.number, line.text);
		assert_false(lines_last(&l, is_file, &line));
		if (strcmp(out.data, want) != 0)
			fail_msg("by %zu: '%s', not '%s'", piece, out.data, want);
		buf_release(&out);
		lines_release(&l);
	}
}

static void whole_lines(void **state)
{
	(void)state;
	check("a\n", 2, false, "1:a|");
	check("rate 5\n\nstop\n", 13, false, "1:rate 5|2:|3:stop|");
	check("a\0b\nc\n", 6, false, "1!|2:c|");
	/* a byte order mark is no part of the first command */
	check("\xef\xbb\xbf" "a\n\xef\xbb\xbf" "b\n", 10, false, "1:a|2:\xef\xbb\xbf" "b|");
	check("\xef\xbb\xbf", 3, true, "1:|");
}

static void a_torn_last_line(void **state)
{
	(void)state;
	check("a\nb", 3, false, "1:a|2!|");
	check("a\nb", 3, true, "1:a|2:b|");
	check("b\0", 2, true, "1!|");
}

static void long_lines(void **state)
{
	(void)state;
	const size_t most = LINES_BYTES_MAX;
	char *text = mem_alloc(4 * most);
	memset(text, 'a', 4 * most);
	memcpy(text + 3 * most, "\nb\n", 3);
	check(text, 3 * most + 3, false, "1!|2:b|");
	check(text, 3 * most, true, "1!|"); /* its end never comes */
	text[most + 1] = '\n';
	text[most + 2] = 'c';
	text[most + 3] = '\n';
	check(text, most + 4, false, "1!|2:c|");
	free(text);
}

int main(void)
{
	const struct CMUnitTest lines[] = {
		cmocka_unit_test(whole_lines),
		cmocka_unit_test(a_torn_last_line),
		cmocka_unit_test(long_lines),
	};
	return RUN_GROUP(lines);
}
