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

/* Counters of the seconds that start in a band. */
struct tally {
	double due, ok;
	double worst; /* highest error rate of a second, as max_error_rate in the analysis */
};

static void tally_band(const struct series *s, const struct band *b, struct tally *t)
{
	for (size_t k = 0; k < s->count; k++) {
		const struct second *x = &s->seconds[k];
		if (x->start_s < b->from_s - 1e-6 || x->start_s > b->to_s - 1e-6)
			continue;
		t->due += x->due;
		t->ok += x->ok;
		if (x->due > 0 && !x->unmeasured)
			t->worst = fmax(t->worst, x->errors / x->due);
	}
}

static void tally_words(const struct tally *t, char *out, size_t size)
{
	char share[WORDS_MAX];
	words_share(t->worst, share);
	if (t->worst >= 0.005)
		snprintf(out, size, "up to %.12s errors", share);
	else if (t->due > 0 && t->ok < t->due)
		snprintf(out, size, "only %.0f %% answered", 100 * t->ok / t->due);
	else
		snprintf(out, size, "degraded");
}

static void describe_bands(const struct series *s, struct marks *m)
{
	for (size_t i = 0; i < m->band_count; i++) {
		struct tally t = {0};
		if (m->bands[i].kind != BAND_ANOMALY)
			continue;
		tally_band(s, &m->bands[i], &t);
		tally_words(&t, m->bands[i].words, sizeof m->bands[i].words);
	}
}

static void warmup_band(struct marks *m, double until_s)
{
	marks_add_band(m, BAND_WARMUP, 0, until_s);
	struct band *b = &m->bands[m->band_count - 1];
	snprintf(b->words, sizeof b->words, "warm-up, not judged");
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
		const char *url = json_str(json_get(f, "url"), NULL);
		struct bar *b = marks_add_bar(m, json_str(json_get(f, "action"), NULL),
					      json_str(json_get(f, "node"), url));
		b->requested_s = json_num(json_get(f, "requested_s"), NAN);
		b->injected_s = json_num(json_get(f, "injected_s"), NAN);
		b->revert_requested_s = json_num(json_get(f, "revert_requested_s"), NAN);
		b->reverted_s = json_num(json_get(f, "reverted_s"), NAN);
	}
	marks_drop_unplaced(m);
}

void finding_make(const struct source *s, struct marks *m)
{
	const struct json *analysis = s->analysis ? s->analysis : s->found;
	find_faults(m, json_get(with_faults(s), "faults"));
	if (analysis) {
		double warmup_s = json_num(json_get(analysis, "params.warmup_ignore_sec"), 0);
		bands_from_analysis(m, analysis);
		if (warmup_s > 0 && s->series.count)
			warmup_band(m, fmin(warmup_s, series_end_s(&s->series)));
	} else {
		bands_from_told(m, s);
	}
	unmeasured_bands(m, &s->series);
	if (m->band_count)
		qsort(m->bands, m->band_count, sizeof *m->bands, by_start);
	describe_bands(&s->series, m);
}

/* What window lines tell, as far as the title asks. */
static struct json *told_analysis(const struct source *s, const struct marks *m)
{
	struct json *j = json_object_new(), *intervals = json_array_new();
	struct json *input = json_object_new();
	bool over = true;
	for (size_t i = 0; i < s->told.count; i++) {
		const struct told_anomaly *x = &s->told.all[i];
		over = over && (x->recovered || x->withdrawn || !(x->from_s < series_end_s(&s->series)));
	}
	for (size_t i = 0; i < m->band_count; i++) {
		const struct band *b = &m->bands[i];
		struct tally t = {0};
		if (b->kind != BAND_ANOMALY)
			continue;
		tally_band(&s->series, b, &t);
		struct json *x = json_object_new();
		json_set_num(x, "start_s", b->from_s);
		json_set_num(x, "max_error_rate", t.worst);
		if (json_count(intervals) == 0)
			json_set_num(j, "recovery_time_sec", b->to_s - b->from_s);
		json_push(intervals, x);
	}
	json_set_int(input, "rows", (int64_t)s->requests);
	json_set_num(input, "duration_s", series_end_s(&s->series));
	json_set(j, "input", input);
	json_set(j, "intervals", intervals);
	json_set_bool(j, "censored", !over);
	return j;
}

char *finding_title(const struct source *s, const struct marks *m)
{
	if (!s->series.count)
		return mem_strdup("no samples");
	if (with_faults(s))
		return report_line(with_faults(s));
	struct json *told = told_analysis(s, m);
	char *line = report_line(told);
	json_free(told);
	return line;
}
