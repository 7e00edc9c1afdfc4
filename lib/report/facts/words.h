/* Numbers and changes in words, the same in pictures and reports. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

/* What a fault of an analysis did, to stand before the name of its node: "killed", "refused connections to"; NULL if it
 * does not say, or in other than a few plain words: it is a text from outside. */
const char *words_past(const struct json *fault);

enum { WORDS_MAX = 32 };

/* A change from before to after: "−32 %", "0 %"; "×1.8" for ratios of 1.5 and more; "" if either
 * is NaN or before is not above 0. Returns out. */
char *words_ratio(double before, double after, char out[static WORDS_MAX]);

/* A change of a share (0-1) in percentage points: "+4.1 points"; "" if either is NaN. */
char *words_points(double before, double after, char out[static WORDS_MAX]);

/* The entry of a metric in an analysis' "compare"; NULL if there is none. */
const struct json *compare_find(const struct json *analysis, const char *metric);

/* The change in such an entry, which scales a baseline that was run at another rate: as
 * words_points for a share, else as words_ratio; "" if entry is NULL. Returns out. */
char *words_compared(const struct json *entry, bool share, char out[static WORDS_MAX]);

/* A share (0-1) in percent, with more digits near 0 and 100: "33.0 %", "0.42 %", "99.87 %". */
char *words_share(double share, char out[static WORDS_MAX]);

/* Two or three significant digits with the unit: "0.42 ms", "79.2 ms", "148 ms". */
char *words_value(double v, const char *unit, char out[static WORDS_MAX]);

/* A span of seconds: "28 ms", "8.0 s", "180 s". */
char *words_span(double s, char out[static WORDS_MAX]);

/* A count with commas between thousands: "48,112". Returns out. */
char *words_count(uint64_t n, char out[static WORDS_MAX]);

/* A number of four digits, or a larger one in whole with such commas from 10,000 on. Returns out. */
char *words_many(double n, char out[static WORDS_MAX]);

/* What a metric of a comparison is called: "p99 latency" for "p99_latency_ms"; the key itself if it is not known. */
const char *words_metric(const char *key);

/* A reason of a comparison, "METRIC" or "PHASE: METRIC", in words: "p99 latency (phase kill)"; the caller frees. */
char *words_reason(const char *reason);

/* The requests of an analysis as windows and nodes count them, without those that were in flight when the load was
 * stopped; "unknown" if it does not tell. */
char *words_requests(const struct json *analysis, char out[static WORDS_MAX]);

/* Columns that a UTF-8 text takes (one a character). */
size_t text_columns(const char *text);
/* At most max columns of text, its middle replaced by "…" if it is longer; the caller frees. */
char *text_shorten(const char *text, size_t max);
/* Length in bytes of what fits into columns: all of text, or up to its last blank there that is not behind a
 * digit. */
size_t text_break(const char *text, size_t columns);
/* A finding for two lines of that many columns, which end at *cut: without clauses from its end, never that of lost
 * writes, if it is longer; "…" then says so. The caller frees. */
char *text_two_lines(const char *text, size_t columns, size_t *cut);

/* Appends text from outside: characters with a meaning in Markdown or HTML are escaped, control
 * characters become blanks. */
void report_text(struct buf *out, const char *text);

#endif
