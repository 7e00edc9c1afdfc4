/* The runs of one scenario that was repeated, or searched for a breaking point: a panel for each metric, a
 * dot for each run. */
#include "draw/axes.h"
#include "draw/picture.h"

#include "base/buf.h"
#include "pictures/trials.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LEFT_PX = 82,
	RIGHT_PX = CANVAS_W_PX - 24,
	TOP_PX = 70,
	HEAD_PX = 42,
	BOTTOM_PX = CANVAS_H_PX - 72,
	METRICS_MAX = 6,
};

/* The x position of a trial: the value that was tried in a search, else its number. */
static double place(const struct json *trial, bool search)
{
	return json_num(json_get(trial, search ? "value" : "n"), NAN);
}

enum dot { DOT_HELD, DOT_MISSED, DOT_OTHER, DOT_CONTROL, DOT_COUNT };
static const struct {
	const char *title, *style;
} dots[DOT_COUNT] = {
	[DOT_HELD] = {"held", "pt 7 ps 1.3 lc rgb " COLOUR_OK ""},
	[DOT_MISSED] = {"missed", "pt 5 ps 1.3 lc rgb " COLOUR_ERROR ""},
	[DOT_OTHER] = {"neither", "pt 6 ps 1.3 lw 2 lc rgb " COLOUR_NOTE ""},
	[DOT_CONTROL] = {"without faults", "pt 4 ps 1.3 lw 2 lc rgb " COLOUR_FAULT ""},
};

static enum dot dot_of(const struct json *trial)
{
	const char *verdict = json_text(trial, "verdict");
	return json_bool(json_get(trial, "control"), false) ? DOT_CONTROL
	       : strcmp(verdict, "held") == 0		    ? DOT_HELD
	       : strcmp(verdict, "missed") == 0		    ? DOT_MISSED
							    : DOT_OTHER;
}

static bool is_bound(const struct json *trial, const char *metric)
{
	const struct json *list = json_get(trial, "censored");
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_str(json_at(list, i), ""), metric) == 0)
			return true;
	return false;
}

/* What the rows of a metric have. */
struct found {
	double top;
	bool kinds[DOT_COUNT], bound;
};

/* Rows of place, value, kind of dot, and 1 where the value is only known to be larger. */
static struct found data_metric(struct buf *out, const struct json *trials, const char *metric, bool search)
{
	struct found f = {0};
	buf_addstr(out, "$values <<EOD\n");
	for (size_t i = 0; i < json_count(trials); i++) {
		const struct json *t = json_at(trials, i), *value;
		void *iter = NULL;
		const char *key;
		while (json_next(json_get(t, "metrics"), &iter, &key, &value)) {
			double v = strcmp(key, metric) == 0 ? json_num(value, NAN) : (double)NAN;
			if (isnan(v) || isnan(place(t, search)))
				continue;
			bool bound = is_bound(t, metric);
			f.top = fmax(f.top, v);
			f.kinds[dot_of(t)] = true;
			f.bound = f.bound || bound;
			buf_addf(out, "%.6g %.6g %d %d\n", place(t, search), v, (int)dot_of(t), bound);
		}
	}
	buf_addstr(out, "EOD\n");
	return f;
}

static void bounds(const struct json *end, struct buf *out)
{
	static const char *const keys[] = {"lower_bound", "upper_bound"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		double at = json_num(json_get(end, keys[i]), NAN);
		if (!isnan(at))
			buf_addf(out, "set arrow from %.6g, graph 0 to %.6g, graph 1 nohead dt 2 lw 1.4 lc rgb %s back\n", at, at,
				 i ? COLOUR_ERROR : COLOUR_OK);
	}
}

/* A search halves its range on a logarithmic scale: so are its dots apart. */
static void log_x(struct buf *out, double from, double to)
{
	static const int steps[] = {1, 2, 5};
	double air = pow(to / from, 0.04);
	const char *comma = "";
	buf_addf(out, "set xrange [%.6g:%.6g]\nset logscale x\nset xtics (", from / air, to * air);
	for (double decade = pow(10, floor(log10(from))); decade <= to; decade *= 10)
		for (size_t i = 0; i < ARRAY_LEN(steps); i++)
			if (steps[i] * decade >= from / air && steps[i] * decade <= to * air) {
				buf_addf(out, "%s%.6g", comma, steps[i] * decade);
				comma = ", ";
			}
	buf_addstr(out, ")\n");
}

static void metric_panel(const struct trials *t, const char *metric, const struct area *a, bool first, bool last, struct buf *out)
{
	double from = HUGE_VAL, to = -HUGE_VAL;
	for (size_t i = 0; i < json_count(t->all); i++) {
		double at = place(json_at(t->all, i), t->search);
		from = fmin(from, at); /* ignores NaN */
		to = fmax(to, at);
	}
	const struct found f = data_metric(out, t->all, metric, t->search);
	script_label(out, LEFT_PX, a->top - 14, metric, "left font strong tc rgb " COLOUR_TEXT "");
	if (last)
		script_label(out, (a->left + a->right) / 2, a->bottom + 36, t->search ? json_str(json_get(t->head, "parameter"), "value") : "number of the run",
			     "center tc rgb " COLOUR_TEXT "");
	script_area(out, a);
	axis_x(out, 0, 1, last);
	double air = to > from ? (to - from) * 0.04 : 0.5;
	if (t->search && from > 0 && to > 3 * from)
		log_x(out, from, to);
	else
		buf_addf(out, "set xrange [%.6g:%.6g]\n%s", from - air, to + air, !t->search && to - from < 20 ? "set xtics 1\n" : "");
	axis_y(out, axis_top(f.top), a->bottom - a->top);
	bounds(t->end, out);
	if (first)
		buf_addf(out, "set key at screen %.5f, screen %.5f right center horizontal Right samplen 1 noenhanced textcolor rgb " COLOUR_TEXT "\n",
			 (double)RIGHT_PX / CANVAS_W_PX, 1 - (a->top - 14) / CANVAS_H_PX);
	else
		buf_addstr(out, "unset key\n");
	buf_addstr(out, "plot -1 notitle");
	if (f.bound)
		buf_addstr(out, ", $values using 1:($4>0?$2:1/0) with points pt 8 ps 2.4 lw 1.4 lc rgb " COLOUR_NOTE " title 'or more'");
	for (enum dot d = 0; d < DOT_COUNT; d++)
		if (f.kinds[d])
			buf_addf(out, ", $values using 1:($3==%d?$2:1/0) with points %s title '%s'", (int)d, dots[d].style, dots[d].title);
	buf_addstr(out, "\nunset label; unset arrow; unset logscale\n");
}

