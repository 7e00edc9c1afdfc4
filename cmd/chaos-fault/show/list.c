#include "show/list.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "events/emit.h"
#include "journal/journal.h"
#include "node/await.h"
#include "node/inquiry.h"
#include "node/node.h"
#include "node/survey.h"
#include "node/via.h"
#include "front/oneshot.h"
#include "show/toxics.h"
#include "stream/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rows;

struct row {
	struct node *node;
	enum node_state state;
	struct shown who; /* its key is NULL: nobody */
	bool health;	  /* its own health check decides: any answer at its URL will do */
	bool ready;
	char why[120]; /* the reason, if it is not ready */
	const struct rows *rows;
};

struct rows {
	struct row *items;
	int count;
	struct journal_entry *entries; /* of the journal; owned */
	size_t entry_count;
	struct json *proxies; /* what the proxy says of nodes with 'via', or NULL; owned */
};

/* The i-th entry on the node from 0: of its faults, or of a session that brought it up; or NULL. */
static const struct journal_entry *entry_on(const struct row *r, bool brought_up, size_t i)
{
	for (size_t k = 0; k < r->rows->entry_count; k++) {
		const struct journal_entry *j = &r->rows->entries[k];
		if (strcmp(j->key, node_key(r->node)) == 0 && journal_is_bring_up(j) == brought_up && !i--)
			return j;
	}
	return NULL;
}

/* What is wrong with the proxy of a node that is up, or NULL. The caller frees. */
static char *proxy_trouble(const struct row *r)
{
	const char *trouble = r->state == NODE_UP ? via_trouble(r->node) : NULL;
	if (trouble)
		return mem_strdup(trouble);
	return r->state == NODE_UP && r->node->conf->via ? toxics_foreign(r->rows->proxies, r->node->conf->name) : NULL;
}

/* --- looking --------------------------------------------------------------------- */

static void look(struct row *r, struct inquiry *q)
{
	struct node *n = r->node;
	bool remote = !n->kind->ours;
	r->state = remote ? NODE_DOWN : node_look(n);
	if (r->state == NODE_FOREIGN)
		n->kind->show_foreign(n, &r->who);
	else if (!remote)
		n->kind->show(&n->id, &r->who);
	if (r->state != NODE_UP && !remote)
		return;
	if (n->kind->health && n->kind->health(n, r->why, sizeof r->why)) {
		r->health = true;
		if (r->why[0])
			return;
	}
	inquiry_add(q, n, node_probe(n));
}

static void take_answer(struct row *r, const struct question *q)
{
	r->ready = q->answer == PROBE_YES || (r->health && probe_heard(q->probe));
	if (r->ready && !r->node->kind->ours)
		r->state = NODE_UP;
	if (!r->ready)
		snprintf(r->why, sizeof r->why, "%s", probe_why(q->probe));
}

static int look_all(struct fleet *f, struct node **nodes, struct rows *rows, struct err *e)
{
	struct inquiry q = {0};
	int rc = survey_await(nodes, (size_t)rows->count, e);
	rows->entries = journal_list(f->state, &rows->entry_count);
	for (int i = 0; !rc && i < rows->count; i++) {
		rows->items[i] = (struct row){.node = nodes[i], .rows = rows};
		look(&rows->items[i], &q);
	}
	rc = rc ? rc : await(f->loop, inquiry_step, &q, e);
	rows->proxies = rc ? NULL : toxics_ask(f, e);
	struct row *r = rows->items;
	for (size_t i = 0; !rc && i < q.count; r++)
		if (r->node == q.items[i].node)
			take_answer(r, &q.items[i++]);
	inquiry_release(&q);
	return rc;
}

/* "web1:f3" for who asks from elsewhere. */
static const char *uid_text(const struct row *r, const struct journal_entry *j, char out[static SHOWN_TEXT_MAX])
{
	const char *there = r->node->fleet->there;
	snprintf(out, SHOWN_TEXT_MAX, "%s%s%s", there ? there : "", there ? ":" : "", j->uid);
	return out;
}

