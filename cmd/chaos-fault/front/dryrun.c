#include "front/dryrun.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/plain.h"
#include "base/units.h"
#include "cli/diag.h"
#include "faults/exec_fault.h"
#include "faults/external_check.h"
#include "events/report.h"
#include "journal/journal.h"
#include "node/node.h"
#include "node/survey.h"
#include "recover/restore.h"
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

enum { LINES_MAX = 8 };

struct line {
	const char *key; /* "does", "seen", … */
	struct buf text;
};

/* What the command would do to one target. */
struct told {
	const char *verb;
	struct node *node;
	const struct journal_entry *fault; /* of an undo, or NULL */
	struct line lines[LINES_MAX];
	size_t count;
	bool lacks;
};

static const struct {
	const char *verb;
	enum act acts[2];
	size_t count;
} lasting[] = {
	{"up", {ACT_START}, 1},	 {"start", {ACT_START}, 1},   {"restart", {ACT_TERM, ACT_START}, 2},
	{"down", {ACT_TERM}, 1}, {"resume", {ACT_RESUME}, 1},
};

/* --- the lines --------------------------------------------------------------------- */

static struct buf *add(struct told *t, const char *key)
{
	struct line *l = &t->lines[t->count++];
	*l = (struct line){.key = key, .text = BUF_INIT};
	return &l->text;
}

static void tell(struct told *t, enum act act, const char *does, const char *seen,
		 int64_t within_ns)
{
	char span[SPAN_MAX];
	struct buf *doing = add(t, does), *seeing = add(t, seen);
	t->node->kind->tell(t->node, act, doing, seeing);
	buf_addf(seeing, ", within %s", span_format(within_ns, span));
}

static int64_t bound(const struct node *n, int64_t ns)
{
	return ns ? ns : n->conf->ready_within_ns;
}

static void tell_undo(struct told *t, const struct action *a)
{
	tell(t, a->undoes, "undo", "undo_seen", bound(t->node, a->reverted_within_ns));
}

static void tell_until(struct told *t, const struct options *o)
{
	char span[SPAN_MAX];
	struct buf *out = add(t, "until");
	int64_t config_ns = t->node->fleet->config->fault_deadline_ns;
	int64_t for_ns = o->for_ns >= 0 ? o->for_ns : config_ns ? config_ns : -1;
	if (for_ns >= 0)
		buf_addf(out, "%s later%s", span_format(for_ns, span),
			 o->detach ? ", by its guard" : ", or Ctrl-C, or the death of chaos-fault");
	else
		buf_addstr(out, "Ctrl-C, or the death of chaos-fault");
}

static void tell_fault(struct told *t, const struct action *a, const struct options *o)
{
	char span[SPAN_MAX];
	buf_addf(add(t, "first"), "the intent and its undo to %s/faults, and fsync%s",
		 t->node->fleet->state, o->stay_down ? "" : "; a guard is started");
	tell(t, a->does, "does", "seen", bound(t->node, a->verify_within_ns));
	if (a->effect == EFFECT_SILENT)
		buf_addf(&t->lines[t->count - 1].text, "; then it does not answer, within %s",
			 span_format(effect_within_ns, span));
	if (o->stay_down) {
		buf_addstr(add(t, "undo"), "none: --stay-down");
		return;
	}
	tell_until(t, o);
	tell_undo(t, a);
}

/* What its program says of it. */
static void tell_program(struct told *t, const struct action *a, const char *params,
			 const struct options *o, struct err *lacking)
{
	struct action_words w = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
	a->tell(a, t->node, params, &w, lacking);
	*add(t, "does") = w.does;
	*add(t, "seen") = w.seen;
	tell_until(t, o);
	*add(t, "undo") = w.undo;
	*add(t, "undo_seen") = w.undo_seen;
}

static void tell_lasting(struct told *t)
{
	size_t i = 0;
	while (strcmp(lasting[i].verb, t->verb) != 0)
		i++;
	for (size_t k = 0; k < lasting[i].count; k++)
		tell(t, lasting[i].acts[k], "does", "seen",
		     lasting[i].acts[k] == ACT_TERM ? 10 * BOUND_S : bound(t->node, 0));
	buf_addstr(add(t, "undo"), "none: it lasts");
}

