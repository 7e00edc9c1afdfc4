#include "detect/sequential.h"

#include "base/buf.h"

#include <math.h>

/* upper bound, approximate, on the share of runs with a false alarm */
static const double ALPHA = 0.01;

double alarm_level(size_t windows)
{
	return log(EVIDENCE_TESTS * fmax(1, (double)windows) / ALPHA);
}

double silence_limit_s(const struct noise *n, double ok_per_s, double requests)
{
	double chance = log(fmax(2, requests) / ALPHA) / ok_per_s * fmax(1, n->dispersion_1);
	return fmax(chance, 3 * n->longest_gap_s);
}

/* An excursion of the sum above 0. */
struct stretch {
	size_t start, peak_at, alarm;
	double sum, peak, margin, count;
	bool open, alarmed;
};

static void extend(struct stretch *s, const struct evidence *e, size_t k, double level)
{
	s->margin += e->margin[k];
	s->count += e->count[k];
	s->sum += e->score[k];
	bool certain = e->certain && e->certain[k];
	if (s->sum > s->peak || certain) {
		s->peak = fmax(s->sum, s->peak);
		s->peak_at = k;
	}
	bool enough = s->count >= e->min_count && k + 1 - s->start >= e->min_windows;
	if (!s->alarmed && ((s->sum >= level && s->margin > 0 && enough) || certain)) {
		s->alarmed = true;
		s->alarm = k;
	}
}

size_t segments_find(const struct evidence *e, size_t n, double level, struct segment **out,
		     size_t *open)
{
	size_t count = 0, alloc = 0;
	struct stretch s = {0};
	if (e->open)
		s = (struct stretch){.sum = level, .peak = level, .open = true, .alarmed = true};
	*out = NULL;
	for (size_t k = 0; k <= n; k++) {
		if (k < n && s.open)
			extend(&s, e, k, level);
		if (k == n)
			*open = s.open ? s.start : n;
		/* It ends when the sum is back at 0, or has dropped from its peak by the alarm
		 * level. */
		if (s.open && (k == n || s.sum <= 0 || (s.alarmed && s.peak - s.sum >= level))) {
			if (s.alarmed) {
				*out = mem_grow(*out, &alloc, count, sizeof **out);
				(*out)[count++] = (struct segment){s.start, s.peak_at + 1, s.alarm, s.peak};
			}
			s = (struct stretch){0};
		} else if (k < n && !s.open && e->score[k] > 0) {
			s = (struct stretch){.start = k, .open = true};
			extend(&s, e, k, level);
		}
	}
	return count;
}