/* The names of metrics that have a number in some trial, in the order in which they are met. */
static size_t find_metrics(const struct json *trials, const char *names[static METRICS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < json_count(trials); i++) {
		void *iter = NULL;
		const char *key;
		const struct json *value;
		while (json_next(json_get(json_at(trials, i), "metrics"), &iter, &key, &value)) {
			size_t k = 0;
			while (k < count && strcmp(names[k], key) != 0)
				k++;
			if (k == count && count < METRICS_MAX && json_is_number(value))
				names[count++] = key;
		}
	}
	return count;
}

static char *title_of(const struct trials *t)
{
	size_t counts[DOT_COUNT] = {0};
	double lower = json_num(json_get(t->end, "lower_bound"), NAN), upper = json_num(json_get(t->end, "upper_bound"), NAN);
	for (size_t i = 0; i < json_count(t->all); i++)
		counts[dot_of(json_at(t->all, i))]++;
	const char *parameter = json_str(json_get(t->head, "parameter"), "value");
	const char *unsure = json_bool(json_get(t->end, "certain"), true) ? "" : ", not confirmed";
	if (t->search && !isnan(lower) && !isnan(upper))
		return mem_printf("%s: held up to %.6g, missed from %.6g on%s", parameter, lower, upper, unsure);
	if (t->search && !isnan(lower))
		return mem_printf("%s: held up to %.6g, no breaking point found%s", parameter, lower, unsure);
	if (t->search && !isnan(upper))
		return mem_printf("%s: missed from %.6g on, nothing held%s", parameter, upper, unsure);
	return mem_printf("%zu of %zu runs held, %zu missed", counts[DOT_HELD], json_count(t->all) - counts[DOT_CONTROL],
			  counts[DOT_MISSED]);
}

static int take_line(struct trials *t, struct json *j)
{
	const char *type = json_text(j, "type");
	bool head = strcmp(type, "trials") == 0;
	if (!t->head && !head)
		return -1;
	if (strcmp(type, "trial") == 0)
		json_push(t->all, json_clone(j));
	else if (head && !t->head)
		t->head = json_clone(j);
	else if (strcmp(type, "end") == 0 && !t->end)
		t->end = json_clone(j);
	return 0;
}

int trials_read(struct trials *t, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "stdin" : path;
	*t = (struct trials){.all = json_array_new()};
	int rc = is_stdin ? fd_read_all(STDIN_FILENO, name, &text, e) : file_read(path, &text, e);
	const char *at = text.data, *to = at + text.len;
	for (int line = 1; !rc && at < to; line++) {
		const char *end = memchr(at, '\n', (size_t)(to - at));
		struct json *j = end ? json_parse_at(at, (size_t)(end - at), name, line, e) : NULL;
		rc = !end ? 0 : !j ? -1 : take_line(t, j) ? err_usage(e, "'%s' is no list of trials: it does not begin with a line of type 'trials'", name) : 0;
		json_free(j);
		at = end ? end + 1 : to;
	}
	if (!rc && !t->head)
		rc = err_usage(e, "'%s' is no list of trials: it is empty", name);
	t->search = strcmp(json_text(t->head, "kind"), "search") == 0;
	buf_release(&text);
	return rc;
}

void trials_release(struct trials *t)
{
	json_free(t->head);
	json_free(t->all);
	json_free(t->end);
}

/* p has the terminal, the output, and a title unless none is wanted. */
static void trials_draw(const struct trials *t, const struct picture *p, struct buf *out)
{
	const char *names[METRICS_MAX];
	size_t count = find_metrics(t->all, names);
	char *title = title_of(t), *below = mem_printf("%s: %zu runs", json_str(json_get(t->head, "run_id"), "trials"), json_count(t->all));
	double top = p->title ? TOP_PX : TOP_PX - 26, height = (BOTTOM_PX - top) / (double)(count ? count : 1) - HEAD_PX;
	script_begin(out, "trials", &p->canvas);
	if (p->title)
		script_label(out, 24, 28, title, "left font bold tc rgb " COLOUR_TEXT "");
	script_label(out, 24, top - 16, below, "left tc rgb " COLOUR_NOTE "");
	if (!count)
		buf_addstr(out, "set label 'no trial has a number' at screen 0.5, 0.5 center\n"
				"unset border; unset tics; unset key\nset xrange [0:1]; set yrange [0:1]\nplot -1 notitle\n");
	for (size_t i = 0; i < count; i++) {
		struct area a = {LEFT_PX, RIGHT_PX, top + HEAD_PX, top + HEAD_PX + height};
		metric_panel(t, names[i], &a, i == 0, i + 1 == count, out);
		top = a.bottom;
	}
	script_end(out, p->canvas.output);
	free(title);
	free(below);
}

const struct picture_kind trials_picture = {.name = "trials", .draw_trials = trials_draw};