/* program: why the node's program cannot be started, or an empty message. */
static void tell_lacks(struct told *t, bool journal, const struct err *program)
{
	struct err e = {0};
	const struct node *n = t->node;
	struct buf *out = add(t, "lacks");
	if (n->kind->may && n->kind->may(n, &e))
		buf_addstr(out, e.msg);
	if (program->msg[0])
		buf_addf(out, "%s%s", out->len ? "; " : "", program->msg);
	if (journal && file_exists(n->fleet->state) && access(n->fleet->state, W_OK))
		buf_addf(out, "%s'%s' cannot be written to: %s", out->len ? "; " : "",
			 n->fleet->state, strerror(errno));
	t->lacks = out->len;
	if (!t->lacks)
		buf_addstr(out, "nothing");
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
	for (size_t i = 0; i < t->count; i++) {
		const char *key = t->lines[i].key;
		bool seen = strcmp(key, "undo_seen") == 0;
		buf_addf(out, "  %-5s  %s\n", seen ? "seen" : key, t->lines[i].text.data);
	}
}

static void print_json(const struct told *t, struct buf *out)
{
	static const char *const keys[] = {"first", "does",	 "seen", "until",
					   "undo",  "undo_seen", "lacks"};
	struct json *j = json_object_new();
	json_set_str(j, "dry_run", t->verb);
	if (t->fault) {
		json_set_str(j, "fault", t->fault->uid);
		json_set_str(j, "action", t->fault->action);
	}
	json_set_str(j, "node", t->node->conf->name);
	json_set_str(j, "url", t->node->conf->url);
	json_set_str(j, "kind", t->node->kind->name);
	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		struct json *list = json_array_new();
		for (size_t i = 0; i < t->count; i++)
			if (strcmp(t->lines[i].key, keys[k]) == 0 &&
			    (strcmp(keys[k], "lacks") != 0 || t->lacks))
				json_push_str(list, t->lines[i].text.data);
		json_set(j, keys[k], list);
	}
	json_write(j, false, out);
	buf_addch(out, '\n');
	json_free(j);
}

/* Prints and releases t. Returns the exit code. */
static int finish(struct told *t, bool json, struct buf *out)
{
	if (json)
		print_json(t, out);
	else
		print_text(t, out);
	for (size_t i = 0; i < t->count; i++)
		buf_release(&t->lines[i].text);
	return t->lacks ? EXIT_NO : EXIT_OK;
}

static int print(struct buf *out, int rc)
{
	struct err e = {0};
	plain_lines(out);
	if (write_all(STDOUT_FILENO, out->data, out->len, &e) && e.sys_errno != EPIPE) {
		err_prefix(&e, "standard output");
		rc = exit_worse(rc, diag_err(&e));
	}
	buf_release(out);
	return rc;
}

/* --- commands, undo ------------------------------------------------------------------ */

int dryrun_nodes(const struct verb *v, const char *params, struct node *const *nodes, size_t count,
		 const struct options *o)
{
	struct buf out = BUF_INIT;
	int rc = EXIT_OK;
	for (size_t i = 0; i < count; i++) {
		struct told t = {.verb = v->name, .node = nodes[i]};
		struct err program = {0};
		verb_check_startable(v, nodes[i], o->stay_down, &program);
		node_look(nodes[i]);
		if (v->action && v->action->tell)
			tell_program(&t, v->action, params, o, &program);
		else if (v->action)
			tell_fault(&t, v->action, o);
		else
			tell_lasting(&t);
		tell_lacks(&t, v->action, &program);
		rc = exit_worse(rc, finish(&t, o->json, &out));
	}
	return print(&out, rc);
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
	    fleet_init(&f, &c, state, loop, NULL, e) == 0) {
		a = exec_fault_of(&f, j);
		if (!a)
			err_runtime(e, "this version knows no '%s'", j->action);
	}
	if (a) {
		struct told t = {.verb = "undo", .node = &f.nodes[0], .fault = j};
		survey_await(&(struct node *){&f.nodes[0]}, 1, e);
		node_look(&f.nodes[0]);
		if (a->undoes == ACT_RESUME)
			f.nodes[0].id = j->target;
		if (a->tell)
			buf_addf(add(&t, "undo"), "run '%s revert', as it was then",
				 j->program.path);
		else
			tell_undo(&t, a);
		if (!a->tell && a->undoes == ACT_START && f.nodes[0].kind->startable)
			f.nodes[0].kind->startable(&f.nodes[0], &program);
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
	return print(&out, rc);
}
