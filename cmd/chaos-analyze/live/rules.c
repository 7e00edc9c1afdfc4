#include "live/rules.h"

#include "judge/analysis/metrics.h"
#include "base/buf.h"
#include "base/units.h"
#include "detect/sequential.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

int rules_parse(struct rules *r, const char *const *texts, size_t count, const char *load, bool has_baseline,
		struct err *e)
{
	*r = (struct rules){.all = mem_alloc((count + 1) * sizeof *r->all), .dispersion = 1};
	r->ring = mem_alloc(RULES_RING * sizeof *r->ring);
	for (size_t i = 0; i < count; i++) {
		struct rule *x = &r->all[r->count];
		if (!rule_is_for(texts[i], load))
			continue;
		x->since_ns = NEVER;
		if (rule_parse(&x->expr, rule_of_load(texts[i]), RULE_STOP, has_baseline, e)) {
			rules_release(r);
			return -1;
		}
		r->latencies = r->latencies || uses(&x->expr, METRIC_P50, METRIC_MAX);
		r->count++;
	}
	return 0;
}

const char *rules_of_failures(const struct rules *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (uses(&r->all[i].expr, METRIC_ERROR_RATE, METRIC_ERROR_RATE))
			return r->all[i].expr.text;
	return NULL;
}

void rules_release(struct rules *r)
{
	for (size_t i = 0; r->ring && i < RULES_RING; i++)
		free(r->ring[i].latency);
	free(r->ring);
	free(r->all);
	counted_release(&r->counted);
	*r = (struct rules){0};
}

/* The step of that number, reset if it is new; NULL if it is too old. */
static struct rules_step *step_of(struct rules *r, int64_t number)
{
	struct rules_step *s = &r->ring[(uint64_t)number % RULES_RING];
	if (number < s->number)
		return NULL;
	if (number > s->number) {
		s->number = number;
		s->ok = s->err = s->counted = 0;
		if (s->latency)
			hist_init(s->latency);
	}
	return s;
}

