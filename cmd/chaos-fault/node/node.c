#include "node/node.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "events/emit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t probe_timeout_ns = NS_PER_S;
static const int64_t probe_every_ns = 10 * NS_PER_MS;
static const int64_t lately_ns = NS_PER_S;
static const int64_t log_within_ns = NS_PER_S;

const char *node_state_name(enum node_state s)
{
	static const char *const names[] = {[NODE_DOWN] = "down",
					    [NODE_UP] = "up",
					    [NODE_PAUSED] = "paused",
					    [NODE_FOREIGN] = "foreign",
					    [NODE_UNKNOWN] = "unknown"};
	return names[s];
}

const char *node_key(const struct node *n)
{
	return strrchr(n->dir, '/') + 1;
}

enum node_state node_look(struct node *n)
{
	return n->kind->look(n);
}

int node_err_foreign(const struct node *n, struct err *e)
{
	return n->kind->err_foreign(n, e);
}

int node_err_paused(const struct node *n, struct err *e)
{
	return err_usage(e, "'%s' is paused; 'chaos-fault resume %s' lets it go on", n->conf->name,
			 n->conf->name);
}

int node_check_ours(const struct node *n, struct err *e)
{
	if (n->kind->ours)
		return n->kind->unknown ? n->kind->unknown(n, e) : 0;
	return err_usage(e,
			 "'%s' (%s) cannot be started or broken: the config does not say how it is "
			 "run ('process', 'container', 'compose' or 'kind')",
			 n->conf->name, n->conf->url);
}

void node_emit_down(const struct node *n, const char *verb, const char *fault)
{
	struct shown was;
	n->kind->show(&n->task.target, &was);
	emit_down(n->fleet->emitter, &(struct subject){fault, verb, n->conf->name, n->conf->url},
		  &was);
}

void node_emit_ready(const struct node *n, const char *verb, const char *fault, double took_ms)
{
	struct shown now;
	bool writes = n->task.launched && n->kind->logs;
	char *file = writes ? mem_printf("%s/log", n->dir) : NULL;
	const struct written_to log = {file, n->kind->engine ? n->kind->engine(n) : NULL, n->task.log_from};
	const char *found = n->current ? n->current->verb->found : NULL;
	n->kind->show(&n->id, &now);
	emit_ready(n->fleet->emitter, &(struct subject){fault, verb, n->conf->name, n->conf->url},
		   &now, n->task.launched ? NULL : found ? found : "is up already", &log, took_ms);
	free(file);
}

const char *node_signal_name(const struct node *n)
{
	if (n->current && n->current->signal)
		return n->current->signal;
	return n->conf->signal ? n->conf->signal : "KILL";
}

/* --- readiness ------------------------------------------------------------- */

static struct probe *probe_at(const struct node *n, const struct url *at)
{
	const struct node_conf *c = n->conf;
	static const enum probe_kind kinds[] = {
		[READY_HTTP_GET] = PROBE_HTTP_GET,
		[READY_REDIS_PING] = PROBE_REDIS_PING,
		[READY_REDIS_REPLICA] = PROBE_REDIS_REPLICA,
		[READY_TCP] = PROBE_TCP,
	};
	return probe_new(n->fleet->loop, kinds[c->ready], at, c->ready_path);
}

struct probe *node_probe(const struct node *n)
{
	return probe_at(n, &n->conf->at);
}

void node_check_words(const struct node_conf *c, char *out, size_t size)
{
	static const char *const words[] = {
		[READY_HTTP_GET] = "GET ",
		[READY_REDIS_PING] = "PING",
		[READY_REDIS_REPLICA] = "replica",
		[READY_TCP] = "tcp",
	};
	snprintf(out, size, "%s%s", words[c->ready],
		 c->ready == READY_HTTP_GET ? c->ready_path : "");
}

void node_tell_ready(struct buf *out, const struct node *n)
{
	char check[80];
	node_check_words(n->conf, check, sizeof check);
	buf_addf(out, "it is ready: %s", check);
}

void node_left_running(struct node *n, struct err *e)
{
	struct shown who;
	size_t len = strlen(e->msg);
	if (node_look(n) != NODE_UP)
		return;
	n->kind->show(&n->id, &who);
	snprintf(e->msg + len, sizeof e->msg - len,
		 "; %s is left running%s%s%s, 'chaos-fault down %s' stops it", who.words,
		 n->kind->logs ? ", its log is '" : "", n->kind->logs ? n->dir : "",
		 n->kind->logs ? "/log'" : "", n->conf->name);
}

