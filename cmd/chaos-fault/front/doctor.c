#include "front/doctor.h"

#include "faults/action.h"
#include "base/buf.h"
#include "base/plain.h"
#include "front/checkup.h"
#include "cli/diag.h"
#include "journal/journal.h"
#include "node/kind.h"
#include "stream/json.h"
#include "sys/file.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCTOR_SCHEMA "chaos-doctor/1"

/* A journal entry: left over, or of a fault that a process still holds. */
struct left {
	const char *state; /* borrowed */
	struct journal_entry entry;
	bool over;
	bool damaged; /* only the name of its file is known */
	char why[120], by_hand[160];
};

struct doctor {
	struct left *left;
	size_t count, alloc;
	char *root;	  /* root's state folder, if it is another; owned */
	bool root_hidden; /* this user cannot read it */
	struct checkup checks[NEED_COUNT];
	const struct config *config;
};

/* --- what is left over -------------------------------------------------------------- */

static void judge(struct left *l, const char *world, bool roots)
{
	const struct journal_entry *j = &l->entry;
	bool here = strcmp(j->world, world) == 0;
	enum journal_keeper keeper = journal_keeper(j, world);
	l->over = true;
	snprintf(l->by_hand, sizeof l->by_hand, "%schaos-fault undo %s",
		 roots ? "sudo -H env -u XDG_STATE_HOME " : "", j->uid);
	if (j->failed)
		snprintf(l->why, sizeof l->why, "could not be put back");
	else if (journal_elsewhere(j, world))
		snprintf(l->why, sizeof l->why,
			 "it belongs to another pid or time namespace; run the undo there");
	else if (!here)
		snprintf(l->why, sizeof l->why, "from %s",
			 journal_other_boot(j, world) ? "before the last boot"
						      : "a pid or time namespace that is gone");
	else if (keeper == KEEPER_NONE)
		snprintf(l->why, sizeof l->why, "its owner, process %d, and its guard are %s",
			 (int)j->owner.pid,
			 proc_alive(&j->owner) || proc_alive(&j->guard) ? "stopped" : "dead");
	else
		l->over = false;
	if (l->over)
		return;
	if (j->handed_over)
		snprintf(l->why, sizeof l->why, "held by its guard, process %d", (int)j->guard.pid);
	else if (keeper == KEEPER_HOLDS)
		snprintf(l->why, sizeof l->why, "held by process %d", (int)j->owner.pid);
	else
		snprintf(l->why, sizeof l->why, "its guard is reverting it");
}

static struct left *add(struct doctor *d, const char *state)
{
	d->left = mem_grow(d->left, &d->alloc, d->count, sizeof *d->left);
	struct left *l = &d->left[d->count++];
	*l = (struct left){.state = state};
	return l;
}

struct damage {
	struct doctor *doctor;
	const char *state;
};

static void add_damaged(void *arg, const char *uid)
{
	const struct damage *damage = arg;
	struct left *l = add(damage->doctor, damage->state);
	l->over = l->damaged = true;
	snprintf(l->entry.uid, sizeof l->entry.uid, "%s", uid);
	snprintf(l->why, sizeof l->why, "its entry, faults/%s.json, cannot be read", l->entry.uid);
	snprintf(l->by_hand, sizeof l->by_hand,
		 "look at the nodes with 'chaos-fault ls', then remove that file");
}

static void look_in(struct doctor *d, const char *state)
{
	char world[PROC_WORLD_MAX];
	size_t count = 0;
	struct journal_entry *all = journal_list(state, &count);
	proc_world(world);
	for (size_t i = 0; i < count; i++) {
		if (all[i].stays)
			continue;
		struct left *l = add(d, state);
		l->entry = all[i];
		judge(l, world, state == d->root);
	}
	free(all);
	journal_each_damaged(state, add_damaged, &(struct damage){d, state});
}

static void look_in_roots(struct doctor *d, const char *state)
{
	const struct passwd *root = getpwuid(0);
	d->root = mem_printf("%s/.local/state/chaos", root ? root->pw_dir : "/root");
	if (strcmp(d->root, state) == 0)
		return;
	char *faults = mem_printf("%s/faults", d->root);
	d->root_hidden = access(faults, R_OK | X_OK) && errno == EACCES;
	free(faults);
	look_in(d, d->root);
}

/* --- which actions work ------------------------------------------------------------- */

static const struct action *const faults[] = {&action_kill, &action_stop, &action_pause};

static bool lacks(const struct doctor *d, const struct kind *k, size_t need)
{
	return k->needs & NEED_BIT(need) && !d->checks[need].ok;
}

static bool works(const struct doctor *d, const struct kind *k)
{
	for (size_t i = 0; i < NEED_COUNT; i++)
		if (lacks(d, k, i))
			return false;
	return true;
}

/* Without nodes: as for the plain processes that the config would name first. */
static bool needed(const struct doctor *d, const struct kind *k)
{
	for (size_t i = 0; i < d->config->node_count; i++)
		if (kind_of(d->config->nodes[i].kind) == k)
			return true;
	return !d->config->node_count && k == &kind_process;
}

static int code_of(const struct doctor *d)
{
	int code = EXIT_OK;
	const struct kind *k;
	for (size_t i = 0; (k = kind_at(i)); i++)
		if (needed(d, k) && !works(d, k))
			code = EXIT_NO;
	for (size_t i = 0; i < d->count; i++)
		if (d->left[i].over)
			code = EXIT_RESIDUE;
	return code;
}

