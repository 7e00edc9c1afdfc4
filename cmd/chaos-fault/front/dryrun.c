#include "front/dryrun.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "faults/exec/exec_fault.h"
#include "faults/fault.h"
#include "faults/external_check.h"
#include "events/emit.h"
#include "journal/journal.h"
#include "node/node.h"
#include "node/survey.h"
#include "recover/orphans.h"
#include "stream/json.h"
#include "sys/file.h"
#include "faults/verb.h"
#include "seam.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is told of a target, in this order. */
enum part { FIRST, DOES, SEEN, UNTIL, UNDO, UNDO_SEEN, LACKS, PART_COUNT };
static const char *const parts[] = {"first", "does",	  "seen", "until",
				    "undo",  "undo_seen", "lacks"};

/* What the command would do to one target. */
struct told {
	const char *verb;
	struct node *node;
	const struct journal_entry *fault; /* of an undo, or NULL */
	struct json *lines[PART_COUNT];	   /* lists of text, or NULL */
};

/* --- the lines --------------------------------------------------------------------- */

/* Frees text. */
static void add(struct told *t, enum part part, char *text)
{
	if (!t->lines[part])
		t->lines[part] = json_array_new();
	json_push_str(t->lines[part], text);
	free(text);
}

/* Adds what the act does, and in the next part how it is verified, with more behind it. */
static void tell(struct told *t, enum act act, enum part does, int64_t within_ns, const char *more)
{
	char span[SPAN_MAX];
	struct buf doing = BUF_INIT, seeing = BUF_INIT;
	t->node->kind->tell(t->node, act, &doing, &seeing);
	buf_addf(&seeing, ", within %s%s", span_format(within_ns, span), more);
	add(t, does, buf_detach(&doing));
	add(t, does + 1, buf_detach(&seeing));
}

static int64_t bound(const struct node *n, int64_t ns)
{
	return ns ? ns : n->conf->ready_within_ns;
}

static void tell_undo(struct told *t, const struct action *a)
{
	tell(t, a->undoes, UNDO, bound(t->node, a->reverted_within_ns), "");
}

static void tell_until(struct told *t, const struct action *a, const struct options *o)
{
	char span[SPAN_MAX];
	struct buf out = BUF_INIT;
	int64_t config_ns = t->node->fleet->config->fault_deadline_ns;
	int64_t for_ns = o->for_ns >= 0 ? o->for_ns : config_ns ? config_ns : -1;
	if (for_ns >= 0 && !fault_ends_with_target(a, t->node))
		buf_addf(&out, "%s later, ", span_format(for_ns, span));
	if (fault_ends_with_target(a, t->node))
		buf_addstr(&out, "it has healed by itself; else ");
	buf_addstr(&out, for_ns < 0	? "Ctrl-C, or the death of chaos-fault"
			 : o->detach	? "by its guard"
					: "or Ctrl-C, or the death of chaos-fault");
	add(t, UNTIL, buf_detach(&out));
}

static void tell_fault(struct told *t, const struct action *a, const struct options *o)
{
	char span[SPAN_MAX], silent[80] = "";
	add(t, FIRST,
	    mem_printf("the intent and its undo to %s/faults, and fsync%s", t->node->fleet->state,
		       o->stay_down ? "" : "; a guard is started"));
	if (a->effect == EFFECT_SILENT)
		snprintf(silent, sizeof silent, "; then it does not answer, within %s",
			 span_format(external_check_within_ns, span));
	tell(t, a->does, DOES, bound(t->node, a->verify_within_ns), silent);
	if (o->stay_down) {
		add(t, UNDO, mem_strdup("none: --stay-down"));
		return;
	}
	tell_until(t, a, o);
	tell_undo(t, a);
}

/* With which spans, as they were understood. */
static void add_spans(const struct told *t, const char *params, struct buf *out)
{
	struct json *spans = exec_fault_spans(t->node->fleet, t->verb, params);
	const struct json *span;
	const char *name;
	for (void *iter = NULL; json_next(spans, &iter, &name, &span);)
		buf_addf(out, ", %s=%s", name, json_str(span, ""));
	json_free(spans);
}

