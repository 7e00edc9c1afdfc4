#include "pictures/finding.h"

#include "base/buf.h"
#include "report/finding/finding.h"
#include "report/facts/words.h"

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
			marks_add_band(m, STRIP_ANOMALIES, BAND_ANOMALY, from, to + 1); /* end_sec is inclusive */
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
		marks_add_band(m, STRIP_ANOMALIES, BAND_ANOMALY, x->from_s, to);
	}
}

static bool is_unmeasured(const struct second *x)
{
	return x->unmeasured;
}

/* The generator, not the target, was why requests failed: more than one in a hundred. */
static bool is_limit(const struct second *x)
{
	return x->unmeasured ||
	       (x->classes && x->classes[ERROR_NOT_SENT] + x->classes[ERROR_LOCAL] > 0.01 * x->due);
}

/* Adds a band for each stretch of seconds that are so. */
static void bands_where(struct marks *m, const struct series *s, enum strip_kind strip, enum band_kind kind,
			bool (*is)(const struct second *))
{
	for (size_t i = 0; i < s->count; i++) {
		const struct second *x = &s->seconds[i];
		const struct strip *to = &m->strips[strip];
		struct band *last = to->count ? &to->bands[to->count - 1] : NULL;
		if (!is(x))
			continue;
		if (last && last->kind == kind && last->to_s > x->start_s - 1e-6)
			last->to_s = x->start_s + x->length_s;
		else
			marks_add_band(m, strip, kind, x->start_s, x->start_s + x->length_s);
	}
}

/* Whether the generator can be relied on: what its own summary says, and where it was the limit. */
static void find_trust(struct marks *m, const struct source *s)
{
	char late[WORDS_MAX];
	double late_ms = json_num(json_get(s->load, "p99_pacing_ms"), NAN);
	if (!isnan(late_ms))
		snprintf(m->generator, sizeof m->generator, "99 %% sent within %s of being due, at most %.0f in flight",
			 words_value(late_ms, " ms", late), json_num(json_get(s->load, "peak_inflight"), 0));
	bands_where(m, &s->series, STRIP_GENERATOR, BAND_LIMIT, is_limit);
}

/* Acknowledged writes that were gone. The first stretch of them says how many there are in all. */
static void find_lost_writes(struct marks *m, const struct source *s)
{
	char lost[WORDS_MAX], all[WORDS_MAX], few[WORDS_MAX];
	uint64_t unreplicated = (uint64_t)json_num(json_get(s->audit, "unreplicated"), 0);
	const struct json *spans = json_get(s->audit, "lost_spans");
	double end_s = series_end_s(&s->series);
	for (size_t i = 0; i < json_count(spans); i++) {
		double from = json_num(json_get(json_at(spans, i), "first_t"), NAN) - s->series.t0_s;
		double to = json_num(json_get(json_at(spans, i), "last_t"), NAN) - s->series.t0_s;
		if (!(from <= to && from <= end_s))
			continue;
		struct band *b = marks_add_band(m, STRIP_LOST, BAND_LOST, from, fmax(to, from + end_s / 400));
		if (m->strips[STRIP_LOST].count == 1)
			snprintf(b->words, sizeof b->words, "%s writes lost, of %s acknowledged%s%s%s",
				 words_count((uint64_t)json_num(json_get(s->audit, "lost"), 0), lost),
				 words_count((uint64_t)json_num(json_get(s->audit, "acknowledged"), 0), all),
				 unreplicated ? ", " : "", unreplicated ? words_count(unreplicated, few) : "",
				 unreplicated ? " unreplicated" : "");
	}
}

static int by_start(const void *a, const void *b)
{
	const struct band *x = a, *y = b;
	return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

/* The interval of the analysis that begins in the band; of several loads that with the most errors. */
static const struct json *interval_in(const struct json *analysis, const struct band *b)
{
	const struct json *all = json_get(analysis, "intervals"), *worst = NULL;
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *x = json_at(all, i);
		double from_s = json_num(json_get(x, "start_s"), NAN);
		if (from_s > b->from_s - 1e-3 && from_s < b->to_s - 1e-3 &&
		    !(json_num(json_get(x, "max_error_rate"), 0) <= json_num(json_get(worst, "max_error_rate"), -1)))
			worst = x;
	}
	return worst;
}

