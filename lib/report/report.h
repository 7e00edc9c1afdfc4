/* The plain report: an analysis in Markdown. The same input gives the same text. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "report/facts.h"
#include "stream/event.h"

/* Input and output of the sections; all borrowed. */
struct report {
	struct buf *out;
	const struct json *analysis;
	const struct facts *facts;
	const struct event_log *events;
	const char *load; /* whose analysis it is, of several; or NULL */
};

void report_markdown(const struct report *r);

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

/* Writes a section; one that tells figures, for each load. */
void report_section(const struct report *r, void (*section)(const struct report *));
void report_heading(const struct report *r, const char *title); /* with the name of the load */

/* The sections in their order. Each writes its heading and its text, or nothing. */
void section_headline(const struct report *r);
void section_expectations(const struct report *r);
void section_summary(const struct report *r);
void section_timeline(const struct report *r);
void section_users(const struct report *r);
void section_recovery(const struct report *r);
void section_nodes(const struct report *r);
void section_trust(const struct report *r);
void section_next(const struct report *r);

/* Appends text from outside: characters with a meaning in Markdown or HTML are escaped, control
 * characters become blanks. */
void report_text(struct buf *out, const char *text);

/* Appends "kill of service-node-2", or as much of it as the analysis knows. */
void report_fault_name(const struct report *r, size_t fault);
const char *report_fault_node(const struct report *r, size_t fault); /* its name, else its URL or NULL */

/* Writes count rows of a table, at most most of them, and then how many were left out. */
void report_rows(const struct report *r, size_t count, size_t most,
		 void (*row)(const struct report *r, size_t i));

#endif