/* --- as JSON Lines ------------------------------------------------------------------ */

static struct json *entry_json(const struct row *r, const struct journal_entry *f)
{
	struct json *j = json_object_new();
	char uid[SHOWN_TEXT_MAX];
	json_set_str(j, "fault", uid_text(r, f, uid));
	json_set_str(j, "action", f->action);
	json_set_int(j, "owner_pid", f->owner.pid);
	json_set_bool(j, "owned",
		      journal_standing(f, r->node->fleet->world) < STANDING_ELSEWHERE);
	json_set_num(j, "since", f->since_s);
	if (f->deadline_s > 0)
		json_set_num(j, "deadline", f->deadline_s);
	else
		json_set_null(j, "deadline");
	if (f->guard.pid)
		json_set_int(j, "guard_pid", f->guard.pid);
	if (f->detached)
		json_set_bool(j, "detached", true);
	if (f->failed)
		json_set_bool(j, "failed", true);
	return j;
}

static void add_json(struct buf *out, const struct row *r)
{
	const struct node_conf *c = r->node->conf;
	struct json *j = json_object_new();
	json_set_str(j, "node", c->name);
	json_set_str(j, "url", c->url);
	json_set_str(j, "mode", conf_mode_name(c->mode));
	json_set_str(j, "kind", r->node->kind->name);
	if (r->node->fleet->there)
		json_set_str(j, "host", r->node->fleet->there);
	json_set_str(j, "state", node_state_name(r->state));
	json_set_bool(j, "ready", r->ready);
	json_set_str(j, "not_ready", r->why[0] ? r->why : NULL);
	if (c->via)
		json_set_str(j, "via", c->via);
	char *trouble = proxy_trouble(r);
	if (trouble)
		json_set_str(j, "proxy", trouble);
	free(trouble);
	json_set_null(j, "pid");
	if (r->who.brief[0] && strcmp(r->who.brief, "-") != 0)
		shown_set(&r->who, j);
	const struct journal_entry *fault = entry_on(r, false, 0), *brought_up = entry_on(r, true, 0);
	json_set_null(j, "fault");
	if (fault)
		json_set(j, "fault", entry_json(r, fault));
	if (entry_on(r, false, 1)) {
		struct json *all = json_array_new();
		for (size_t i = 0; (fault = entry_on(r, false, i)); i++)
			json_push(all, entry_json(r, fault));
		json_set(j, "faults", all);
	}
	if (brought_up)
		json_set(j, "brought_up", entry_json(r, brought_up));
	json_line(j, out);
}

/* --- as a table --------------------------------------------------------------------- */

enum { COLUMNS = 6 };

struct table_row {
	char *cell[COLUMNS]; /* owned */
};

/* Whole seconds, as people read them. */
static char *span_text(double s, char out[static SPAN_MAX])
{
	return span_format(s_to_ns(s > 0 ? floor(s + 0.5) : 0), out);
}

/* "f1 kill, 3s old, held by process 123, 7s left" */
static void entry_text(struct buf *out, const struct row *r, const struct journal_entry *j,
		       double now_s)
{
	char old[SPAN_MAX], left[SPAN_MAX], words[STANDING_WORDS_MAX], uid[SHOWN_TEXT_MAX];
	const char *world = r->node->fleet->world;
	buf_addf(out, "%s%s %s, %s old, %s%s", out->len ? "; " : "", uid_text(r, j, uid),
		 journal_is_bring_up(j) ? "brought up" : j->action,
		 span_text(now_s - j->since_s, old),
		 journal_left_over(j, world) ? "left over: " : "",
		 journal_words(j, world, words, sizeof words));
	if (j->deadline_s > 0 && !j->failed)
		buf_addf(out, ", %s left", span_text(j->deadline_s - now_s, left));
}

