#include "conduct/checks.h"

#include "base/units.h"
#include "conduct/ending.h"
#include "conduct/normal.h"
#include "detect/metric.h"
#include "net/probe.h"
#include "stream/json.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WELL_WINDOWS = 5 }; /* as in the analysis */
static const int64_t every_ns = NS_PER_S / 2;

/* chaos-analyze, which follows the samples of a load and judges the rules. */
struct load_watch {
	struct child child;
	int fd; /* what it says; -1: none */
	int64_t anomaly; /* the one under way; -1: none */
	double final_s, length_s; /* up to there the windows are final; how long they are */
	struct buf text;
};

/* A probe, asked again and again. Without an answer in time it tells nothing. */
struct check_state {
	struct probe *probe;
	struct child child;
	bool under_way;
	bool asked, failed, silent; /* where it must pass: it was asked there, has failed, has not answered in time */
	int64_t asked_ns;
	enum probe_answer last; /* PROBE_PENDING: not known */
	char why[200], first[200]; /* of the last answer; of the first failure or silence where it must pass */
};

static const struct scenario_check *conf_of(const struct run *r, size_t i)
{
	return &r->plan->scenario->checks.all[i];
}

static void stop(struct run *r, const char *text, const char *how)
{
	struct json *j = event_new(&r->events, EVENT_STOP_RULE);
	struct err e;
	json_set_str(j, "rule", text);
	int rc = event_send(&r->events, j, &e);
	progress_say(&r->progress, "a stop condition holds: %s%s", text, how);
	snprintf(r->why, sizeof r->why, "%s%s", text, how);
	run_fail(r, EXIT_STOPPED, "%s", r->why);
	if (rc)
		run_fail(r, e.code, "%s", e.msg);
}

/* --- rules ----------------------------------------------------------------------- */

static int start_watch(struct run *r, size_t load, struct err *e)
{
	const struct scenario_checks *all = &r->plan->scenario->checks;
	struct load_watch *w = &r->watches[load];
	struct args a = {0};
	int fds[2], rules = 0, rc = 0;
	args_program(&a, "chaos-analyze");
	args_add(&a, "--follow");
	args_add(&a, "--windows");
	args_option(&a, "--run-id", r->opts->run_id);
	args_option(&a, "--runs-dir", r->opts->runs_dir);
	args_option(&a, "--config", r->config->path);
	args_option(&a, "--baseline-id", r->opts->baseline_id);
	if (r->plan->load_count > 1)
		args_option(&a, "--load", r->plan->loads[load].name);
	for (size_t i = 0; i < all->count; i++) {
		if (!all->all[i].stop || all->all[i].kind != CHECK_RULE ||
		    !rule_is_for(all->all[i].what.text, r->plan->loads[load].name))
			continue;
		args_option(&a, "--stop-on", rule_of_load(all->all[i].what.text));
		rules++;
	}
	bool needed = rules || r->open_ns < INT64_MAX;
	if (needed && pipe2(fds, O_CLOEXEC))
		rc = err_sys(e, errno, "cannot make a pipe");
	else if (needed) {
		const struct child_how how = {.out = fds[1], .err = -1, .keep_fd = -1, .die_with_us = true};
		rc = child_start(&w->child, "chaos-analyze", &a, &how, e);
		close(fds[1]);
		w->fd = fds[0];
		fcntl(w->fd, F_SETFL, O_NONBLOCK);
	}
	args_release(&a);
	return rc;
}

