#include "events/report.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "faults/fault.h"
#include "node/fleet.h"
#include "node/node.h"
#include "faults/verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WHO_MAX = 40 };

/* A reader that has gone is no failure, but the end: what is held is put back. */
static void send(struct report *r, struct json *j)
{
	struct err e = {0};
	if (r->gone) {
		json_free(j);
		return;
	}
	if (event_send(&r->sink, j, &e) == 0)
		return;
	r->gone = true;
	if (e.sys_errno != EPIPE) {
		err_prefix(&e, "standard output");
		r->code = exit_worse(r->code, diag_err(&e));
	}
	if (r->on_gone)
		r->on_gone(r->arg);
}

static struct json *fault_event(const struct report *r, enum event_kind k, int64_t mono,
				const struct fault *f)
{
	struct json *j = event_new_at(&r->sink, k, mono);
	json_set_str(j, "fault", f->entry.uid);
	json_set_str(j, "action", f->action->name);
	json_set_str(j, "node", f->node->conf->name);
	json_set_str(j, "url", f->node->conf->url);
	return j;
}

static struct json *node_event(const struct report *r, enum event_kind k, const struct node *n,
			       const char *verb, const struct fault *f)
{
	struct json *j = event_new(&r->sink, k);
	if (f)
		json_set_str(j, "fault", f->entry.uid);
	json_set_str(j, "action", verb);
	json_set_str(j, "node", n->conf->name);
	json_set_str(j, "url", n->conf->url);
	return j;
}

/* Who it was done to, as pid or as container. */
static void set_identity(struct json *j, const struct identity *id)
{
	if (id->container[0])
		json_set_str(j, "container", id->container);
	else
		json_set_int(j, "pid", id->proc.pid);
}

void report_requested(struct report *r, const struct fault *f)
{
	if (r->events)
		send(r, fault_event(r, EVENT_FAULT_REQUESTED, f->requested_ns, f));
}

void report_injected(struct report *r, const struct fault *f, const struct work *w)
{
	double took_ms = ns_to_ms(f->injected_ns - f->requested_ns);
	char held[SPAN_MAX], who[WHO_MAX];
	if (r->events) {
		struct json *j = fault_event(r, EVENT_FAULT_INJECTED, f->injected_ns, f);
		set_identity(j, &f->entry.target);
		json_set_round(j, "took_ms", took_ms, 3);
		json_set_round(j, "journal_ms", ns_to_ms(f->journal_ns), 3);
		if (f->forced)
			json_set_bool(j, "forced", true);
		if (w->for_ns >= 0)
			json_set_num(j, "for_s", ns_to_s(w->for_ns));
		if (w->stay)
			json_set_bool(j, "stays", true);
		send(r, j);
		return;
	}
	diag("%s %s (%s) in %.1f ms%s; %s%s", f->action->past, f->node->conf->name,
	     identity_words(&f->entry.target, who, sizeof who), took_ms,
	     f->forced ? " by SIGKILL, for SIGTERM did nothing" : "",
	     w->stay	      ? "it stays down"
	     : w->detach      ? "its guard puts it back after "
	     : w->for_ns >= 0 ? "held for "
			      : "holding: Ctrl-C puts it back",
	     !w->stay && w->for_ns >= 0 ? span_format(w->for_ns, held) : "");
}

void report_verified(struct report *r, const struct fault *f)
{
	const struct effect *seen = &f->effect;
	if (!r->events) {
		diag("%s does not answer: %s: %s", f->node->conf->name, seen->check, seen->answer);
		return;
	}
	struct json *j = fault_event(r, EVENT_FAULT_VERIFIED, seen->seen_ns, f);
	json_set_str(j, "state", node_state_name(node_look(f->node)));
	json_set_str(j, "check", seen->check);
	json_set_str(j, "answer", seen->answer);
	json_set_round(j, "took_ms", ns_to_ms(seen->seen_ns - f->requested_ns), 3);
	send(r, j);
}

void report_reverting(struct report *r, const struct fault *f)
{
	if (!r->events)
		return;
	struct json *j = fault_event(r, EVENT_REVERT_REQUESTED, f->revert_ns, f);
	json_set_str(j, "why", f->why);
	send(r, j);
}

void report_reverted(struct report *r, const struct fault *f, bool by_other)
{
	int64_t now = mono_ns();
	double took_ms = ns_to_ms(now - f->revert_ns);
	char who[WHO_MAX];
	if (r->events) {
		struct json *j = fault_event(r, EVENT_REVERTED, now, f);
		char check[80];
		node_check_words(f->node->conf, check, sizeof check);
		json_set_str(j, "state", node_state_name(node_look(f->node)));
		json_set_str(j, "check", check);
		json_set_str(j, "answer", "ready");
		json_set_round(j, "took_ms", took_ms, 3);
		if (f->injected_ns)
			json_set_round(j, "held_s", ns_to_s(f->revert_ns - f->injected_ns), 3);
		if (by_other)
			json_set_bool(j, "by_other", true);
		send(r, j);
	} else if (f->adopted && by_other) {
		diag("%s is up (%s): nothing to put back", f->node->conf->name,
		     identity_words(&f->node->id, who, sizeof who));
	} else if (by_other) {
		diag("%s runs already: somebody else started it; nothing to put back",
		     f->node->conf->name);
	} else if (f->action->node_down) {
		diag("%s is back up (%s) after %.1f ms", f->node->conf->name,
		     identity_words(&f->node->id, who, sizeof who), took_ms);
	} else {
		diag("%s goes on (%s) after %.1f ms", f->node->conf->name,
		     identity_words(&f->node->id, who, sizeof who), took_ms);
	}
}