/* What its program says of it. */
static void tell_program(struct told *t, const struct action *a, const char *params,
			 const struct options *o, struct err *lacking)
{
	struct action_words w = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	a->tell(a, t->node, params, &w, lacking);
	add_spans(t, params, &w.does);
	add(t, DOES, buf_detach(&w.does));
	add(t, SEEN, buf_detach(&w.seen));
	tell_until(t, a, o);
	add(t, UNDO, buf_detach(&w.undo));
	add(t, UNDO_SEEN, buf_detach(&w.undo_seen));
}

static void tell_lasting(struct told *t, enum verb_starts starts)
{
	if (starts == STOPS || starts == STARTS_ANYWAY)
		tell(t, ACT_TERM, DOES, TERM_WITHIN_NS, "");
	if (starts != STOPS)
		tell(t, starts == STARTS_NOTHING ? ACT_RESUME : ACT_START, DOES,
		     bound(t->node, 0), "");
	add(t, UNDO, mem_strdup("none: it lasts"));
}

/* program: why the node's program cannot be started, or an empty message. */
static void tell_lacks(struct told *t, bool journal, const struct err *program)
{
	struct err e = {0};
	const struct node *n = t->node;
	struct buf out = BUF_INIT;
	if (n->kind->may && n->kind->may(n, &e))
		buf_addstr(&out, e.msg);
	if (program->msg[0])
		buf_addf(&out, "%s%s", out.len ? "; " : "", program->msg);
	if (journal && file_exists(n->fleet->state) && access(n->fleet->state, W_OK))
		buf_addf(&out, "%s'%s' cannot be written to: %s", out.len ? "; " : "",
			 n->fleet->state, strerror(errno));
	if (out.len)
		add(t, LACKS, buf_detach(&out));
}

/* --- printing ----------------------------------------------------------------------- */

static void print_text(const struct told *t, struct buf *out)
{
	struct shown id;
	t->node->kind->show(&t->node->id, &id);
	buf_addstr(out, t->verb);
	if (t->fault)
		buf_addf(out, " %s, %s of", t->fault->uid, t->fault->action);
	buf_addf(out, " %s (%s, %s)\n", t->node->conf->name, t->node->kind->name,
		 strcmp(id.brief, "-") == 0 ? "not running" : id.words);
	for (enum part p = 0; p < PART_COUNT; p++)
		for (size_t i = 0; i < json_count(t->lines[p]); i++)
			buf_addf(out, "  %-5s  %s\n", parts[p == UNDO_SEEN ? SEEN : p],
				 json_str(json_at(t->lines[p], i), ""));
	if (!t->lines[LACKS])
		buf_addstr(out, "  lacks  nothing\n");
}

/* Prints and releases t. Returns the exit code. */
static int finish(struct told *t, bool json, struct buf *out)
{
	int rc = t->lines[LACKS] ? EXIT_NO : EXIT_OK;
	struct json *j = json_object_new();
	if (!json)
		print_text(t, out);
	json_set_str(j, "dry_run", t->verb);
	if (t->fault) {
		json_set_str(j, "fault", t->fault->uid);
		json_set_str(j, "action", t->fault->action);
	}
	json_set_str(j, "node", t->node->conf->name);
	json_set_str(j, "url", t->node->conf->url);
	json_set_str(j, "kind", t->node->kind->name);
	for (enum part p = 0; p < PART_COUNT; p++)
		json_set(j, parts[p], t->lines[p] ? t->lines[p] : json_array_new());
	if (json)
		json_line(j, out);
	else
		json_free(j);
	return rc;
}

/* --- commands, undo ------------------------------------------------------------------ */

