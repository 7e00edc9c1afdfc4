/* The pictures: each turns a run into a gnuplot script. */
#ifndef PLOT_DRAW_PICTURE_H
#define PLOT_DRAW_PICTURE_H

#include "draw/script.h"
#include "input/series.h"
#include "input/change.h"

#include <stdbool.h>

struct picture {
	struct canvas canvas;
	const char *title;  /* what happened, in words; NULL: the page around it says it */
	const struct picture_kind *kind;
	const char *subtitle;
	const char *baseline_subtitle, *notes; /* below it, only for compare; "" for no notes */
	const char *run_name, *baseline_name;
	const struct series *run, *baseline; /* baseline only for compare */
	struct change changes[METRIC_COUNT]; /* only for compare */
	const struct marks *marks, *baseline_marks;
};

struct trials;

/* A kind of picture. */
struct picture_kind {
	const char *name;   /* of the command, and of the file in a run's folder */
	const char *footer; /* how its figures are meant, see picture_footer */
	bool compares;	    /* a run with a baseline run; else one run */
	bool by_node;	    /* it needs the requests to each node */
	void (*panels)(const struct picture *p, struct buf *out); /* of those that have rows of them: the panels alone */
	void (*draw)(const struct picture *p, struct buf *out); /* writes the gnuplot script */
	void (*draw_trials)(const struct trials *t, const struct picture *p, struct buf *out); /* the same, of trials and not of a run */
};

/* Appends the title, if there is one; one that is too long for one bold line stands on two smaller ones. */
void picture_title(const struct picture *p, struct buf *out);

/* Appends the footer of its kind. "{due}" in it becomes the moment from which the rows count, "{normal}" what is normal. */
void picture_footer(const struct picture *p, double left, struct buf *out);

#endif