static void take_line(struct run *r, struct load_watch *w, const char *line, size_t len)
{
	struct err e;
	struct json *j = json_parse(line, len, "chaos-analyze", &e);
	const char *rule = json_str(json_get(j, "rule"), "silence");
	char how[64] = "";
	const char *type = json_text(j, "type");
	double v = json_num(json_get(j, "value"), (double)NAN), length_s = json_num(json_get(j, "length_s"), 0);
	int64_t id = json_int(json_get(j, "id"), -1);
	if (strcmp(type, "interval_open") == 0)
		w->anomaly = id;
	else if (strcmp(type, "interval_close") == 0 && id >= w->anomaly)
		w->anomaly = -1;
	else if (strcmp(type, "window") == 0 && json_bool(json_get(j, "final"), false)) {
		w->length_s = length_s;
		w->final_s = fmax(w->final_s, json_num(json_get(j, "start_s"), 0) + length_s);
	}
	if (!isnan(v))
		snprintf(how, sizeof how, " (was %.4g)", v);
	if (strcmp(type, "rule") == 0 && strcmp(rule, "silence") != 0)
		stop(r, rule, how);
	json_free(j);
}

static void look_at_watch(struct run *r, struct load_watch *w)
{
	char part[4096], *end;
	ssize_t n;
	while (w->fd >= 0 && (n = read(w->fd, part, sizeof part)) > 0)
		buf_add(&w->text, part, (size_t)n);
	while (w->text.len && r->stage == STAGE_RUN && (end = memchr(w->text.data, '\n', w->text.len))) {
		take_line(r, w, w->text.data, (size_t)(end - w->text.data));
		buf_consume(&w->text, (size_t)(end - w->text.data) + 1);
	}
	if (child_reap(&w->child) && r->stage == STAGE_RUN)
		run_fail(r, EXIT_RUNTIME, "chaos-analyze ended early: the stop conditions are no longer watched");
}

/* --- probes ---------------------------------------------------------------------- */

static void ask(const struct scenario_check *c, struct check_state *s)
{
	struct err e = {.msg = ""};
	s->asked_ns = mono_ns();
	s->under_way = true;
	if (c->kind == CHECK_FILE) {
		s->under_way = false;
		s->last = file_exists(c->argv ? c->argv[0] : c->what.text) ? PROBE_YES : PROBE_NO;
	} else if (c->kind == CHECK_PROCESS) {
		struct args a = {0};
		const struct child_how how = {.out = -1, .err = -1, .keep_fd = -1, .die_with_us = true};
		for (char **w = c->argv; *w; w++)
			args_add(&a, "%s", *w);
		if (child_start(&s->child, c->what.text, &a, &how, &e)) {
			s->under_way = false;
			s->last = PROBE_NO;
			snprintf(s->why, sizeof s->why, "%.190s", e.msg);
		}
		args_release(&a);
	} else { /* when the time is up is judged here */
		probe_start(s->probe, 2 * c->timeout_ns);
	}
}

/* Takes the answer if there is one. */
static void take_answer(const struct scenario_check *c, struct check_state *s)
{
	enum probe_answer now = s->probe ? probe_step(s->probe) : PROBE_PENDING;
	if (c->kind == CHECK_PROCESS && child_reap(&s->child)) {
		now = child_code(&s->child) == EXIT_OK ? PROBE_YES : PROBE_NO;
		child_describe_end(&s->child, s->why, sizeof s->why);
	} else if (s->probe && now != PROBE_PENDING) {
		snprintf(s->why, sizeof s->why, "%s", probe_why(s->probe));
		if (c->status && probe_status(s->probe))
			now = probe_status(s->probe) == c->status ? PROBE_YES : PROBE_NO;
	}
	if (now == PROBE_PENDING && mono_ns() < s->asked_ns + c->timeout_ns)
		return;
	if (now == PROBE_PENDING && c->kind == CHECK_PROCESS) {
		child_signal(&s->child, SIGKILL);
		child_wait(&s->child);
	}
	if (now == PROBE_PENDING)
		snprintf(s->why, sizeof s->why, "no answer in time");
	s->last = now;
	s->under_way = false;
}

static void fail(const struct scenario_check *c, struct check_state *s)
{
	if (!s->failed) /* it says more than a silence before */
		snprintf(s->first, sizeof s->first, "%s", c->kind == CHECK_FILE ? "it is not there" : s->why);
	s->failed = true;
}