static void fill(struct table_row *l, const struct row *r, const struct anchor *clock)
{
	const struct node_conf *c = r->node->conf;
	const struct journal_entry *j;
	struct buf faults = BUF_INIT;
	for (int up = 0; up <= 1; up++)
		for (size_t i = 0; (j = entry_on(r, up, i)); i++)
			entry_text(&faults, r, j, anchor_unix_s(clock, mono_ns()));
	l->cell[0] = mem_strdup(c->name);
	l->cell[1] = mem_strdup(c->url);
	l->cell[2] = mem_strdup(r->node->kind->name);
	char *trouble = proxy_trouble(r);
	l->cell[3] = mem_printf("%s%s%s%s", node_state_name(r->state),
				r->state == NODE_UP && !r->ready ? ", not ready" : "",
				trouble ? "; its proxy " : "", trouble ? trouble : "");
	free(trouble);
	l->cell[4] = mem_strdup(r->who.brief[0] ? r->who.brief : "-");
	if (!faults.len)
		buf_addstr(&faults, "-");
	l->cell[5] = buf_detach(&faults);
}

static void add_table(struct buf *out, const struct row *rows, int count,
		      const struct anchor *clock)
{
	static const char *const titles[COLUMNS] = {"NODE", "URL", "KIND", "STATE", "PID", "FAULT"};
	struct table_row *lines = mem_alloc(((size_t)count + 1) * sizeof *lines);
	for (int k = 0; k < COLUMNS; k++)
		lines[0].cell[k] = mem_strdup(titles[k]);
	int width[COLUMNS] = {0};
	for (int i = 0; i < count; i++)
		fill(&lines[i + 1], &rows[i], clock);
	for (int i = 0; i <= count; i++)
		for (int k = 0; k < COLUMNS; k++)
			if ((int)strlen(lines[i].cell[k]) > width[k])
				width[k] = (int)strlen(lines[i].cell[k]);
	for (int i = 0; i <= count; i++) {
		for (int k = 0; k < COLUMNS - 1; k++)
			buf_addf(out, k == 4 ? "%*s  " : "%-*s  ", width[k], lines[i].cell[k]);
		buf_addf(out, "%s\n", lines[i].cell[COLUMNS - 1]);
		for (int k = 0; k < COLUMNS; k++)
			free(lines[i].cell[k]);
	}
	free(lines);
}

/* Reports the nodes whose state is unknown; nodes with the same reason are reported once. */
static int say_unknown(const struct row *rows, int count)
{
	struct err e = {0}, last = {0};
	int rc = EXIT_OK;
	for (int i = 0; i < count; i++) {
		const struct node *n = rows[i].node;
		if (rows[i].state != NODE_UNKNOWN || !n->kind->unknown(n, &e) ||
		    strcmp(e.msg, last.msg) == 0)
			continue;
		rc = exit_worse(rc, diag_err(&e));
		last = e;
	}
	return rc;
}

int list_run(struct fleet *f, const struct options *o, const struct cli_rest *rest,
	     const struct anchor *clock)
{
	struct node **nodes = NULL;
	struct buf out = BUF_INIT;
	struct err e = {0};
	int rc, count = oneshot_nodes(f, o, rest, false, &nodes, &e);
	if (count < 0)
		return diag_err(&e);
	struct rows rows = {.items = mem_alloc((size_t)count * sizeof *rows.items), .count = count};
	if (look_all(f, nodes, &rows, &e)) {
		rc = diag_err(&e);
		count = 0;
	} else {
		rc = say_unknown(rows.items, count);
	}
	for (int i = 0; o->json && i < count; i++)
		add_json(&out, &rows.items[i]);
	if (!o->json)
		add_table(&out, rows.items, count, clock);
	free(rows.items);
	free(rows.entries);
	json_free(rows.proxies);
	free(nodes);
	return emit_print(&out, rc);
}
