#include "node/keys.h"

#include "base/buf.h"

#include <stdlib.h>

static void set_given(struct json *out, const char *key, const char *text)
{
	if (text)
		json_set_str(out, key, text);
}

void identity_json(const struct identity *id, struct json *out)
{
	if (id->proc.pid) {
		json_set_int(out, "pid", id->proc.pid);
		json_set_int(out, "start_ticks", (int64_t)id->proc.start_ticks);
	}
	if (id->engine[0]) {
		json_set_str(out, "container", id->container);
		json_set_str(out, "engine", id->engine);
		json_set_str(out, "started", id->started);
		set_given(out, "project", id->project[0] ? id->project : NULL);
	}
	if (id->sum[0]) {
		json_set_str(out, "identity", id->opaque);
		json_set_str(out, "sum", id->sum);
	}
}

int identity_read(struct identity *id, const struct json *j)
{
	const struct json_field texts[] = {
		{"container", id->container, sizeof id->container},
		{"engine", id->engine, sizeof id->engine},
		{"started", id->started, sizeof id->started},
		{"project", id->project, sizeof id->project},
		{"identity", id->opaque, sizeof id->opaque},
		{"sum", id->sum, sizeof id->sum},
	};
	struct err ignored;
	id->proc.pid = json_pid(json_get(j, "pid"));
	id->proc.start_ticks = (uint64_t)json_int(json_get(j, "start_ticks"), 0);
	return json_fields(j, texts, ARRAY_LEN(texts), &ignored);
}

static void set_pairs(struct json *out, const char *key, char *const *pairs)
{
	struct json *all = json_object_new();
	for (; *pairs; pairs += 2)
		json_set_str(all, pairs[0], pairs[1]);
	json_set(out, key, all);
}

void how_json(const struct node_conf *c, struct json *out)
{
	if (c->argv)
		json_set(out, "argv", json_texts((const char *const *)c->argv, SIZE_MAX));
	if (c->env)
		set_pairs(out, "env", c->env);
	if (c->needs)
		json_set(out, "needs", json_texts((const char *const *)c->needs, SIZE_MAX));
	set_given(out, "cwd", c->cwd);
	set_given(out, "env_file", c->env_file);
	set_given(out, "stop_signal", c->stop_signal);
	set_given(out, "container", c->container);
	set_given(out, "compose", c->compose);
	set_given(out, "project", c->project);
	set_given(out, "program", c->program);
	if (c->with)
		set_pairs(out, "with", c->with);
}

bool how_is(const struct json *how, const struct node_conf *c)
{
	struct json *now = json_object_new();
	how_json(c, now);
	bool same = json_same(how, now);
	json_free(now);
	return same;
}

static char **words_of(const struct json *all)
{
	size_t count = json_count(all);
	char **words = count ? mem_alloc((count + 1) * sizeof *words) : NULL;
	for (size_t i = 0; i < count; i++)
		words[i] = mem_strdup(json_str(json_at(all, i), ""));
	return words;
}

static char **pairs_of(const struct json *all)
{
	if (!json_is_object(all))
		return NULL;
	const struct json *value;
	const char *key;
	char **pairs = mem_alloc(sizeof *pairs);
	size_t count = 0;
	for (void *iter = NULL; json_next(all, &iter, &key, &value); count += 2) {
		pairs = mem_realloc(pairs, count + 3, sizeof *pairs);
		pairs[count] = mem_strdup(key);
		pairs[count + 1] = mem_strdup(json_str(value, ""));
		pairs[count + 2] = NULL;
	}
	return pairs;
}

/* The engine is the one that was found then, the program the copy that acted. */
int how_read(struct node_conf *c, const struct json *how, const struct json *identity)
{
	c->argv = words_of(json_get(how, "argv"));
	c->needs = words_of(json_get(how, "needs"));
	c->env = pairs_of(json_get(how, "env"));
	c->cwd = json_text_dup(how, "cwd");
	c->env_file = json_text_dup(how, "env_file");
	c->stop_signal = json_text_dup(how, "stop_signal");
	c->container = json_text_dup(how, "container");
	c->compose = json_text_dup(how, "compose");
	c->project = json_text_dup(how, "project");
	c->engine = json_text_dup(identity, "engine");
	c->program = json_text_dup(how, "program");
	c->program_sum = json_text_dup(identity, "sum");
	c->with = pairs_of(json_get(how, "with"));
	c->kind = c->argv		       ? NODE_PROCESS
		  : c->container || c->compose ? NODE_CONTAINER
		  : c->program		       ? NODE_PROGRAM
					       : NODE_REMOTE;
	return c->kind == NODE_PROGRAM && !c->program_sum ? -1 : 0;
}