static void judge_answer(struct run *r, const struct scenario_check *c, struct check_state *s)
{
	char text[300], how[240] = "";
	bool bad = s->last == PROBE_NO, now = c->when & CHECK_ALWAYS || (c->when & CHECK_FAULTS && r->heard.held_count);
	check_describe(c, text, sizeof text);
	if (c->stop && c->kind == CHECK_FILE && s->last == PROBE_YES)
		stop(r, text, " is there");
	else if (c->stop && c->kind != CHECK_FILE && bad) {
		snprintf(how, sizeof how, " failed: %s", s->why);
		stop(r, text, how);
	}
	if (bad && now)
		fail(c, s);
	if (s->last == PROBE_PENDING && now && !s->failed && !s->silent)
		snprintf(s->first, sizeof s->first, "%s", s->why);
	s->silent |= s->last == PROBE_PENDING && now;
	s->asked |= now;
}

/* --- the run --------------------------------------------------------------------- */

/* The warm-up is not normal, but at least half of the time before the first fault is. */
static int64_t normal_from(const struct run *r)
{
	const struct plan *p = r->plan;
	int64_t first_ns = p->scenario->duration_ns, warmup_ns = s_to_ns(r->config->warmup_ignore_s);
	for (size_t i = p->step_count; i-- > 0;)
		if (p->steps[i].kind == STEP_FAULT)
			first_ns = p->steps[i].at_ns;
	return anchor_wall_ns(&r->anchor, r->t0_ns + (warmup_ns < first_ns / 2 ? warmup_ns : first_ns / 2));
}

int checks_begin(struct run *r, struct err *e)
{
	const struct scenario_checks *all = &r->plan->scenario->checks;
	for (size_t i = 0; i < r->plan->load_count; i++)
		r->loads[i].tally.normal_from_ns = normal_from(r);
	r->watches = mem_alloc((r->plan->load_count + 1) * sizeof *r->watches);
	r->checks = mem_alloc((all->count + 1) * sizeof *r->checks);
	for (size_t i = 0; i < r->plan->load_count; i++)
		r->watches[i] = (struct load_watch){.fd = -1, .anomaly = -1, .child.control = -1, .text = BUF_INIT};
	for (size_t i = 0; i < all->count; i++) {
		const struct scenario_check *c = &all->all[i];
		r->checks[i] = (struct check_state){.child.control = -1};
		if (c->kind == CHECK_HTTP || c->kind == CHECK_REDIS)
			r->checks[i].probe = probe_new(r->loop, c->kind == CHECK_HTTP ? PROBE_HTTP_GET : PROBE_REDIS_PING,
						       &c->url, c->url.path);
	}
	for (size_t i = 0; i < r->plan->load_count; i++)
		if (start_watch(r, i, e))
			return -1;
	return 0;
}

void checks_look(struct run *r)
{
	int64_t now = mono_ns();
	bool again = now >= r->checks_due_ns;
	for (size_t i = 0; i < r->plan->load_count && r->stage == STAGE_RUN; i++)
		look_at_watch(r, &r->watches[i]);
	for (size_t i = 0; i < r->plan->scenario->checks.count && r->stage == STAGE_RUN; i++) {
		struct check_state *s = &r->checks[i];
		if (conf_of(r, i)->kind == CHECK_RULE)
			continue;
		bool asked = s->under_way;
		if (!asked && again)
			ask(conf_of(r, i), s);
		if (s->under_way)
			take_answer(conf_of(r, i), s);
		if (!s->under_way && (asked || again))
			judge_answer(r, conf_of(r, i), s);
	}
	if (again)
		r->checks_due_ns = now + every_ns;
}

