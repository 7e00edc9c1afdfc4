#include "rules.h"

#include "base/buf.h"
#include "base/units.h"
#include "sensitivity.h"

#include <math.h>
#include <stdlib.h>

enum metric {
	THROUGHPUT,
	ERROR_RATE,
	P50,
	P95,
	P99,
	MAX,
	LOST,
	SILENCE,
};

static const char *const names[] = {
	[THROUGHPUT] = "throughput_rps",
	[ERROR_RATE] = "error_rate",
	[P50] = "p50_latency_ms",
	[P95] = "p95_latency_ms",
	[P99] = "p99_latency_ms",
	[MAX] = "max_latency_ms",
	[LOST] = "lost",
	[SILENCE] = "silence_s",
	NULL,
};

static const int64_t NEVER = INT64_MAX;

static bool uses(const struct expr *x, enum metric first, enum metric last)
{
	for (unsigned i = 0; i < x->count; i++) {
		const struct expr_node *n = &x->nodes[i];
		if (n->op == EXPR_METRIC && !n->baseline && n->metric >= first && n->metric <= last)
			return true;
	}
	return false;
}

static int check(const struct expr *x, bool has_baseline, struct err *e)
{
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC && x->nodes[i].baseline &&
		    x->nodes[i].metric == SILENCE)
			return err_usage(e,
					 "wrong rule '%s': there is no 'silence_s' of a baseline",
					 x->text);
	if (x->uses_baseline && !has_baseline)
		return err_usage(e,
				 "the rule '%s' needs a baseline run (--baseline, --baseline-id)",
				 x->text);
	return 0;
}

int rules_parse(struct rules *r, const char *const *texts, size_t count, bool has_baseline,
		struct err *e)
{
	*r = (struct rules){
		.all = mem_alloc((count + 1) * sizeof *r->all), .count = count, .dispersion = 1};
	r->ring = mem_alloc(RULES_RING * sizeof *r->ring);
	for (size_t i = 0; i < count; i++) {
		r->all[i].since_ns = NEVER;
		if (expr_parse(&r->all[i].expr, texts[i], names, e) ||
		    check(&r->all[i].expr, has_baseline, e)) {
			rules_release(r);
			return -1;
		}
		r->latencies = r->latencies || uses(&r->all[i].expr, P50, MAX);
	}
	return 0;
}

void rules_release(struct rules *r)
{
	for (size_t i = 0; r->ring && i < RULES_RING; i++)
		free(r->ring[i].latency);
	free(r->ring);
	free(r->all);
	*r = (struct rules){0};
}

/* The step of that number, emptied if it is new; NULL if it is forgotten. */
static struct rules_step *step_of(struct rules *r, int64_t number)
{
	struct rules_step *s = &r->ring[(uint64_t)number % RULES_RING];
	if (number < s->number)
		return NULL;
	if (number > s->number) {
		s->number = number;
		s->ok = s->err = s->lost = 0;
		if (s->latency)
			hist_init(s->latency);
	}
	return s;
}

static void add_lost(struct rules *r, const struct csv_row *row)
{
	int64_t last = row->lost_to_ns / RULES_STEP_NS, first = row->lost_from_ns / RULES_STEP_NS;
	if (first < last - RULES_RING)
		first = last - RULES_RING;
	for (int64_t k = first; k <= last; k++) {
		struct rules_step *s = step_of(r, k);
		if (s)
			s->lost += (uint32_t)(row->lost / (uint64_t)(last - first + 1)) + 1;
	}
	if (r->ok && row->lost_to_ns > r->last_ok_ns) /* what was not measured is no silence */
		r->last_ok_ns = row->lost_to_ns;
}

/* No silence for so long is chance: see sequential.h. Half a second at least, which is what
 * a second beyond the usual threshold lacks. */
static int64_t silence_limit_ns(const struct rules *r)
{
	const double alpha = 0.01, run_s = 3600;
	int64_t last = r->last_ok_ns / RULES_STEP_NS, first = last - 50;
	double ok = 0;
	if (first < r->first_ok_ns / RULES_STEP_NS)
		first = r->first_ok_ns / RULES_STEP_NS;
	for (int64_t k = first; k < last; k++) {
		const struct rules_step *s = &r->ring[(uint64_t)k % RULES_RING];
		ok += s->number == k ? s->ok : 0;
	}
	if (ok < 5)
		return NEVER;
	double per_s = ok / ((double)(last - first) * ns_to_s(RULES_STEP_NS));
	double chance_s =
		log(fmax((double)r->ok, per_s * run_s) / alpha) / per_s * fmax(1, r->dispersion);
	return s_to_ns(fmax(0.5, fmax(chance_s, 3 * ns_to_s(r->longest_gap_ns))));
}

static void add_ok(struct rules *r, int64_t done_ns)
{
	int64_t gap_ns = done_ns - r->last_ok_ns;
	if (r->silent && !r->answered_ns)
		r->answered_ns = done_ns;
	if (r->ok++ == 0) {
		r->first_ok_ns = r->last_ok_ns = done_ns;
	} else if (gap_ns > 0) {
		if (gap_ns > r->longest_gap_ns && !r->silent && gap_ns < NS_PER_S / 2)
			r->longest_gap_ns = gap_ns;
		r->last_ok_ns = done_ns;
	}
}

int64_t rules_done_ns(const struct csv_row *row)
{
	if (row->kind == CSV_COUNTS)
		return row->due_ns + (row->counts.length_ns ? row->counts.length_ns : NS_PER_S);
	return row->due_ns + (row->latency_ns < 0 ? 0 : row->latency_ns);
}

