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

struct series *series_part(struct series *s, const char *name)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (strcmp(s->parts[i].name, name) == 0)
			return &s->parts[i];
	s->parts = mem_realloc(s->parts, s->part_count + 1, sizeof *s->parts);
	s->parts[s->part_count] = (struct series){.t0_s = s->t0_s, .name = mem_strdup(name)};
	return &s->parts[s->part_count++];
}

void series_release(struct series *s)
{
	for (size_t i = 0; i < s->part_count; i++)
		series_release(&s->parts[i]);
	free(s->parts);
	free(s->name);
	free(s->seconds);
	*s = (struct series){0};
}

double series_end_s(const struct series *s)
{
	if (!s->count)
		return 0;
	const struct second *last = &s->seconds[s->count - 1];
	return last->start_s + last->length_s;
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
	step->due += x->due;
	step->ok = fmin(step->ok / was, x->ok / x->length_s) * is;
	step->errors = fmax(step->errors / was, x->errors / x->length_s) * is;
	step->p50_ms = fmax(step->p50_ms, x->p50_ms);
	step->p99_ms = fmax(step->p99_ms, x->p99_ms);
	step->length_s = is;
}

void series_worst(const struct series *s, struct series *out)
{
	size_t most = series_step(s), in_step = 0;
	*out = (struct series){.t0_s = s->t0_s};
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

struct band *marks_add_band(struct marks *m, enum band_kind kind, double from_s, double to_s)
{
	m->bands = mem_grow(m->bands, &m->band_alloc, m->band_count, sizeof *m->bands);
	m->bands[m->band_count] = (struct band){.kind = kind, .from_s = from_s, .to_s = to_s};
	return &m->bands[m->band_count++];
}

void marks_release(struct marks *m)
{
	for (size_t i = 0; i < m->bar_count; i++)
		free(m->bars[i].label);
	free(m->bars);
	free(m->bands);
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
