#include "live/feed.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/sig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 };
/* Maximum age of the newest row of a stream under way, whose time follows the clock. */
#define RECENT_NS (60 * NS_PER_S)
/* period of looking at the events and at the file behind the name */
#define LOOK_NS	  (NS_PER_S / 2)
/* bound on how long a file that was replaced is read on */
#define HAND_OVER_NS (10 * NS_PER_S)

/* --- the source ---------------------------------------------------------- */

static bool is_stdin(const struct feed *f)
{
	return strcmp(f->params->path, "-") == 0;
}

/* Opens the source. A followed file may be created later. */
static int open_source(struct feed *f, bool first, struct err *e)
{
	const char *path = f->params->path;
	bool there = is_stdin(f) || !f->params->follow || file_exists(path);
	struct stat st;
	f->fd = is_stdin(f) ? STDIN_FILENO : there ? file_open(path, e) : -1;
	if (f->fd < 0 && there)
		return -1;
	if (f->fd < 0) {
		if (first)
			diag("'%s' is not there yet; waiting for it", path);
		return 0;
	}
	f->regular = fstat(f->fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
	pipe_widen(f->fd, PIPE_BYTES);
	csv_init_fed(&f->csv, is_stdin(f) ? "stdin" : path);
	f->csv.wants_late = true;
	return 0;
}

static enum csv_result next_row(struct feed *f, struct csv_row *row, struct err *e)
{
	if (!f->held)
		return csv_next(&f->csv, row, e);
	f->held = false;
	*row = f->first;
	return CSV_ROW;
}

/* A rule on what the rows lack would never become true. */
static int note_lacks(struct feed *f, struct err *e)
{
	const char *rule = rules_of_failures(f->live->config->rules);
	bool told = f->live->run->grid.no_unanswered;
	run_note_lacks(f->live->run, &f->csv);
	if (rule && f->csv.no_failures)
		return err_usage(e, "'%s' cannot be judged: failures are not in this log; throughput_rps and silence_s are", rule);
	if (rule && f->csv.no_unanswered && !told)
		diag("'%s' may come late or never: requests without an answer are not in this log", rule);
	return 0;
}

/* The rows up to that time of the stream, and one more. */
static int scan(struct feed *f, int64_t until_ns, struct err *e)
{
	struct csv_row row;
	enum csv_result got = CSV_ROW;
	f->more = false;
	while (f->live->now_ns <= until_ns && (got = next_row(f, &row, e)) == CSV_ROW) {
		if (note_lacks(f, e))
			return -1;
		live_row(f->live, &row);
		if (f->live->stopped)
			return 0;
	}
	f->more = got == CSV_ROW;
	return got == CSV_ERROR ? -1 : 0;
}

void feed_close(struct feed *f)
{
	if (f->fd < 0)
		return;
	csv_release(&f->csv);
	if (!is_stdin(f))
		close(f->fd);
	f->fd = -1;
}

/* Ends a file: an unfinished last line counts as torn. */
static int close_source(struct feed *f, struct err *e)
{
	if (f->fd < 0)
		return 0;
	bool nothing = f->params->follow && !f->csv.has_header && f->csv.at == f->csv.end;
	if (!nothing && !f->csv.ended)
		csv_fed(&f->csv, 0);
	int rc = nothing ? 0 : scan(f, INT64_MAX, e);
	run_note_source(f->live->run, &f->csv, false);
	feed_close(f);
	return rc;
}

/* Reopens the file if it was replaced or truncated. */
static int look_at_file(struct feed *f, struct err *e)
{
	struct stat now, ours;
	if (f->fd < 0)
		return open_source(f, false, e);
	if (!f->regular || stat(f->params->path, &now) || fstat(f->fd, &ours))
		return 0;
	bool other = now.st_ino != ours.st_ino || now.st_dev != ours.st_dev;
	if (!other && ours.st_size >= lseek(f->fd, 0, SEEK_CUR))
		return 0;
	/* Its writer may go on for a while, as servers do until they are told to open their log anew. */
	if (other && !f->replaced_ns)
		f->replaced_ns = f->looked_ns;
	if (other && (!f->quiet || f->looked_ns == f->replaced_ns) &&
	    f->looked_ns - f->replaced_ns < HAND_OVER_NS) {
		f->quiet = true;
		return 0;
	}
	f->replaced_ns = 0;
	diag("'%s' was %s: read from its start", f->params->path, other ? "replaced" : "cut");
	return close_source(f, e) ? -1 : open_source(f, false, e);
}

/* Reads once; waits so long for data from a pipe. */
static int take(struct feed *f, int wait_ms, struct err *e)
{
	struct pollfd p = {.fd = f->fd, .events = POLLIN};
	size_t room;
	f->idle = f->fd < 0;
	f->dry = true;
	if (f->idle || (!f->regular && poll(&p, 1, wait_ms) <= 0))
		return 0;
	char *to = csv_room(&f->csv, &room);
	ssize_t n = read(f->fd, to, room);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0) {
		err_sys(e, errno, "cannot read '%s'", f->csv.name);
		return is_stdin(f) ? -1 : file_err_named(e);
	}
	f->idle = n == 0 && f->regular && f->params->follow;
	if (f->idle)
		return 0;
	f->quiet = false;
	f->dry = false;
	csv_fed(&f->csv, (size_t)n);
	f->eof = n == 0;
	return 0;
}

