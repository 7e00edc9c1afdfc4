/* Events: JSON Lines that say what was done to the system under test and when. Several
 * processes append to one file through an inherited O_APPEND descriptor, one
 * write a line; readers sort by t. */
#ifndef STREAM_EVENT_H
#define STREAM_EVENT_H

#include "base/clock.h"
#include "base/err.h"
#include "stream/json.h"

/* Appended to the first line of a file by the scenario alone. Raise the number
 * only if a key changes its meaning; new keys and events leave it as it is. */
#define EVENT_FORMAT "chaos-events/1"

enum event_kind {
	EVENT_RUN_START,
	EVENT_PHASE_START,
	EVENT_LOAD_RATE,
	EVENT_FAULT_REQUESTED,
	EVENT_FAULT_INJECTED, /* confirmed by looking at the target */
	EVENT_FAULT_VERIFIED, /* its effect was seen from outside */
	EVENT_REVERT_REQUESTED,
	EVENT_REVERTED,
	EVENT_REVERT_FAILED,
	EVENT_NODE_DOWN,
	EVENT_NODE_READY,
	EVENT_STOP_RULE,
	EVENT_RUN_END,
	EVENT_WARNING,
	EVENT_ERROR,	     /* a control line that could not be obeyed */
	EVENT_LOAD_READY,    /* all places of a load that comes from several wait for its start */
	EVENT_SESSION_START, /* a control session takes commands now */
	EVENT_PICKED,	     /* which nodes were drawn, and by which seed */
	EVENT_CHECKED,	     /* a control line that would be obeyed */
	EVENT_CLOCK,	     /* what time it is where a session runs */
	EVENT_HOST,	     /* how far a host's clock is off, by which its events are corrected */
	EVENT_OTHER,	     /* a name this version does not know */
	EVENT_COUNT
};

/* Where event lines go. Copy freely; the descriptor stays the caller's. */
struct event_sink {
	int fd; /* negative: events are dropped */
	struct anchor anchor;
};

/* A line under way: {"t":…,"event":…} with t = now on the sink's clock. Add
 * keys with json_set_*; then send it, which frees it. */
struct json *event_new(const struct event_sink *s, enum event_kind k);
struct json *event_new_at(const struct event_sink *s, enum event_kind k, int64_t mono);

/* The keys of an error: message, code, and what else is known of it. */
void event_set_err(struct json *j, const struct err *e);

/* Writes the line in one write and frees j. Returns 0, or -1 (disk full, closed pipe). */
int event_send(const struct event_sink *s, struct json *j, struct err *e);

/* One line as a reader has it. Strings are borrowed from json, which the log owns. */
struct event {
	double t;    /* UNIX s */
	size_t line; /* from 0: the order of lines of one t */
	enum event_kind kind;
	const char *fault, *action, *node, *url; /* NULL if the line has none */
	const struct json *json;		     /* the whole line */
};

struct event_log {
	struct event *events; /* sorted by t, ties in file order */
	size_t count, alloc;
	size_t bad_lines; /* torn or no events: skipped and counted */
	size_t torn;	  /* of these: 1 if the last is cut short, as a writer that was killed leaves it */
	size_t first_bad; /* line of the first that is not torn, from 1; 0: none */
	const char *bad_reason; /* why it is no event; static */
	struct json **lines;
};

/* Parses the text of an events file. Never fails: bad lines are counted. */
void event_log_parse(struct event_log *log, const char *text, size_t len);
void event_log_release(struct event_log *log);
/* Lines that are no events, but for a torn one. */
size_t event_log_unread(const struct event_log *log);
/* More than 1 % of the lines: one of them may have told of a fault. */
bool event_log_much_unread(const struct event_log *log);
/* A run that said when it began, and not how it ended: killed, or still going on. */
bool event_log_cut_off(const struct event_log *log);

#endif
