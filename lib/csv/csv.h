/* The scanner of samples: today's logs and our own (see chaos-formats(5)), at the speed of the
 *pipe.
 *
 *	struct csv c;
 *	csv_init(&c, fd, "samples.csv");
 *	while ((got = csv_next(&c, &row, &e)) == CSV_ROW)
 *		use row;
 *	csv_release(&c);
 *
 * Columns are found by name and unknown ones are skipped; only timestamp and latency_ms are
 * needed. Without latency_ms, but with ok and err, rows are counts of requests. A wrong header is an
 * error, a bad row is not: it is skipped and counted. A row is bad if it is short, longer
 * than the header where that is not allowed (see may_be_longer), holds a NUL byte,
 * has no usable timestamp, has succeeded but has no usable latency (see the bounds below), or is longer
 * than CSV_ROW_MAX. Blanks around a field are no part of it, nor is a byte order mark before a header.
 * A last line without a newline is torn: its writer was killed. A line that is a header again (files
 * that were put together with cat) starts a new part. Numbers are parsed as integers; nothing is
 * allocated for a row. Memory: CSV_BUFFER bytes, 32 kB, and 384 kB if there is a slot column. */
#ifndef CSV_H
#define CSV_H

#include "base/err.h"
#include "csv/csv_write.h"
#include "csv/csv_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	CSV_BUFFER = 1 << 18,
	CSV_ROW_MAX = 1 << 16, /* also bounds how far an open quote may reach */
	CSV_COLUMNS_MAX = 256,
	CSV_BATCH = 64,		   /* rows that csv_next_rows returns at most */
	CSV_SLOT_WINDOW = 1 << 20, /* a slot seen twice within this number of slots is a duplicate */
};

/* Bounds of valid times, against overflow in sums: UNIX time before the year 2200, latencies up to
 * 10 days. */
#define CSV_TIME_END_NS	   (INT64_C(7258118400) * 1000000000)
#define CSV_LATENCY_MAX_NS (INT64_C(864000) * 1000000000)
#define CSV_LENGTH_MAX_NS  (INT64_C(86400) * 1000000000) /* of a row of counts */
#define CSV_COUNT_MAX	   INT64_C(1000000000)		 /* requests in one row of counts */

enum csv_kind {
	CSV_REQUEST,
	CSV_LOST, /* a marker: rows that the writer had to drop; neither request nor failure */
	/* A request in flight when the load stopped: its result is unknown. Other fields as in a
	 * failed CSV_REQUEST. */
	CSV_ABORTED,
	CSV_COUNTS, /* many requests, counted by another tool */
};

/* Requests that were due from due_ns on. */
struct csv_counts {
	uint32_t ok, err;
	int64_t length_ns;		/* length of the span; 0 if the file does not say */
	int64_t p50_ns, p95_ns, p99_ns; /* of the latencies of ok; -1 if the file does not say */
};

struct csv_row {
	enum csv_kind kind;
	int64_t due_ns;	    /* UNIX time */
	int64_t latency_ns; /* -1 if it is not known, as only of a failure */
	int status_code;    /* 100 to 599; 0 if there is none */
	bool failed;	    /* see csv_take_outcome */
	/* ERROR_NONE if it succeeded; ERROR_COUNT if the text of error tells no class. Free text of
	 * older logs is searched for what it says ("timed out", "refused", …). */
	enum error_class error;
	int64_t late_ns; /* from when it was due to when it was sent; -1 if not known, or wants_late is not set */
	int replicas; /* of a CSV_REQUEST; negative if the row says none */
	uint64_t slot; /* SAMPLE_NO_SLOT if there is none */
	/* Texts are valid until the next csv_next. Quotes and blanks around them are taken off, doubled quotes
	 * within stay doubled. */
	struct csv_text node, op;
	/* Of a failure: the text that says more than its class, as the column detail, free text of
	 * error, or what stands in status_code and is no status; "" if there is none. */
	struct csv_text detail;
	union {
		struct { /* CSV_LOST: number of rows, due between these UNIX times */
			uint64_t lost;
			int64_t lost_from_ns, lost_to_ns;
		};
		struct csv_counts
			counts; /* CSV_COUNTS; then only due_ns and node are valid beside it */
	};
};

static inline bool csv_counts_have_latency(const struct csv_counts *n)
{
	return n->p50_ns >= 0 && n->p95_ns >= 0 && n->p99_ns >= 0;
}

