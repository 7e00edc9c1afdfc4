#include "pictures/finding.h"

#include "base/buf.h"
#include "input/faults.h"
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_MAX = 40 }; /* columns of a node's name in a title */

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
static void bands_from_told(struct marks *m, const struct source *s, struct outcome *out)
{
	double end_s = series_end_s(&s->series);
	for (size_t i = 0; i < s->told.count; i++) {
		const struct told_anomaly *x = &s->told.all[i];
		double to = isnan(x->to_s) ? end_s : fmin(x->to_s, end_s);
		if (x->withdrawn || !(x->from_s < to))
			continue;
		marks_add_band(m, BAND_ANOMALY, x->from_s, to);
		out->censored |= !x->recovered;
		if (isnan(out->recovery_s) && !m->bar_count)
			out->recovery_s = to - x->from_s;
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

static double first_fault_s(const struct marks *m)
{
	double first = NAN;
	for (size_t i = 0; i < m->bar_count; i++)
		first = fmin(first, bar_start_s(&m->bars[i])); /* fmin ignores NaN */
	return first;
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

static void find_faults(const struct source *s, struct marks *m)
{
	const struct json *given = json_get(s->analysis, "faults"), *found = json_get(s->found, "faults");
	if (s->found || json_count(given))
		faults_from_analysis(m, json_count(given) ? given : found);
	else if (!isnan(s->series.t0_s))
		faults_from_events(m, &s->log, s->series.t0_s);
}

void finding_make(const struct source *s, struct marks *m, struct outcome *out)
{
	const struct json *analysis = s->analysis ? s->analysis : s->found;
	*out = (struct outcome){.recovery_s = NAN};
	find_faults(s, m);
	if (analysis) {
		bands_from_analysis(m, analysis);
		out->looked = true;
		out->judged = json_num(json_get(analysis, "input.seconds_judged"), 1) > 0;
		out->warmup_s = json_num(json_get(analysis, "params.warmup_ignore_sec"), 0);
		out->censored = json_bool(json_get(analysis, "censored"), false);
		out->recovery_s = json_num(json_get(analysis, "recovery_time_sec"), NAN);
	} else {
		bands_from_told(m, s, out);
	}
	if (out->looked && out->warmup_s > 0 && s->series.count)
		warmup_band(m, fmin(out->warmup_s, series_end_s(&s->series)));
	unmeasured_bands(m, &s->series);
	if (m->band_count)
		qsort(m->bands, m->band_count, sizeof *m->bands, by_start);
	describe_bands(&s->series, m);
}

static void add_subject(const struct marks *m, struct buf *b)
{
	double at = first_fault_s(m);
	const struct bar *one = &m->bars[0];
	if (m->bar_count > 1) {
		buf_addf(b, "%zu faults", m->bar_count);
	} else {
		char *node = text_shorten(one->node, NODE_MAX);
		const char *done = words_past(one->action);
		if (done && *node)
			buf_addf(b, "%s %s", node, done);
		else
			buf_addf(b, "%s%s%s", one->action, *node ? " " : "", node);
		free(node);
	}
	if (!isnan(at))
		buf_addf(b, "%s %.1f s", m->bar_count > 1 ? " from" : " at", at);
}

static size_t anomalies(const struct marks *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->band_count; i++)
		n += m->bands[i].kind == BAND_ANOMALY;
	return n;
}

static double first_anomaly_s(const struct marks *m)
{
	for (size_t i = 0; i < m->band_count; i++)
		if (m->bands[i].kind == BAND_ANOMALY)
			return m->bands[i].from_s;
	return NAN;
}

/* Describes all anomalies together. */
static void add_effect(const struct source *s, const struct marks *m, struct buf *b)
{
	struct tally t = {0};
	char words[32];
	for (size_t i = 0; i < m->band_count; i++)
		if (m->bands[i].kind == BAND_ANOMALY)
			tally_band(&s->series, &m->bands[i], &t);
	tally_words(&t, words, sizeof words);
	buf_addf(b, ": %s", words);
	if (anomalies(m) > 1)
		buf_addf(b, " in %zu anomalies", anomalies(m));
}

/* Errors in the warm-up are no anomaly, but the title mentions the warm-up. */
static void add_no_anomaly(const struct source *s, const struct outcome *out, struct buf *b)
{
	const struct band warmup = {.to_s = out->warmup_s};
	struct tally t = {0};
	if (!out->looked)
		return;
	if (!out->judged) {
		buf_addstr(b, ": no second could be judged");
		if (out->warmup_s >= series_end_s(&s->series))
			buf_addf(b, ", the warm-up is %.4g s", out->warmup_s);
		return;
	}
	tally_band(&s->series, &warmup, &t);
	buf_addstr(b, ": no anomaly");
	if (t.worst > 0)
		buf_addf(b, " after the warm-up of %.4g s", out->warmup_s);
}

static void add_neutral(const struct source *s, const struct outcome *out, struct buf *b)
{
	double end = series_end_s(&s->series);
	if (!s->series.count)
		buf_addstr(b, "no samples");
	else
		buf_addf(b, "%.3g requests per second for %.4g s", (double)s->requests / end, end);
	if (s->series.count)
		add_no_anomaly(s, out, b);
}

char *finding_title(const struct source *s, const struct marks *m, const struct outcome *out)
{
	struct buf b = BUF_INIT;
	size_t bad = anomalies(m);
	if (!s->series.count || (!m->bar_count && !bad)) {
		add_neutral(s, out, &b);
		return buf_detach(&b);
	}
	if (m->bar_count)
		add_subject(m, &b);
	else
		buf_addf(&b, "anomalous from %.4g s", first_anomaly_s(m));
	if (bad)
		add_effect(s, m, &b);
	else
		add_no_anomaly(s, out, &b);
	if (bad && out->censored)
		buf_addstr(&b, ", not healthy again within the run");
	else if (bad && out->recovery_s > 0)
		buf_addf(&b, ", healthy again after %.1f s", out->recovery_s);
	return buf_detach(&b);
}
