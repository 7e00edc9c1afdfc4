/* What every unit test includes: cmocka with the headers it wants before it, and
 * the one way to run a group. */
#ifndef TEST_UNIT_UNIT_H
#define TEST_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