enum csv_result {
	CSV_ROW,
	CSV_END,
	CSV_AGAIN, /* the descriptor is non-blocking and has no more for now */
	CSV_ERROR, /* wrong header (EXIT_USAGE) or a failed read (EXIT_RUNTIME); see e */
};

/* What a column holds. */
enum csv_column {
	CSV_SKIPPED,
	CSV_TIMESTAMP,
	CSV_NODE,
	CSV_STATUS_CODE,
	CSV_LATENCY_MS,
	CSV_ERROR_TEXT,
	CSV_OP,
	CSV_SLOT,
	CSV_DETAIL,
	CSV_SUCCESS,
	CSV_ERROR_CODE,
	CSV_REPLICA_COUNT,
	CSV_SERVICE_MS,
	CSV_LENGTH_S, /* from here on: of counts */
	CSV_OK,
	CSV_ERR,
	CSV_P50_MS,
	CSV_P95_MS,
	CSV_P99_MS,
	CSV_COLUMN_COUNT
};

struct csv {
	const char *name; /* of the source, for messages; borrowed */
	uint64_t rows;	  /* rows and markers returned */
	uint64_t bad, torn, duplicate;
	uint64_t contradictory; /* of the duplicates: one of the two rows failed, and one did not */
	uint64_t first_bad;   /* line of the first bad row, from 1; 0: none (quoted newlines do not
				 count) */
	char bad_reason[120]; /* what is wrong with it */
	unsigned headers;     /* read so far; rows of one batch have the same */

	/* Set after csv_init by a reader that wants due_ns alone, and needs no column but timestamp. A marker
	 * of lost rows then does not say what was lost. */
	bool times_only;
	/* Set after csv_init by a reader that wants late_ns. */
	bool wants_late;
	bool wants_duplicates; /* likewise: none is found, and all are returned */

	/* The rest is the scanner's own. */
	uint64_t line; /* the last one scanned */
	int fd;	       /* the caller's; negative: memory, or fed */
	char *store, *buffer;
	const char *at, *end; /* what is not yet scanned */
	const char *nul;      /* the first NUL byte that is not yet scanned, or end */
	bool ended, skipping, has_header;
	bool counts; /* rows are counts, not requests */
	bool has_status, has_success; /* there is such a column */
	/* For readers: what the file, or a part of it, does not tell: what failed; which requests had no
	 * answer; what was not sent because others were waited for; when an answer ended. */
	bool no_failures, no_unanswered, closed_loop, no_end;
	unsigned char columns[CSV_COLUMNS_MAX];
	size_t column_count;
	/* Whether a row may have more fields than the header: where the last column is text, which has commas and no
	 * quotes, or of an unknown name; or where the header has more columns than are read. Elsewhere a number has been
	 * written with a comma, and what is behind it would be taken for another column's. An empty field behind all
	 * is no further one. */
	bool may_be_longer;
	struct csv_fast *fast;	      /* see csv_fast.h */
	const char *readable;	      /* bytes up to here may be read, whatever is in them */
	size_t batch_at, batch_count; /* rows of the batch that csv_next has not yet returned */
	char last_error[32];	      /* the last word of the list of classes, and its class */
	size_t last_error_len;
	enum error_class last_class;
	struct csv_seen *seen; /* see csv_seen.h; NULL without a column slot */
	/* Of counts: what was rounded off so far, by node. */
	struct csv_rest *rests;
	enum csv_column wrong; /* what makes the last bad row bad, and what it holds; CSV_SKIPPED: its form */
	struct csv_text wrong_text;
};

void csv_init(struct csv *c, int fd, const char *name);
/* Scans memory in place and reads nothing outside it. */
void csv_init_memory(struct csv *c, const char *data, size_t len, const char *name);
/* For a source that is read elsewhere, as one that grows: csv_next returns CSV_AGAIN where it needs
 * more. Then read up to *size bytes (never 0) to where csv_room says, and tell by csv_fed how many
 * came; 0 is the end. */
void csv_init_fed(struct csv *c, const char *name);
char *csv_room(struct csv *c, size_t *size);
void csv_fed(struct csv *c, size_t n);
void csv_release(struct csv *c); /* closes nothing */

enum csv_result csv_next(struct csv *c, struct csv_row *row, struct err *e);

/* The same, as many rows at once as are at hand: *count of them at *rows, until the next call. Not
 * to be mixed with csv_next. */
enum csv_result csv_next_rows(struct csv *c, const struct csv_row **rows, size_t *count,
			      struct err *e);

#endif
