#include "pictures/finding.h"

#include "base/buf.h"
#include "report/report.h"
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bands_from_analysis(struct marks *m, const struct json *analysis)
{
	const struct json *list = json_get(analysis, "anomaly_windows");
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *w = json_at(list, i);
		double from = json_num(json_get(w, "start_sec"), NAN);
		double to = json_num(json_get(w, "end_sec"), NAN);
		if (!isnan(from) && !isnan(to))
			marks_add_band(m, BAND_ANOMALY, from, to + 1); /* end_sec is inclusive */
	}
}

/* An anomaly that has not ended reaches to the last line. */
static void bands_from_told(struct marks *m, const struct source *s)
{
	double end_s = series_end_s(&s->series);
	for (size_t i = 0; i < s->told.count; i++) {
		const struct told_anomaly *x = &s->told.all[i];
		double to = isnan(x->to_s) ? end_s : fmin(x->to_s, end_s);
		if (x->withdrawn || !(x->from_s < to))
			continue;
		marks_add_band(m, BAND_ANOMALY, x->from_s, to);
	}
}

static void unmeasured_bands(struct marks *m, const struct series *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		struct band *last = m->band_count ? &m->bands[m->band_count - 1] : NULL;
		if (!x->unmeasured)
			continue;
		if (last && last->kind == BAND_UNMEASURED && last->to_s > x->start_s - 1e-6)
			last->to_s = x->start_s + x->length_s;
		else
			marks_add_band(m, BAND_UNMEASURED, x->start_s, x->start_s + x->length_s);
	}
}

static int by_start(const void *a, const void *b)
{
	const struct band *x = a, *y = b;
	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* How bad it was in the seconds that start in a band; the highest error rate of a second is
 * max_error_rate in the analysis. */
static void describe_band(const struct series *s, struct band *b)
{
	char share[WORDS_MAX];
	double due = 0, ok = 0, worst = 0;
	for (size_t k = 0; k < s->count; k++) {
		const struct second *x = &s->seconds[k];
		if (x->start_s < b->from_s - 1e-6 || x->start_s > b->to_s - 1e-6)
			continue;
		due += x->due;
		ok += x->ok;
		if (x->due > 0 && !x->unmeasured)
			worst = fmax(worst, x->errors / x->due);
	}
	words_share(worst, share);
	if (worst >= 0.005)
		snprintf(b->words, sizeof b->words, "up to %.12s errors", share);
	else if (due > 0 && ok < due)
		snprintf(b->words, sizeof b->words, "only %.0f %% answered", 100 * ok / due);
	else
		snprintf(b->words, sizeof b->words, "degraded");
}

/* The analysis that tells of faults: the given one, unless only the events that chaos-analyze was
 * given do. */
static const struct json *with_faults(const struct source *s)
{
	bool given = json_count(json_get(s->analysis, "faults")) || !json_count(json_get(s->found, "faults"));
	return given && s->analysis ? s->analysis : s->found;
}

static void find_faults(struct marks *m, const struct json *faults)
{
	for (size_t i = 0; i < json_count(faults); i++) {
		const struct json *f = json_at(faults, i);
		const char *node = json_str(json_get(f, "node"), json_str(json_get(f, "url"), ""));
		struct bar b = {.requested_s = json_num(json_get(f, "requested_s"), NAN),
				.injected_s = json_num(json_get(f, "injected_s"), NAN),
				.revert_requested_s = json_num(json_get(f, "revert_requested_s"), NAN),
				.reverted_s = json_num(json_get(f, "reverted_s"), NAN)};
		if (isnan(bar_start_s(&b)))
			continue;
		b.label = mem_printf("%s%s%s", json_str(json_get(f, "action"), "fault"), *node ? " " : "", node);
		marks_add_bar(m, &b);
	}
}

void finding_make(const struct source *s, struct marks *m)
{
	const struct json *analysis = s->analysis ? s->analysis : s->found;
	find_faults(m, json_get(with_faults(s), "faults"));
	if (analysis) {
		double warmup_s = json_num(json_get(analysis, "params.warmup_ignore_sec"), 0);
		bands_from_analysis(m, analysis);
		if (warmup_s > 0 && s->series.count) {
			double until_s = fmin(warmup_s, series_end_s(&s->series));
			struct band *b = marks_add_band(m, BAND_WARMUP, 0, until_s);
			snprintf(b->words, sizeof b->words, "warm-up, not judged");
		}
	} else {
		bands_from_told(m, s);
	}
	unmeasured_bands(m, &s->series);
	if (m->band_count)
		qsort(m->bands, m->band_count, sizeof *m->bands, by_start);
	for (size_t i = 0; i < m->band_count; i++)
		if (m->bands[i].kind == BAND_ANOMALY)
			describe_band(&s->series, &m->bands[i]);
}

char *finding_title(const struct source *s, const struct marks *m)
{
	size_t told = 0;
	if (!s->series.count)
		return mem_strdup("no samples");
	if (with_faults(s))
		return report_line(with_faults(s));
	for (size_t i = 0; i < m->band_count; i++)
		told += m->bands[i].kind == BAND_ANOMALY;
	return mem_printf("%llu requests in %.4g s: %zu %s told", (unsigned long long)s->requests,
			  series_end_s(&s->series), told, told == 1 ? "anomaly" : "anomalies");
}
