#include "pictures/panel.h"

#include "draw/axes.h"
#include "draw/lanes.h"

#include "base/buf.h"
#include "base/num.h"
#include "report/facts/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	LONG_RUN = 300,	 /* seconds from which bold lines would blot */
	SEEN_PX = 4,	 /* on each side of a line, at the upper edge */
	NARROW_OF = 200, /* what is shorter than this part of the axis is hidden by a line */
};

void panel_head(const struct panel *n, const char *what, bool small, struct buf *out)
{
	char *name = n->of->name ? text_shorten(n->of->name, NAME_MAX) : NULL;
	char *words = mem_printf("%s%s%s", name ? name : "", name ? ": " : "", what);
	bool low = !n->half && n->area.bottom - n->area.top < LOW_PX;
	const char *key = small && !low ? "1 width -1 font small" : low || n->half ? "1 width 0 font small" : "2 width 0 font ''";
	script_label(out, n->area.left, n->area.top - 14 - (n->half ? KEY_PX : 0), words, "left font strong tc rgb " COLOUR_TEXT "");
	buf_addf(out, "set key at screen %.5f, screen %.5f right center horizontal Right samplen %s noenhanced textcolor rgb " COLOUR_TEXT "\n",
		 n->area.right / CANVAS_W_PX, 1 - (n->area.top - 14) / CANVAS_H_PX, key);
	free(words);
	free(name);
}

void panel_begin(const struct panel *n, const struct strip *shaded, struct buf *out)
{
	if (n->last)
		script_label(out, (n->area.left + n->area.right) / 2, n->area.bottom + 36,
			     "seconds from the start of the run", "center tc rgb " COLOUR_TEXT "");
	script_area(out, &n->area);
	lanes_shade(out, n->p->marks, n->end_s, shaded);
	axis_x(out, 0, n->end_s, n->last);
}

void panel_end(struct buf *out)
{
	buf_addstr(out, "unset label; unset object; unset arrow\n");
}

static double top_rate(const struct series *s)
{
	double top = 0;
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		double len = x->length_s > 0 ? x->length_s : 1;
		top = fmax(top, fmax(x->due, fmax(x->ok, x->errors)) / len);
	}
	return top;
}

/* How the key of the rates fits beside the name: in full, with short names in small letters, or of the errors and
 * successes alone. */
enum key { KEY_FULL, KEY_SHORT, KEY_FEW };
static enum key key_of(const struct panel *n)
{
	const struct layers l = error_layers(n->of);
	size_t entries = l.count + l.more + 3, longest = strlen("successes");
	double room = n->area.right - n->area.left - (n->half ? 0 : 8 * (double)(20 + (n->of->name ? NAME_MAX : 0)));
	for (size_t i = 0; i < l.count; i++)
		longest = strlen(layer_name(l.of[i])) > longest ? strlen(layer_name(l.of[i])) : longest;
	if (!n->half && (double)entries * ((double)longest * 7.4 + 110) <= room)
		return KEY_FULL;
	return (double)entries * ((double)longest * 6.2 + 40) <= room ? KEY_SHORT : KEY_FEW;
}

static const char *const layer_colours[] = {COLOUR_ERROR, COLOUR_ERROR_2, COLOUR_ERROR_3, COLOUR_ERROR_4, COLOUR_ERROR_5};

static void error_plots(const struct series *s, enum key key, struct buf *out)
{
	if (s->count && isnan(s->seconds[0].errors)) {
		buf_addf(out, "NaN with lines lw 3 lc rgb %s title 'errors: not known', \\\n     ", COLOUR_ERROR);
		return;
	}
	const struct layers l = error_layers(s);
	size_t count = l.count + l.more;
	for (size_t i = 0; i < (count ? count : 1); i++)
		buf_addf(out, "%s using 1:%zu with fillsteps lc rgb %s fs solid 1 noborder title '%s%s', \\\n     ",
			 i ? "''" : "$rates", 4 + i, layer_colours[i], !l.count ? "errors" : key == KEY_FULL ? "errors: " : "",
			 i < l.count ? layer_name(l.of[i]) : l.count ? "others" : "");
}

