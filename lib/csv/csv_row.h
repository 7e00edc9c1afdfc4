/* One row of samples: fields, numbers, meaning. Part of the scanner in csv.h. */
#ifndef CSV_ROW_H
#define CSV_ROW_H

#include "csv/csv.h"

enum csv_scan {
	SCAN_ROW,
	SCAN_BLANK, /* an empty line */
	SCAN_BAD,
	SCAN_PART, /* no end of the row before end */
};

/* Scans the row at p by the columns of c into row; *next is set behind its newline
 * unless it is SCAN_PART. Reads nothing at or behind end. */
enum csv_scan csv_scan_row(struct csv *c, const char *p, const char *end, struct csv_row *row,
			   const char **next);

/* One field at p: its text, and the comma or newline behind it; NULL if that is not before end.
 * *odd is set when something stands between a closing quote and the end of the field. */
const char *csv_scan_field(const char *p, const char *end, struct csv_text *text, bool *odd);

/* Fills what a failed row says of its failure; a marker of lost rows becomes CSV_LOST, one that
 * was aborted CSV_ABORTED. -1 if it is a marker that does not say what was lost. */
int csv_failed_row(struct csv *c, struct csv_row *row, struct csv_text error,
		   struct csv_text detail);

/* Reads the header line at c->at and the columns from it. CSV_AGAIN: it is not whole yet. */
enum csv_result csv_read_header(struct csv *c, struct err *e);
/* A row that is a header again is the start of another file, whose columns are used from now on. */
bool csv_header_again(struct csv *c, const char *next);

const char *csv_column_name(enum csv_column column); /* as in the header */

/* Says in c->bad_reason what is wrong with the bad row from p to end. */
void csv_explain(struct csv *c, const char *p, const char *end);

/* A number without a sign, as value * 10^decimals, cut off. -1 if it is none or too large. */
int csv_fixed(struct csv_text t, unsigned decimals, int64_t *out);

/* UNIX time in s, or in ms, us or ns if 13, 16 or 19 digits are in front of the point, as ns. -1 if it is
 * none, or from CSV_TIME_END_NS on. */
int csv_unix_time(struct csv_text t, int64_t *ns);

#endif
