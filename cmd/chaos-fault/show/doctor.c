#include "show/doctor.h"

#include "faults/action.h"
#include "base/buf.h"
#include "cli/diag.h"
#include "show/catalog.h"
#include "show/checkup.h"
#include "events/emit.h"
#include "journal/journal.h"
#include "node/kind.h"
#include "stream/json.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOCTOR_SCHEMA "chaos-doctor/1"

struct doctor {
	struct json *left, *active; /* entries of the journal: of what is left over, and held */
	char *root;	  /* root's state folder, if it is another; owned */
	bool root_hidden; /* this user cannot read it */
	struct checkup checks[NEED_COUNT];
	unsigned missing; /* a set of NEED_BIT: what does not work */
	const struct config *config;
};

/* --- what is left over -------------------------------------------------------------- */

static void add_entry(struct doctor *d, const char *state, const struct journal_entry *j,
		      const char *world)
{
	char why[STANDING_WORDS_MAX + UID_MAX], hand[160];
	enum journal_standing s = j->damaged ? STANDING_DEAD : journal_standing(j, world);
	bool over = j->failed || s > STANDING_REVERTED;
	struct json *about = json_object_new();
	if (j->damaged) {
		snprintf(why, sizeof why, "its entry, faults/%s.json, cannot be read", j->uid);
		snprintf(hand, sizeof hand,
			 "look at the nodes with 'chaos-fault ls', then remove that file");
	} else {
		journal_words(j, world, why, sizeof why);
		snprintf(hand, sizeof hand, "%schaos-fault undo %s%s",
			 state == d->root ? "sudo -H env -u XDG_STATE_HOME " : "", j->uid,
			 s == STANDING_ELSEWHERE ? " there" : "");
	}
	json_set_str(about, "fault", j->uid);
	json_set_str(about, "action", j->damaged ? NULL : j->action);
	json_set_str(about, "node", j->damaged ? NULL : j->node);
	json_set_str(about, "config", j->damaged ? NULL : j->config);
	json_set_str(about, "state", state);
	json_set_str(about, "why", why);
	json_set_str(about, "by_hand", over ? hand : NULL);
	json_push(over ? d->left : d->active, about);
}

static void look_in(struct doctor *d, const char *state, const char *world)
{
	size_t count = 0;
	struct journal_entry *all = journal_list(state, &count);
	for (size_t i = 0; i < count; i++)
		if (!all[i].stays)
			add_entry(d, state, &all[i], world);
	free(all);
}

static void look_in_roots(struct doctor *d, const char *state, const char *world)
{
	const struct passwd *root = getpwuid(0);
	d->root = mem_printf("%s/.local/state/chaos", root ? root->pw_dir : "/root");
	if (strcmp(d->root, state) == 0)
		return;
	d->root_hidden = access(d->root, R_OK | X_OK) && errno == EACCES;
	look_in(d, d->root, world);
}

/* --- which actions work ------------------------------------------------------------- */

/* Without nodes: as for the plain processes that the config would name first. */
static bool needed(const struct doctor *d, const struct kind *k)
{
	for (size_t i = 0; i < d->config->node_count; i++)
		if (kind_of(d->config->nodes[i].kind) == k)
			return true;
	return !d->config->node_count && k == kind_of(NODE_PROCESS);
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
	const struct action *a;
	const struct kind *k;
	for (size_t i = 0; (a = action_at(i)); i++)
		for (size_t at = 0; (k = kind_at(at)); at++) {
			struct json *j = json_object_new(), *lack = json_array_new();
			for (enum need n = 0; n < NEED_COUNT; n++)
				if (k->needs & d->missing & NEED_BIT(n))
					json_push_str(lack, need_name(n));
			json_set_str(j, "action", a->name);
			json_set_str(j, "kind", k->name);
			json_set_bool(j, "works", !(k->needs & d->missing));
			json_set(j, "lacks", lack);
			json_push(list, j);
		}
	return list;
}

/* What each program that would be found says of itself. */
static void add_programs(struct json *list, const char *folder)
{
	struct json *all = catalog_new(folder);
	for (size_t i = 0; i < json_count(all); i++)
		if (!json_is_null(json_get(json_at(all, i), "path")))
			json_push(list, json_clone(json_at(all, i)));
	json_free(all);
}

/* --- for people --------------------------------------------------------------------- */

