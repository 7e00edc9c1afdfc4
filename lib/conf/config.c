#include "conf/config.h"

#include "base/buf.h"
#include "base/suggest.h"
#include "base/units.h"
#include "conf/nodes.h"
#include "conf/scenario.h"
#include "conf/yaml.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

void config_init(struct config *c)
{
	*c = (struct config){
		.throughput_drop_threshold = 0.5,
		.error_rate_threshold = 0.1,
		.latency_factor = 1.5,
		.latency_min_ms = 5,
		.warmup_ignore_s = 5,
		.load_timeout_ns = 5 * NS_PER_S,
		.llm = {.enabled = true, .temperature = 0.2, .max_words = 300,
			.timeout_ns = 60 * NS_PER_S},
	};
	c->llm.provider = mem_strdup("groq");
	c->llm.fallback_models = mem_alloc(sizeof(char *));
}

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->node_count; i++) {
		free(c->nodes[i].name);
		free(c->nodes[i].url);
		free(c->nodes[i].full_url);
		url_release(&c->nodes[i].at);
		free(c->nodes[i].place);
		free(c->nodes[i].via);
		free(c->nodes[i].host);
		free(c->nodes[i].ready_path);
		free(c->nodes[i].container);
		free(c->nodes[i].compose);
		free(c->nodes[i].project);
		free(c->nodes[i].engine);
		free(c->nodes[i].program);
		free(c->nodes[i].program_sum);
		mem_free_texts(c->nodes[i].with, SIZE_MAX);
		free(c->nodes[i].signal);
		free(c->nodes[i].stop_signal);
		free(c->nodes[i].cwd);
		free(c->nodes[i].env_file);
		mem_free_texts(c->nodes[i].env, SIZE_MAX);
		mem_free_texts(c->nodes[i].needs, SIZE_MAX);
		mem_free_texts(c->nodes[i].argv, SIZE_MAX);
	}
	free(c->nodes);
	load_confs_release(&c->loads);
	free(c->path);
	free(c->dir);
	free(c->llm.provider);
	free(c->llm.model);
	free(c->llm.base_url);
	free(c->llm.api_key_file);
	mem_free_texts(c->llm.fallback_models, SIZE_MAX);
	mem_free_texts(c->protect, SIZE_MAX);
	*c = (struct config){0};
}

static int load_anomaly(struct config *c, struct ynode n, struct err *e)
{
	static const char *const keys[] = {"throughput_drop_threshold", "error_rate_threshold",
					   "warmup_ignore_sec", "latency_factor", "latency_min_ms", NULL};
	if (ynode_is_null(n))
		return 0;
	int64_t warmup_ns = s_to_ns(c->warmup_ignore_s);
	if (ynode_check_keys(n, keys, e) ||
	    ynode_double(ynode_get(n, keys[0]), 0, 1, &c->throughput_drop_threshold, e) ||
	    ynode_double(ynode_get(n, keys[1]), 0, 1, &c->error_rate_threshold, e) ||
	    ynode_double(ynode_get(n, keys[3]), 1, 1e6, &c->latency_factor, e) ||
	    ynode_double(ynode_get(n, keys[4]), 0, 1e9, &c->latency_min_ms, e) ||
	    ynode_span(ynode_get(n, keys[2]), &warmup_ns, e))
		return -1;
	c->warmup_ignore_s = ns_to_s(warmup_ns);
	return 0;
}

static int timeout(struct ynode n, int64_t *out_ns, struct err *e)
{
	if (ynode_span(n, out_ns, e))
		return -1;
	return *out_ns > 0 || ynode_is_null(n) ? 0 : ynode_err(n, e, "a timeout is more than 0");
}

static int replace_str(struct ynode n, char **field, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text) {
		free(*field);
		*field = mem_strdup(text);
	}
	return 0;
}

static int load_llm(struct llm_conf *l, struct ynode n, struct err *e)
{
	static const char *const keys[] = {"provider", "model", "temperature", "max_words", "enabled",
					   "base_url", "api_key_file", "fallback_models", "timeout",
					   NULL};
	if (ynode_is_null(n))
		return 0;
	if (ynode_check_keys(n, keys, e) ||
	    replace_str(ynode_get(n, "provider"), &l->provider, e) ||
	    replace_str(ynode_get(n, "model"), &l->model, e) ||
	    replace_str(ynode_get(n, "base_url"), &l->base_url, e) ||
	    replace_str(ynode_get(n, "api_key_file"), &l->api_key_file, e) ||
	    ynode_double(ynode_get(n, "temperature"), 0, 2, &l->temperature, e) ||
	    ynode_int(ynode_get(n, "max_words"), 20, 5000, &l->max_words, e) ||
	    ynode_bool(ynode_get(n, "enabled"), &l->enabled, e) ||
	    timeout(ynode_get(n, "timeout"), &l->timeout_ns, e))
		return -1;
	struct ynode models = ynode_get(n, "fallback_models");
	char **words;
	if (ynode_is_null(models))
		return 0;
	if (ynode_words(models, &words, e))
		return -1;
	mem_free_texts(l->fallback_models, SIZE_MAX);
	l->fallback_models = words;
	return 0;
}

