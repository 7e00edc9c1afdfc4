/* Containers as keys of the journal. */
#include "base/buf.h"
#include "kinds/container/container.h"
#include "stream/json.h"

void container_identity_json(const struct identity *id, struct json *out)
{
	json_set_str(out, "container", id->container);
	json_set_str(out, "engine", id->engine);
	json_set_str(out, "started", id->started);
}

void container_identity_read(struct identity *id, const struct json *j)
{
	json_str_copy(id->container, sizeof id->container, j, "container");
	json_str_copy(id->engine, sizeof id->engine, j, "engine");
	json_str_copy(id->started, sizeof id->started, j, "started");
}

void container_how_json(const struct node_conf *c, struct json *out)
{
	json_set_str(out, "container", c->container);
	json_set_str(out, "compose", c->compose);
	json_set_str(out, "project", c->project);
}

static char *text_of(const struct json *j, const char *key)
{
	const char *text = json_str(json_get(j, key), NULL);
	return text ? mem_strdup(text) : NULL;
}

/* Its engine is the one that was found then. */
int container_how_read(struct node_conf *c, const struct json *how, const struct json *identity)
{
	c->kind = NODE_CONTAINER;
	c->container = text_of(how, "container");
	c->compose = text_of(how, "compose");
	c->project = text_of(how, "project");
	c->engine = text_of(identity, "engine");
	return c->container || c->compose ? 0 : -1;
}
