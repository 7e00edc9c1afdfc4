/* Rate changes on standard input, one command a line:
 *	[@S] rate N
 *	[@S] ramp N M DURATION
 *	[@S] stop
 *	[@S] replay
 * @S: seconds after slot 0; without it, at once. Every line is answered by an event, a bad one
 * at once, a change when it takes effect. */
#ifndef LOAD_SENDING_CONTROL_H
#define LOAD_SENDING_CONTROL_H

#include "requests/replay.h"
#include "sending/pacer.h"
#include "stream/event.h"
#include "sys/loop.h"

enum control_verb { CONTROL_RATE, CONTROL_RAMP, CONTROL_STOP, CONTROL_REPLAY };

struct control_command {
	enum control_verb verb;
	int64_t at_ns;	 /* since slot 0; negative: now */
	double from, to; /* requests a second */
	int64_t ramp_ns;
};

/* Reads one line (it is cut up in the process). Returns 0, or -1 with the reason. */
int control_line_parse(char *line, struct control_command *c, struct err *e);

struct control;

struct control_config {
	struct loop *loop;
	struct pacer *pacer;
	const struct times *times; /* of --replay, which 'replay' begins */
	const char *load_name; /* of several, for the events; NULL: none */
	const struct event_sink *events; /* fd negative: bad lines are reported on stderr */
	/* The input has ended, which stops the load. */
	void (*ended)(void *arg);
	/* Events cannot be written any more. */
	void (*failed)(void *arg, const struct err *e);
	void *arg;
};

/* NULL on error. config must outlive it. */
struct control *control_new(const struct control_config *c, struct err *e);
void control_free(struct control *c); /* accepts NULL */

/* Starts to read commands from a descriptor; from a file, reads them all. Before pacer_start, so
 * that reading holds up no slot. */
int control_read(struct control *c, int fd, struct err *e);
/* After pacer_start. */
void control_started(struct control *c);

/* Schedules the event for a rate that the options set. */
void control_announce(struct control *c, const struct control_command *command);

bool control_has_bad(const struct control *c); /* a line was no command */

/* Writes the events that have taken effect by now, and drops the rest; the end of
 * the schedule and why is announced as the last. */
void control_finish(struct control *c, int64_t end_ns, const char *why);

#endif
