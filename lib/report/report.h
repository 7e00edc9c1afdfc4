/* The plain report: what an analysis says, in Markdown. The same input gives the same words. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "report/facts.h"
#include "stream/event.h"

/* What the sections are written from; all borrowed. */
struct report {
	struct buf *out;
	const struct json *analysis;
	const struct facts *facts;
	const struct event_log *events;
};

void report_write(const struct report *r);

/* The sections in their order. Each writes its own heading, or nothing. */
void report_headline(const struct report *r);
void report_summary(const struct report *r);
void report_timeline(const struct report *r);
void report_users(const struct report *r);
void report_recovery(const struct report *r);
void report_nodes(const struct report *r);
void report_trust(const struct report *r);
void report_next(const struct report *r);

/* Appends text from outside: Markdown's and HTML's signs lose their meaning, control
 * characters become blanks. */
void report_text(struct buf *out, const char *text);

/* Appends "kill of service-node-2", or as much of it as the analysis knows. */
void report_fault_name(const struct report *r, size_t fault);
const char *report_fault_node(const struct report *r, size_t fault); /* its name, else its URL or NULL */

/* Writes the first rows of a table, at most so many, and how many were left out. */
void report_rows(const struct report *r, size_t count, size_t most,
		 void (*row)(const struct report *r, size_t i));

#endif
