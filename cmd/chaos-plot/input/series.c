#include "input/series.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct second *series_add(struct series *s)
{
	s->seconds = mem_grow(s->seconds, &s->alloc, s->count, sizeof *s->seconds);
	struct second *x = &s->seconds[s->count++];
	*x = (struct second){0};
	return x;
}

struct series *series_named(struct series_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->all[i].name, name) == 0)
			return &list->all[i];
	list->all = mem_realloc(list->all, list->count + 1, sizeof *list->all);
	list->all[list->count] = (struct series){.name = mem_strdup(name)};
	return &list->all[list->count++];
}

void second_add(struct second *to, const struct second *x)
{
	to->length_s = fmax(to->length_s, x->length_s);
	to->due += x->due;
	to->errors += x->errors;
	to->ok += x->ok;
	to->p50_ms = fmax(to->p50_ms, x->p50_ms); /* ignores NaN */
	to->p99_ms = fmax(to->p99_ms, x->p99_ms);
	to->in_flight += x->in_flight;
	to->late_ms = fmax(to->late_ms, x->late_ms);
	to->unmeasured = to->unmeasured || x->unmeasured;
	if (x->classes && !to->classes)
		to->classes = mem_alloc(ERROR_COUNT * sizeof *to->classes);
	for (size_t i = 0; x->classes && i < ERROR_COUNT; i++)
		to->classes[i] += x->classes[i];
	if (!x->latency_count)
		return;
	to->latencies = mem_realloc(to->latencies, to->latency_count + x->latency_count, sizeof *to->latencies);
	memcpy(to->latencies + to->latency_count, x->latencies, x->latency_count * sizeof *x->latencies);
	to->latency_count += x->latency_count;
}

void second_release(struct second *x)
{
	free(x->classes);
	free(x->latencies);
}

static void list_release(struct series_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		series_release(&list->all[i]);
	free(list->all);
}

void series_release(struct series *s)
{
	list_release(&s->loads);
	list_release(&s->nodes);
	for (size_t i = 0; i < s->count && !s->borrows; i++)
		second_release(&s->seconds[i]);
	free(s->name);
	free(s->seconds);
	*s = (struct series){0};
}

bool series_knows_due(const struct series *s)
{
	bool known = !s || !s->count;
	for (size_t i = 0; !known && i < s->count; i++)
		known = !isnan(s->seconds[i].late_ms);
	return known;
}

double series_end_s(const struct series *s)
{
	if (!s->count)
		return 0;
	const struct second *last = &s->seconds[s->count - 1];
	return last->start_s + last->length_s;
}

const char *series_no_latency(const struct series *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->seconds[i].ok > 0)
			return "latencies: not in this log";
	return "no successes";
}

enum { COLUMNS = 1200 };

size_t series_step(const struct series *s)
{
	return s->count <= COLUMNS ? 1 : (s->count + COLUMNS - 1) / COLUMNS;
}

/* True if x goes on where the step ends, and is measured as it is. */
static bool continues(const struct second *step, const struct second *x)
{
	return step->unmeasured == x->unmeasured &&
	       x->start_s <= step->start_s + step->length_s + 1e-6;
}

/* Counts of a step are those of its worst second, for all of its length. */
static void add_worse(struct second *step, const struct second *x)
{
	double was = step->length_s, is = was + x->length_s;
	if (x->errors / x->length_s > step->errors / was)
		step->classes = x->classes;
	step->due += x->due;
	step->ok = fmin(step->ok / was, x->ok / x->length_s) * is;
	step->errors = fmax(step->errors / was, x->errors / x->length_s) * is;
	step->p50_ms = fmax(step->p50_ms, x->p50_ms);
	step->p99_ms = fmax(step->p99_ms, x->p99_ms);
	step->in_flight = fmax(step->in_flight, x->in_flight);
	step->late_ms = fmax(step->late_ms, x->late_ms);
	step->length_s = is;
}

void series_worst(const struct series *s, struct series *out)
{
	size_t most = series_step(s), in_step = 0;
	*out = (struct series){.t0_s = s->t0_s, .borrows = true};
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		struct second *step = out->count ? &out->seconds[out->count - 1] : NULL;
		if (step && in_step < most && x->length_s > 0 && continues(step, x)) {
			add_worse(step, x);
			in_step++;
		} else {
			*series_add(out) = *x;
			in_step = 1;
		}
	}
}

void marks_add_bar(struct marks *m, const struct bar *b)
{
	m->bars = mem_grow(m->bars, &m->bar_alloc, m->bar_count, sizeof *m->bars);
	m->bars[m->bar_count++] = *b;
}

struct band *marks_add_band(struct marks *m, enum strip_kind strip, enum band_kind kind, double from_s, double to_s)
{
	struct strip *s = &m->strips[strip];
	s->bands = mem_grow(s->bands, &s->alloc, s->count, sizeof *s->bands);
	s->bands[s->count] = (struct band){.kind = kind, .from_s = from_s, .to_s = to_s};
	return &s->bands[s->count++];
}

void marks_release(struct marks *m)
{
	for (size_t i = 0; i < m->bar_count; i++)
		free(m->bars[i].label);
	free(m->bars);
	for (size_t i = 0; i < STRIP_COUNT; i++)
		free(m->strips[i].bands);
	*m = (struct marks){0};
}

double bar_start_s(const struct bar *b)
{
	return isnan(b->injected_s) ? b->requested_s : b->injected_s;
}

double bar_end_s(const struct bar *b)
{
	return isnan(b->reverted_s) ? b->revert_requested_s : b->reverted_s;
}
