#include "conduct/audit.h"

#include "base/units.h"
#include "prepare/loads/load_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char part[] = ".audit.json.part", whole[] = "audit.json";
static const int64_t rest_margin_ns = 40 * NS_PER_S; /* chaos-audit itself waits 30 s for the servers */
static const int64_t reading_ns = 3600 * NS_PER_S;   /* and for an HTTP store as long as it tells something */

static const struct plan_load *audited(const struct run *r)
{
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (load_audited(r->plan, &r->plan->loads[i]))
			return &r->plan->loads[i];
	return NULL;
}

int audit_begin(struct run *r, int64_t put_back_ns, struct err *e)
{
	static const char lift[] = "revert all\n";
	if (r->stage >= STAGE_AUDIT || r->stage < STAGE_RUN || r->signo || r->why[0] || !audited(r))
		return 0;
	r->stage = STAGE_AUDIT;
	r->deadline_ns = mono_ns() + put_back_ns + rest_margin_ns + (load_is_redis(audited(r)) ? 0 : reading_ns);
	return r->heard.held_count && child_send(&r->fault, lift, sizeof lift - 1, e) ? -1 : 1;
}

static int start(struct run *r, struct err *e)
{
	const struct plan_load *l = audited(r);
	struct args a = {0};
	int urls_fd = load_urls(l, e), out = urls_fd < 0 ? -1 : rundir_create(&r->dir, part, e);
	if (out < 0)
		return -1;
	args_program(&a, "chaos-audit");
	args_option(&a, "--run-id", r->opts->run_id);
	args_option(&a, "--runs-dir", r->opts->runs_dir);
	args_option(&a, "--load", r->plan->load_count > 1 ? l->name : NULL);
	load_audit_options(&a, r->plan, l);
	args_add(&a, "--urls");
	args_add(&a, "fd:%d", urls_fd);
	struct child_how how = {.out = out, .keep_fd = urls_fd, .die_with_us = true};
	int rc = child_start(&r->audit, "chaos-audit", &a, &how, e);
	args_release(&a);
	close(urls_fd);
	close(out);
	return rc;
}

int audit_go_on(struct run *r, struct err *e)
{
	return r->audit.running || r->heard.held_count ? 0 : start(r, e);
}

int audit_take(struct run *r, struct err *e)
{
	int rc = 0;
	char *from = rundir_file(&r->dir, part), *to = rundir_file(&r->dir, whole), how[160];
	int code = child_code(&r->audit);
	child_describe_end(&r->audit, how, sizeof how);
	if (code != EXIT_OK && code != EXIT_NO && code != EXIT_INCONCLUSIVE) {
		unlink(from);
		if (r->stage == STAGE_AUDIT)
			rc = err_runtime(e, "%s: the writes were not audited", how);
	} else if (rename(from, to)) {
		rc = err_sys(e, errno, "cannot make '%s'", to);
	}
	free(from);
	free(to);
	return rc;
}
