/* The block of rows that a terminal shows of the run. */
#ifndef SCENARIO_CHILDREN_LIVE_BLOCK_H
#define SCENARIO_CHILDREN_LIVE_BLOCK_H

#include "base/buf.h"
#include "children/progress.h"

enum { LIVE_ROWS = 6 };

/* How the terminal is. */
struct live_screen {
	size_t columns, rows;
	bool colour, utf8;
};

/* Adds the rows, each cut to the width, so that they begin where the cursor is and leave it there. */
void live_block(const struct progress_state *s, const struct progress_past *past, const struct live_screen *screen,
		struct buf *out);

#endif
