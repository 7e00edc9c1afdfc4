#include "node_kinds/container/inspect.h"

#include "base/buf.h"
#include "base/field.h"
#include "base/suggest.h"
#include "base/text.h"
#include "stream/json.h"

#include <stdlib.h>
#include <string.h>

static const char project_label[] = "com.docker.compose.project";

/* Ids go into paths of later calls. */
static bool is_id(const char *id)
{
	size_t n = strspn(id, "0123456789abcdef");
	return n >= 12 && n < CONTAINER_ID_MAX && !id[n];
}

static const char *without_slash(const char *name)
{
	return name + (*name == '/');
}

static int not_understood(struct err *e)
{
	return err_runtime(e, "the container engine's answer cannot be understood");
}

static bool flag(const struct json *j, const char *key)
{
	return json_bool(json_get(j, key), false);
}

/* Labels have dots in their names, which json_get would follow. */
static const char *label_in(const struct json *labels, const char *name)
{
	const struct json *value;
	const char *key;
	void *iter = NULL;
	while (json_next(labels, &iter, &key, &value))
		if (strcmp(key, name) == 0)
			return json_str(value, "");
	return "";
}

/* Of one in the list. */
static const char *label(const struct json *item, const char *name)
{
	return label_in(json_get(item, "Labels"), name);
}

static int read_texts(struct view *v, const struct json *j, struct err *e)
{
	const struct json_field texts[] = {
		{"Id", v->id, sizeof v->id},
		{"State.StartedAt", v->started, sizeof v->started},
		{"HostConfig.RestartPolicy.Name", v->policy, sizeof v->policy},
		{"Config.StopSignal", v->stop_signal, sizeof v->stop_signal},
		{"State.Health.Status", v->health, sizeof v->health},
	};
	return field_put(v->project, sizeof v->project, label_in(json_get(j, "Config.Labels"), project_label),
			 "compose project", e) || json_fields(j, texts, ARRAY_LEN(texts), e) ? -1 : 0;
}

int view_read(struct view *v, const char *body, struct err *e)
{
	struct err why;
	struct json *j = json_parse(body, strlen(body), "engine", &why);
	*v = (struct view){.exit_code = (int)json_int(json_get(j, "State.ExitCode"), 0),
			   .restarts = (int)json_int(json_get(j, "RestartCount"), 0),
			   .pid = json_pid(json_get(j, "State.Pid")),
			   .running = flag(j, "State.Running"),
			   .paused = flag(j, "State.Paused"),
			   .restarting = flag(j, "State.Restarting"),
			   .removes_itself = flag(j, "HostConfig.AutoRemove")};
	int rc = read_texts(v, j, &why) ? err_runtime(e, "the container cannot be dealt with: %s", why.msg)
		 : is_id(v->id)		? 0
					: not_understood(e);
	json_free(j);
	if (strcmp(v->health, "none") == 0)
		v->health[0] = '\0';
	/* Podman calls a paused container not running. */
	v->running = v->running || v->paused;
	if (rc)
		*v = (struct view){0};
	return rc;
}

void view_message(const char *body, char *out, size_t size)
{
	struct err ignored;
	struct json *j = json_parse(body, strlen(body), "engine", &ignored);
	json_str_copy(out, size, j, "message");
	plain_line(out);
	json_free(j);
}

/* --- which of them ------------------------------------------------------------- */

static const char *service_of(const struct json *item, const struct node_conf *c)
{
	const char *project = label(item, project_label);
	if (strcasecmp(label(item, "com.docker.compose.oneoff"), "true") == 0 ||
	    (c->project && strcmp(c->project, project) != 0))
		return "";
	return label(item, "com.docker.compose.service");
}

static bool is_meant(const struct json *item, const struct node_conf *c)
{
	const struct json *names = json_get(item, "Names");
	if (c->compose)
		return strcmp(service_of(item, c), c->compose) == 0;
	if (!c->container)
		return false;
	for (size_t i = 0; i < json_count(names); i++)
		if (strcmp(without_slash(json_str(json_at(names, i), "")), c->container) == 0)
			return true;
	return strcmp(json_text(item, "Id"), c->container) == 0;
}

