#include "children/progress.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "children/live_block.h"
#include "cli/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t live_every_ns = 200 * NS_PER_MS;
static const int64_t plain_every_ns = 10 * NS_PER_S;

void progress_init(struct progress *p, const char *word)
{
	*p = (struct progress){.kind = PROGRESS_PLAIN, .next_ns = mono_ns()};
	if (strcmp(word, "none") == 0)
		p->kind = PROGRESS_NONE;
	else if (strcmp(word, "auto") == 0 && isatty(STDERR_FILENO) &&
		 (!getenv("TERM") || strcmp(getenv("TERM"), "dumb") != 0))
		p->kind = PROGRESS_LIVE;
	if (p->kind == PROGRESS_PLAIN)
		p->next_ns += plain_every_ns;
}

static void describe(const struct progress_state *s, struct buf *out)
{
	if (s->total_ns == 0) {
		buf_addstr(out, s->phase);
	} else {
		buf_addf(out, "%3.0f/%.0f s  %s  load %.6g/s: %.0f good, %.0f failed",
			 ns_to_s(s->elapsed_ns), ns_to_s(s->total_ns), s->phase, s->rate,
			 s->ok_rps, s->failed_rps);
	}
	for (size_t i = 0; i < s->heard->held_count; i++)
		buf_addf(out, "%s%s %s", i ? ", " : "  active: ", s->heard->held[i].action,
			 s->heard->held[i].node);
	plain_lines(out);
}

static void put(const char *data, size_t len)
{
	ssize_t n = diag_writable() ? write(STDERR_FILENO, data, len) : 0;
	(void)n; /* there is no other place for an error message */
}

static bool is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

/* The cursor stays before the block, so that messages of the children overwrite it; diag clears what they
 * leave of it. */
static void draw(struct progress *p, const struct progress_state *s, struct buf *text)
{
	const char *no_colour = getenv("NO_COLOR");
	const struct live_screen screen = {.columns = diag_columns(80), .rows = diag_rows(24),
					   .colour = !no_colour || !*no_colour, .utf8 = is_utf8()};
	if (s->seconds > p->past.count && s->total_ns)
		p->past.ok_rps[p->past.count++ % PAST_SECONDS] = s->ok_rps;
	text->len = 0;
	live_block(s, &p->past, &screen, text);
	put(text->data, text->len);
	p->drawn = true;
}

bool progress_is_due(const struct progress *p)
{
	return p->kind != PROGRESS_NONE && mono_ns() >= p->next_ns;
}

void progress_show(struct progress *p, const struct progress_state *s)
{
	int64_t now = mono_ns();
	struct buf text = BUF_INIT;
	describe(s, &text);
	if (p->kind == PROGRESS_LIVE) {
		p->next_ns = now + live_every_ns;
		draw(p, s, &text);
	} else {
		p->next_ns += plain_every_ns;
		diag("%s", text.data + strspn(text.data, " "));
	}
	buf_release(&text);
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		put("\x1b[J", 3);
	p->drawn = false;
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	char msg[800];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	progress_clear(p);
	diag("%s", msg);
}
