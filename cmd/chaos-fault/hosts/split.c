#include "hosts/split.h"

#include "base/buf.h"
#include "base/units.h"
#include "faults/action.h"
#include "faults/exec/exec_fault.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* This machine is the first. */
static const char *host_at(const struct config *c, size_t i)
{
	return i ? config_host(c, i - 1) : NULL;
}

static bool is_known(const struct config *c, const char *word)
{
	bool found = strchr(word, '=') != NULL; /* a parameter */
	for (size_t i = 0; i < c->node_count; i++)
		found = found || fnmatch(word, c->nodes[i].name, 0) == 0;
	return found;
}

static bool is_named(const struct split *s, const struct node_conf *n)
{
	bool found = false;
	for (size_t i = 1; i < s->names_end; i++)
		found = found || fnmatch(s->words[i], n->name, 0) == 0;
	return found;
}

/* As faults/survivors.c has it for one host: the only one of its mode may go. */
static bool leaves_one(const struct split *s, enum conf_mode mode)
{
	const struct config *c = s->config;
	size_t of_mode = 0, left = 0;
	for (size_t i = 0; i < c->node_count; i++) {
		of_mode += c->nodes[i].mode == mode;
		left += c->nodes[i].mode == mode && !is_named(s, &c->nodes[i]);
	}
	return left || of_mode == 1;
}

/* Each host alone sees the nodes of the others as yet unbroken. What this machine knows no fault of, they judge alone. */
static int check_several(const struct split *s, struct err *e)
{
	const struct config *c = s->config;
	const char *fault = s->words[0];
	struct err unknown;
	if (s->picks)
		return err_usage(e, "%s: a pick is drawn among the nodes of one host", fault);
	const struct verb *v = exec_fault_verb(s->faults, fault, &unknown);
	if (s->all_down || !v || !v->action || v->action->effect != EFFECT_SILENT)
		return 0;
	for (size_t i = 0; i < c->node_count; i++)
		if (!leaves_one(s, c->nodes[i].mode)) {
			err_usage(e, "%s '%s' with the others would leave no %s node up", fault, c->nodes[i].name,
				  conf_mode_name(c->nodes[i].mode));
			return err_allow(e, s->allows);
		}
	return 0;
}

static bool has_uids(const struct split *s)
{
	return (s->count == 2 && is(s->words[0], "revert")) || (s->count > 1 && is(s->words[0], "undo"));
}

/* "web1:f3" is f3 on web1; "all" of a session is on all. NULL: it is none of that host. */
static const char *uid_there(const struct split *s, const char *uid, const char *host)
{
	const char *colon = strrchr(uid, ':');
	bool elsewhere = false;
	if (is(s->words[0], "revert") && is(uid, "all"))
		return uid;
	for (size_t i = 1; colon && host_at(s->config, i); i++) {
		const char *its = host_at(s->config, i);
		bool named = strlen(its) == (size_t)(colon - uid) && strncmp(uid, its, strlen(its)) == 0;
		elsewhere = elsewhere || named;
		if (named && host && is(its, host))
			return colon + 1;
	}
	return host || elsewhere ? NULL : uid;
}

static void add_nodes(const struct split *s, const char *host, struct args *part)
{
	for (size_t i = 0; i < s->config->node_count; i++)
		if (config_lives_on(&s->config->nodes[i], host) && is_named(s, &s->config->nodes[i]))
			args_add(part, "%s", s->config->nodes[i].name);
	for (size_t i = 1; part->count > 1 && i < s->count; i++)
		if (i >= s->names_end || strchr(s->words[i], '='))
			args_add(part, "%s", s->words[i]);
}

/* The verb, then its UIDs; or its nodes, parameters and what stands behind the names. False: that host has none. */
static bool part_of(const struct split *s, const char *host, struct args *part)
{
	const char *uid;
	args_release(part);
	args_add(part, "%s", s->words[0]);
	for (size_t i = 1; has_uids(s) && i < s->count; i++)
		if ((uid = uid_there(s, s->words[i], host)))
			args_add(part, "%s", uid);
	if (!has_uids(s))
		add_nodes(s, host, part);
	return part->count > 1;
}

int split_words(const struct split *s, struct err *e)
{
	struct args part = {0};
	size_t hosts = 0;
	bool known = true;
	for (size_t i = 1; i < s->names_end; i++)
		known = known && (has_uids(s) || is_known(s->config, s->words[i]));
	for (size_t i = 0; known && (!i || host_at(s->config, i)); i++)
		hosts += part_of(s, host_at(s->config, i), &part);
	int rc = hosts > 1 && !has_uids(s) ? check_several(s, e) : 0;
	for (size_t i = 0; hosts && !rc && (!i || host_at(s->config, i)); i++)
		if (part_of(s, host_at(s->config, i), &part))
			s->each(s->arg, host_at(s->config, i), &part);
	if (!hosts)
		s->each(s->arg, NULL, &(struct args){.words = (char **)(uintptr_t)s->words, .count = s->count});
	args_release(&part);
	return rc;
}

static void find_tails(struct split *s)
{
	for (char *const *w = s->words; s->names_end > 1;) {
		size_t n = s->names_end;
		bool pick = n > 2 && is(w[n - 2], "pick"), timed = n > 2 && is(w[n - 2], "for");
		bool all_down = !pick && !timed && is(w[n - 1], "all-down");
		s->picks |= pick;
		s->all_down |= all_down;
		if (!pick && !timed && !all_down)
			return;
		s->names_end -= all_down ? 1 : 2;
	}
}

int split_line(struct split *s, char *line, int64_t *at_ns, struct err *e)
{
	char **words = mem_alloc((strlen(line) / 2 + 2) * sizeof(char *)), *save = NULL;
	*at_ns = -1;
	s->count = 0;
	for (char *w = strtok_r(line, " \t\r", &save); w; w = strtok_r(NULL, " \t\r", &save))
		words[s->count++] = w;
	bool timed = s->count > 1 && words[0][0] == '@' && span_parse(words[0] + 1, at_ns) == 0;
	s->words = words + timed;
	s->count -= timed;
	s->names_end = s->count;
	s->allows = "all-down";
	find_tails(s);
	int rc = s->count && s->words[0][0] != '#' ? split_words(s, e) : 0;
	free(words);
	return rc;
}
