#include "input/windows.h"

#include "base/buf.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void fill_classes(struct second *x, const struct json *errors)
{
	const char *name;
	const struct json *n;
	void *iter = NULL;
	while (json_next(errors, &iter, &name, &n)) {
		enum error_class class = error_class_parse(name, strlen(name));
		if (!x->classes)
			x->classes = mem_alloc(ERROR_COUNT * sizeof *x->classes);
		x->classes[class < ERROR_COUNT ? class : 0] += fmax(json_num(n, 0), 0);
	}
}

static void fill_latencies(struct second *x, const struct json *latencies)
{
	const char *ms;
	const struct json *n;
	void *iter = NULL;
	size_t alloc = 0;
	while (json_next(latencies, &iter, &ms, &n)) {
		double at = strtod(ms, NULL), count = json_num(n, 0);
		if (!(at >= 0 && at < 1e12 && count > 0))
			continue;
		x->latencies = mem_grow(x->latencies, &alloc, x->latency_count, sizeof *x->latencies);
		x->latencies[x->latency_count++] = (struct latency_count){at, count};
	}
}

static void fill(struct second *x, const struct json *j)
{
	*x = (struct second){
		.start_s = json_num(json_get(j, "start_s"), 0),
		.length_s = json_num(json_get(j, "length_s"), 1),
		.due = json_num(json_get(j, "due"), 0),
		.errors = json_num(json_get(j, "err"), NAN),
		.ok = json_num(json_get(j, "completed_ok"), json_num(json_get(j, "ok"), 0)),
		.p50_ms = json_num(json_get(j, "p50_latency_ms"), NAN),
		.p99_ms = json_num(json_get(j, "p99_latency_ms"), NAN),
		.in_flight = json_num(json_get(j, "in_flight"), NAN),
		.late_ms = json_num(json_get(j, "max_late_ms"), NAN),
		.unmeasured = json_bool(json_get(j, "unmeasured"), false),
	};
	fill_classes(x, json_get(j, "errors"));
	fill_latencies(x, json_get(j, "latencies"));
}

/* Drops seconds after the end of the run, or of a load, which a live run reports last. */
static void cut(struct series *s, double end_s)
{
	size_t kept = 0;
	for (size_t i = 0; i < s->count; i++)
		if (!(s->seconds[i].start_s > end_s - 1e-6))
			s->seconds[kept++] = s->seconds[i];
		else
			second_release(&s->seconds[i]);
	s->count = kept;
	for (size_t i = 0; i < s->loads.count; i++)
		cut(&s->loads.all[i], end_s);
}

/* What the line is about: of several loads one. */
static struct series *about(struct series *s, const struct json *j)
{
	const char *load = json_str(json_get(j, "load"), NULL);
	return load ? series_named(&s->loads, load) : s;
}

/* The last line of an id counts, which is one of its load. */
static void take_anomaly(struct series *s, struct told *told, const struct json *j)
{
	struct told_anomaly x = {
		.load = about(s, j)->name,
		.id = json_num(json_get(j, "id"), NAN),
		.from_s = json_num(json_get(j, "start_s"), NAN),
		.to_s = json_num(json_get(j, "end_s"), NAN),
		.withdrawn = json_bool(json_get(j, "withdrawn"), false),
	};
	size_t i = 0;
	while (i < told->count && (told->all[i].load != x.load || told->all[i].id != x.id))
		i++;
	if (i == told->count) {
		told->all = mem_grow(told->all, &told->alloc, told->count, sizeof *told->all);
		told->count++;
	}
	told->all[i] = x;
}

static struct second *second_at(struct series *s, double start_s)
{
	for (size_t i = s->count; i-- > 0 && s->seconds[i].start_s > start_s - 1e-6;)
		if (fabs(s->seconds[i].start_s - start_s) < 1e-6)
			return &s->seconds[i];
	return NULL;
}

/* A window that is there before is told again, as final. */
static void take_window(struct series *s, const struct json *j)
{
	struct series *of = about(s, j);
	struct second x;
	fill(&x, j);
	struct second *there = second_at(of, x.start_s);
	if (there)
		second_release(there);
	*(there ? there : series_add(of)) = x;
}

/* Of several loads the sum. */
static void take_node(struct series *s, const struct json *j)
{
	const char *node = json_text(j, "node");
	struct second x;
	fill(&x, j);
	x.ok = json_num(json_get(j, "ok"), x.due - (isnan(x.errors) ? 0 : x.errors)); /* rows that cannot tell count as successes */
	struct series *of = series_named(&s->nodes, node);
	struct second *there = second_at(of, x.start_s);
	if (there)
		second_add(there, &x);
	else
		*series_add(of) = x;
}

static void take_line(struct series *s, struct told *told, const struct json *j)
{
	const char *type = json_text(j, "type");
	if (strcmp(type, "windows") == 0)
		s->t0_s = json_num(json_get(j, "t0"), NAN);
	if (strcmp(type, "interval_open") == 0 || strcmp(type, "interval_close") == 0)
		take_anomaly(s, told, j);
	if (strcmp(type, "end") == 0)
		cut(about(s, j), json_num(json_get(j, "end_s"), NAN));
	if (strcmp(type, "window") == 0)
		take_window(s, j);
	if (strcmp(type, "node") == 0)
		take_node(s, j);
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

/* Makes the seconds of several loads their sum. */
static void sum_loads(struct series *s)
{
	struct series all = {.borrows = true};
	for (size_t i = 0; i < s->loads.count; i++)
		for (size_t k = 0; k < s->loads.all[i].count; k++)
			*series_add(&all) = s->loads.all[i].seconds[k];
	sort(&all);
	for (size_t i = 0; i < all.count; i++) {
		struct second *last = s->count ? &s->seconds[s->count - 1] : NULL;
		if (!last || all.seconds[i].start_s > last->start_s + 1e-6) {
			last = series_add(s);
			*last = (struct second){.start_s = all.seconds[i].start_s, .p50_ms = NAN, .p99_ms = NAN, .late_ms = NAN};
		}
		second_add(last, &all.seconds[i]);
	}
	series_release(&all);
}

int windows_read(struct series *s, struct told *told, const char *text, size_t len,
		 const char *name, struct err *e)
{
	s->t0_s = NAN;
	if (!len)
		return err_usage(e, "%s:1:1: the file is empty", name);
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
	for (size_t i = 0; i < s->loads.count; i++)
		sort(&s->loads.all[i]);
	for (size_t i = 0; i < s->nodes.count; i++)
		sort(&s->nodes.all[i]);
	sum_loads(s);
	return 0;
}
