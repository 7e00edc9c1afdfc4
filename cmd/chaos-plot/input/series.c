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
