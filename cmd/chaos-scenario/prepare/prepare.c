#include "prepare/prepare.h"

#include "prepare/again.h"
#include "prepare/fault_check.h"
#include "prepare/loads/load_check.h"
#include "prepare/loads/load_places.h"
#include "prepare/node_lock.h"
#include "prepare/overrides.h"
#include "prepare/plan_json.h"
#include "prepare/rules.h"
#include "prepare/rundir.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/rng.h"
#include "cli/diag.h"
#include "run/loads.h"
#include "run/run.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int check_programs(struct err *e)
{
	static const char *const names[] = {"chaos-load", "chaos-fault", "chaos-analyze",
					    "chaos-plot", "chaos-llm", "chaos-audit"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = proc_sibling(names[i]);
		bool there = proc_can_run(path, getenv("PATH"));
		free(path);
		if (!there)
			return err_runtime(e, "cannot find '%s', neither beside this program nor in PATH",
					   names[i]);
	}
	return 0;
}

static int check_baseline(const struct options *o, struct err *e)
{
	if (!o->baseline_id)
		return 0;
	struct run_loads loads;
	run_loads_find(&loads, o->runs_dir, o->baseline_id);
	char *samples = run_load_path(o->runs_dir, o->baseline_id, "samples", loads.names[0], ".csv");
	char *folder = run_path(o->runs_dir, o->baseline_id, NULL);
	int rc = 0;
	if (!file_exists(folder))
		rc = run_err_none(o->runs_dir, o->baseline_id, e);
	else if (!file_exists(samples))
		rc = err_usage(e, "the baseline run '%s' has no '%s'", o->baseline_id, samples);
	run_loads_release(&loads);
	free(samples);
	free(folder);
	return rc;
}

static int check_config(const struct config *c, struct err *e)
{
	if (c->node_count || c->path)
		return 0;
	return err_usage(e, "there are no nodes: no ./config.yaml here; name one with --config");
}

static void draw_seed(struct plan *p, int64_t given)
{
	p->seeded = given >= 0;
	p->seed = p->seeded ? (uint64_t)given : rng_at((uint64_t)anchor_now().offset_ns, (uint64_t)mono_ns()) >> 33;
}

static int check_all(struct prepared *p, const struct options *o, struct err *e)
{
	if (scenario_load(&p->scenario, o->scenario, e) || overrides_apply(&p->scenario, o, e) ||
	    (p->again && again_phases(o, &p->scenario, e)) ||
	    checks_fill(&p->scenario.checks, p->scenario.path, getenv, e))
		return -1;
	draw_seed(&p->plan, o->seed >= 0 ? o->seed : p->scenario.seed);
	if (config_open(&p->config, o->config, e) ||
	    check_config(&p->config, e) ||
	    plan_make(&p->plan, &p->scenario, &p->config, o->mode_name ? &o->mode : NULL, e) ||
	    rules_check(&p->plan, o->runs_dir, o->baseline_id, e) || check_baseline(o, e) ||
	    (o->run_id && rundir_check(o->runs_dir, o->run_id, o->force, e)) ||
	    (!o->check && node_lock(&p->plan, NULL, NULL, e)))
		return -1;
	return check_programs(e) || load_check(&p->plan, e) || places_check(&p->plan, e) ? -1 : fault_check(&p->plan, e);
}

int prepare(struct prepared *p, struct options *o)
{
	struct err e;
	*p = (struct prepared){0};
	config_init(&p->config);
	int rc = o->again ? again_read(o, &p->again, &e) : 0;
	rc = rc ? rc : check_all(p, o, &e);
	return rc < 0 ? diag_err(&e) : rc ? rc : CLI_RUN;
}

int prepared_print(const struct prepared *p, bool json)
{
	static const char *const none[] = {"gnuplot is not installed: there will be scripts, but no pictures", NULL};
	const char *const *missing = &none[proc_can_run("gnuplot", getenv("PATH"))];
	struct buf text = BUF_INIT;
	struct err e = {0};
	if (json) {
		plan_json(&p->plan, missing, &text);
	} else {
		plan_print(&p->plan, &text);
		buf_addf(&text, "%10s  blast radius: ", "");
		plan_blast_radius(&p->plan, &text);
		buf_addch(&text, '\n');
		for (; *missing; missing++)
			buf_addf(&text, "%10s  %s\n", "", *missing);
		plain_lines(&text);
	}
	int rc = out_write(STDOUT_FILENO, &text, &e);
	buf_release(&text);
	return rc ? diag_err(&e) : EXIT_OK;
}

void prepared_release(struct prepared *p)
{
	again_free(p->again);
	plan_release(&p->plan);
	scenario_release(&p->scenario);
	config_release(&p->config);
}