static int load_faults(struct config *c, struct ynode n, struct err *e)
{
	static const char *const keys[] = {"deadline", "protect", NULL};
	if (ynode_is_null(n))
		return 0;
	if (ynode_check_keys(n, keys, e))
		return -1;
	struct ynode deadline = ynode_get(n, "deadline"), protect = ynode_get(n, "protect");
	if (ynode_span(deadline, &c->fault_deadline_ns, e))
		return -1;
	if (!ynode_is_null(deadline) && c->fault_deadline_ns <= 0)
		return ynode_err(deadline, e, "a deadline is more than 0");
	return ynode_is_null(protect) ? 0 : ynode_words(protect, &c->protect, e);
}

int config_check_target(const struct config *c, const char *text, struct err *e)
{
	const char *near = NULL;
	if (strcmp(text, SCENARIO_ALL_NODES) == 0 || config_node(c, text))
		return 0;
	suggest(text, SCENARIO_ALL_NODES, &near);
	if (near)
		return err_usage(e, "unknown node '%s'; did you mean '" SCENARIO_ALL_NODES "'?", text);
	config_need_node(c, text, e);
	return -1;
}

/* Where they go. */
static int check_loads(const struct config *c, struct err *e)
{
	struct err why;
	for (size_t i = 0; i < c->loads.count; i++) {
		const struct load_conf *l = &c->loads.all[i];
		for (size_t k = 0; k < l->target_count; k++)
			if (!strstr(l->targets[k].text, "://") && config_check_target(c, l->targets[k].text, &why))
				return place_err(l->file, l->targets[k].at, e, "%s", why.msg);
	}
	return 0;
}

static int load_root(struct config *c, struct ynode root, const char *name, struct err *e)
{
	static const char *const keys[] = {"http_nodes", "redis_nodes", "http_services",
					   "redis_services", "nodes", "anomaly_detection", "load",
					   "loads", "faults", "llm", NULL};
	if (ynode_check_keys(root, keys, e) ||
	    load_anomaly(c, ynode_get(root, "anomaly_detection"), e) ||
	    load_confs_read(&c->loads, ynode_get(root, "load"), ynode_get(root, "loads"), name, e) ||
	    timeout(ynode_get(ynode_get(root, "load"), "timeout"), &c->load_timeout_ns, e) ||
	    load_faults(c, ynode_get(root, "faults"), e) ||
	    load_llm(&c->llm, ynode_get(root, "llm"), e))
		return -1;
	return conf_load_nodes(c, root, e) ? -1 : check_loads(c, e);
}

static char *absolute_dir(const char *path)
{
	char *full = realpath(path, NULL);
	if (!full)
		return mem_strdup(".");
	char *slash = strrchr(full, '/');
	slash[slash == full] = '\0';
	return full;
}

/* Takes over the document. */
static int take_doc(struct config *c, struct yaml_doc *doc, const char *path, struct err *e)
{
	int rc = load_root(c, yaml_root(doc), path, e);
	yaml_doc_free(doc);
	return rc;
}

int config_load(struct config *c, const char *path, struct err *e)
{
	struct yaml_doc *doc = yaml_load(path, e);
	if (!doc)
		return -1;
	c->path = realpath(path, NULL);
	c->dir = absolute_dir(path);
	return take_doc(c, doc, path, e);
}

int config_take(struct config *c, const char *text, size_t len, const char *path, const char *dir, struct err *e)
{
	struct yaml_doc *doc = yaml_parse(text, len, path, e);
	if (!doc)
		return -1;
	c->path = mem_strdup(path);
	c->dir = mem_strdup(dir);
	return take_doc(c, doc, path, e);
}

int config_open(struct config *c, const char *path_or_null, struct err *e)
{
	if (path_or_null)
		return config_load(c, path_or_null, e);
	if (file_exists("config.yaml"))
		return config_load(c, "config.yaml", e);
	c->dir = realpath(".", NULL);
	return 0;
}

/* --- looking up ----------------------------------------------------------- */

const struct node_conf *config_node(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->node_count; i++)
		if (strcmp(c->nodes[i].name, name) == 0)
			return &c->nodes[i];
	return NULL;
}

const struct node_conf *config_need_node(const struct config *c, const char *name, struct err *e)
{
	const struct node_conf *found = config_node(c, name);
	const char *near = NULL;
	if (found)
		return found;
	for (size_t i = 0; i < c->node_count; i++)
		suggest(name, c->nodes[i].name, &near);
	if (near) {
		err_usage(e, "unknown node '%s'; did you mean '%s'?", name, near);
		return NULL;
	}
	struct buf known = BUF_INIT;
	for (size_t i = 0; i < c->node_count; i++)
		buf_addf(&known, "%s%s", i ? ", " : "", c->nodes[i].name);
	if (c->node_count)
		err_usage(e, "unknown node '%s'; known: %.300s", name, known.data);
	else
		err_usage(e, "unknown node '%s'; the config names none", name);
	buf_release(&known);
	return NULL;
}

const struct node_conf *config_node_at(const struct config *c, const char *url)
{
	for (size_t i = 0; i < c->node_count; i++)
		if (url_same_node(c->nodes[i].url, url))
			return &c->nodes[i];
	return NULL;
}

bool config_in_all(const struct config *c, const struct node_conf *n)
{
	const struct node_conf *first = config_nth(c, n->mode, 0);
	return n->mode != MODE_PROXY && (n->listed || !first || !first->listed); /* listed ones come first */
}