void node_name_log(const struct node *n, struct err *e)
{
	size_t len = strlen(e->msg);
	if (n->task.launched && n->kind->logs && !strstr(e->msg, n->dir))
		snprintf(e->msg + len, sizeof e->msg - len, "; its log is '%s/log'", n->dir);
}

static void print_log(const struct node *n, const struct err *e)
{
	struct buf text = BUF_INIT;
	n->kind->log_tail(n, n->task.log_from, &text);
	if (text.len && !strstr(e->msg, text.data))
		emit_log(n->conf->name, text.data);
	buf_release(&text);
}

static enum verdict look_log(struct task *t, struct err *e)
{
	enum verdict seen = t->node->kind->log.look(t, e);
	if (seen == VERDICT_YES)
		print_log(t->node, e);
	return seen;
}

static void log_shown(struct task *t, const struct err *e)
{
	(void)e; /* that there is none is no error */
	t->node->log_shown(t->node);
}

void node_show_log(struct node *n, const struct err *e, void (*then)(struct node *n))
{
	const struct step *log = &n->kind->log;
	bool said = n->task.launched && n->kind->log_tail;
	if (said && log->look) {
		n->log_shown = then;
		task_run(&n->task, n->task.fault, NULL, (struct step){log->begin, look_log}, log_within_ns, log_shown);
		return;
	}
	if (said)
		print_log(n, e);
	then(n);
}

/* The last answer is the reason for which it waits. */
static enum verdict not_yet(const struct task *t, struct err *e)
{
	const char *why = probe_why(t->probe);
	const struct node_conf *c = t->node->conf;
	char check[80], host[URL_HOST_TEXT];
	node_check_words(c, check, sizeof check);
	err_runtime(e, "%s (ready: %s at %s:%d)", why[0] ? why : "it has not answered yet", check,
		    url_host_text(&c->at, true, host), c->at.port);
	return VERDICT_WAIT;
}

void node_forget_answer(struct node *n)
{
	probe_free(n->answer.probe);
	n->answer.probe = NULL;
	n->answer.asked_ns = 0;
}

void node_ask_ahead(struct node *n, struct probe *p, int64_t within_ns)
{
	node_forget_answer(n);
	n->answer = (struct answer){.probe = p, .asked_ns = mono_ns(), .from = n->id};
	if (p)
		probe_start(p, within_ns);
}

bool node_answered_lately(const struct node *n)
{
	const struct answer *a = &n->answer;
	const struct identity *was = &a->from, *is = &n->id;
	return a->asked_ns && mono_ns() - a->asked_ns < lately_ns &&
	       (!a->probe || probe_heard(a->probe)) && proc_same(&was->proc, &is->proc) &&
	       strcmp(was->container, is->container) == 0 &&
	       strcmp(was->started, is->started) == 0 && strcmp(was->opaque, is->opaque) == 0;
}

bool node_ask(struct task *t, int64_t within_ns)
{
	int64_t now = mono_ns();
	if (!t->probing) {
		if (t->probe_ns && now - t->probe_ns < probe_every_ns)
			return false;
		t->probe_ns = now;
		t->probing = true;
		probe_start(t->probe, within_ns);
	}
	t->probing = probe_step(t->probe) == PROBE_PENDING;
	return !t->probing;
}

static enum verdict ask(struct task *t, bool any, struct err *e)
{
	struct url at = t->node->conf->at;
	at.via = any ? t->node->conf->via : NULL;
	if (!t->probe)
		t->probe = probe_at(t->node, &at);
	if (!node_ask(t, probe_timeout_ns))
		return not_yet(t, e);
	bool heard = probe_heard(t->probe);
	if (heard)
		node_ask_ahead(t->node, NULL, 0);
	return probe_step(t->probe) == PROBE_YES || (any && heard) ? VERDICT_YES : not_yet(t, e);
}

enum verdict node_ask_ready(struct task *t, struct err *e)
{
	return ask(t, false, e);
}

enum verdict node_ask_answers(struct task *t, struct err *e)
{
	return ask(t, true, e);
}
