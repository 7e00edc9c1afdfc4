/* Processes as keys of the journal. */
#include "base/buf.h"
#include "kinds/process/process.h"
#include "stream/json.h"

void process_identity_json(const struct identity *id, struct json *out)
{
	json_set_int(out, "pid", id->proc.pid);
	json_set_int(out, "start_ticks", (int64_t)id->proc.start_ticks);
}

void process_identity_read(struct identity *id, const struct json *j)
{
	id->proc.pid = json_pid(json_get(j, "pid"));
	id->proc.start_ticks = (uint64_t)json_int(json_get(j, "start_ticks"), 0);
}

void process_how_json(const struct node_conf *c, struct json *out)
{
	struct json *argv = json_array_new();
	for (size_t i = 0; c->argv[i]; i++)
		json_push_str(argv, c->argv[i]);
	json_set(out, "argv", argv);
}

int process_how_read(struct node_conf *c, const struct json *how, const struct json *identity)
{
	const struct json *argv = json_get(how, "argv");
	size_t count = json_count(argv);
	(void)identity;
	c->kind = NODE_PROCESS;
	c->argv = mem_alloc((count + 1) * sizeof *c->argv);
	for (size_t i = 0; i < count; i++)
		c->argv[i] = mem_strdup(json_str(json_at(argv, i), ""));
	return count ? 0 : -1;
}
