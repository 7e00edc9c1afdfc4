#include "front/rehearsal.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "faults/action.h"
#include "faults/exec/exec_fault.h"
#include "faults/fault.h"
#include "faults/present.h"
#include "faults/select.h"
#include "faults/survivors.h"
#include "faults/verb.h"
#include "front/agenda.h"
#include "node/needs.h"
#include "node/node.h"
#include "node/survey.h"
#include "stream/lines.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The state of a node after the commands so far. The session's own rules check the next command:
 * they see a node through its kind, and this copy of the kind returns the expected state. */
struct expected {
	struct kind kind; /* must be first: look() casts node->kind back */
	enum node_state state;
};

/* A fault that the node has by then; node->faults lists them. */
struct expected_fault {
	struct fault fault; /* must be first: what follows is found by a cast */
	int64_t end_ns;	    /* after the session's start */
	size_t line;	    /* that injects it */
};

struct rehearsal {
	struct fleet *fleet;
	struct event_sink *sink;
	struct expected *nodes; /* in the order of the fleet's */
	struct agenda agenda;
	struct buf answers;
	bool refused;		/* a line was */
};

/* --- nodes ------------------------------------------------------------------------- */

static struct expected *expected_of(const struct rehearsal *r, const struct node *n)
{
	return &r->nodes[n - r->fleet->nodes];
}

static enum node_state look(struct node *n)
{
	return ((const struct expected *)(const void *)n->kind)->state;
}

/* check_bring_up has surveyed those to be brought up. */
static int survey(struct fleet *f, struct err *e)
{
	struct node **nodes = mem_alloc((f->count + 1) * sizeof(*nodes));
	size_t count = 0;
	for (size_t i = 0; i < f->count; i++)
		if (!f->nodes[i].bring_up)
			nodes[count++] = &f->nodes[i];
	int rc = survey_await(nodes, count, e);
	free(nodes);
	return rc;
}

static void expect(struct rehearsal *r, struct node *n)
{
	struct expected *x = expected_of(r, n);
	if (!n->kind->ours)
		return;
	x->kind = *n->kind;
	x->state = n->bring_up || fault_left_over(n) ? NODE_UP : node_look(n);
	x->kind.look = look;
	x->kind.survey = (struct step){0};
	n->kind = &x->kind;
}

static struct expected_fault *of_list(struct fault *f)
{
	return (struct expected_fault *)(void *)f;
}

static void inject(struct rehearsal *r, struct node *n, const struct command *c, size_t line)
{
	struct expected *x = expected_of(r, n);
	struct expected_fault *f = mem_alloc(sizeof *f);
	int64_t for_ns = c->for_ns >= 0		? c->for_ns
			 : r->fleet->deadline_ns ? 0
						 : r->fleet->config->fault_deadline_ns;
	*f = (struct expected_fault){.fault = {.action = c->verb->action, .node = n, .next = n->faults},
				     .end_ns = for_ns ? c->at_ns + for_ns : INT64_MAX,
				     .line = line};
	if (c->verb->action->effect == EFFECT_SILENT)
		x->state = c->verb->action->node_down ? NODE_DOWN : NODE_PAUSED;
	n->faults = &f->fault;
}

/* Ends the node's faults that are over by then; before that, only all that silence it, if silent. */
static void end_faults_of(struct rehearsal *r, struct node *n, int64_t until_ns, bool silent)
{
	for (struct fault **at = &n->faults, *f; (f = *at);) {
		bool silences = f->action->effect == EFFECT_SILENT;
		if (of_list(f)->end_ns > until_ns && !(silent && silences)) {
			at = &f->next;
			continue;
		}
		if (silences)
			expected_of(r, n)->state = NODE_UP;
		*at = f->next;
		free(of_list(f));
	}
}

static void end_faults(struct rehearsal *r, int64_t until_ns)
{
	for (size_t i = 0; i < r->fleet->count; i++)
		end_faults_of(r, &r->fleet->nodes[i], until_ns, false);
}

/* Removes the copied kinds and the expected faults from the nodes. */
static void forget_nodes(struct rehearsal *r)
{
	end_faults(r, INT64_MAX);
	for (size_t i = 0; i < r->fleet->count; i++)
		r->fleet->nodes[i].kind = kind_of(r->fleet->nodes[i].conf->kind);
	free(r->nodes);
}

/* --- answers ----------------------------------------------------------------------- */

static struct json *answer_new(const struct rehearsal *r, enum event_kind kind, size_t line)
{
	struct json *j = event_new(r->sink, kind);
	json_set_int(j, "line", (int64_t)line);
	return j;
}

/* earlier: the line of the fault that the node still has, or 0. */
static void refuse(struct rehearsal *r, size_t line, size_t earlier, const struct err *e)
{
	struct json *j = answer_new(r, EVENT_ERROR, line);
	event_set_err(j, e);
	if (earlier)
		json_set_int(j, "fault_line", (int64_t)earlier);
	json_line(j, &r->answers);
	r->refused = true;
}

/* open: the pick is made later, when the command is due. */
static void accept(struct rehearsal *r, const struct command *c, size_t line,
		   struct node *const *nodes, size_t count, bool open)
{
	struct json *j = answer_new(r, EVENT_CHECKED, line), *names = json_array_new();
	json_set_round(j, "at_s", ns_to_s(c->at_ns), 9);
	json_set_str(j, "action", c->verb->name);
	if (c->verb == &verb_revert)
		json_set_str(j, "fault", c->uid);
	if (c->verb->action)
		json_set_bool(j, "silent", c->verb->action->effect == EFFECT_SILENT);
	if (c->pick.kind)
		json_set_str(j, "pick", c->pick.word);
	for (size_t i = 0; i < count; i++)
		json_push_str(names, nodes[i]->conf->name);
	json_set(j, open ? "from" : "nodes", names);
	if (c->for_ns >= 0)
		json_set_round(j, "for_s", ns_to_s(c->for_ns), 9);
	struct json *spans = exec_fault_spans(r->fleet, c->verb->name, c->params);
	if (spans)
		json_set(j, "spans", spans);
	json_line(j, &r->answers);
}