/* At least half a second: the usual threshold on throughput. */
static int64_t silence_limit_ns(const struct rules *r)
{
	const double run_s = 3600; /* the bound on false alarms covers at least an hour */
	int64_t rest_ns = rests_length_ns(&r->rests);
	int64_t gap_ns = rest_ns > r->longest_gap_ns ? rest_ns : r->longest_gap_ns;
	const struct noise noise = {.dispersion_1 = r->dispersion, .longest_gap_s = ns_to_s(gap_ns)};
	int64_t last = r->last_ok_ns / RULES_STEP_NS, first = last - 50;
	double ok = 0;
	if (first < r->first_ok_ns / RULES_STEP_NS)
		first = r->first_ok_ns / RULES_STEP_NS;
	for (int64_t k = first; k < last; k++) {
		const struct rules_step *s = &r->ring[(uint64_t)k % RULES_RING];
		ok += s->number == k ? (double)s->ok + s->counted : 0;
	}
	if (ok < 5)
		return NEVER;
	double per_s = ok / ((double)(last - first) * ns_to_s(RULES_STEP_NS));
	double requests = fmax((double)r->ok, per_s * run_s);
	return s_to_ns(fmax(0.5, silence_limit_s(&noise, per_s, requests)));
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

int64_t rules_done_ns(const struct rules *r, const struct csv_row *row)
{
	if (row->kind == CSV_COUNTS)
		return row->due_ns + counted_length_ns(&r->counted, row);
	return row->due_ns + (row->latency_ns < 0 ? 0 : row->latency_ns);
}

int64_t rules_known_to(const struct rules *r, int64_t to_ns)
{
	return counted_known_to(&r->counted, to_ns);
}

static void add_request(struct rules *r, struct rules_step *s, const struct csv_row *row)
{
	s->ok += !row->failed;
	s->err += row->failed;
	if (row->failed || !r->latencies)
		return;
	if (!s->latency)
		s->latency = hist_new();
	hist_record(s->latency, row->latency_ns < 0 ? 0 : row->latency_ns);
}

/* Spreads counts over their steps, for the success rate behind the silence limit. */
static void count_steps(struct rules *r, int64_t from_ns, int64_t to_ns, uint32_t ok)
{
	int64_t first = from_ns / RULES_STEP_NS, last = (to_ns - 1) / RULES_STEP_NS, done = 0;
	int64_t steps = last - first + 1, skip = steps > RULES_RING ? steps - RULES_RING : 0;
	for (int64_t i = skip; i < steps; i++) {
		struct rules_step *s = step_of(r, first + i);
		int64_t until = (int64_t)((double)ok * (double)(i + 1 - skip) / (double)steps);
		if (s)
			s->counted += (uint32_t)(until - done);
		done = until;
	}
}

static void add_counts(struct rules *r, const struct csv_row *row)
{
	if (!counted_add_counts(&r->counted, row))
		return;
	int64_t done_ns = rules_done_ns(r, row);
	count_steps(r, row->due_ns, done_ns, row->counts.ok);
	if (row->counts.ok > 0)
		add_ok(r, done_ns);
	if (done_ns - row->due_ns > r->longest_gap_ns)
		r->longest_gap_ns = done_ns - row->due_ns; /* counts show no shorter gap */
}

void rules_add(struct rules *r, const struct csv_row *row, bool learn)
{
	if (row->kind == CSV_LOST) {
		counted_add_lost(&r->counted, row);
		return;
	}
	if (row->kind == CSV_ABORTED)
		return;
	if (row->kind == CSV_COUNTS) {
		add_counts(r, row);
		return;
	}
	int64_t done_ns = rules_done_ns(r, row);
	struct rules_step *s = step_of(r, done_ns / RULES_STEP_NS);
	counted_bound_lost(&r->counted, done_ns);
	rests_add(&r->rests, row->due_ns, done_ns, learn);
	if (!row->failed)
		add_ok(r, done_ns);
	if (s)
		add_request(r, s, row);
}

/* Metrics of the last second. */
struct trailing {
	const struct rules *rules;
	uint64_t ok, err;
	struct counted_part counted;
	double silence_s;
	bool silent;
	struct hist *latency; /* NULL unless a rule uses latencies */
};

static void take_trailing(struct trailing *t, const struct rules *r, int64_t now_ns,
			  int64_t from_ns)
{
	int64_t end = now_ns / RULES_STEP_NS;
	*t = (struct trailing){.rules = r};
	if (r->latencies)
		t->latency = hist_new();
	for (int64_t k = end - RULES_TRAILING; k < end; k++) {
		const struct rules_step *s = &r->ring[(uint64_t)k % RULES_RING];
		if (s->number != k)
			continue;
		t->ok += s->ok;
		t->err += s->err;
		if (t->latency && s->latency)
			hist_merge(t->latency, s->latency);
	}
	t->counted = counted_within(&r->counted, (end - RULES_TRAILING) * RULES_STEP_NS,
				end * RULES_STEP_NS);
	int64_t last_ns = r->ok ? r->last_ok_ns : from_ns;
	t->silence_s = now_ns > last_ns ? ns_to_s(now_ns - last_ns) : 0;
}

static struct expr_value throughput_of(const struct trailing *t)
{
	double second_s = RULES_TRAILING * ns_to_s(RULES_STEP_NS), ok = (double)t->ok + t->counted.ok;
	return (struct expr_value){ok / second_s, (ok + t->counted.may_ok) / second_s};
}

static struct expr_value error_rate_of(const struct trailing *t)
{
	const struct counted_part *p = &t->counted;
	double ok = (double)t->ok + p->ok, err = (double)t->err + p->err;
	double most_ok = ok + p->may_ok, most_err = err + p->may_err;
	if (most_ok + most_err <= 0) /* without any answer, silence counts as failure */
		return expr_exactly(t->silent ? 1 : (double)NAN);
	return (struct expr_value){most_ok > 0 ? err / (err + most_ok) : 1,
				   most_err > 0 ? most_err / (most_err + ok) : 0};
}

static struct expr_value metric_now(const void *context, unsigned metric, bool baseline)
{
	const struct trailing *t = context;
	if (baseline)
		return expr_exactly(metric_of_summary(t->rules->baseline, metric));
	if (metric == METRIC_LOST)
		return expr_exactly(t->counted.lost);
	if (t->counted.lost > 0) /* rows are missing */
		return expr_unknown();
	if (metric == METRIC_SILENCE)
		return t->counted.may_ok > 0 ? expr_unknown() : expr_exactly(t->silence_s);
	if (metric == METRIC_THROUGHPUT)
		return throughput_of(t);
	if (metric == METRIC_ERROR_RATE)
		return error_rate_of(t);
	return expr_exactly(metric_of_latencies(t->latency, metric));
}

/* A metric covers the last second, so the rule holds since its start. */
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
	bool at_once = uses(&x->expr, METRIC_SILENCE, METRIC_SILENCE);
	if (x->since_ns == NEVER)
		x->since_ns = at_once ? now_ns : now_ns - RULES_TRAILING * RULES_STEP_NS;
	if (now_ns - x->since_ns < x->expr.for_ns)
		return;
	f->stop = x;
	f->value = left;
	f->bound = right;
}

/* Times with dropped rows do not count as silence. */
static void pass_lost(struct rules *r, int64_t now_ns)
{
	int64_t to_ns = counted_lost_at(&r->counted, now_ns);
	to_ns = to_ns < now_ns ? to_ns : now_ns;
	if (r->ok && to_ns > r->last_ok_ns)
		r->last_ok_ns = to_ns;
	counted_forget(&r->counted, now_ns - RULES_TRAILING * RULES_STEP_NS);
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
	pass_lost(r, now_ns);
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