/* Errors of a few pixels are drawn over the line of successes, too, which falls and rises there. */
static void narrow_errors(const struct series *s, struct buf *out)
{
	const struct layers l = error_layers(s);
	size_t count = l.count + l.more;
	for (size_t i = 0, c = 4; i < (count ? count : 1); i++, c++)
		buf_addf(out, ", \\\n     $narrow using 1:($%zu>$3?$3:0):(0):($%zu>$3?$%zu-$3:$%zu) "
			      "with vectors nohead lw 3 lc rgb %s notitle",
			 c, c, c, c, layer_colours[i]);
}

/* True if the second tells what is normal: judged, before the first fault, in no anomaly. */
static bool is_normal(const struct marks *m, const struct second *x)
{
	const struct strip *s = &m->strips[STRIP_ANOMALIES];
	double end_s = x->start_s + x->length_s;
	for (size_t i = 0; i < s->count; i++)
		if (x->start_s < s->bands[i].to_s - 1e-6 && end_s > s->bands[i].from_s + 1e-6)
			return false;
	for (size_t i = 0; i < m->bar_count; i++)
		if (end_s > bar_start_s(&m->bars[i]) + 1e-6)
			return false;
	return x->due > 0 && !x->unmeasured;
}

enum { NORMAL_MIN = 4 }; /* seconds */

/* The normal share of what was offered that succeeds: median and MAD; false if there is too little of it. */
static bool find_normal(const struct panel *n, double *middle, double *mad)
{
	double *all = mem_alloc((n->of->count + 1) * sizeof *all);
	size_t count = 0;
	for (size_t i = 0; i < n->of->count; i++)
		if (is_normal(n->p->marks, &n->of->seconds[i]))
			all[count++] = n->of->seconds[i].ok / n->of->seconds[i].due;
	if (count >= NORMAL_MIN) {
		*middle = num_median(all, count);
		for (size_t i = 0; i < count; i++)
			all[i] = fabs(all[i] - *middle);
		*mad = fmax(num_median(all, count), SEEN_PX / (n->area.bottom - n->area.top)); /* thinner would lie below a line */
	}
	free(all);
	return count >= NORMAL_MIN;
}

void panel_rates(const struct panel *n, struct buf *out)
{
	double top = axis_top(top_rate(n->of)), middle, mad;
	data_rates(out, "rates", n->of);
	data_due(out, "due", n->of);
	bool narrow = n->of->count > LONG_RUN && data_narrow(out, "narrow", n->of, n->end_s / NARROW_OF);
	enum key key = key_of(n);
	panel_head(n, "requests per second", key != KEY_FULL, out);
	panel_begin(n, &n->p->marks->strips[STRIP_ANOMALIES], out);
	axis_y(out, top, n->area.bottom - n->area.top);
	buf_addstr(out, "plot ");
	if (find_normal(n, &middle, &mad))
		buf_addf(out, "$due using 1:($2*%.6g):($2*%.6g) with filledcurves lc rgb " COLOUR_NORMAL
			      " fs solid 1 noborder title '%s', \\\n     ",
			 middle - mad, middle + mad, key == KEY_FEW ? "" : "normal");
	error_plots(n->of, key, out);
	buf_addf(out,
		 "$rates using 1:2 with steps lw 1.2 lc rgb " COLOUR_OFFERED " title '%s', \\\n"
		 "     '' using 1:3 with steps lw %g lc rgb " COLOUR_OK " title 'successes'",
		 key == KEY_FEW ? "" : "offered",
		 n->of->count > LONG_RUN ? 1.6 : 2.6);
	if (narrow)
		narrow_errors(n->of, out);
	buf_addch(out, '\n');
	panel_end(out);
}

