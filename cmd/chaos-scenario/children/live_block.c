#include "children/live_block.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"

#include <stdio.h>
#include <string.h>

static const char red[] = "\x1b[31m", yellow[] = "\x1b[33m", none[] = "";
static const char plain_end[] = "\x1b[0m";

/* Columns that a character takes; text is its first byte. East Asian ones and pictures take two. */
static size_t width_of(const char *text)
{
	unsigned char c = (unsigned char)text[0];
	if ((c & 0xc0) == 0x80)
		return 0;
	unsigned lead = c >= 0xf0 ? 0x1f000 : c >= 0xe0 ? ((c & 0x0fU) << 12 | (text[1] & 0x3fU) << 6) : 0;
	return lead >= 0x2e80 || (lead >= 0x1100 && lead < 0x1200) ? 2 : 1;
}

static void add_row(const struct live_screen *screen, const char *colour, const struct buf *row, struct buf *out)
{
	size_t columns = 0, len = 0;
	for (; len < row->len && (columns += width_of(row->data + len)) < screen->columns; len++)
		;
	while (len < row->len && len && ((unsigned char)row->data[len] & 0xc0) == 0x80)
		len--; /* no part of a character */
	bool coloured = screen->colour && *colour;
	buf_addf(out, "%s%.*s%s\x1b[K\n", coloured ? colour : "", (int)len, row->data ? row->data : "",
		 coloured ? plain_end : "");
}

/* The time that is over, with a mark where a phase begins. */
static void time_bar(const struct progress_state *s, size_t columns, struct buf *row)
{
	char label[80];
	double left_s = ns_to_s(s->total_ns - s->elapsed_ns);
	int n = snprintf(label, sizeof label, " %.0f/%.0f s, %.0f s to go", ns_to_s(s->elapsed_ns), ns_to_s(s->total_ns),
			 left_s > 0 ? left_s : 0);
	size_t cells = columns > (size_t)n + 8 ? columns - (size_t)n - 3 : 5, phase = 1;
	buf_addch(row, '[');
	for (size_t i = 0; i < cells; i++) {
		int64_t from_ns = (int64_t)((double)s->total_ns * (double)i / (double)cells);
		int64_t to_ns = (int64_t)((double)s->total_ns * (double)(i + 1) / (double)cells);
		bool mark = phase < s->scenario->phase_count && s->scenario->phases[phase].start_ns < to_ns;
		while (phase < s->scenario->phase_count && s->scenario->phases[phase].start_ns < to_ns)
			phase++;
		buf_addch(row, mark ? '|' : from_ns < s->elapsed_ns ? '=' : '-');
	}
	buf_addf(row, "]%s", label);
}

static void phase_row(const struct progress_state *s, struct buf *row)
{
	const struct scenario_phase *p = s->phase_now;
	double left_s = ns_to_s(p->start_ns + p->duration_ns - s->elapsed_ns);
	buf_addf(row, "phase %zu of %zu, %s%.0f s to go: %s", (size_t)(p - s->scenario->phases) + 1, s->scenario->phase_count,
		 p->until_recovered ? "until recovered, at most " : "", left_s > 0 ? left_s : 0, p->name);
}

static void faults_row(const struct progress_state *s, struct buf *row)
{
	const struct heard *r = s->heard;
	int64_t now = mono_ns();
	if (!r->held_count) {
		buf_addstr(row, "no fault is active");
		return;
	}
	buf_addf(row, "%zu active:", r->held_count);
	for (size_t i = 0; i < r->held_count; i++) {
		double left_s = ns_to_s(r->held[i].until_ns - now);
		buf_addf(row, "%s %s %s", i ? "," : "", r->held[i].action, r->held[i].node);
		if (r->held[i].until_ns)
			buf_addf(row, " (%.1f s)", left_s > 0 ? left_s : 0);
	}
}

/* Throughput of the last seconds, from 0 to the highest. */
static void sparkline(const struct progress_past *past, const struct live_screen *screen, struct buf *row)
{
	static const char *const bars[] = {" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588"};
	static const char ascii[] = " .:-=+*#@";
	enum { LEVELS = 8 };
	char label[40];
	double most = 0;
	size_t room = screen->columns, from = past->count > PAST_SECONDS ? past->count - PAST_SECONDS : 0;
	for (size_t i = from; i < past->count; i++)
		most = past->ok_rps[i % PAST_SECONDS] > most ? past->ok_rps[i % PAST_SECONDS] : most;
	room -= (size_t)snprintf(label, sizeof label, " at most %.0f ok/s", most) + 1;
	if (screen->columns < sizeof label || past->count - from > room)
		from = past->count > room && screen->columns >= sizeof label ? past->count - room : from;
	for (size_t i = from; i < past->count; i++) {
		double v = past->ok_rps[i % PAST_SECONDS];
		size_t level = most > 0 ? (size_t)(v / most * LEVELS + 0.5) : 0;
		level += v > 0 && !level;
		if (screen->utf8)
			buf_addstr(row, bars[level]);
		else
			buf_addch(row, ascii[level]);
	}
	if (past->count > from)
		buf_addstr(row, label);
}

void live_block(const struct progress_state *s, const struct progress_past *past, const struct live_screen *screen,
		struct buf *out)
{
	struct buf rows[LIVE_ROWS] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	const char *colours[LIVE_ROWS] = {none, none, s->failed_rps > 0 ? red : none, none,
					  s->heard->held_count ? yellow : none, none};
	size_t count = 0;
	if (s->total_ns) {
		double done = s->ok_rps + s->failed_rps;
		time_bar(s, screen->columns, &rows[0]);
		phase_row(s, &rows[1]);
		buf_addf(&rows[2], "due %.6g/s, ended %.0f/s: %.0f ok, %.0f failed (%.1f %%)", s->rate, done, s->ok_rps,
			 s->failed_rps, done > 0 ? 100 * s->failed_rps / done : 0);
		buf_addf(&rows[3], s->p99_ms > 0 ? "last second p50 %.3g ms, p99 %.3g ms" : "last second: no success", s->p50_ms,
			 s->p99_ms);
		faults_row(s, &rows[4]);
		sparkline(past, screen, &rows[5]);
		count = screen->rows > LIVE_ROWS ? LIVE_ROWS : screen->rows > 3 ? 3 : 1;
	} else {
		buf_addf(&rows[0], "%s", s->phase);
		faults_row(s, &rows[1]);
		count = s->heard->held_count && screen->rows > 2 ? 2 : 1;
	}
	for (size_t i = 0; i < count; i++) {
		plain_lines(&rows[i]);
		add_row(screen, colours[i], &rows[i], out);
	}
	buf_addf(out, "\x1b[J\x1b[%zuA", count);
	for (size_t i = 0; i < LIVE_ROWS; i++)
		buf_release(&rows[i]);
}
