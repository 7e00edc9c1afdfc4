#include "conf/checks.h"

#include "base/buf.h"
#include "base/marks.h"
#include "base/suggest.h"
#include "base/units.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	unsigned when;
} modes[] = {{"SoT", CHECK_START},
	     {"EoT", CHECK_END},
	     {"Edge", CHECK_START | CHECK_END},
	     {"Continuous", CHECK_START | CHECK_ALWAYS},
	     {"OnChaos", CHECK_FAULTS}};

static const char *const kinds[] = {
	[CHECK_RULE] = NULL, [CHECK_FILE] = "file", [CHECK_HTTP] = "http", [CHECK_REDIS] = "redis", [CHECK_PROCESS] = "process"};

void check_describe(const struct scenario_check *c, char *out, size_t size)
{
	bool rule = c->kind == CHECK_RULE;
	snprintf(out, size, "%s%s%s", rule ? "" : kinds[c->kind], rule ? "" : " ", c->what.text);
}

const char *check_mode(const struct scenario_check *c)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(modes) && modes[i].when != c->when)
		i++;
	return modes[i].word;
}

static int read_mode(struct scenario_check *c, struct ynode n, struct err *e)
{
	const char *word = "SoT", *near = NULL;
	if (ynode_str(n, &word, e))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (strcmp(modes[i].word, word) == 0) {
			c->when = modes[i].when;
			return 0;
		}
		suggest(word, modes[i].word, &near);
	}
	return ynode_err(n, e, "unknown mode '%s'%s%s%s", word,
			 SUGGESTED(near, "; it is SoT, EoT, Edge, Continuous or OnChaos"));
}

static int read_url(struct scenario_check *c, struct ynode n, struct err *e)
{
	struct err why;
	free(c->what.text);
	c->what.text = url_public(ynode_text(n));
	if (c->argv)
		return 0;
	if (url_parse(ynode_text(n), &c->url, &why))
		return ynode_err(n, e, "%s", why.msg);
	if (url_is_redis(&c->url) != (c->kind == CHECK_REDIS))
		return ynode_err(n, e, "'%s' is no address for %s", c->what.text, kinds[c->kind]);
	return 0;
}

static int read_probe(struct scenario_check *c, struct ynode map, struct err *e)
{
	static const char *const keys[] = {"file", "http", "redis", "process", "status", "timeout", "mode", NULL};
	struct ynode n = {0}, status = ynode_get(map, "status"), mode = ynode_get(map, "mode");
	if (ynode_check_keys(map, keys, e) || ynode_check_values(map, NULL, e))
		return -1;
	for (size_t k = CHECK_FILE; k < ARRAY_LEN(kinds) && ynode_is_null(n); k++) {
		n = ynode_get(map, kinds[k]);
		c->kind = (enum check_kind)k;
	}
	if (ynode_is_null(n))
		return ynode_err(map, e, "a probe is one of 'http', 'redis', 'process' and 'file'");
	if (!ynode_is_null(status) && c->kind != CHECK_HTTP)
		return ynode_err(status, e, "'status' belongs to 'http'");
	if (!ynode_is_null(mode) && c->stop)
		return ynode_err(mode, e, "a stop condition is checked all the time: it takes no 'mode'");
	c->what.at = ynode_place(n);
	if (c->kind == CHECK_PROCESS && ynode_words(n, &c->argv, e))
		return -1;
	if (c->kind == CHECK_PROCESS && !c->argv[0])
		return ynode_err(n, e, "'process' is empty: it names a program and its arguments");
	const char *text = c->argv ? c->argv[0] : ynode_text(n);
	if (!text || !*text)
		return ynode_err(n, e, "'%s' is one word", kinds[c->kind]);
	c->what.text = mem_strdup(text);
	if (!c->argv && marks_in(text)) {
		c->argv = mem_alloc(2 * sizeof *c->argv);
		c->argv[0] = mem_strdup(text);
		c->argv[1] = NULL;
	}
	if ((c->kind == CHECK_HTTP || c->kind == CHECK_REDIS) && read_url(c, n, e))
		return -1;
	return ynode_int(status, 100, 599, &c->status, e) || read_mode(c, mode, e) ||
		       ynode_span(ynode_get(map, "timeout"), &c->timeout_ns, e) ? -1 : 0;
}

/* Of a URL whose mark is filled in: no message has it. */
static int fill_url(struct scenario_check *c, const char *path, char *text, struct err *e)
{
	struct err why;
	url_release(&c->url);
	int rc = url_parse(text, &c->url, &why) || url_is_redis(&c->url) != (c->kind == CHECK_REDIS);
	free(text);
	return rc ? place_err(path, c->what.at, e, "'%s' is no address for %s as it is filled in", c->what.text, kinds[c->kind]) : 0;
}

static int fill_word(struct scenario_check *c, char **word, const char *path, char *(*value_of)(const char *name),
		     struct err *e)
{
	struct err why;
	char *filled = marks_fill(*word, value_of, &why);
	if (!filled)
		return place_err(path, c->what.at, e, "%s", why.msg);
	if (c->kind == CHECK_HTTP || c->kind == CHECK_REDIS)
		return fill_url(c, path, filled, e);
	free(*word);
	*word = filled;
	return 0;
}

int checks_fill(struct scenario_checks *all, const char *path, char *(*value_of)(const char *name), struct err *e)
{
	for (size_t i = 0; i < all->count; i++)
		for (char **w = all->all[i].argv; w && *w; w++)
			if (fill_word(&all->all[i], w, path, value_of, e))
				return -1;
	return 0;
}

int checks_read(struct scenario_checks *c, struct ynode list, bool stop, struct err *e)
{
	if (ynode_is_null(list))
		return 0;
	if (ynode_kind(list) != YNODE_LIST || ynode_count(list) == 0)
		return ynode_err(list, e, "'%s' is a list of rules and probes", stop ? "stop_conditions" : "steady_state");
	c->steady |= !stop;
	c->all = mem_realloc(c->all, c->count + ynode_count(list), sizeof *c->all);
	for (size_t i = 0; i < ynode_count(list); i++) {
		struct ynode n = ynode_item(list, i);
		struct scenario_check *x = &c->all[c->count++];
		*x = (struct scenario_check){.stop = stop, .when = CHECK_START, .timeout_ns = NS_PER_S};
		if (ynode_kind(n) == YNODE_MAP && read_probe(x, n, e))
			return -1;
		if (ynode_kind(n) == YNODE_MAP)
			continue;
		if (!ynode_text(n))
			return ynode_err(n, e, "want a rule or a probe");
		x->what = (struct placed){mem_strdup(ynode_text(n)), ynode_place(n)};
	}
	return 0;
}

void checks_release(struct scenario_checks *c)
{
	for (size_t i = 0; i < c->count; i++) {
		mem_free_texts(c->all[i].argv, SIZE_MAX);
		url_release(&c->all[i].url);
		free(c->all[i].what.text);
	}
	free(c->all);
}