int dryrun_nodes(const struct verb *v, const char *params, struct node *const *nodes, size_t count,
		 const struct options *o)
{
	struct buf out = BUF_INIT;
	struct err e = {0};
	int rc = EXIT_OK;
	for (size_t i = 0; v->action && i < count; i++)
		if (external_check_await(nodes[i], v->action, o->stay_down, &e))
			return diag_err(&e);
	for (size_t i = 0; i < count; i++) {
		struct told t = {.verb = v->name, .node = nodes[i]};
		struct err program = {0};
		struct work work = {.verb = v,
				    .stay = o->stay_down,
				    .detach = o->detach,
				    .signal = o->signal,
				    .for_ns = o->for_ns};
		verb_check_work(&work, nodes[i], &program);
		node_look(nodes[i]);
		nodes[i]->current = &work; /* whose signal is told */
		if (v->action && v->action->tell)
			tell_program(&t, v->action, params, o, &program);
		else if (v->action)
			tell_fault(&t, v->action, o);
		else
			tell_lasting(&t, v->starts);
		tell_lacks(&t, v->action, &program);
		nodes[i]->current = NULL;
		rc = exit_worse(rc, finish(&t, o->json, &out));
	}
	return emit_print(&out, rc);
}

/* Looks at the node. False if nothing would be done, which is told. */
static bool look_for_undo(struct told *t, const struct action *a, struct err *lacking)
{
	struct node *n = t->node;
	struct buf gone = BUF_INIT;
	struct err lacks = {0};
	if (n->kind->look_back) {
		n->kind->look_back(n, &t->fault->target, a->undoes, &gone, &lacks);
	} else {
		survey_await(&n, 1, &lacks);
		node_look(n);
	}
	bool told = gone.len && !a->tell && a->undoes != ACT_TERM;
	if (told) {
		add(t, UNDO, buf_detach(&gone));
		*lacking = lacks;
	}
	buf_release(&gone);
	return !told;
}

static void tell_revert(struct told *t, const struct action *a, struct err *lacking)
{
	struct node *n = t->node;
	if (a->undoes == ACT_RESUME)
		n->id = t->fault->target;
	if (a->tell)
		add(t, UNDO, mem_printf("run '%s revert', as it was then", t->fault->program.path));
	else
		tell_undo(t, a);
	if (!a->tell && a->undoes == ACT_START && n->kind->startable)
		n->kind->startable(n->fleet->config, n->conf, lacking);
}

static int undo_one(const char *state, const struct journal_entry *j, const struct options *o,
		    struct buf *out, struct err *e)
{
	struct config c = {0};
	struct fleet f = {0};
	struct err program = {0};
	struct loop *loop = loop_new(e);
	const struct action *a = NULL;
	int rc = -1;
	if (loop && journal_config(state, NULL, j, &c, e) == 0 &&
	    fleet_init(&f, &c, state, loop, NULL, e) == 0 && !(a = exec_fault_of(&f, j)))
		err_runtime(e, "this version knows no '%s'", j->action);
	if (a) {
		struct told t = {.verb = "undo", .node = &f.nodes[0], .fault = j};
		if (look_for_undo(&t, a, &program))
			tell_revert(&t, a, &program);
		tell_lacks(&t, true, &program);
		rc = finish(&t, o->json, out);
	}
	fleet_release(&f);
	loop_free(loop);
	config_release(&c);
	return rc;
}

int dryrun_undo(const char *state, const struct cli_rest *rest, const struct options *o)
{
	struct buf out = BUF_INIT;
	struct journal_entry *entries;
	struct err e = {0};
	int rc = EXIT_OK, count = undo_choose(state, rest, o->all, &entries, &e);
	if (count < 0)
		return diag_err(&e);
	for (int i = 0; i < count; i++) {
		int one = undo_one(state, &entries[i], o, &out, &e);
		rc = exit_worse(rc, one < 0 ? diag_err(&e) : one);
	}
	free(entries);
	if (!count)
		diag("there is nothing to undo");
	return emit_print(&out, rc);
}
