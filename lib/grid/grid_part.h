/* What counting rows (grid.c) and ending them (grid_end.c) share. Part of grid.h. */
#ifndef GRID_PART_H
#define GRID_PART_H

#include "grid/grid.h"

extern const struct grid_node grid_nothing;

/* The number of the window that holds a UNIX time, counted from t0. */
int64_t grid_number(const struct grid *g, int64_t ns);

/* Makes the windows from first to last exist. */
void grid_cover(struct grid *g, int64_t first, int64_t last);
void grid_clear_windows(struct grid_window *w, size_t count);
void grid_free_windows(struct grid_window *w, size_t count);

/* Whether the window is there or may be made. */
bool grid_within(const struct grid *g, int64_t k);
/* Makes it if need be. */
struct grid_window *grid_window(struct grid *g, int64_t k);
struct grid_node *grid_part_of(struct grid_window *w, unsigned part);
/* The histogram of the window, unpacked; valid until another window's is asked for. */
struct hist *grid_live(struct grid *g, int64_t k);

/* Counts without a length are held back no longer, if it can be told from their times; or at any
 * rate. */
void grid_settle_counts(struct grid *g, bool at_any_rate);

/* Rows are held back no longer: the start is known. */
void grid_settle(struct grid *g);

/* Packs the i-th of the live histograms. */
void grid_put_away(struct grid *g, size_t i);

/* No window is near: to be called when windows or histograms move. */
static inline void grid_leave(struct grid *g)
{
	g->near = (struct grid_near){.from_ns = INT64_MIN / 2};
}

/* UINT32_MAX is none, which everything is later than. */
static inline bool grid_is_later(uint32_t us, uint32_t than_us)
{
	return us + 1 > than_us + 1;
}

#endif
