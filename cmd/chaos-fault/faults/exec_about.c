#include "faults/exec_about.h"

#include "base/buf.h"
#include "node/node.h"

#include <stdio.h>
#include <string.h>

static bool is_word_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

int exec_about_check(const struct program *p, struct err *e)
{
	static const char *const effects[] = {"silent", "degraded", "none"};
	static const char *const ends[] = {"undo", "target"};
	static const char *const lists[] = {"kinds", "needs", "lacks", "instead"};
	const struct json *d = p->described;
	if (!is_word_of(json_str(json_get(d, "effect"), ""), effects, ARRAY_LEN(effects)))
		return err_usage(e, "'%s' does not say its effect: silent, degraded or none",
				 p->path);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct json *list = json_get(d, lists[i]);
		if (list && !json_is_array(list))
			return err_usage(e, "'%s': its '%s' is no list of words", p->path, lists[i]);
	}
	if (!is_word_of(json_str(json_get(d, "ends"), "undo"), ends, ARRAY_LEN(ends)))
		return err_usage(e, "'%s': it ends by 'undo' or by its 'target', not by '%.40s'",
				 p->path, json_str(json_get(d, "ends"), ""));
	return 0;
}

static int not_taken(const struct program *p, const struct node *n, struct err *e)
{
	const struct json *kinds = json_get(p->described, "kinds");
	struct buf words = BUF_INIT;
	for (size_t i = 0; i < json_count(kinds); i++)
		buf_addf(&words, "%s%s", i ? ", " : "", json_str(json_at(kinds, i), ""));
	err_usage(e, "%s does not take '%s' (%s, %s); it takes %s", p->name, n->conf->name,
		  n->kind->name, conf_mode_name(n->conf->mode), words.data);
	buf_release(&words);
	return -1;
}

int exec_about_takes(const struct program *p, const struct node *n, struct err *e)
{
	static const char *const modes[] = {"http", "redis"};
	const struct json *kinds = json_get(p->described, "kinds");
	bool kinds_named = false, modes_named = false, kind = false, mode = false;
	for (size_t i = 0; i < json_count(kinds); i++) {
		const char *word = json_str(json_at(kinds, i), "");
		bool is_mode = is_word_of(word, modes, ARRAY_LEN(modes));
		modes_named |= is_mode;
		kinds_named |= !is_mode;
		mode |= strcmp(word, conf_mode_name(n->conf->mode)) == 0;
		kind |= strcmp(word, n->kind->name) == 0 ||
			(n->conf->program && strcmp(word, n->conf->program) == 0);
	}
	if ((n->kind->ours || !kind || !n->conf->in_table) && node_check_ours(n, e))
		return -1;
	return (kinds_named && !kind) || (modes_named && !mode) ? not_taken(p, n, e) : 0;
}

int exec_about_able(const struct program *p, struct err *e)
{
	const struct json *lacks = json_get(p->described, "lacks");
	if (json_count(lacks))
		return err_usage(e, "%s lacks here: %.200s", p->name,
				 json_str(json_at(lacks, 0), "what it does not say"));
	return program_needs(p, e) ? err_prefix(e, "%s", p->name) : 0;
}
