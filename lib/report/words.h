/* How pictures and reports say things, so that all of them say them alike. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* "killed" for "kill"; NULL for an action without a known past. */
const char *words_past(const char *action);

enum { WORDS_MAX = 32 };

/* A change from before to after: "−32 %", "0 %", from half as much again on "×1.8"; "" if either
 * is NaN or before is not above 0. Returns out. */
char *words_ratio(double before, double after, char out[static WORDS_MAX]);

/* A change of a share (0-1) in percentage points: "+4.1 points"; "" if either is NaN. */
char *words_points(double before, double after, char out[static WORDS_MAX]);

/* The change as an entry of an analysis' "compare" has it, which scales a baseline that was run at
 * another rate: as words_points for a share, else as words_ratio. Returns out. */
struct json;
char *words_compared(const struct json *entry, bool share, char out[static WORDS_MAX]);

/* A share (0-1) in percent with digits that mean something: "33 %", "0.42 %", "99.87 %". */
char *words_share(double share, char out[static WORDS_MAX]);

/* Three digits or so with the unit: "0.42 ms", "79.2 ms", "148 ms". */
char *words_value(double v, const char *unit, char out[static WORDS_MAX]);

/* A span of seconds: "28 ms", "8.0 s", "180 s". */
char *words_span(double s, char out[static WORDS_MAX]);

#endif