/* --- what else is known --------------------------------------------------- */

static const char *existing(const char *path)
{
	return path && file_exists(path) ? path : NULL;
}

/* Sets second 0 to the start of the load, if it is known before the first row. */
static void declare_start(struct live *l)
{
	struct run_facts *f = &l->run->facts;
	struct grid *g = &l->run->grid;
	bool exact;
	f->t0_ns = run_facts_start_ns(f, &exact);
	for (size_t i = f->log.count; i-- > 0 && !exact;) /* that of the run, which a load may join later */
		if (f->log.events[i].kind == EVENT_PHASE_START)
			f->t0_ns = s_to_ns(f->log.events[i].t);
	if (!f->t0_ns || g->declared || g->settled || g->pending_count)
		return;
	int64_t length_ns = g->window_ns;
	grid_release(g);
	grid_init(g, length_ns, f->t0_ns);
}

static int read_facts(struct feed *f, bool strict, struct err *e)
{
	const struct feed_params *p = f->params;
	struct run_facts *facts = &f->live->run->facts;
	const char *const load[] = {strict && !p->follow ? p->load_summary : existing(p->load_summary), NULL};
	const char *events = strict && !p->follow ? p->events : existing(p->events);
	run_facts_release(facts);
	if (run_facts_read(facts, load, events, f->params->name, e))
		return -1;
	for (size_t i = 0; i < facts->log.count; i++)
		f->run_over = f->run_over || facts->log.events[i].kind == EVENT_RUN_END;
	if (!f->live->started)
		declare_start(f->live);
	if (!f->run_over && !facts->has_sound)
		facts->end_ns = 0; /* while the run goes on, a rate of 0 is a pause, not the end */
	return 0;
}

static void look_at_events(struct feed *f)
{
	struct stat st;
	struct err e;
	if (!f->params->events || stat(f->params->events, &st) || st.st_size == f->events_size)
		return;
	f->events_size = st.st_size;
	if (read_facts(f, false, &e)) /* for example a load summary that is being written */
		f->events_size = -1;
}

/* --- time ----------------------------------------------------------------- */

