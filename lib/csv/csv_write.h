/* Samples: the CSV that carries every request of a run, one row a slot of the schedule.
 * The format is described in chaos-formats(5) and defined here alone. */
#ifndef CSV_WRITE_H
#define CSV_WRITE_H

#include "base/error_class.h"
#include "csv/csv_text.h"

#include <stddef.h>
#include <stdint.h>

/* Columns that are there only when they are asked for. */
enum sample_column { SAMPLE_WAIT_MS = 1, SAMPLE_REPLICAS = 2 };

/* One row as a writer has it. Strings are borrowed for the call. */
struct sample {
	int64_t due_wall_ns;  /* UNIX time at which the request was due */
	int64_t latency_ns;   /* from due to the end of the answer, or to giving up */
	int64_t service_ns;   /* from the actual send to the end; negative if never sent */
	unsigned columns;     /* which further columns are there: enum sample_column */
	int64_t wait_ns;      /* waiting in the generator for a connection */
	int replicas;	      /* that have the write; negative if that is not known */
	uint64_t slot;	      /* SAMPLE_NO_SLOT leaves the field empty */
	int64_t bytes;	      /* answer bytes */
	int status_code;      /* 0 if there was no answer; 200 for a Redis success */
	enum error_class error;
	struct csv_text node; /* already escaped: needs no quotes */
	struct csv_text op;   /* already escaped */
	const char *detail;   /* the message behind error, any text, or NULL */
};
#define SAMPLE_NO_SLOT UINT64_MAX

/* The header line with its newline. */
extern const char sample_header[]; /* without any further column */
const char *sample_header_of(unsigned columns);

/* Upper bound of a row's length for names of these lengths (before sample_write). */
size_t sample_row_max(const struct sample *s);

/* Writes the row with its newline at out (room for sample_row_max) and
 * returns its end. No allocation, no stdio. */
char *sample_write(const struct sample *s, char *out);

/* The marker row for rows that were lost because the reader was too slow:
 * count rows due from from_ns to to_ns (UNIX time). out has room for 256 bytes. */
char *sample_write_lost(uint64_t count, int64_t from_ns, int64_t to_ns, unsigned columns, char *out);

#endif
