/* What a run showed, in words: the one line, and what it is made of. Plain text, no Markdown. */
#ifndef REPORT_FINDING_H
#define REPORT_FINDING_H

#include "base/buf.h"
#include "report/facts/facts.h"

#include <stdbool.h>

/* What the run showed, in one line of plain text; the caller frees. Every program that states the
 * finding prints this line. Of the analysis only what is there is used. */
char *report_line(const struct json *analysis);

/* The word of a verdict for an exit code: "held", "missed", "inconclusive", "stopped", "interrupted", "failed" or
 * "residue". */
const char *report_outcome(int exit_code);

/* Appends the verdict of a run that has expectations or ended early; false without either. */
bool report_add_outcome(struct buf *out, const struct json *analysis);

/* Appends what an audit found of the writes; nothing without one, or if it could not decide, which is among the doubts. */
void report_add_losses(struct buf *out, const struct json *analysis);

/* Appends how long no request succeeded while faults lasted; where some read and some wrote, of each kind. */
void report_add_silence(struct buf *out, const struct json *analysis, const struct facts *facts);

/* Appends how slow the anomaly was, and what is normal: ": p99 latency up to 550 ms, normally 50.0 ms"; of an analysis that
 * does not know that, the ratio. */
void report_add_slow(struct buf *out, const struct json *analysis, size_t interval);

/* "25.0 % of the requests failed already before the fault, most of them POST /links"; NULL if the
 * baseline was healthy; the caller frees. */
char *report_unhealthy(const struct json *analysis);

/* Appends, unless the normal was stable: "; outages shorter than 5.0 s would not be seen, as the normal varies by more than
 * 15 %". */
void report_add_unstable(struct buf *out, const struct json *analysis);

/* The run ended before it was to, by a signal or a stop condition. */
bool report_cut_short(const struct json *analysis);

/* True if what faults i and k did cannot be told apart; if of such faults another ended after i. */
bool report_together(const struct json *analysis, size_t i, size_t k);
bool report_outlasted(const struct json *analysis, size_t i);

/* When the system was healthy again, where that was before the fault was reverted (after_s < 0, in seconds):
 * "while it lasted", or "during its undo", which takes long if the node must be ready first. A window in which the
 * undo began counts for the undo only if the undo began in its first half. */
const char *report_before_revert(const struct json *fault, double after_s, double window_s);

#endif
