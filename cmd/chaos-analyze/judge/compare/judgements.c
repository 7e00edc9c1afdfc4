#include "judge/compare/judgements.h"

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
	for (size_t i = 0; i < v->phases.count; i++)
		compare_parts(&v->phases.all[i].result, a, v->phases.all[i].parts, parts,
			      ALPHA / (double)v->phases.count);
}

void judgements_release(struct judgements *v)
{
	phases_release(&v->phases);
	*v = (struct judgements){0};
}

enum compare_verdict judgements_verdict(const struct judgements *v)
{
	for (size_t i = 0; i < v->phases.count; i++)
		if (v->phases.all[i].aligned && v->phases.all[i].result.verdict == COMPARE_FAIL)
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
	for (size_t i = 0; which == COMPARE_FAIL && i < v->phases.count; i++)
		if (v->phases.all[i].aligned)
			add_reasons(&v->phases.all[i].result, v->phases.all[i].name, which, reasons);
}
