#include "plan/profile.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/units.h"
#include "plan/schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* Parser state. Words are cut from text in place. */
struct reader {
	char *text;
	double max_rate;
	struct rate_profile *profile;
	struct err *e;
};

static char *trim(char *s)
{
	s += strspn(s, " \t\n");
	size_t len = strlen(s);
	while (len && strchr(" \t\n", s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* Prefixes the message with the column of the word. */
static int at_word(const struct reader *r, const char *word)
{
	return err_prefix(r->e, "column %d", (int)(word - r->text) + 1);
}

/* Splits a word at a mark; NULL if it lacks the mark. */
static char *cut(char *word, const char *mark)
{
	char *at = strstr(word, mark);
	if (!at)
		return NULL;
	*at = '\0';
	return trim(at + strlen(mark));
}

/* Common wrong notations of a ramp: "50-500", "50->500", "50 to 500". */
static const char *ramp_mark(const char *word)
{
	static const char *const marks[] = {"->", "-", "to", ":"};
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strstr(word, marks[i]) && *word >= '0' && *word <= '9')
			return marks[i];
	return NULL;
}

static int read_rate(const struct reader *r, char *word, double *rate)
{
	const char *mark = ramp_mark(word);
	word = trim(word);
	if (num_double(word, 0, r->max_rate, rate) == 0)
		return 0;
	err_usage(r->e, "'%s' is not a rate from 0 to %.0f per second", word, r->max_rate);
	if (mark) {
		char *from = mem_strdup(word), *to = cut(from, mark);
		err_usage(r->e, "'%s' is not a rate; did you mean the ramp '%s..%s'?", word,
			  trim(from), to);
		free(from);
	}
	return at_word(r, word);
}

static int read_span(const struct reader *r, char *word, int64_t *ns)
{
	word = trim(word);
	if (span_parse(word, ns) == 0 && *ns > 0)
		return 0;
	err_usage(r->e, "'%s' is not a time span (20, 20s, 150ms, 1m30s)", word);
	return at_word(r, word);
}

static int add(const struct reader *r, int64_t length_ns, double from, double to)
{
	struct rate_profile *p = r->profile;
	if (p->count == PROFILE_STEPS_MAX)
		return err_usage(r->e, "more than %d steps, stairs and waves", PROFILE_STEPS_MAX);
	if (length_ns > SCHEDULE_LENGTH_MAX_NS - p->length_ns)
		return err_usage(r->e, "longer than ten years");
	p->steps = mem_grow(p->steps, &p->alloc, p->count, sizeof *p->steps);
	p->steps[p->count++] = (struct profile_step){
		.at_ns = p->length_ns, .length_ns = length_ns, .from = from, .to = to};
	p->length_ns += length_ns;
	return 0;
}

static int add_stairs(const struct reader *r, int64_t length_ns, double from, double to, char *word)
{
	int64_t stairs, done_ns = 0;
	word = trim(word);
	if (num_i64(word, 2, PROFILE_STEPS_MAX, &stairs) || length_ns < stairs) {
		err_usage(r->e, "'%s' is not a number of stairs from 2 to %d", word, PROFILE_STEPS_MAX);
		return at_word(r, word);
	}
	for (int64_t i = 0; i < stairs; i++) {
		double rate = from + (to - from) * (double)i / (double)(stairs - 1);
		int64_t end_ns = (int64_t)((double)length_ns * (double)(i + 1) / (double)stairs);
		if (add(r, end_ns - done_ns, rate, rate))
			return -1;
		done_ns = end_ns;
	}
	return 0;
}

/* Rate of the wave at its i-th corner. */
static double corner(double mean, double swing, int64_t i)
{
	return fmax(0, mean + swing * sin(2 * pi * (double)(i % PROFILE_WAVE_RAMPS) /
					  PROFILE_WAVE_RAMPS));
}

static int add_wave(const struct reader *r, int64_t length_ns, char *mean_word, char *swing_word)
{
	double mean, swing;
	int64_t period_ns, done_ns = 0;
	char *period = cut(swing_word, "/");
	if (read_rate(r, mean_word, &mean) || read_rate(r, swing_word, &swing))
		return -1;
	swing_word = trim(swing_word);
	if (!period) {
		err_usage(r->e, "a wave needs its period: RATE~SWING/PERIOD");
		return at_word(r, swing_word);
	}
	if (swing > mean || mean + swing > r->max_rate) {
		err_usage(r->e, "a swing of %s leads to rates below 0 or above %.0f", swing_word,
			  r->max_rate);
		return at_word(r, swing_word);
	}
	if (read_span(r, period, &period_ns))
		return -1;
	for (int64_t i = 0; done_ns < length_ns; i++) {
		int64_t end_ns =
			(int64_t)((double)period_ns * (double)(i + 1) / PROFILE_WAVE_RAMPS);
		double from = corner(mean, swing, i), to = corner(mean, swing, i + 1);
		if (end_ns <= done_ns)
			return err_usage(r->e, "a period of '%s' is too short", period);
		if (end_ns > length_ns) { /* the step ends within the ramp */
			to = from + (to - from) * (double)(length_ns - done_ns) /
					    (double)(end_ns - done_ns);
			end_ns = length_ns;
		}
		if (add(r, end_ns - done_ns, from, to))
			return -1;
		done_ns = end_ns;
	}
	return 0;
}

/* Three dots are no ramp to ".100", even if they could be. */
static int err_dots(const struct reader *r, char *word, const char *dots)
{
	word = trim(word);
	err_usage(r->e, "'%s' is not a ramp; did you mean '%.*s..%s'?", word, (int)(dots - word), word,
		  dots + strspn(dots, "."));
	return at_word(r, word);
}

static int read_step(const struct reader *r, char *text)
{
	char *rate = cut(text, "@"), *other, *stairs;
	int64_t length_ns;
	double from, to;
	if (!rate) {
		err_usage(r->e, "'%s' is not DURATION@RATE or DURATION@RATE..RATE", text);
		return at_word(r, text);
	}
	if (read_span(r, text, &length_ns))
		return -1;
	if ((other = cut(rate, "~")))
		return add_wave(r, length_ns, rate, other);
	if ((other = strstr(rate, "...")))
		return err_dots(r, rate, other);
	if (!(other = cut(rate, "..")))
		return read_rate(r, rate, &from) ? -1 : add(r, length_ns, from, from);
	stairs = cut(other, "/");
	if (read_rate(r, rate, &from) || read_rate(r, other, &to))
		return -1;
	return stairs ? add_stairs(r, length_ns, from, to, stairs) : add(r, length_ns, from, to);
}

int rate_profile_parse(const char *text, double max_rate, struct rate_profile *p, struct err *e)
{
	char *copy = mem_strdup(text), *next = copy, *step;
	struct reader r = {.text = copy, .max_rate = max_rate, .profile = p, .e = e};
	int rc = 0;
	*p = (struct rate_profile){0};
	while (!rc && (step = strsep(&next, ",")))
		rc = read_step(&r, trim(step));
	free(copy);
	return rc;
}

void rate_profile_release(struct rate_profile *p)
{
	free(p->steps);
	*p = (struct rate_profile){0};
}
