#include "judge/judgements.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>

/* Family-wise error of the tests of the whole run, and again of all phases together. */
static const double ALPHA = 0.05;

void judgements_make(struct judgements *v, const struct analysis *a)
{
	size_t parts = a->reference_count + 1;
	*v = (struct judgements){.has_whole = parts > 1};
	if (v->has_whole) {
		struct part *whole = comparison_whole(a);
		compare_parts(&v->whole, a, whole, parts, ALPHA);
		free(whole);
	}
	phases_find(&v->phases, a);
	v->phase_count = v->phases.count;
	v->phases_judged = mem_alloc((v->phase_count + 1) * sizeof *v->phases_judged);
	for (size_t i = 0; i < v->phase_count; i++) {
		struct judged_phase *p = &v->phases_judged[i];
		p->phase = &v->phases.all[i];
		p->aligned = true;
		for (size_t k = 1; k < parts; k++)
			p->aligned = p->aligned && !p->phase->parts[k].whole;
		compare_parts(&p->result, a, p->phase->parts, parts,
			      ALPHA / (double)v->phase_count);
	}
}

void judgements_release(struct judgements *v)
{
	phases_release(&v->phases);
	free(v->phases_judged);
	*v = (struct judgements){0};
}

enum compare_verdict judgements_verdict(const struct judgements *v)
{
	for (size_t i = 0; i < v->phase_count; i++)
		if (v->phases_judged[i].aligned &&
		    v->phases_judged[i].result.verdict == COMPARE_FAIL)
			return COMPARE_FAIL;
	return v->whole.verdict;
}

static void add_reasons(const struct comparisons *c, const char *phase, enum compare_verdict which,
			struct json *reasons)
{
	for (unsigned i = 0; i < COMPARED_COUNT; i++) {
		const struct comparison *x = &c->all[i];
		if (isnan(x->tolerance) || x->verdict != which)
			continue;
		char *text = mem_printf("%s%s%s", phase ? phase : "", phase ? ": " : "", x->metric);
		json_push_str(reasons, text);
		free(text);
	}
}

void judgements_reasons(const struct judgements *v, struct json *reasons)
{
	enum compare_verdict which = judgements_verdict(v);
	if (which == COMPARE_PASS)
		return;
	add_reasons(&v->whole, NULL, which, reasons);
	for (size_t i = 0; which == COMPARE_FAIL && i < v->phase_count; i++)
		if (v->phases_judged[i].aligned)
			add_reasons(&v->phases_judged[i].result, v->phases_judged[i].phase->name,
				    which, reasons);
}
