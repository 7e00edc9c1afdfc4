#include "live/feed_source.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "sys/file.h"
#include "sys/sig.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Maximum age of the newest row of a stream under way, whose time follows the clock. */
#define RECENT_NS (60 * NS_PER_S)
/* period of looking at the events, and at the files that bear the name */
#define LOOK_NS	  (NS_PER_S / 2)

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

static int look_at_events(struct feed *f, struct err *e)
{
	struct stat st;
	struct err transient;
	if (!f->params->events || stat(f->params->events, &st) || st.st_size == f->events_size)
		return 0;
	f->events_size = st.st_size;
	if (read_facts(f, false, &transient)) /* for example a load summary that is being written */
		f->events_size = -1;
	return run_check_plan(f->live->run, e);
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
	bool period = mono - f->looked_ns >= LOOK_NS, over = f->run_over; /* by what was read since */
	if (period) {
		f->looked_ns = mono;
		if (look_at_events(f, e))
			return -1;
	}
	if (feed_source_look(f, period, e))
		return -1;
	if (f->live->stopped)
		f->ended = "stop_rule";
	else if (f->params->follow && (sig_taken(SIGINT) || sig_taken(SIGTERM)))
		f->ended = "signal";
	else if (f->params->follow && over && f->idle &&
		 !(f->files && succession_waits(f->files) && !succession_waits_empty(f->files)))
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
	*f = (struct feed){.live = live, .params = params, .fd = -1, .left_fd = -1, .wall = anchor_now(), .events_size = -1,
			   .terminal = isatty(STDOUT_FILENO)};
	return look_at_events(f, e) || feed_source_open(f, e) ? -1 : 0;
}

int feed_peek(struct feed *f, struct err *e)
{
	if (f->peeked || f->eof)
		return 0;
	if (feed_source_take(f, 0, e))
		return -1;
	enum csv_result got = f->dry ? CSV_AGAIN : csv_next(&f->csv, &f->first, e);
	f->peeked = f->more = got == CSV_ROW;
	return got == CSV_ERROR ? -1 : 0;
}

int feed_read(struct feed *f, int wait_ms, int64_t until_ns, struct err *e)
{
	if (!f->ended && !f->more && feed_source_take(f, wait_ms, e))
		return -1;
	return !f->ended && f->fd >= 0 ? feed_source_scan(f, until_ns, e) : 0;
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
	if (feed_source_end(f, e))
		return -1;
	if (strcmp(f->ended, "end_of_input") == 0)
		live_input_over(f->live);
	if (f->live->stopped)
		f->ended = "stop_rule";
	if (read_facts(f, true, e) || run_check_plan(f->live->run, e))
		return -1;
	live_finish(f->live, end_of(f), f->ended);
	return flush(f, e);
}