/* What the analysis knows beyond the errors: how deep throughput fell, how slow it was, that it did not end. */
static void add_depth(const struct series *s, const struct json *interval, struct band *b)
{
	double ratio = json_num(json_get(interval, "min_ratio"), NAN), slow = json_num(json_get(interval, "p99_ratio"), NAN);
	size_t len = strlen(b->words);
	if (ratio >= 0 && ratio < 0.95)
		len += (size_t)snprintf(b->words + len, sizeof b->words - len, ", throughput down to %.0f %%", 100 * ratio);
	if (slow >= 1.5 && !strstr(b->words, "p99") && len < sizeof b->words)
		len += (size_t)snprintf(b->words + len, sizeof b->words - len, ", p99 %.*f times normal", slow < 9.95, slow);
	if (len < sizeof b->words && b->to_s > series_end_s(s) - 1e-6)
		snprintf(b->words + len, sizeof b->words - len, ", not over");
}

/* How bad it was in the seconds that start in a band; the highest error rate of a second is
 * max_error_rate in the analysis. */
static void describe_band(const struct series *s, const struct json *interval, struct band *b)
{
	char share[WORDS_MAX];
	char slowest[WORDS_MAX];
	double due = 0, ok = 0, worst = 0, p99_ms = 0, slow = json_num(json_get(interval, "p99_ratio"), NAN);
	for (size_t k = 0; k < s->count; k++) {
		const struct second *x = &s->seconds[k];
		if (x->start_s < b->from_s - 1e-6 || x->start_s > b->to_s - 1e-6)
			continue;
		due += x->due;
		ok += x->ok;
		p99_ms = fmax(p99_ms, x->p99_ms); /* ignores NaN */
		if (x->due > 0 && !x->unmeasured)
			worst = fmax(worst, x->errors / x->due);
	}
	worst = fmax(worst, json_num(json_get(interval, "max_error_rate"), NAN)); /* of one load; ignores NaN */
	words_share(worst, share);
	if (worst >= 0.005)
		snprintf(b->words, sizeof b->words, "%s%.12s errors",
			 json_get(interval, "max_error_rate") && json_is_null(json_get(interval, "max_error_rate")) ? "at least " : "up to ", share);
	else if (slow >= 1.5)
		snprintf(b->words, sizeof b->words, "p99 up to %.12s, %.*f times normal", words_value(p99_ms, " ms", slowest), slow < 9.95, slow);
	else if (due > 0 && ok < due)
		snprintf(b->words, sizeof b->words, "only %.0f %% answered", 100 * ok / due);
	else
		snprintf(b->words, sizeof b->words, "degraded");
	add_depth(s, interval, b);
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
		const char *node = json_str(json_get(f, "node"), json_text(f, "url"));
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
			struct band *b = marks_add_band(m, STRIP_ANOMALIES, BAND_WARMUP, 0, until_s);
			snprintf(b->words, sizeof b->words, "warm-up, not judged");
		}
	} else {
		bands_from_told(m, s);
	}
	struct strip *strip = &m->strips[STRIP_ANOMALIES];
	bands_where(m, &s->series, STRIP_ANOMALIES, BAND_UNMEASURED, is_unmeasured);
	if (strip->count)
		qsort(strip->bands, strip->count, sizeof *strip->bands, by_start);
	for (size_t i = 0; i < strip->count; i++)
		if (strip->bands[i].kind == BAND_ANOMALY)
			describe_band(&s->series, interval_in(analysis, &strip->bands[i]), &strip->bands[i]);
	find_trust(m, s);
	find_lost_writes(m, s);
}

char *finding_title(const struct source *s, const struct marks *m)
{
	char count[WORDS_MAX], span[WORDS_MAX];
	size_t told = 0;
	if (!s->series.count)
		return mem_strdup("no samples");
	if (with_faults(s))
		return report_line(with_faults(s));
	for (size_t i = 0; i < m->strips[STRIP_ANOMALIES].count; i++)
		told += m->strips[STRIP_ANOMALIES].bands[i].kind == BAND_ANOMALY;
	return mem_printf("%s requests in %s s: %zu %s told", words_many((double)s->requests, count),
			  words_many(s->end_s, span), told, told == 1 ? "anomaly" : "anomalies");
}
