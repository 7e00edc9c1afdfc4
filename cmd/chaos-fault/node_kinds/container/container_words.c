/* Describes containers in words: identity, acts and their verification. */
#include "base/buf.h"
#include "events/emit.h"
#include "node_kinds/container/container.h"
#include "node/node.h"

#include <stdio.h>

void container_show(const struct identity *id, struct shown *out)
{
	*out = (struct shown){.key = "container"};
	snprintf(out->words, sizeof out->words, "container " SHORT, id->container);
	snprintf(out->brief, sizeof out->brief, SHORT, id->container[0] ? id->container : "-");
	snprintf(out->text, sizeof out->text, "%s", id->container);
}

static void engine_post(struct buf *out, const struct node *n, const char *act)
{
	if (n->id.container[0])
		buf_addf(out, "POST /containers/" SHORT "/%s to %s", n->id.container, act,
			 container_of(n)->at);
	else
		buf_addstr(out, "nothing: there is no such container");
}

void container_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen)
{
	char path[60];
	switch (act) {
	case ACT_KILL:
		snprintf(path, sizeof path, "kill?signal=SIG%s", node_signal_name(n));
		engine_post(does, n, path);
		break;
	case ACT_TERM:
		engine_post(does, n, "stop?t=5");
		break;
	case ACT_PAUSE:
		engine_post(does, n, "pause");
		buf_addstr(seen, "the engine shows it as paused");
		return;
	case ACT_RESUME:
		engine_post(does, n, "unpause");
		node_tell_ready(seen, n);
		return;
	case ACT_START:
		engine_post(does, n, "start");
		node_tell_ready(seen, n);
		return;
	}
	buf_addstr(seen, "the engine shows it as not running");
}

/* What has its name or its service now is looked at, never touched. */
void container_tell_gone(const struct node *n, const struct identity *was, struct buf *gone,
			 struct err *lacking)
{
	struct err why = {0};
	const char *is = n->id.container;
	bool unknown = backend_unknown(n, &why);
	if (unknown && why.code != EXIT_USAGE)
		return;
	if (*is)
		buf_addf(gone,
			 "nothing: its container " SHORT " has been replaced by " SHORT ", which is not touched",
			 was->container, is);
	else
		buf_addf(gone, "nothing: its container " SHORT " has been removed", was->container);
	if (unknown)
		*lacking = why;
	else if (container_of(n)->asking.state != NODE_UP)
		err_runtime(lacking, "container " SHORT " does not run", is);
}

/* True, with the command that starts it, if another container has taken its place and does not run: that one
 * never had the fault. */
static bool start_other(const struct node *n, const struct view *other, char *out, size_t size)
{
	struct buf config = BUF_INIT;
	buf_addword(&config, n->fleet->config->path);
	if (!other->running)
		snprintf(out, size, "chaos-fault --config %s start %s", config.data, n->conf->name);
	buf_release(&config);
	return !other->running;
}

bool container_remake(const struct node *n, const char *uid, char *out, size_t size)
{
	const struct container *c = container_of(n);
	const char *found = n->task.undo.target.project;
	const char *project = n->conf->project || !found[0] ? n->conf->project : found;
	struct buf make = BUF_INIT;
	if (!c || !c->asking.looked || c->view.id[0])
		return false;
	if (c->other.id[0])
		return start_other(n, &c->other, out, size);
	if (n->conf->compose)
		buf_addf(&make, "docker compose%s%s up -d %s", project ? " -p " : "", project ? project : "",
			 n->conf->compose);
	else
		buf_addf(&make, "make the container '%s' again", n->conf->container);
	/* No command that is cut is told. */
	snprintf(out, size, "%s; or 'chaos-fault undo --forget %s' gives it up",
		 make.len < size / 2 ? make.data : "make its container again", uid);
	buf_release(&make);
	return true;
}