/* --- commands ---------------------------------------------------------------------- */

/* With a pick: keeps the nodes that it can be made from. Adds those that others need to come up. */
static int choose(const struct command *c, struct node **nodes, size_t *count, bool *open,
		  struct err *e)
{
	size_t free_count = 0, wanted;
	*count = c->node_count;
	memcpy(nodes, c->nodes, *count * sizeof(*nodes));
	if (c->verb->starts == STARTS_IF_DOWN)
		*count = needs_add(nodes, *count);
	if (!c->pick.kind)
		return 0;
	for (size_t i = 0; i < *count; i++)
		if (!fault_in_way(nodes[i], c->verb->action))
			nodes[free_count++] = nodes[i];
	if (free_count)
		*count = free_count;
	if (select_able(&c->pick, c->verb, nodes, count, &wanted, e))
		return -1;
	*open = wanted < *count || c->pick.kind == PICK_PRIMARY || c->pick.kind == PICK_REPLICA;
	return 0;
}

static int check_node(const struct command *c, struct node *n, size_t *earlier, struct err *e)
{
	struct fault *f = c->verb->starts == STOPS ? n->faults : fault_in_way(n, c->verb->action);
	if (f && (c->verb->action || c->verb->starts == STOPS)) {
		*earlier = of_list(f)->line;
		return err_usage(e, "'%s' still has a fault then", n->conf->name);
	}
	if (f) /* the command ends it */
		return 0;
	const struct work w = {.verb = c->verb, .for_ns = c->for_ns};
	return c->verb->check(c->verb, n, e) || verb_check_work(&w, n, e) ? -1 : 0;
}

static int check_nodes(const struct rehearsal *r, const struct command *c, struct node **nodes,
		       size_t count, size_t *earlier, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (check_node(c, nodes[i], earlier, e))
			return -1;
	if (!c->verb->action || c->verb->action->effect != EFFECT_SILENT || c->all_down || r->fleet->all_down)
		return 0;
	return survivors_check(c->verb->name, nodes, count, e);
}

static void obey(void *arg, const struct command *c, size_t line)
{
	struct rehearsal *r = arg;
	struct err e = {0};
	size_t count, earlier = 0;
	bool open = false;
	/* UIDs are not known before the injection, so each fault may be the reverted one. */
	end_faults(r, c->verb == &verb_revert ? INT64_MAX : c->at_ns);
	if (c->verb == &verb_revert) {
		accept(r, c, line, NULL, 0, false);
		return;
	}
	struct node **nodes = mem_alloc((r->fleet->count + c->node_count + 1) * sizeof(*nodes));
	if (choose(c, nodes, &count, &open, &e) ||
	    (!open && check_nodes(r, c, nodes, count, &earlier, &e))) {
		refuse(r, line, earlier, &e);
		free(nodes);
		return;
	}
	accept(r, c, line, nodes, count, open);
	for (size_t i = 0; i < count && !open; i++) {
		if (!c->verb->action)
			end_faults_of(r, nodes[i], INT64_MIN, true);
		if (c->verb->action && !fault_ends_with_target(c->verb->action, nodes[i]))
			inject(r, nodes[i], c, line);
		else if (!c->verb->action)
			expected_of(r, nodes[i])->state =
				c->verb->starts == STOPS ? NODE_DOWN : NODE_UP;
	}
	free(nodes);
}

static void parse(struct rehearsal *r, const struct line *line)
{
	struct command c;
	char name[FAULT_NAME_MAX];
	struct err e = {0};
	if (!line->text)
		err_usage(&e, "%s", line->wrong);
	else if ((!exec_fault_wanted(r->fleet, line->text, name) ||
		  exec_fault_load(r->fleet, name, &e) == 0) &&
		 command_parse(r->fleet, line->text, &c, &e) == 0) {
		if (c.at_ns < 0)
			c.at_ns = 0;
		if (!c.nothing)
			agenda_add(&r->agenda, &c, line->number);
		return;
	}
	refuse(r, line->number, 0, &e);
}

static int read_lines(struct rehearsal *r, struct err *e)
{
	struct lines lines;
	struct line line;
	lines_init(&lines);
	int rc = fd_read_all(STDIN_FILENO, "standard input", &lines.text, e);
	while (!rc && lines_next(&lines, &line))
		parse(r, &line);
	if (!rc && lines_last(&lines, true, &line))
		parse(r, &line);
	lines_release(&lines);
	return rc;
}

int rehearsal_run(struct fleet *f, struct emitter *emitter)
{
	struct rehearsal r = {.fleet = f, .sink = &emitter->sink, .answers = BUF_INIT};
	struct err e = {0};
	r.nodes = mem_alloc((f->count + 1) * sizeof *r.nodes);
	int rc = agenda_init(&r.agenda, f->loop, obey, &r, &e) || read_lines(&r, &e) ||
				 survey(f, &e)
			 ? -1
			 : 0;
	if (!rc) {
		for (size_t i = 0; i < f->count; i++)
			expect(&r, &f->nodes[i]);
		agenda_rehearse(&r.agenda);
		rc = out_write(STDOUT_FILENO, &r.answers, &e);
	}
	forget_nodes(&r);
	agenda_release(&r.agenda);
	buf_release(&r.answers);
	if (rc)
		return diag_err(&e);
	return r.refused ? EXIT_USAGE : EXIT_OK;
}