/* web-1 and web-2: where one is gone, the other is no correction. */
static bool is_sibling(const char *a, const char *b)
{
	static const char digits[] = "0123456789";
	while (*(a += strspn(a, digits)) == *(b += strspn(b, digits)) && *a) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static void offer_name(const char *word, const char *name, const char **near)
{
	if (!is_sibling(word, name))
		suggest(word, name, near);
}

/* Offers its name as what the config may have meant; but what is another node is meant as that. What a fault was
 * injected into had its right name then. */
static void offer(const struct json *item, const struct node_conf *c, const struct config *config,
		  const char **near)
{
	const struct json *names = json_get(item, "Names");
	for (size_t i = 0; i < config->node_count; i++)
		if (is_meant(item, &config->nodes[i]))
			return;
	if (c->compose)
		offer_name(c->compose, service_of(item, c), near);
	for (size_t i = 0; !c->compose && i < json_count(names); i++)
		offer_name(c->container, without_slash(json_str(json_at(names, i), "")), near);
}

/* In a project that is not meant, or as a container of one command. */
static bool has_service(const struct json *list, const struct node_conf *c)
{
	bool has = false;
	for (size_t i = 0; c->compose && i < json_count(list); i++)
		has |= strcmp(label(json_at(list, i), "com.docker.compose.service"), c->compose) == 0;
	return has;
}

/* Compose was run in the config's folder. */
static bool made_here(const struct json *item, const struct config *config)
{
	char *dir = realpath(label(item, "com.docker.compose.project.working_dir"), NULL);
	bool here = dir && config->dir && strcmp(dir, config->dir) == 0;
	free(dir);
	return here;
}

/* Compose has been run in the config's folder, for whatever service. */
static bool any_made_here(const struct json *list, const struct config *config)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (made_here(json_at(list, i), config))
			return true;
	return false;
}

static int none(const struct node_conf *c, const char *engine, const char *near, struct err *e)
{
	struct buf hint = BUF_INIT;
	if (near && *near)
		buf_addf(&hint, "; did you mean '%s'?", near);
	else if (c->compose)
		buf_addf(&hint, "; 'docker compose%s%s up -d %s' makes it", c->project ? " -p " : "",
			 c->project ? c->project : "", c->compose);
	if (!c->compose)
		err_usage(e, "'%s': the engine at '%s' has no container '%s'%s", c->name, engine, c->container,
			  hint.data);
	else
		err_usage(e,
			  "'%s': the engine at '%s' has no container of the compose service "
			  "'%s'%s%s%s%s",
			  c->name, engine, c->compose, c->project ? " in the project '" : "",
			  c->project ? c->project : "", c->project ? "'" : "", hint.data);
	buf_release(&hint);
	return -1;
}

/* The project in the config's folder has no such service now; another's is not taken for it. */
static int elsewhere(const struct node_conf *c, const struct json *item, struct err *e)
{
	return err_usage(e,
			 "'%s': the compose service '%s' has no container in the project of the config's "
			 "folder, but in '%s'; 'docker compose up -d %s' makes it, or 'project:' in "
			 "the config says which",
			 c->name, c->compose, label(item, project_label), c->compose);
}

static int several(const struct node_conf *c, const struct json *a, const struct json *b,
		   struct err *e)
{
	const char *one = label(a, project_label), *other = label(b, project_label);
	if (strcmp(one, other) != 0)
		return err_usage(e,
				 "'%s': the compose service '%s' is in the projects '%s' and '%s', "
				 "and not in one of the config's folder alone; 'project:' in the "
				 "config says which",
				 c->name, c->compose, one, other);
	return err_usage(e,
			 "'%s': the compose service '%s' has several containers; name one with "
			 "'container:'",
			 c->name, c->compose);
}

/* Swarm has a new task in its place before it could be put back. */
static int refuse_task(const struct json *item, const struct node_conf *c, struct err *e)
{
	const char *service = label(item, "com.docker.swarm.service.name");
	if (!*service)
		return 0;
	return err_usage(e,
			 "'%s': its container is a task of the Swarm service '%s', which Swarm "
			 "replaces by itself; tasks cannot be nodes",
			 c->name, service);
}

static int choose(char id[static CONTAINER_ID_MAX], const struct node_conf *c,
		  const struct config *config, const char *engine, const struct json *list,
		  struct err *e)
{
	const struct json *found = NULL, *other = NULL;
	const char *near = NULL;
	bool found_here = false;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *item = json_at(list, i);
		if (!is_meant(item, c)) {
			offer(item, c, config, &near);
			continue;
		}
		bool here = c->compose && made_here(item, config);
		if (found && here == found_here) {
			other = item;
		} else if (!found || here) {
			found = item;
			found_here = here;
			other = NULL;
		}
	}
	if (!found)
		return none(c, engine, c->in_table && !has_service(list, c) ? near : NULL, e);
	if (!is_id(json_text(found, "Id")))
		return not_understood(e);
	if (other) {
		json_str_copy(id, CONTAINER_ID_MAX, found, "Id");
		return several(c, found, other, e);
	}
	if (c->compose && !c->project && !found_here && any_made_here(list, config))
		return elsewhere(c, found, e);
	if (refuse_task(found, c, e))
		return -1;
	json_str_copy(id, CONTAINER_ID_MAX, found, "Id");
	return 0;
}

int view_find(char id[static CONTAINER_ID_MAX], const struct node_conf *c,
	      const struct config *config, const char *engine, const char *body, struct err *e)
{
	struct err ignored;
	struct json *list = json_parse(body, strlen(body), "engine", &ignored);
	id[0] = '\0';
	int rc = json_is_array(list) ? choose(id, c, config, engine, list, e) : not_understood(e);
	json_free(list);
	return rc;
}
