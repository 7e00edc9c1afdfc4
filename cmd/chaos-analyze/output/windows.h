/* The run window by window, as JSON Lines: chaos-windows/1, see chaos-formats(5). */
#ifndef ANALYZE_OUTPUT_WINDOWS_H
#define ANALYZE_OUTPUT_WINDOWS_H

#include "judge/verdict/finding.h"
#include "base/buf.h"
#include "detect/track.h"
#include "stream/json.h"

/* Appends the lines of the loads of a finished run, by time: each window, followed by the intervals that its end opened
 * or closed; by_node: and by the requests to each node, where the rows were kept. */
void windows_write(const struct finding *all, size_t count, bool by_node, struct buf *out);

/* Single lines. load: its name where there are several, or NULL; t0_s: UNIX time of window 0, NaN if there is none. */
void windows_put_head(const char *load, double t0_s, struct buf *out);

/* Window k of the grid; load: its name, or NULL; number: its number in the run; in_flight: at its end, negative if
 * unknown; h: scratch space. */
void windows_put_window(const struct grid *g, const char *load, size_t k, size_t number, bool final,
			int64_t in_flight, struct hist *h, struct buf *out);

/* A line for many windows in which nothing came. */
void windows_put_gap(const char *load, size_t first, size_t count, double length_s, struct buf *out);

void windows_put_change(enum track_change change, const char *load, const struct tracked *x,
			double length_s, struct buf *out);

/* The last line. reason: why reading ended; late: rows that came after their window was final. */
void windows_put_end(const struct run_data *r, const char *load, double end_s, const char *reason, uint64_t late,
		     struct buf *out);

/* windows_line starts a line of any other type, for json_line. */
struct json *windows_line(const char *type);
void windows_put_load(struct json *line, const char *load); /* nothing if it has no name */

#endif
