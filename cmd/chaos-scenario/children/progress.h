/* The progress of the run on stderr: a live line on a terminal, else a line every 10 s. */
#ifndef SCENARIO_CHILDREN_PROGRESS_H
#define SCENARIO_CHILDREN_PROGRESS_H

#include "children/tally.h"
#include "children/reported.h"

#include <stdbool.h>
#include <stdint.h>

enum progress_kind { PROGRESS_NONE, PROGRESS_PLAIN, PROGRESS_LIVE };

struct progress {
	enum progress_kind kind;
	int64_t next_ns; /* monotonic: when the next line is due */
	bool drawn;	 /* a live line stands on the terminal */
};

/* word is that of --progress; a terminal on stderr makes "auto" live. */
void progress_init(struct progress *p, const char *word);

/* What is shown. */
struct progress_state {
	const char *phase;
	int64_t elapsed_ns, total_ns; /* total 0: not running yet, or no longer */
	double rate; /* offered */
	double ok_rps, failed_rps;
	const struct reported *reported;
};

/* Prints it if the next line is due. */
void progress_show(struct progress *p, const struct progress_state *s);
/* Erases the live line; call before any other message. */
void progress_clear(struct progress *p);
/* Erases the live line and prints a message. */
void progress_say(struct progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
