#include "faults/question.h"

#include "base/buf.h"
#include "node/keys.h"
#include "node/via.h"
#include "sys/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_EXACT ((UINT64_C(1) << 53) - 1) /* what jq keeps of a number */

static struct json *parsed(const char *text)
{
	struct err ignored;
	struct json *j = *text ? json_parse(text, strlen(text), "journal", &ignored) : NULL;
	return j ? j : json_object_new();
}

/* Its group in each hierarchy, by controller, as a path below where that is mounted; "unified" is
 * that of version 2. Lines are "4:cpu,cpuacct:/path". */
static struct json *cgroups(pid_t pid)
{
	struct json *j = json_object_new();
	struct buf text = BUF_INIT;
	struct err ignored;
	char path[48], *lines = NULL, *words = NULL;
	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
	bool there = file_read(path, &text, &ignored) == 0;
	for (char *line = there ? strtok_r(text.data, "\n", &lines) : NULL; line;
	     line = strtok_r(NULL, "\n", &lines)) {
		char *names = strchr(line, ':'), *at = names ? strchr(names + 1, ':') : NULL;
		if (!at)
			continue;
		*at++ = '\0';
		if (!*++names)
			json_set_str(j, "unified", at);
		for (char *s = strtok_r(names, ",", &words); s; s = strtok_r(NULL, ",", &words))
			json_set_str(j, s, at);
	}
	buf_release(&text);
	return j;
}

static struct json *process(const struct proc_id *id)
{
	struct json *j = json_object_new();
	char netns[48];
	snprintf(netns, sizeof netns, "/proc/%d/ns/net", (int)id->pid);
	json_set_int(j, "pid", id->pid);
	json_set_int(j, "start_ticks", (int64_t)id->start_ticks);
	json_set_str(j, "netns", netns);
	json_set(j, "cgroup", cgroups(id->pid));
	return j;
}

struct json *question_new(const char *name, const struct node *n, const struct identity *id,
			  const char *params, const char *state)
{
	struct json *j = json_object_new(), *node = json_object_new(), *who = json_object_new();
	json_set_str(node, "name", n->conf->name);
	json_set_str(node, "url", n->conf->full_url);
	json_set_str(node, "mode", conf_mode_name(n->conf->mode));
	json_set_str(node, "kind", n->kind->name);
	if (n->conf->program)
		json_set_str(node, "program", n->conf->program);
	json_set_str(node, "host", n->conf->at.host);
	json_set_int(node, "port", n->conf->at.port);
	if (n->conf->via)
		json_set_str(node, "via", n->conf->via);
	const struct node *proxy = via_proxy(n);
	char *folder = proxy ? via_folder(proxy) : NULL;
	if (folder)
		json_set_str(node, "proxy", folder);
	free(folder);
	identity_json(id, who);
	json_set_str(j, "name", name);
	json_set(j, "node", node);
	json_set(j, "identity", who);
	if (proc_alive(&id->proc))
		json_set(j, "process", process(&id->proc));
	json_set(j, "params", parsed(params));
	json_set(j, "state", parsed(state));
	json_set_int(j, "seed", (int64_t)(n->fleet->seed & JSON_EXACT));
	return j;
}
