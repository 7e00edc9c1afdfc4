#include "prepare/identical.h"

#include "base/buf.h"
#include "detect/metric.h"
#include "run/run.h"
#include "stream/json.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct identical {
	struct json **trials;
	size_t count, alloc;
};

/* Two of the trials: one as the run, the other as its baseline. */
struct pair {
	const struct json *run, *baseline;
};

static void take_line(struct identical *i, const char *line, size_t len, const char *path)
{
	struct err ignored;
	struct json *j = json_parse(line, len, path, &ignored);
	if (strcmp(json_text(j, "type"), "trial") != 0 ||
	    json_bool(json_get(j, "control"), false) || !json_is_null(json_get(j, "value"))) {
		json_free(j);
		return;
	}
	i->trials = mem_grow(i->trials, &i->alloc, i->count, sizeof(struct json *));
	i->trials[i->count++] = j;
}

struct identical *identical_read(const char *runs_dir, const char *baseline_id)
{
	struct buf text = BUF_INIT;
	struct err ignored;
	const char *dot = strrchr(baseline_id, '.');
	char *whole = run_path(runs_dir, baseline_id, "trials.jsonl"), *path = whole;
	if (!file_exists(path) && dot) {
		char *id = mem_printf("%.*s", (int)(dot - baseline_id), baseline_id);
		path = run_path(runs_dir, id, "trials.jsonl");
		free(id);
	}
	struct identical *i = NULL;
	if (file_exists(path) && file_read(path, &text, &ignored) == 0) {
		i = mem_alloc(sizeof *i);
		*i = (struct identical){0};
		for (const char *at = text.data, *end; (end = strchr(at, '\n')); at = end + 1)
			take_line(i, at, (size_t)(end - at), path);
	}
	if (path != whole)
		free(path);
	free(whole);
	buf_release(&text);
	return i;
}

void identical_free(struct identical *i)
{
	for (size_t k = 0; i && k < i->count; k++)
		json_free(i->trials[k]);
	if (i)
		free(i->trials);
	free(i);
}

static struct expr_value value_of(const void *context, unsigned metric, bool baseline)
{
	const struct pair *p = context;
	const struct json *metrics = json_get(baseline ? p->baseline : p->run, "metrics");
	double v = json_num(json_get(metrics, metric_names[metric]), (double)NAN);
	return isnan(v) ? expr_unknown() : expr_exactly(v);
}

int identical_check(const struct identical *i, const struct expr *x, struct err *e)
{
	const struct expr_source from = {.get = value_of};
	struct expr_value left, right;
	for (size_t a = 0; i && x->uses_baseline && a < i->count; a++) {
		for (size_t b = 0; b < i->count; b++) {
			const struct pair p = {i->trials[a], i->trials[b]};
			struct expr_source of = from;
			of.context = &p;
			if (a == b || expr_eval(x, &of, &left, &right) != EXPR_FALSE)
				continue;
			return err_usage(e, "the rule '%s' is no gate: of two identical runs, '%s' misses it against '%s' (%.4g, and the bound is %.4g)",
					 x->text, json_str(json_get(p.run, "run_id"), "?"),
					 json_str(json_get(p.baseline, "run_id"), "?"), left.low, right.low);
		}
	}
	return 0;
}
