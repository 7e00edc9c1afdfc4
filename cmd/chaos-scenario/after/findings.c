#include "after/findings.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* how long a step has that was told to end */
#define END_NS (2 * NS_PER_S)

/* --- which steps --------------------------------------------------------- */

static struct findings_step *add(struct findings *j, const char *name, const char *needs,
			      const char *makes)
{
	struct findings_step *s = &j->steps[j->count++];
	*s = (struct findings_step){.name = name, .needs = needs, .makes = makes};
	args_program(&s->args, name);
	return s;
}

static void add_run(struct findings_step *s, const struct options *o, const char *baseline_id)
{
	args_option(&s->args, "--run-id", o->run_id);
	args_option(&s->args, "--runs-dir", o->runs_dir);
	args_option(&s->args, "--baseline-id", baseline_id);
}

static void add_picture(struct findings *j, const struct options *o, const char *what,
			const char *script, const char *baseline_id, bool gnuplot)
{
	struct findings_step *s = add(j, "chaos-plot", "analysis.json", script);
	args_add(&s->args, "%s", what);
	add_run(s, o, baseline_id);
	if (!gnuplot)
		return;
	char *path = rundir_file(j->dir, script);
	s = add(j, "gnuplot", script, NULL);
	args_add(&s->args, "%s", path);
	free(path);
}

void findings_init(struct findings *j, const struct options *o, const char *config_path,
		const struct rundir *d, struct progress *p, bool interrupted)
{
	bool gnuplot = proc_can_run("gnuplot", getenv("PATH"));
	*j = (struct findings){.dir = d, .progress = p, .child = {.control = -1}};
	struct findings_step *s = add(j, "chaos-analyze", NULL, "analysis.json");
	s->answer = true;
	add_run(s, o, o->baseline_id);
	args_option(&s->args, "--config", config_path);
	if (o->unsteady)
		args_add(&s->args, "--unsteady");
	if (interrupted)
		args_add(&s->args, "--quiet");
	add_picture(j, o, "throughput", "throughput.gp", NULL, gnuplot);
	if (o->baseline_id)
		add_picture(j, o, "compare", "compare.gp", o->baseline_id, gnuplot);
	/* The report reads this analysis: a second one would print its warnings again. */
	char *analysis = rundir_file(j->dir, "analysis.json"), *events = rundir_file(j->dir, "events.jsonl");
	s = add(j, "chaos-llm", "analysis.json", "report.md");
	args_option(&s->args, "--events", events);
	args_option(&s->args, "--config", config_path);
	s->asks_model = o->llm;
	if (!o->llm)
		args_add(&s->args, "--no-model");
	args_add(&s->args, "%s", analysis);
	free(analysis);
	free(events);
	if (!gnuplot)
		progress_say(p, "gnuplot is not installed: there will be scripts, but no pictures");
}

void findings_release(struct findings *j)
{
	for (size_t i = 0; i < j->count; i++)
		args_release(&j->steps[i].args);
	*j = (struct findings){0};
}

/* --- running them -------------------------------------------------------- */

/* A step writes to a temporary file, so that no half-written result bears the final name. */
static char *part_of(const struct findings *j, const struct findings_step *s)
{
	return mem_printf("%s/.%s.part", j->dir->path, s->makes);
}

static void failed(struct findings *j, int code, const char *why)
{
	progress_say(j->progress, "%s; what was measured is in '%s'", why, j->dir->path);
	if (!j->why[0])
		snprintf(j->why, sizeof j->why, "%s", why);
	j->code = exit_worse(j->code, code);
}

static bool start(struct findings *j, struct findings_step *s)
{
	struct err e;
	int out = -1;
	char *part = s->makes ? part_of(j, s) : NULL;
	if (part)
		out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int rc = 0;
	if (part && out < 0)
		rc = err_sys(&e, errno, "cannot make '%s'", part);
	struct child_how how = {.out = out,
				.keep_fd = -1,
				.with_keys = s->asks_model,
				.die_with_us = true};
	if (!rc)
		rc = child_start(&j->child, s->name, &s->args, &how, &e);
	if (out >= 0)
		close(out);
	free(part);
	if (rc)
		failed(j, e.code, e.msg);
	return rc == 0;
}

static void finish(struct findings *j, const struct findings_step *s)
{
	static const int answers[] = {EXIT_OK, EXIT_NO, EXIT_INCONCLUSIVE};
	char why[200];
	int code = child_code(&j->child);
	bool good = false;
	for (size_t i = 0; i < (s->answer ? ARRAY_LEN(answers) : 1); i++)
		good = good || code == answers[i];
	if (s->makes) {
		char *part = part_of(j, s), *path = rundir_file(j->dir, s->makes);
		if (!good)
			unlink(part);
		else if (rename(part, path))
			failed(j, EXIT_RUNTIME, strerror(errno));
		free(part);
		free(path);
	}
	if (good) {
		j->code = exit_worse(j->code, code);
	} else if (!j->stop) {
		child_describe_end(&j->child, why, sizeof why);
		failed(j, EXIT_RUNTIME, why);
	}
}

static bool possible(const struct findings *j, const struct findings_step *s)
{
	if (!s->needs)
		return true;
	char *path = rundir_file(j->dir, s->needs);
	bool there = file_exists(path);
	free(path);
	return there;
}

bool findings_go_on(struct findings *j)
{
	if (j->stop && mono_ns() > j->kill_ns)
		child_kill_group(&j->child);
	if (j->child.running && !child_reap(&j->child))
		return false;
	if (j->child.pid > 0) {
		finish(j, &j->steps[j->next - 1]);
		j->child.pid = 0;
	}
	while (!j->stop && j->next < j->count) {
		struct findings_step *s = &j->steps[j->next++];
		if (possible(j, s) && start(j, s))
			return false;
	}
	return true;
}

void findings_stop(struct findings *j)
{
	j->kill_ns = j->stop ? j->kill_ns : mono_ns() + END_NS;
	j->stop = true;
	child_signal(&j->child, SIGTERM);
}
