/* Internals shared by the files of the grid. */
#ifndef GRID_PART_H
#define GRID_PART_H

#include "grid/grid.h"

/* The number of the window that holds a UNIX time, counted from t0. */
int64_t grid_number(const struct grid *g, int64_t ns);

/* Makes the windows from first to last exist. */
void grid_cover(struct grid *g, int64_t first, int64_t last);
void grid_clear_windows(struct grid_window *w, size_t count);
void grid_free_windows(struct grid_window *w, size_t count);

/* True if the window exists; if it exists or may be added. */
bool grid_exists(const struct grid *g, int64_t k);
bool grid_within(const struct grid *g, int64_t k);
/* True if the windows of both UNIX times exist or may be added. Widens the windows of a run that
 * goes on beyond GRID_WINDOWS_MAX; times farther away than all windows reach are errors. */
bool grid_admit(struct grid *g, int64_t from_ns, int64_t to_ns);
/* Widens the windows to the next usual length; false if there is none. */
bool grid_widen_once(struct grid *g);
/* The window, which is added if it is missing. */
struct grid_window *grid_window(struct grid *g, int64_t k);
/* The unpacked histogram of the window; valid until the next call. */
struct hist *grid_live(struct grid *g, int64_t k);

/* Counts the buffered rows of counts if their times show their length, or with at_any_rate as one
 * window long. */
void grid_settle_counts(struct grid *g, bool at_any_rate);

/* Sets the start and counts the buffered rows. */
void grid_settle(struct grid *g);

/* Notes a time before the start, unless that is known otherwise. */
void grid_note_early(struct grid *g, int64_t ns);

/* Packs the i-th of the live histograms. */
void grid_put_away(struct grid *g, size_t i);

/* Of grid_near.from_ns: no row is due in it. */
#define NO_TIME_NS (INT64_MIN / 2)

/* Clears the cached window; needed whenever windows or histograms move. */
static inline void grid_leave(struct grid *g)
{
	g->near = (struct grid_near){.from_ns = NO_TIME_NS};
}

/* UINT32_MAX stands for none and is earlier than any offset. */
static inline bool grid_is_later(uint32_t us, uint32_t than_us)
{
	return us + 1 > than_us + 1;
}

#endif
