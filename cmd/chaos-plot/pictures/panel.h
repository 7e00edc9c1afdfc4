/* A panel of the pictures of one run, and that of the rates. */
#ifndef PLOT_PICTURES_PANEL_H
#define PLOT_PICTURES_PANEL_H

#include "draw/picture.h"

enum {
	NAME_MAX = 40, /* columns of what it is a panel of */
	KEY_PX = 18, /* of a panel in half of the width, the key has a line of its own */
};

/* What a panel is drawn from. */
struct panel {
	const struct picture *p;
	const struct series *of;
	struct area area;
	double end_s;
	bool last; /* the lowest: its axis has labels */
	bool half; /* of the width */
};

/* Its name and the place of its key. */
void panel_head(const struct panel *n, const char *what, bool small, struct buf *out);
/* Its area, the axis of time, the lines of the faults and the bands of shaded, or NULL. */
void panel_begin(const struct panel *n, const struct strip *shaded, struct buf *out);
void panel_end(struct buf *out);

void panel_rates(const struct panel *n, struct buf *out);

#endif