/* --- for people --------------------------------------------------------------------- */

static void print_left(const struct doctor *d, struct buf *out)
{
	size_t over = 0;
	for (size_t i = 0; i < d->count; i++) {
		const struct left *l = &d->left[i];
		over += l->over;
		buf_addf(out, "%s: %s", l->over ? "left over" : "active", l->entry.uid);
		if (!l->damaged)
			buf_addf(out, " (%s of '%s')", l->entry.action, l->entry.node);
		buf_addf(out, " in %s: %s%s%s\n", l->state, l->why, l->over ? "; " : "",
			 l->over ? l->by_hand : "");
	}
	if (!over)
		buf_addstr(out, "nothing is left over\n");
	if (d->root_hidden)
		buf_addf(out, "root's state folder '%s' cannot be read: sudo chaos-fault doctor\n",
			 d->root);
	buf_addch(out, '\n');
}

static void print_text(const struct doctor *d, struct buf *out)
{
	print_left(d, out);
	buf_addf(out, "%-9s %-3s  %s\n", "CHECK", "OK", "FOUND");
	for (enum need i = 0; i < NEED_COUNT; i++)
		buf_addf(out, "%-9s %-3s  %s\n", need_name(i), d->checks[i].ok ? "yes" : "no",
			 d->checks[i].detail);
	buf_addf(out, "\n%-7s %-10s %-5s  %s\n", "ACTION", "NODES", "WORKS", "LACKS");
	const struct kind *k;
	for (size_t a = 0; a < ARRAY_LEN(faults); a++)
		for (size_t at = 0; (k = kind_at(at)); at++) {
			size_t none = 0;
			buf_addf(out, "%-7s %-10s %-5s  ", faults[a]->name, k->name,
				 works(d, k) ? "yes" : "no");
			for (enum need i = 0; i < NEED_COUNT; i++)
				if (lacks(d, k, i))
					buf_addf(out, "%s%s", none++ ? ", " : "", need_name(i));
			buf_addstr(out, none ? "\n" : "-\n");
		}
}

/* --- for programs ------------------------------------------------------------------- */

static struct json *left_json(const struct doctor *d, bool over)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < d->count; i++) {
		const struct left *l = &d->left[i];
		if (l->over != over)
			continue;
		struct json *j = json_object_new();
		json_set_str(j, "fault", l->entry.uid);
		json_set_str(j, "action", l->damaged ? NULL : l->entry.action);
		json_set_str(j, "node", l->damaged ? NULL : l->entry.node);
		json_set_str(j, "config", l->damaged ? NULL : l->entry.config);
		json_set_str(j, "state", l->state);
		json_set_str(j, "why", l->why);
		json_set_str(j, "by_hand", over ? l->by_hand : NULL);
		json_push(list, j);
	}
	return list;
}

static struct json *checks_json(const struct doctor *d)
{
	struct json *list = json_array_new();
	for (enum need i = 0; i < NEED_COUNT; i++) {
		struct json *j = json_object_new();
		json_set_str(j, "check", need_name(i));
		json_set_bool(j, "ok", d->checks[i].ok);
		json_set_str(j, "found", d->checks[i].detail);
		json_push(list, j);
	}
	return list;
}

static struct json *actions_json(const struct doctor *d)
{
	struct json *list = json_array_new();
	const struct kind *k;
	for (size_t a = 0; a < ARRAY_LEN(faults); a++)
		for (size_t at = 0; (k = kind_at(at)); at++) {
			struct json *j = json_object_new(), *lack = json_array_new();
			for (enum need i = 0; i < NEED_COUNT; i++)
				if (lacks(d, k, i))
					json_push_str(lack, need_name(i));
			json_set_str(j, "action", faults[a]->name);
			json_set_str(j, "kind", k->name);
			json_set_bool(j, "works", works(d, k));
			json_set(j, "lacks", lack);
			json_push(list, j);
		}
	return list;
}

static void print_json(const struct doctor *d, const char *state, struct buf *out)
{
	struct json *j = json_object_new();
	json_set_str(j, "schema", DOCTOR_SCHEMA);
	json_set_str(j, "state", state);
	json_set_str(j, "root_state", d->root);
	json_set_bool(j, "root_state_hidden", d->root_hidden);
	json_set(j, "left_over", left_json(d, true));
	json_set(j, "active", left_json(d, false));
	json_set(j, "checks", checks_json(d));
	json_set(j, "actions", actions_json(d));
	json_write(j, false, out);
	buf_addch(out, '\n');
	json_free(j);
}

int doctor_run(const char *state, const struct config *c, bool json)
{
	struct doctor d = {.config = c};
	struct buf out = BUF_INIT;
	struct err e = {0};
	look_in(&d, state);
	look_in_roots(&d, state);
	checkup_run(d.checks, state, c);
	int code = code_of(&d);
	if (json)
		print_json(&d, state, &out);
	else
		print_text(&d, &out);
	plain_lines(&out);
	if (write_all(STDOUT_FILENO, out.data, out.len, &e) && e.sys_errno != EPIPE) {
		err_prefix(&e, "standard output");
		code = exit_worse(code, diag_err(&e));
	}
	buf_release(&out);
	free(d.left);
	free(d.root);
	return code;
}
