#include "report/facts.h"

#include "base/buf.h"
#include "report/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 256 };

static char *say_share(double v, char out[static WORDS_MAX])
{
	return words_share(v, out);
}

static char *say_percent(double v, char out[static WORDS_MAX])
{
	return words_share(v / 100, out);
}

static char *say_ms(double v, char out[static WORDS_MAX])
{
	return words_value(v, " ms", out);
}

static char *say_rate(double v, char out[static WORDS_MAX])
{
	return words_value(v, "/s", out);
}

/* A moment or a length; whole seconds as such. */
static char *say_seconds(double v, char out[static WORDS_MAX])
{
	if (fabs(v - round(v)) < 1e-9)
		snprintf(out, WORDS_MAX, "%.0f s", v);
	else if (fabs(v) < 0.9995)
		words_span(v, out);
	else
		snprintf(out, WORDS_MAX, "%.1f s", v);
	return out;
}

static char *say_ratio(double v, char out[static WORDS_MAX])
{
	return words_ratio(1, v, out);
}

static char *say_plain(double v, char out[static WORDS_MAX])
{
	snprintf(out, WORDS_MAX, "%.*f", fabs(v - round(v)) < 1e-9 ? 0 : 3, v);
	return out;
}

/* The first end that fits decides. */
static const struct {
	const char *end;
	char *(*say)(double v, char out[static WORDS_MAX]);
} units[] = {
	{"_epoch_s", say_plain}, /* a moment, not a span */
	{"_ms", say_ms},	   {"_rps", say_rate},
	{"error_rate", say_share}, {"_ratio", say_share},
	{"_threshold", say_share}, {"_pct", say_percent},
	{"_sec", say_seconds},	   {"_s", say_seconds},
	{".request", say_share},   {"availability.time", say_share},
	{".yield", say_share},	   {".ratio", say_ratio},
	{".slo", say_share},	   {".budget_burned", say_share},
};

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n >= m && strcmp(text + n - m, end) == 0;
}

static void add(struct facts *f, const char *id, double v)
{
	char display[WORDS_MAX];
	char *(*how)(double, char[static WORDS_MAX]) = say_plain;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (ends_in(id, units[i].end)) {
			how = units[i].say;
			break;
		}
	how(v, display);
	f->all = mem_grow(f->all, &f->alloc, f->count, sizeof *f->all);
	f->all[f->count++] = (struct fact){mem_strdup(id), v, mem_strdup(display)};
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

const char *facts_say(const struct facts *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const struct fact *found = find(f, fmt, ap);
	va_end(ap);
	return found ? found->display : "unknown";
}