void report_put_back(struct report *r, const struct fault *f)
{
	if (r->events) {
		struct json *j = fault_event(r, EVENT_REVERTED, mono_ns(), f);
		json_set_bool(j, "by_other", true);
		send(r, j);
	} else {
		diag("%s has been put back already, by its guard or an undo", f->node->conf->name);
	}
}

void report_revert_failed(struct report *r, const struct fault *f, const struct err *e)
{
	char hand[512];
	if (f->unsure)
		snprintf(hand, sizeof hand, "chaos-fault undo %s", f->entry.uid);
	else
		action_by_hand(f->action, f->node, hand, sizeof hand);
	if (r->events) {
		struct json *j = fault_event(r, EVENT_REVERT_FAILED, mono_ns(), f);
		json_set_str(j, "message", e->msg);
		json_set_str(j, "by_hand", hand);
		send(r, j);
	}
	diag("the %s of '%s' could not be put back: %s; by hand: %s", f->action->name,
	     f->node->conf->name, e->msg, hand);
}

void report_down(struct report *r, const struct node *n, const char *verb, const struct fault *f)
{
	char who[WHO_MAX];
	if (r->events) {
		struct json *j = node_event(r, EVENT_NODE_DOWN, n, verb, f);
		set_identity(j, &n->task.target);
		send(r, j);
	} else if (!f) {
		diag("%s is down (was %s)", n->conf->name,
		     identity_words(&n->task.target, who, sizeof who));
	}
}

void report_ready(struct report *r, const struct node *n, const char *verb, const struct fault *f,
		  bool started, double took_ms)
{
	char who[WHO_MAX];
	if (r->events) {
		struct json *j = node_event(r, EVENT_NODE_READY, n, verb, f);
		set_identity(j, &n->id);
		json_set_bool(j, "started", started);
		json_set_round(j, "took_ms", took_ms, 3);
		send(r, j);
	} else if (!f && started) {
		diag("%s is up (%s) after %.1f ms", n->conf->name,
		     identity_words(&n->id, who, sizeof who), took_ms);
	} else if (!f && strcmp(verb, "resume") == 0) {
		diag("%s goes on (%s)", n->conf->name, identity_words(&n->id, who, sizeof who));
	} else if (!f) {
		diag("%s is up already (%s)", n->conf->name,
		     identity_words(&n->id, who, sizeof who));
	}
}

static struct json *names_json(struct node *const *nodes, size_t count)
{
	struct json *j = json_array_new();
	for (size_t i = 0; i < count; i++)
		json_push_str(j, nodes[i]->conf->name);
	return j;
}

static void add_names(struct buf *out, struct node *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", nodes[i]->conf->name);
}

void report_picked(struct report *r, const struct work *w, const struct picked *p)
{
	if (r->events) {
		struct json *j = event_new_at(&r->sink, EVENT_PICKED, w->requested_ns);
		if (w->line)
			json_set_int(j, "line", (int64_t)w->line);
		json_set_str(j, "action", w->verb->name);
		json_set_str(j, "pick", p->word);
		json_set_int(j, "seed", (int64_t)p->seed);
		json_set_int(j, "number", (int64_t)p->number);
		json_set(j, "from", names_json(p->from, p->from_count));
		json_set(j, "nodes", names_json(p->nodes, p->count));
		send(r, j);
	} else {
		struct buf text = BUF_INIT;
		add_names(&text, p->nodes, p->count);
		buf_addstr(&text, " of ");
		add_names(&text, p->from, p->from_count);
		diag("picked %s (seed %llu)", text.data, (unsigned long long)p->seed);
		buf_release(&text);
	}
}

void report_session_start(struct report *r)
{
	struct json *j = event_new(&r->sink, EVENT_SESSION_START);
	json_set_int(j, "pid", getpid());
	send(r, j);
}

void report_warning(struct report *r, const struct node *n, const char *message)
{
	if (r->events) {
		struct json *j = event_new(&r->sink, EVENT_WARNING);
		if (n)
			json_set_str(j, "node", n->conf->name);
		json_set_str(j, "message", message);
		send(r, j);
	} else {
		diag("warning: %s%s%s", n ? n->conf->name : "", n ? ": " : "", message);
	}
}

void report_error(struct report *r, const struct node *n, size_t line, const struct err *e)
{
	if (r->events) {
		struct json *j = event_new(&r->sink, EVENT_ERROR);
		if (line)
			json_set_int(j, "line", (int64_t)line);
		if (n)
			json_set_str(j, "node", n->conf->name);
		json_set_str(j, "message", e->msg);
		json_set_int(j, "code", e->code);
		send(r, j);
	}
	r->errors++;
	if (!r->session) {
		r->code = exit_worse(r->code, diag_err(e));
		return;
	}
	/* Its line is answered, and the session goes on; that a fault did nothing is told by its
	 * end as well. */
	if (e->code == EXIT_INCONCLUSIVE)
		r->code = exit_worse(r->code, e->code);
	if (!line) /* no command of the user's: the session itself is in trouble */
		diag("%s", e->msg);
}
