#include "hosts/split.h"

#include "base/units.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct split {
	const struct config *config;
	char **words; /* of the line, without its time */
	size_t count, names_end; /* behind the names come 'for', 'pick' and 'all-down' */
	bool picks, all_down;
	bool *named; /* of each node */
};

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool same_host(const char *a, const char *b)
{
	return is(a ? a : "", b ? b : "");
}

static void find_tails(struct split *s)
{
	char **w = s->words;
	for (s->names_end = s->count; s->names_end > 1; ) {
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

/* False: one of the names is none. */
static bool find_nodes(struct split *s)
{
	const struct config *c = s->config;
	bool all = true;
	for (size_t i = 1; i < s->names_end; i++) {
		bool found = strchr(s->words[i], '=') != NULL;
		for (size_t k = 0; k < c->node_count && !strchr(s->words[i], '='); k++)
			if (fnmatch(s->words[i], c->nodes[k].name, 0) == 0)
				found = s->named[k] = true;
		all = all && found;
	}
	return all;
}

static bool concerns(const struct split *s, const char *host)
{
	for (size_t i = 0; i < s->config->node_count; i++)
		if (s->named[i] && same_host(s->config->nodes[i].host, host))
			return true;
	return false;
}

static void add(struct buf *out, const char *word)
{
	buf_addf(out, "%s%s", out->len ? " " : "", word);
}

/* The verb, the host's nodes, parameters and tails. */
static void write_line(const struct split *s, const char *host, struct buf *out)
{
	add(out, s->words[0]);
	for (size_t i = 0; i < s->config->node_count; i++)
		if (s->named[i] && same_host(s->config->nodes[i].host, host))
			add(out, s->config->nodes[i].name);
	for (size_t i = 1; i < s->count; i++)
		if (i >= s->names_end || strchr(s->words[i], '='))
			add(out, s->words[i]);
}

int split_check_left(const struct config *c, const bool *named, const char *fault, const char *allows, struct err *e)
{
	if (!is(fault, "kill") && !is(fault, "stop") && !is(fault, "pause"))
		return 0;
	for (size_t i = 0; i < c->node_count; i++) {
		const struct node_conf *n = &c->nodes[i];
		bool left = !named[i];
		for (size_t k = 0; k < c->node_count; k++)
			left = left || (!named[k] && c->nodes[k].mode == n->mode);
		if (!left)
			return err_usage(e, "%s '%s' with the others would leave no %s node up; %s allows that", fault,
					 n->name, conf_mode_name(n->mode), allows);
	}
	return 0;
}

/* A command for several hosts is looked at here. */
static int check_several(const struct split *s, struct err *e)
{
	if (s->picks)
		return err_usage(e, "%s: 'pick' draws among the nodes of one host", s->words[0]);
	return s->all_down ? 0 : split_check_left(s->config, s->named, s->words[0], "'all-down'", e);
}

static int give_nodes(struct split *s, void (*each)(void *arg, const char *host, const char *text), void *arg,
		      struct err *e)
{
	struct buf text = BUF_INIT;
	bool whole = find_nodes(s);
	size_t hosts = 0;
	for (size_t i = 0; config_host(s->config, i); i++)
		hosts += concerns(s, config_host(s->config, i));
	bool here = !whole || !hosts || concerns(s, NULL);
	if (!whole)
		memset(s->named, 0, s->config->node_count * sizeof *s->named);
	if (whole && hosts + here > 1 && check_several(s, e))
		return -1;
	for (size_t i = 0; !whole && i < s->count; i++)
		add(&text, s->words[i]);
	if (whole && here)
		write_line(s, NULL, &text);
	if (here)
		each(arg, NULL, text.data);
	for (size_t i = 0; whole && config_host(s->config, i); i++) {
		const char *host = config_host(s->config, i);
		buf_reset(&text);
		if (!concerns(s, host))
			continue;
		write_line(s, host, &text);
		each(arg, host, text.data);
	}
	buf_release(&text);
	return 0;
}

/* "web1:f3" is f3 on web1. */
static void give_revert(const struct split *s, void (*each)(void *arg, const char *host, const char *text), void *arg)
{
	const char *uid = s->count == 2 ? s->words[1] : "", *colon = strrchr(uid, ':');
	struct buf text = BUF_INIT;
	bool taken = false;
	for (size_t i = 0; config_host(s->config, i); i++) {
		const char *host = config_host(s->config, i);
		size_t len = strlen(host);
		bool its = colon && (size_t)(colon - uid) == len && strncmp(uid, host, len) == 0;
		buf_reset(&text);
		buf_addf(&text, "revert %s", its ? colon + 1 : uid);
		if (its || is(uid, "all"))
			each(arg, host, text.data);
		taken = taken || its;
	}
	buf_reset(&text);
	for (size_t i = 0; i < s->count; i++)
		add(&text, s->words[i]);
	if (!taken)
		each(arg, NULL, text.data);
	buf_release(&text);
}

int split_line(const struct config *c, char *line, int64_t *at_ns,
	       void (*each)(void *arg, const char *host, const char *text), void *arg, struct err *e)
{
	struct split s = {.config = c, .words = mem_alloc((strlen(line) / 2 + 2) * sizeof(char *))};
	char *save = NULL;
	int rc = 0;
	*at_ns = -1;
	for (char *w = strtok_r(line, " \t\r", &save); w; w = strtok_r(NULL, " \t\r", &save))
		s.words[s.count++] = w;
	if (s.count > 1 && s.words[0][0] == '@' && span_parse(s.words[0] + 1, at_ns) == 0) {
		s.count--;
		memmove(s.words, s.words + 1, s.count * sizeof *s.words);
	}
	s.named = mem_alloc(c->node_count + 1);
	find_tails(&s);
	if (s.count && s.words[0][0] != '#' && is(s.words[0], "revert"))
		give_revert(&s, each, arg);
	else if (s.count && s.words[0][0] != '#')
		rc = give_nodes(&s, each, arg, e);
	free(s.words);
	free(s.named);
	return rc;
}
