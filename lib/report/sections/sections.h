/* The sections of the plain report. */
#ifndef REPORT_SECTIONS_H
#define REPORT_SECTIONS_H

#include "base/buf.h"
#include "report/facts/facts.h"
#include "stream/event.h"

/* Input and output of the sections; all borrowed. */
struct report {
	struct buf *out;
	const struct json *analysis;
	const struct facts *facts;
	const struct event_log *events;
	const char *load; /* whose analysis it is, of several; or NULL */
};

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

/* Appends "kill of service-node-2", or as much of it as the analysis knows. */
void report_fault_name(const struct report *r, size_t fault);

/* Writes count rows of a table, at most most of them, and then how many were left out. */
void report_rows(const struct report *r, size_t count, size_t most,
		 void (*row)(const struct report *r, size_t i));

#endif
