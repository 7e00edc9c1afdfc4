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

/* t without the blanks around it. */
struct csv_text csv_trim(struct csv_text t);

/* One field at p: its text, and the comma or newline behind it; NULL if that is not before end.
 * *odd is set when something stands between a closing quote and the end of the field. */
const char *csv_scan_field(const char *p, const char *end, struct csv_text *text, bool *odd);

static inline bool csv_is_text(unsigned column)
{
	return column == CSV_NODE || column == CSV_OP || column == CSV_ERROR_TEXT || column == CSV_DETAIL ||
	       column == CSV_SKIPPED;
}

/* Whether a row with that number of fields, the last of which is last, is longer than it may be. */
static inline bool csv_is_too_long(const struct csv *c, size_t fields, struct csv_text last)
{
	return !c->may_be_longer && fields > c->column_count + (last.len == 0);
}

/* What a row says of how its request ended; empty where the file has no such column. */
struct csv_outcome {
	struct csv_text status, error, error_code, success, detail;
};

/* The status that t tells, 100 to 599, also with its reason behind it ("503 Service Unavailable"). 0 if
 * it is none, as curl's 000. */
int csv_status(struct csv_text t);

/* Of the statuses that csv_status returns. */
static inline bool csv_status_is_good(const struct csv *c, int status)
{
	return (unsigned)status - 100 < 300 || (status == 0 && !c->has_status);
}

/* Fills failed, error, kind and detail of a row whose status_code is there. It failed if error is not empty, if
 * error_code is neither empty nor 0, if there is a column status_code and it is not 100 to 399, or if
 * success says so. A marker of lost rows becomes CSV_LOST, a request that was aborted CSV_ABORTED.
 * Returns the column that makes the row bad, CSV_SKIPPED if none does. */
enum csv_column csv_take_outcome(struct csv *c, struct csv_row *row, const struct csv_outcome *o);

/* Reads the header line at c->at and the columns from it. CSV_AGAIN: it is not whole yet. */
enum csv_result csv_read_header(struct csv *c, struct err *e);
/* Whether a row that is bad as such is the header of another file. */
bool csv_is_header(const struct csv *c, const char *p, const char *next);

const char *csv_column_name(enum csv_column column); /* as in the header */

/* Says in c->bad_reason what is wrong with the bad row from p to end: c->wrong. */
void csv_explain(struct csv *c, const char *p, const char *end);

/* The count in a column of replicas; -1 if it says none. */
int csv_replicas(struct csv_text t);

/* A number without a sign, as value * 10^decimals, cut off. -1 if it is none or too large. */
int csv_fixed(struct csv_text t, unsigned decimals, int64_t *out);

/* A whole number without a sign: 4, 4.0, not 4.5. -1 if it is none or too large. */
int csv_whole(struct csv_text t, uint64_t *out);

/* UNIX time in s, or in ms, us or ns if 13, 16 or 19 digits are in front of the point, as ns. -1 if it is
 * none, from CSV_TIME_END_NS on, or rounded to more than a second, as 1.79574e+09 is. */
int csv_unix_time(struct csv_text t, int64_t *ns);

#endif
