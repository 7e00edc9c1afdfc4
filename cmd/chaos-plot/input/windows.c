#include "input/windows.h"

#include "base/buf.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill(struct second *x, const struct json *j)
{
	*x = (struct second){
		.start_s = json_num(json_get(j, "start_s"), 0),
		.length_s = json_num(json_get(j, "length_s"), 1),
		.due = json_num(json_get(j, "due"), 0),
		.errors = json_num(json_get(j, "err"), 0),
		.ok = json_num(json_get(j, "completed_ok"), json_num(json_get(j, "ok"), 0)),
		.p50_ms = json_num(json_get(j, "p50_latency_ms"), NAN),
		.p99_ms = json_num(json_get(j, "p99_latency_ms"), NAN),
		.unmeasured = json_bool(json_get(j, "unmeasured"), false),
	};
}

/* The sum over the loads, and of latencies the highest. */
static void add_load(struct second *to, const struct second *x)
{
	to->due += x->due;
	to->errors += x->errors;
	to->ok += x->ok;
	to->p50_ms = fmax(to->p50_ms, x->p50_ms); /* ignores NaN */
	to->p99_ms = fmax(to->p99_ms, x->p99_ms);
	to->unmeasured = to->unmeasured || x->unmeasured;
}

/* Drops seconds after the end of the run, which a live run reports last. */
static void cut(struct series *s, double end_s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!(s->seconds[i].start_s > end_s - 1e-6))
			s->seconds[kept++] = s->seconds[i];
	s->count = kept;
	for (size_t i = 0; i < s->part_count; i++)
		cut(&s->parts[i], end_s);
}

/* The last line of an id counts. */
static void take_anomaly(struct told *told, const struct json *j)
{
	struct told_anomaly x = {
		.id = json_num(json_get(j, "id"), NAN),
		.from_s = json_num(json_get(j, "start_s"), NAN),
		.to_s = json_num(json_get(j, "end_s"), NAN),
		.withdrawn = json_bool(json_get(j, "withdrawn"), false),
	};
	size_t i = 0;
	while (i < told->count && told->all[i].id != x.id)
		i++;
	if (i == told->count) {
		told->all = mem_grow(told->all, &told->alloc, told->count, sizeof *told->all);
		told->count++;
	}
	told->all[i] = x;
}

static void take_line(struct series *s, struct told *told, const struct json *j)
{
	const char *type = json_str(json_get(j, "type"), "");
	if (strcmp(type, "windows") == 0)
		s->t0_s = json_num(json_get(j, "t0"), NAN);
	if (strcmp(type, "interval_open") == 0 || strcmp(type, "interval_close") == 0)
		take_anomaly(told, j);
	if (strcmp(type, "end") == 0)
		cut(s, json_num(json_get(j, "end_s"), NAN));
	if (strcmp(type, "window") != 0)
		return;
	const char *load = json_str(json_get(j, "load"), NULL);
	struct second x;
	fill(&x, j);
	if (load)
		*series_add(series_part(s, load)) = x;
	for (size_t i = s->count; i-- > 0 && s->seconds[i].start_s > x.start_s - 1e-6;)
		if (fabs(s->seconds[i].start_s - x.start_s) < 1e-6) {
			if (load)
				add_load(&s->seconds[i], &x);
			else
				s->seconds[i] = x; /* told again, as final */
			return;
		}
	*series_add(s) = x;
}

static int by_start(const void *a, const void *b)
{
	const struct second *x = a, *y = b;
	return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

static void sort(struct series *s)
{
	if (s->count)
		qsort(s->seconds, s->count, sizeof *s->seconds, by_start);
}

int windows_read(struct series *s, struct told *told, const char *text, size_t len,
		 const char *name, struct err *e)
{
	s->t0_s = NAN;
	for (size_t line = 1; len; line++) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len, step = end ? n + 1 : n;
		struct json *j = n ? json_parse(text, n, name, e) : NULL;
		if (!j && n && end)
			return err_usage(e, "%s:%zu: this is no line of JSON", name, line);
		if (j)
			take_line(s, told, j);
		json_free(j);
		text += step;
		len -= step;
	}
	sort(s);
	for (size_t i = 0; i < s->part_count; i++)
		sort(&s->parts[i]);
	return 0;
}
