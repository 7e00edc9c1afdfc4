#include "show/catalog.h"

#include "base/buf.h"
#include "events/emit.h"
#include "faults/action.h"
#include "faults/exec/exec_about.h"
#include "node/await.h"
#include "programs/program.h"

#include <stdlib.h>
#include <string.h>

static struct json *copy_of(const struct json *j)
{
	return j ? json_clone(j) : NULL;
}

static void add_built_in(struct json *list)
{
	const struct action *a;
	for (size_t i = 0; (a = action_at(i)); i++) {
		struct json *j = json_object_new(), *kinds = json_array_new();
		for (size_t k = 0; kind_at(k); k++)
			json_push_str(kinds, kind_at(k)->name);
		json_set_str(j, "program", a->name);
		json_set_str(j, "is", "fault");
		json_set_str(j, "effect", action_effect_name(a->effect));
		json_set_str(j, "ends", a->ends_target ? "target" : "undo");
		json_set(j, "kinds", kinds);
		json_set(j, "params", json_object_new());
		json_set(j, "lacks", json_array_new());
		json_set_null(j, "path");
		json_set_null(j, "problem");
		json_push(list, j);
	}
}

static struct json *lacks_of(const struct program *p)
{
	struct json *lacks = json_get(p->described, "lacks")
				     ? json_clone(json_get(p->described, "lacks"))
				     : json_array_new();
	const char *need;
	for (size_t i = 0; (need = program_lacks(p, &i));)
		json_push_str(lacks, need);
	return lacks;
}

static struct json *about(const char *path, bool fault)
{
	struct err e = {0};
	struct program p;
	struct json *j = json_object_new();
	struct call *c = program_describe(&p, path, &e);
	bool good = c && await(NULL, call_step, c, &e) == 0 && program_described(&p, c, &e) == 0 &&
		    (!fault || exec_about_check(&p, &e) == 0);
	const struct json *d = good ? p.described : NULL;
	json_set_str(j, "program", p.name);
	json_set_str(j, "is", fault ? "fault" : "kind");
	json_set_str(j, "effect", json_str(json_get(d, "effect"), NULL));
	json_set_str(j, "ends", fault ? json_str(json_get(d, "ends"), "undo") : NULL);
	json_set(j, "kinds", copy_of(json_get(d, "kinds")));
	json_set(j, "params", copy_of(json_get(d, "params")));
	json_set(j, "lacks", d ? lacks_of(&p) : NULL);
	json_set(j, "instead", copy_of(json_get(d, "instead")));
	json_set_str(j, "path", path);
	json_set_str(j, "problem", good ? NULL : e.msg);
	call_free(c);
	program_release(&p);
	return j;
}

static bool works(const struct json *list, const char *name)
{
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);
		if (strcmp(json_text(j, "program"), name) == 0)
			return json_is_null(json_get(j, "problem")) &&
			       !json_count(json_get(j, "lacks"));
	}
	return false;
}

/* A copy, in which instead is the first of those named there that works; null where nothing lacks. */
static struct json *with_instead(const struct json *list, const struct json *j)
{
	struct json *out = json_clone(j);
	const struct json *named = json_get(j, "instead");
	bool lacks = json_count(json_get(j, "lacks"));
	json_set_null(out, "instead");
	for (size_t i = json_count(named); lacks && i-- > 0;)
		if (works(list, json_str(json_at(named, i), "")))
			json_set_str(out, "instead", json_str(json_at(named, i), ""));
	return out;
}

struct json *catalog_new(const char *folder)
{
	size_t count;
	bool fault = strcmp(folder, "faults") == 0;
	char **paths = program_list(folder, &count);
	struct json *all = json_array_new(), *list = json_array_new();
	if (fault)
		add_built_in(all);
	for (size_t i = 0; i < count; i++) {
		json_push(all, about(paths[i], fault));
		free(paths[i]);
	}
	free(paths);
	for (size_t i = 0; i < json_count(all); i++)
		json_push(list, with_instead(all, json_at(all, i)));
	json_free(all);
	return list;
}

char *catalog_lacks(const struct json *j)
{
	const struct json *lacks = json_get(j, "lacks");
	const char *instead = json_str(json_get(j, "instead"), NULL);
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < json_count(lacks); i++)
		buf_addf(&out, "%s%s", i ? ", " : "lacks ", json_str(json_at(lacks, i), ""));
	if (out.len && instead)
		buf_addf(&out, "; %s works here", instead);
	for (size_t i = 0; out.len && i < json_count(json_get(j, "kinds")); i++)
		if (strcmp(json_str(json_at(json_get(j, "kinds"), i), ""), "via") == 0)
			buf_addstr(&out, "; nodes with 'via' do without");
	return out.len ? buf_detach(&out) : NULL;
}

/* --- chaos-fault faults -------------------------------------------------------------- */

int catalog_columns(const struct json *list)
{
	size_t most = strlen("PROGRAM");
	for (size_t i = 0; i < json_count(list); i++) {
		size_t len = strlen(json_text(json_at(list, i), "program"));
		most = len > most ? len : most;
	}
	return (int)most;
}

static void print(const struct json *j, int columns, struct buf *out)
{
	struct buf nodes = BUF_INIT;
	const struct json *kinds = json_get(j, "kinds"), *params = json_get(j, "params"), *param;
	const char *problem = json_str(json_get(j, "problem"), NULL), *name;
	for (size_t i = 0; i < json_count(kinds); i++)
		buf_addf(&nodes, "%s%s", i ? ", " : "", json_str(json_at(kinds, i), ""));
	buf_addf(out, "%-*s %-9s %-7s %s\n", columns, json_text(j, "program"),
		 json_str(json_get(j, "effect"), "-"), json_str(json_get(j, "ends"), "-"),
		 problem     ? problem
		 : nodes.len ? nodes.data
			     : "all");
	for (void *iter = NULL; json_next(params, &iter, &name, &param);) {
		buf_addf(out, "%*s", columns + 1, "");
		program_param_words(name, param, out);
		buf_addch(out, '\n');
	}
	char *lacks = catalog_lacks(j);
	if (lacks)
		buf_addf(out, "%*s%s\n", columns + 1, "", lacks);
	free(lacks);
	buf_release(&nodes);
}

int catalog_run(bool json)
{
	struct buf out = BUF_INIT;
	struct json *list = catalog_new("faults");
	int columns = catalog_columns(list);
	if (!json)
		buf_addf(&out, "%-*s %-9s %-7s %s\n", columns, "FAULT", "EFFECT", "ENDS", "NODES");
	for (size_t i = 0; i < json_count(list); i++) {
		if (!json)
			print(json_at(list, i), columns, &out);
		else
			json_line(json_clone(json_at(list, i)), &out);
	}
	json_free(list);
	return emit_print(&out, EXIT_OK);
}