static void print_entries(const struct json *list, const char *word, struct buf *out)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);
		const char *hand = json_text(j, "by_hand");
		buf_addf(out, "%s: %s", word, json_text(j, "fault"));
		if (*json_text(j, "action"))
			buf_addf(out, " (%s of '%s')", json_text(j, "action"),
				 json_text(j, "node"));
		buf_addf(out, " in %s: %s%s%s\n", json_text(j, "state"), json_text(j, "why"),
			 *hand ? "; " : "", hand);
	}
}

static void print_text(const struct doctor *d, const struct json *found, struct buf *out)
{
	const struct json *checks = json_get(found, "checks"), *actions = json_get(found, "actions");
	const struct json *programs = json_get(found, "programs");
	print_entries(d->left, "left over", out);
	print_entries(d->active, "active", out);
	if (!json_count(d->left))
		buf_addstr(out, "nothing is left over\n");
	if (d->root_hidden)
		buf_addf(out, "root's state folder '%s' cannot be read: sudo chaos-fault doctor\n",
			 d->root);
	buf_addf(out, "\n%-9s %-3s  %s\n", "CHECK", "OK", "FOUND");
	for (size_t i = 0; i < json_count(checks); i++) {
		const struct json *j = json_at(checks, i);
		buf_addf(out, "%-9s %-3s  %s\n", json_text(j, "check"),
			 json_bool(json_get(j, "ok"), false) ? "yes" : "no", json_text(j, "found"));
	}
	buf_addf(out, "\n%-7s %-10s %-5s  %s\n", "ACTION", "NODES", "WORKS", "LACKS");
	for (size_t i = 0; i < json_count(actions); i++) {
		const struct json *j = json_at(actions, i), *lack = json_get(j, "lacks");
		buf_addf(out, "%-7s %-10s %-5s  %s", json_text(j, "action"), json_text(j, "kind"),
			 json_bool(json_get(j, "works"), false) ? "yes" : "no",
			 json_count(lack) ? "" : "-");
		for (size_t k = 0; k < json_count(lack); k++)
			buf_addf(out, "%s%s", k ? ", " : "", json_str(json_at(lack, k), ""));
		buf_addch(out, '\n');
	}
	int columns = catalog_columns(programs);
	if (json_count(programs))
		buf_addf(out, "\n%-*s %-5s %-8s  %s\n", columns, "PROGRAM", "IS", "EFFECT", "FOUND");
	for (size_t i = 0; i < json_count(programs); i++) {
		const struct json *j = json_at(programs, i);
		char *lacks = catalog_lacks(j);
		buf_addf(out, "%-*s %-5s %-8s  %s\n", columns, json_text(j, "program"),
			 json_text(j, "is"), json_str(json_get(j, "effect"), "-"),
			 lacks ? lacks : json_str(json_get(j, "problem"), json_text(j, "path")));
		free(lacks);
	}
}

static int code_of(const struct doctor *d)
{
	const struct kind *k;
	if (json_count(d->left))
		return EXIT_RESIDUE;
	if (d->missing & NEED_BIT(NEED_VIA) && config_node(d->config, VIA_PROXY))
		return EXIT_NO;
	for (size_t i = 0; (k = kind_at(i)); i++)
		if (needed(d, k) && k->needs & d->missing)
			return EXIT_NO;
	return EXIT_OK;
}

int doctor_run(const char *state, const struct config *c, bool json)
{
	char world[PROC_WORLD_MAX];
	struct err e = {0};
	if (proc_world(world, &e))
		return diag_err(&e);
	struct doctor d = {.left = json_array_new(), .active = json_array_new(), .config = c};
	struct json *found = json_object_new();
	struct buf out = BUF_INIT;
	look_in(&d, state, world);
	look_in_roots(&d, state, world);
	checkup_run(d.checks, state, c);
	for (enum need i = 0; i < NEED_COUNT; i++)
		d.missing |= d.checks[i].ok ? 0 : NEED_BIT(i);
	int code = code_of(&d);
	json_set_str(found, "schema", DOCTOR_SCHEMA);
	json_set_str(found, "state", state);
	json_set_str(found, "root_state", d.root);
	json_set_bool(found, "root_state_hidden", d.root_hidden);
	json_set(found, "left_over", d.left);
	json_set(found, "active", d.active);
	json_set(found, "checks", checks_json(&d));
	json_set(found, "actions", actions_json(&d));
	struct json *programs = json_array_new();
	add_programs(programs, "faults");
	add_programs(programs, "kinds");
	json_set(found, "programs", programs);
	if (json) {
		json_line(found, &out);
	} else {
		print_text(&d, found, &out);
		json_free(found);
	}
	free(d.root);
	return emit_print(&out, code);
}
