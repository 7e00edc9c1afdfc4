#include "faults/exec/exec_about.h"

#include "base/buf.h"
#include "node/node.h"

#include <stdio.h>
#include <stdlib.h>
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
	static const char *const ends[] = {"undo", "target"};
	static const char *const lists[] = {"kinds", "needs", "lacks", "instead"};
	const struct json *d = p->described;
	if (action_effect_of(json_text(d, "effect")) < 0)
		return err_usage(e, "'%s' does not say its effect: silent, degraded or none",
				 p->path);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const struct json *list = json_get(d, lists[i]);
		if (list && !json_is_array(list))
			return err_usage(e, "'%s': its '%s' is no list of words", p->path, lists[i]);
	}
	if (!is_word_of(json_str(json_get(d, "ends"), "undo"), ends, ARRAY_LEN(ends)))
		return err_usage(e, "'%s': its 'ends' is 'undo' or 'target', not '%.40s'",
				 p->path, json_text(d, "ends"));
	return 0;
}

static const char *words_of(const char *kind)
{
	return strcmp(kind, "via") == 0 ? "nodes with 'via'" : kind;
}

/* Adds that a proxy before the node would do. */
static int or_via(const struct program *p, struct err *e)
{
	size_t len = strlen(e->msg);
	if (*json_text(p->described, "via"))
		snprintf(e->msg + len, sizeof e->msg - len, "; with 'via', a proxy before the node, it can be done");
	return -1;
}

static int not_taken(const struct program *p, const struct node *n, struct err *e)
{
	const struct json *kinds = json_get(p->described, "kinds");
	struct buf words = BUF_INIT;
	for (size_t i = 0; i < json_count(kinds); i++)
		buf_addf(&words, "%s%s", i ? ", " : "", words_of(json_str(json_at(kinds, i), "")));
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
		kind |= strcmp(word, n->kind->name) == 0 || (n->conf->via && strcmp(word, "via") == 0) ||
			(n->conf->program && strcmp(word, n->conf->program) == 0);
	}
	if ((n->kind->ours || !kind || !n->conf->in_table) && node_check_ours(n, e))
		return or_via(p, e);
	return (kinds_named && !kind) || (modes_named && !mode) ? not_taken(p, n, e) : 0;
}

static int able(const struct program *p, struct err *e)
{
	const struct json *lacks = json_get(p->described, "lacks");
	if (json_count(lacks))
		return err_usage(e, "this machine lacks what the fault %s needs: %.200s", p->name,
				 json_str(json_at(lacks, 0), "its program does not name it"));
	return program_needs(p, e) ? err_prefix(e, "%s", p->name) : 0;
}

int exec_about_able(const struct program *p, const struct node *n, struct err *e)
{
	if (n->conf->via && *json_text(p->described, "via"))
		return 0;
	return able(p, e) ? or_via(p, e) : 0;
}

char *exec_about_path(const struct program *p, const struct node *n)
{
	const char *via = json_text(p->described, "via");
	if (!n->conf->via || !*via)
		return mem_strdup(p->path);
	return *via == '/' ? mem_strdup(via) : mem_printf("%.*s/%s", (int)(strrchr(p->path, '/') - p->path), p->path, via);
}

char *exec_about_copy(const struct program *p, struct node *n, char sum[static PROGRAM_SUM_MAX], bool *via,
		      struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = exec_about_path(p, n);
	*via = strcmp(path, p->path) != 0;
	memcpy(sum, p->sum, sizeof p->sum);
	bool known = !*via || program_sum(path, sum, &text, e) == 0;
	char *copy = known ? program_copy(n->fleet->state, path, sum, e) : NULL;
	buf_release(&text);
	free(path);
	return copy;
}

void exec_about_found(const struct json *answer, struct json **out)
{
	const struct json *found = json_get(answer, "found");
	if (json_is_object(found) && !*out)
		*out = json_clone(found);
}
