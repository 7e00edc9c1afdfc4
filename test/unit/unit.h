/* What every unit test includes: cmocka with the headers it wants before it, and
 * the one way to run a group. */
#ifndef TEST_UNIT_UNIT_H
#define TEST_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* One group per binary, as TAP for prove. */
#define RUN_GROUP(tests)                                              \
	(cmocka_set_message_output(CM_OUTPUT_TAP),                    \
	 cmocka_run_group_tests_name(#tests, tests, NULL, NULL))

/* True if needle stands in text; prints both if not, which assert_non_null would not. */
#define assert_contains(text, needle)                                                  \
	do {                                                                            \
		if (!strstr(text, needle))                                              \
			fail_msg("'%s' is not in '%s'", (needle), (const char *)(text)); \
	} while (0)

/* True if text begins with the first of pieces, which '|' separates, and has the others behind it, in that order. */
static inline bool says(const char *text, const char *pieces)
{
	const char *at = text;
	bool first = true;
	for (size_t n; *pieces; pieces += n + (pieces[n] == '|'), first = false) {
		char piece[256];
		n = strcspn(pieces, "|");
		assert_true(n < sizeof piece);
		snprintf(piece, sizeof piece, "%.*s", (int)n, pieces);
		const char *found = strstr(at, piece);
		if (!found || (first && found != text))
			return false;
		at = found + n;
	}
	return true;
}
#define assert_says(text, pieces)                                                       \
	do {                                                                             \
		if (!says(text, pieces))                                                 \
			fail_msg("[%s] is not what says '%s'", (pieces), (const char *)(text)); \
	} while (0)

#endif