static void add_request(struct rules *r, struct rules_step *s, const struct csv_row *row)
{
	s->ok += !row->failed;
	s->err += row->failed;
	if (row->failed || !r->latencies)
		return;
	if (!s->latency) {
		s->latency = mem_alloc(sizeof *s->latency);
		hist_init(s->latency);
	}
	hist_record(s->latency, row->latency_ns < 0 ? 0 : row->latency_ns);
}

void rules_add(struct rules *r, const struct csv_row *row)
{
	if (row->kind == CSV_LOST) {
		add_lost(r, row);
		return;
	}
	bool counts = row->kind == CSV_COUNTS;
	int64_t done_ns = rules_done_ns(row);
	struct rules_step *s = step_of(r, (done_ns - counts) / RULES_STEP_NS);
	if (counts ? row->counts.ok > 0 : !row->failed)
		add_ok(r, done_ns);
	if (counts && done_ns - row->due_ns > r->longest_gap_ns)
		r->longest_gap_ns = done_ns - row->due_ns; /* nothing finer is known */
	if (s && counts) {
		s->ok += row->counts.ok;
		s->err += row->counts.err;
	} else if (s) {
		add_request(r, s, row);
	}
}

/* The second before a moment. */
struct trailing {
	const struct rules *rules;
	uint64_t ok, err, lost;
	double silence_s;
	bool silent;
	struct hist *latency; /* NULL unless a rule asks */
};

static void take_trailing(struct trailing *t, const struct rules *r, int64_t now_ns,
			  int64_t from_ns)
{
	int64_t end = now_ns / RULES_STEP_NS;
	*t = (struct trailing){.rules = r};
	if (r->latencies) {
		t->latency = mem_alloc(sizeof *t->latency);
		hist_init(t->latency);
	}
	for (int64_t k = end - RULES_TRAILING; k < end; k++) {
		const struct rules_step *s = &r->ring[(uint64_t)k % RULES_RING];
		if (s->number != k)
			continue;
		t->ok += s->ok;
		t->err += s->err;
		t->lost += s->lost;
		if (t->latency && s->latency)
			hist_merge(t->latency, s->latency);
	}
	int64_t last_ns = r->ok ? r->last_ok_ns : from_ns;
	t->silence_s = now_ns > last_ns ? ns_to_s(now_ns - last_ns) : 0;
}

static struct expr_value latency_of(const struct trailing *t, enum metric m)
{
	const struct hist *h = t->latency;
	int64_t ns = m == MAX ? (h->total ? h->max_ns : -1)
			      : hist_quantile_ns(h, summary_quantiles[m - P50]);
	return expr_exactly(ns < 0 ? (double)NAN : ns_to_ms(ns));
}

static struct expr_value metric_now(const void *context, unsigned metric, bool baseline)
{
	const struct trailing *t = context;
	uint64_t done = t->ok + t->err;
	if (baseline)
		return expr_exactly(metric_of_summary(t->rules->baseline, metric));
	if (metric == LOST)
		return expr_exactly((double)t->lost);
	if (t->lost) /* nobody knows */
		return expr_unknown();
	if (metric == SILENCE)
		return expr_exactly(t->silence_s);
	if (metric == THROUGHPUT)
		return expr_exactly((double)t->ok / (RULES_TRAILING * ns_to_s(RULES_STEP_NS)));
	if (metric == ERROR_RATE) /* no answer at all is no success */
		return expr_exactly(done	? (double)t->err / (double)done
				    : t->silent ? 1
						: (double)NAN);
	return latency_of(t, (enum metric)metric);
}

/* A second that is bad has been so from its start. */
static void judge_rule(struct rule *x, const struct trailing *t, int64_t now_ns,
		       struct rules_finding *f)
{
	const struct expr_source from = {metric_now, t};
	struct expr_value left, right;
	if (f->stop)
		return;
	if (expr_eval(&x->expr, &from, &left, &right) != EXPR_TRUE) {
		x->since_ns = NEVER;
		return;
	}
	bool at_once = uses(&x->expr, SILENCE, SILENCE);
	if (x->since_ns == NEVER)
		x->since_ns = at_once ? now_ns : now_ns - RULES_TRAILING * RULES_STEP_NS;
	if (now_ns - x->since_ns < x->expr.for_ns)
		return;
	f->stop = x;
	f->value = left;
	f->bound = right;
}

static void judge_silence(struct rules *r, int64_t now_ns, bool idle, struct rules_finding *f)
{
	int64_t gap_ns = now_ns - r->last_ok_ns;
	if (r->silent) {
		if (idle && !r->answered_ns)
			r->answered_ns = now_ns;
		f->silence_ended = r->answered_ns && r->answered_ns <= now_ns;
		r->silent = !f->silence_ended;
		return;
	}
	if (r->ok == 0 || idle || gap_ns < NS_PER_S / 2)
		return;
	f->silence_limit_ns = silence_limit_ns(r);
	if (gap_ns < f->silence_limit_ns)
		return;
	f->silence_began = r->silent = true;
	r->silent_since_ns = r->last_ok_ns;
	r->answered_ns = 0;
}

struct rules_finding rules_at(struct rules *r, int64_t now_ns, int64_t from_ns, bool idle)
{
	struct rules_finding f = {0};
	struct trailing t;
	if (now_ns < from_ns)
		return f;
	judge_silence(r, now_ns, idle, &f);
	if (r->count == 0 || now_ns < from_ns + RULES_TRAILING * RULES_STEP_NS)
		return f;
	take_trailing(&t, r, now_ns, from_ns);
	t.silent = r->silent;
	for (size_t i = 0; i < r->count; i++)
		judge_rule(&r->all[i], &t, now_ns, &f);
	free(t.latency);
	return f;
}
