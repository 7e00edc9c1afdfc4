/* The progress of the run on stderr: a live block on a terminal, else a line every 10 s. */
#ifndef SCENARIO_CHILDREN_PROGRESS_H
#define SCENARIO_CHILDREN_PROGRESS_H

#include "children/heard.h"
#include "conf/scenario.h"

#include <stdbool.h>
#include <stdint.h>

enum progress_kind { PROGRESS_NONE, PROGRESS_PLAIN, PROGRESS_LIVE };

enum { PAST_SECONDS = 256 };

/* Successes of each second, the last PAST_SECONDS of count. */
struct progress_past {
	double ok_rps[PAST_SECONDS];
	size_t count;
};

struct progress {
	enum progress_kind kind;
	int64_t next_ns; /* monotonic: when the next line is due */
	bool drawn;	 /* a live block stands on the terminal, behind the cursor */
	struct progress_past past;
};

/* word is that of --progress; a terminal on stderr makes "auto" live, unless it obeys no commands (TERM=dumb). */
void progress_init(struct progress *p, const char *word);

/* What is shown. */
struct progress_state {
	const char *phase;
	int64_t elapsed_ns, total_ns; /* total 0: not running yet, or no longer */
	double rate; /* offered */
	double ok_rps, failed_rps, p50_ms, p99_ms; /* of the last second; p99_ms 0: no success */
	size_t seconds; /* of which there are such figures so far */
	const struct scenario *scenario;
	const struct scenario_phase *phase_now;
	const struct heard *heard;
};

/* Whether the next line or block is due. */
bool progress_is_due(const struct progress *p);
/* Prints it. */
void progress_show(struct progress *p, const struct progress_state *s);
/* Erases the live block; call before any other message. */
void progress_clear(struct progress *p);
/* Erases the live block and prints a message. */
void progress_say(struct progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