void checks_steady(struct run *r)
{
	char why[520] = "", text[300];
	for (size_t k = 0; k < r->plan->load_count; k++)
		tally_read(&r->loads[k].tally);
	for (size_t i = 0; i < r->plan->scenario->checks.count && !*why; i++) {
		const struct scenario_check *c = conf_of(r, i);
		const struct check_state *s = &r->checks[i];
		if (c->stop || !(c->when & CHECK_START))
			continue;
		for (size_t k = 0; c->kind == CHECK_RULE && k < r->plan->load_count && !*why; k++)
			if (rule_is_for(c->what.text, r->plan->loads[k].name))
				normal_judge(r, c->what.text, k, why, sizeof why);
		check_describe(c, text, sizeof text);
		if (c->kind != CHECK_RULE && (s->last != PROBE_YES || s->failed))
			snprintf(why, sizeof why, "%s: %s", text, *s->why ? s->why : c->kind == CHECK_FILE ? "it is not there" : "no answer yet");
	}
	if (!*why)
		return;
	r->unsteady = true;
	run_fail(r, EXIT_INCONCLUSIVE, "not steady: %s; nothing was broken", why);
}

bool checks_await_end(struct run *r, int64_t end_ns)
{
	for (size_t i = 0; i < r->plan->scenario->checks.count; i++) {
		const struct check_state *s = &r->checks[i];
		if (conf_of(r, i)->kind == CHECK_RULE || !(conf_of(r, i)->when & CHECK_END) ||
		    (s->asked_ns >= end_ns && !s->under_way))
			continue;
		r->checks_due_ns = s->under_way ? r->checks_due_ns : 0;
		return false;
	}
	return true;
}

void checks_end(struct run *r)
{
	for (size_t i = 0; i < r->plan->scenario->checks.count; i++)
		if (conf_of(r, i)->when & CHECK_END && r->checks[i].last == PROBE_NO)
			fail(conf_of(r, i), &r->checks[i]);
}

bool checks_well_since(const struct run *r, int64_t since_ns)
{
	for (size_t i = 0; i < r->plan->load_count; i++) {
		const struct load_watch *w = &r->watches[i];
		if (w->anomaly >= 0 || !(w->length_s > 0) || w->final_s - ns_to_s(since_ns) < WELL_WINDOWS * w->length_s)
			return false;
	}
	return true;
}

static const char *why_unknown(const struct scenario_check *c, const struct check_state *s)
{
	if (s->silent)
		return s->first;
	if (c->when & CHECK_FAULTS && !s->asked)
		return "no fault was active when it was asked";
	return s->last != PROBE_PENDING ? NULL : *s->why ? s->why : "no answer yet";
}

struct json *checks_results(const struct run *r)
{
	struct json *list = json_array_new();
	char text[300];
	for (size_t i = 0; r->checks && i < r->plan->scenario->checks.count; i++) {
		const struct scenario_check *c = conf_of(r, i);
		const struct check_state *s = &r->checks[i];
		const char *why = s->failed ? s->first : why_unknown(c, s);
		if (c->stop || c->kind == CHECK_RULE || c->when == CHECK_START)
			continue;
		struct json *j = json_object_new();
		check_describe(c, text, sizeof text);
		json_set_str(j, "text", text);
		json_set_str(j, "result", s->failed ? "missed" : why ? "inconclusive" : "held");
		json_set_str(j, "reason", why);
		json_push(list, j);
	}
	return list;
}

void checks_release_all(struct run *r)
{
	for (size_t i = 0; r->watches && i < r->plan->load_count; i++) {
		child_signal(&r->watches[i].child, SIGKILL);
		child_wait(&r->watches[i].child);
		if (r->watches[i].fd >= 0)
			close(r->watches[i].fd);
		buf_release(&r->watches[i].text);
	}
	for (size_t i = 0; r->checks && i < r->plan->scenario->checks.count; i++) {
		probe_free(r->checks[i].probe);
		child_signal(&r->checks[i].child, SIGKILL);
		child_wait(&r->checks[i].child);
	}
	free(r->watches);
	free(r->checks);
	r->watches = NULL;
	r->checks = NULL;
}
