/* Buffered output of rows. A slow reader or disk never delays the schedule: rows wait in a bounded
 * ring, and rows that do not fit are dropped, counted and marked in the stream. */
#ifndef LOAD_OUTPUT_H
#define LOAD_OUTPUT_H

#include "base/clock.h"
#include "csv/csv_write.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTPUT_BUFFER_BYTES = 1 << 20 };

struct output;

/* failed is called once when writing has become impossible: EPIPE, ENOSPC, … Rows are
 * dropped from then on. fd stays the caller's. */
struct output *output_new(struct loop *l, int fd, void (*failed)(void *arg, int sys_errno),
			  void *arg, struct err *e);
void output_free(struct output *o); /* accepts NULL; drops rows still in the buffer */

/* Comes first. wait: with the column wait_ms. */
void output_header(struct output *o, unsigned columns);
void output_row(struct output *o, const struct sample *s);

/* Calls drained once all is written, perhaps at once. No row may follow. */
void output_drain(struct output *o, void (*drained)(void *arg), void *arg);
/* Drops the rows still in the buffer; they count as lost. */
void output_discard(struct output *o);

uint64_t output_lost(const struct output *o); /* rows not written */
uint64_t output_rows(const struct output *o); /* rows written completely */
int64_t
output_blocked_ns(const struct output *o); /* time during which the reader accepted no data */

#endif
