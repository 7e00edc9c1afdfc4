#include "report/facts/facts.h"

#include "base/buf.h"
#include "report/facts/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 256 };

/* A time or a duration; whole seconds without decimals. */
static char *display_seconds(double v, char out[static WORDS_MAX])
{
	if (fabs(v - round(v)) < 1e-9)
		snprintf(out, WORDS_MAX, "%.0f s", v);
	else if (fabs(v) < 0.9995)
		words_span(v, out);
	else
		snprintf(out, WORDS_MAX, "%.1f s", v);
	return out;
}

static char *display_plain(double v, char out[static WORDS_MAX])
{
	if (v >= 0 && v < 1e15 && fabs(v - round(v)) < 1e-9)
		return words_many(v, out);
	snprintf(out, WORDS_MAX, "%.*f", fabs(v - round(v)) < 1e-9 ? 0 : 3, v);
	return out;
}

/* How a value is displayed: the first end of its id that matches decides. */
static const struct {
	const char *end;
	enum { PLAIN, VALUE, SHARE, PERCENT, SECONDS, RATIO } how;
	const char *unit; /* of a value */
} forms[] = {
	{"_epoch_s", PLAIN, ""}, /* a UNIX time, not a duration */
	{"_ms", VALUE, " ms"},	  {"_rps", VALUE, "/s"},
	{"error_rate", SHARE, ""}, {"_ratio", SHARE, ""},
	{"_threshold", SHARE, ""}, {"_pct", PERCENT, ""},
	{"_sec", SECONDS, ""},	  {"_s", SECONDS, ""},
	{".request", SHARE, ""},   {"availability.time", SHARE, ""},
	{".yield", SHARE, ""},	  {".ratio", RATIO, ""},
	{".slo", SHARE, ""},	  {".budget_burned", SHARE, ""},
	{"", PLAIN, ""},
};

static char *display(size_t form, double v, char out[static WORDS_MAX])
{
	switch (forms[form].how) {
	case VALUE: return words_value(v, forms[form].unit, out);
	case SHARE: return words_share(v, out);
	case PERCENT: return words_share(v / 100, out);
	case SECONDS: return display_seconds(v, out);
	case RATIO: return words_ratio(1, v, out);
	case PLAIN:
	default: return display_plain(v, out);
	}
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && strcmp(text + n - m, end) == 0;
}

static void add(struct facts *f, const char *id, double v)
{
	char text[WORDS_MAX];
	size_t i = 0;
	while (!ends_in(id, forms[i].end))
		i++;
	f->all = mem_grow(f->all, &f->alloc, f->count, sizeof *f->all);
	f->all[f->count++] = (struct fact){mem_strdup(id), v, mem_strdup(display(i, v, text))};
}

static void walk(struct facts *f, const struct json *j, const char *id)
{
	char child[ID_MAX];
	const char *dot = *id ? "." : "", *key;
	const struct json *value;
	void *iter = NULL;
	if (json_is_number(j))
		add(f, id, json_num(j, NAN));
	for (size_t i = 0; i < json_count(j); i++)
		if (snprintf(child, sizeof child, "%s%s%zu", id, dot, i) < ID_MAX)
			walk(f, json_at(j, i), child);
	while (json_next(j, &iter, &key, &value))
		if (snprintf(child, sizeof child, "%s%s%s", id, dot, key) < ID_MAX)
			walk(f, value, child);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct fact *)a)->id, ((const struct fact *)b)->id);
}

void facts_collect(struct facts *f, const struct json *j)
{
	*f = (struct facts){0};
	walk(f, j, "");
	if (f->count)
		qsort(f->all, f->count, sizeof *f->all, by_id);
}

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->all[i].id);
		free(f->all[i].display);
	}
	free(f->all);
	*f = (struct facts){0};
}

__attribute__((format(printf, 2, 0)))
static const struct fact *find(const struct facts *f, const char *fmt, va_list ap)
{
	char id[ID_MAX];
	vsnprintf(id, sizeof id, fmt, ap);
	struct fact wanted = {.id = id};
	return f->count ? bsearch(&wanted, f->all, f->count, sizeof *f->all, by_id) : NULL;
}

const struct fact *facts_find(const struct facts *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const struct fact *found = find(f, fmt, ap);
	va_end(ap);
	return found;
}

const char *facts_display(const struct facts *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const struct fact *found = find(f, fmt, ap);
	va_end(ap);
	return found ? found->display : "unknown";
}