static void pass_time(struct feed *f)
{
	const struct live *l = f->live;
	int64_t mono = mono_ns(), wall = anchor_wall_ns(&f->wall, mono);
	int64_t newest = l->last_done_ns;
	if (newest && llabs(wall - newest) < RECENT_NS) {
		if (!f->under_way || newest - mono > f->ahead_ns)
			f->ahead_ns = newest - mono;
		f->under_way = true;
	} else if (!newest && l->run->facts.t0_ns &&
		   llabs(wall - l->run->facts.t0_ns) < RECENT_NS) {
		f->ahead_ns = wall - mono;
		f->under_way = true;
	}
	if (f->under_way)
		live_at(f->live, mono + f->ahead_ns);
}

static bool duration_over(const struct live *l)
{
	int64_t end_ns = l->config->duration_ns ? live_end_ns(l) : 0;
	return end_ns && l->now_ns > end_ns + live_timeout_ns(l) + LIVE_GRACE_NS;
}

static int look_around(struct feed *f, struct err *e)
{
	int64_t mono = mono_ns();
	if (mono - f->looked_ns >= LOOK_NS) {
		f->looked_ns = mono;
		look_at_events(f);
		if (f->params->follow && f->idle && look_at_file(f, e))
			return -1;
	}
	if (f->live->stopped)
		f->ended = "stop_rule";
	else if (f->params->follow && (sig_taken(SIGINT) || sig_taken(SIGTERM)))
		f->ended = "signal";
	else if (f->params->follow && f->run_over && f->idle)
		f->ended = "run_end";
	else if (duration_over(f->live))
		f->ended = "duration";
	return 0;
}

static int flush(struct feed *f, struct err *e)
{
	struct buf *out = &f->live->out;
	if (out->len && f->terminal)
		diag_clear_line();
	if (out->len && write_all(STDOUT_FILENO, out->data, out->len, e)) {
		f->reader_gone = e->sys_errno == EPIPE;
		return f->reader_gone ? 0 : -1;
	}
	buf_reset(out);
	return 0;
}

/* The end of a run that was cut short; 0: derived from the rows. */
static int64_t end_of(const struct feed *f)
{
	const struct live *l = f->live;
	if (strcmp(f->ended, "signal") != 0 && strcmp(f->ended, "stop_rule") != 0)
		return 0;
	return l->started ? l->now_ns - LIVE_GRACE_NS : 0;
}

/* --- what those who run it call ----------------------------------------------- */

int feed_init(struct feed *f, struct live *live, const struct feed_params *params, struct err *e)
{
	*f = (struct feed){.live = live, .params = params, .fd = -1, .wall = anchor_now(), .events_size = -1,
			   .terminal = isatty(STDOUT_FILENO)};
	look_at_events(f);
	return open_source(f, true, e);
}

int feed_hold_first(struct feed *f, struct err *e)
{
	if (f->held || f->eof)
		return 0;
	if (take(f, 0, e))
		return -1;
	enum csv_result got = f->dry ? CSV_AGAIN : csv_next(&f->csv, &f->first, e);
	f->held = f->more = got == CSV_ROW;
	return got == CSV_ERROR ? -1 : 0;
}

int feed_read(struct feed *f, int wait_ms, int64_t until_ns, struct err *e)
{
	if (!f->ended && !f->more && take(f, wait_ms, e))
		return -1;
	return !f->ended && f->fd >= 0 ? scan(f, until_ns, e) : 0;
}

int feed_look(struct feed *f, struct err *e)
{
	if (!f->ended && f->eof && !f->more)
		f->ended = "end_of_input";
	if (!f->more)
		pass_time(f);
	return (!f->ended && look_around(f, e)) || flush(f, e) ? -1 : 0;
}

int feed_finish(struct feed *f, struct err *e)
{
	f->finished = true;
	if (close_source(f, e))
		return -1;
	if (strcmp(f->ended, "end_of_input") == 0)
		live_input_over(f->live);
	if (f->live->stopped)
		f->ended = "stop_rule";
	if (read_facts(f, true, e))
		return -1;
	live_finish(f->live, end_of(f), f->ended);
	return flush(f, e);
}
