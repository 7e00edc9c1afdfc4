#include "prepare/fault_check.h"

#include "base/units.h"
#include "stream/event.h"
#include "sys/file.h"
#include "sys/secret.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bounds every fault if this process and its timers stop. */
static const int64_t deadline_slack_ns = 30 * NS_PER_S;

void fault_session(struct args *a, const struct plan *p)
{
	char span[SPAN_MAX];
	args_program(a, "chaos-fault");
	args_add(a, "--control");
	struct buf names = BUF_INIT;
	for (size_t i = 0; i < p->nodes.count; i++)
		buf_addf(&names, "%s%s", i ? "," : "", p->nodes.nodes[i]->name);
	if (names.len)
		args_option(a, "--bring-up", names.data);
	buf_release(&names);
	args_option(a, "--deadline",
		    span_format(p->scenario->duration_ns + deadline_slack_ns, span));
	args_option(a, "--config", p->config->path);
}

static int open_commands(const struct plan *p, struct err *e)
{
	struct buf lines = BUF_INIT;
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind == STEP_FAULT)
			buf_addf(&lines, "@%" PRId64 ".%09" PRId64 " %s\n",
				 p->steps[i].at_ns / NS_PER_S, p->steps[i].at_ns % NS_PER_S,
				 p->steps[i].command);
	int fd = secret_fd(lines.data ? lines.data : "", lines.len, e);
	buf_release(&lines);
	return fd;
}

/* The step of the line-th command, from 1; NULL if there is none. */
static struct step *step_of(const struct plan *p, double line)
{
	double at = 0;
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].kind == STEP_FAULT && ++at >= line)
			return &p->steps[i];
	return NULL;
}

static const struct scenario_action *action_of(const struct plan *p, double line)
{
	const struct step *s = step_of(p, line);
	return s ? s->action : NULL;
}

/* Gives the bare numbers of its command that are spans the unit that they are taken in. */
static void say_spans(struct step *s, const struct json *spans)
{
	const struct json *span;
	const char *name;
	for (void *iter = NULL; json_next(spans, &iter, &name, &span);) {
		char *given = mem_printf(" %s=", name), *at = strstr(s->command, given);
		const char *value = at ? at + strlen(given) : "";
		size_t len = strcspn(value, " ");
		if (len && strspn(value, "0123456789.") == len) {
			char *line = mem_printf("%.*s%s%s", (int)(value - s->command), s->command,
						json_str(span, ""), value + len);
			free(s->command);
			s->command = line;
		}
		free(given);
	}
}

/* -1 if the answer refuses a command. Names the keys and lines of the scenario, not those of the
 * control lines. */
static int take(const struct plan *p, const struct event *answer, struct err *e)
{
	struct step *s = step_of(p, json_num(json_get(answer->json, "line"), 0));
	const struct scenario_action *a = s ? s->action : NULL;
	double earlier = json_num(json_get(answer->json, "fault_line"), 0);
	const char *message = json_str(json_get(answer->json, "message"), "it gives no reason");
	bool all_down = strcmp(json_text(answer->json, "allow"), "all-down") == 0;
	struct buf text = BUF_INIT;
	if (s && answer->kind == EVENT_CHECKED) {
		s->silent = json_bool(json_get(answer->json, "silent"), false);
		say_spans(s, json_get(answer->json, "spans"));
	}
	if (answer->kind != EVENT_ERROR || !a)
		return 0;
	if (strcmp(json_text(answer->json, "unknown"), "command") == 0)
		return scenario_unknown(p->scenario, a, json_str(json_get(answer->json, "near"), NULL), e);
	if (all_down)
		buf_addf(&text, "%s; 'all_down: true' allows that", json_text(answer->json, "why"));
	else
		buf_addstr(&text, message);
	if (earlier > 0 && action_of(p, earlier))
		buf_addf(&text, ": that of line %d", action_of(p, earlier)->place.line);
	place_err(p->scenario->path, a->place, e, "%s", text.data);
	buf_release(&text);
	return -1;
}

static int take_answers(const struct plan *p, int fd, struct err *e)
{
	struct buf text = BUF_INIT;
	struct event_log log = {0};
	int rc = lseek(fd, 0, SEEK_SET) ? -1 : fd_read_all(fd, "chaos-fault", &text, e);
	if (!rc)
		event_log_parse(&log, text.data, text.len);
	for (size_t i = 0; i < log.count && !rc; i++)
		rc = take(p, &log.events[i], e);
	event_log_release(&log);
	buf_release(&text);
	return rc;
}

int fault_check(const struct plan *p, struct err *e)
{
	struct args a = {0};
	struct child c = {0};
	int in = open_commands(p, e), out = in < 0 ? -1 : secret_fd("", 0, e);
	const struct child_how how = {.in = in, .out = out, .keep_fd = -1, .die_with_us = true};
	fault_session(&a, p);
	args_add(&a, "--check");
	int rc = out < 0 ? -1 : child_start(&c, "chaos-fault", &a, &how, e);
	if (!rc) {
		child_wait(&c);
		rc = take_answers(p, out, e) ? -1 : child_code(&c);
	}
	args_release(&a);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return rc;
}
