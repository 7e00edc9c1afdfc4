/* The intervals of a live run: what has been reported of them, and what is new.
 *
 * After every window detect() judges the windows so far again. track_update reports the
 * differences to what was reported before: an interval opened or closed; and, since later rows
 * can change a window, an interval starts earlier, is open again, or is withdrawn. The last
 * report of an interval counts. */
#ifndef DETECT_TRACK_H
#define DETECT_TRACK_H

#include "detect/detect.h"

enum track_change {
	TRACK_OPEN,	 /* reported again if its start changed or it is open again */
	TRACK_CLOSE,	 /* reported again if its end changed */
	TRACK_WITHDRAWN, /* later rows showed that it was no anomaly */
};

struct tracked {
	unsigned id;		  /* from 1, in the order of the first reports */
	struct interval interval; /* windows from the run's start; alarm as first reported */
	bool closed;
	bool recovered; /* closed by a recovery, not by the end of the run */
};

struct track {
	struct tracked *all; /* intervals that may still change; owned */
	size_t count, alloc;
	unsigned last_id;
	size_t healthy_windows; /* consecutive healthy windows that end an interval */
	void (*tell)(void *arg, enum track_change change, const struct tracked *x);
	void *arg;
};

void track_init(struct track *t, size_t healthy_windows,
		void (*tell)(void *arg, enum track_change change, const struct tracked *x),
		void *arg);
void track_release(struct track *t);

/* d judges the windows of the run from number first on; over: the run has ended. Intervals that
 * began before first keep their start and are never withdrawn. */
void track_update(struct track *t, const struct detection *d, size_t first, bool over);

/* Drops closed intervals that ended before that window. */
void track_forget(struct track *t, size_t before);

/* True if healthy_windows judged windows after the interval were healthy (all judged windows
 * after an interval are, up to the next one). */
bool track_is_over(const struct detection *d, const struct interval *x, size_t healthy_windows);

/* Of intervals with any of these reasons: whether one is open; the windows from window from on in them. */
bool track_any_open(const struct track *t, unsigned reasons);
size_t track_windows(const struct track *t, unsigned reasons, size_t from);

#endif
