#include "faults/survivors.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "events/report.h"
#include "faults/fault.h"
#include "node/kind.h"
#include "node/node.h"
#include "node/survey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const int64_t turn_within_ns = 5 * NS_PER_S;

/* It is held for milliseconds, or while nodes are asked: whoever has it for longer is stopped. */
static int take_turn(int fd, struct err *e)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	int64_t until = mono_ns() + turn_within_ns;
	while (lockf(fd, F_TLOCK, 0)) {
		if (errno != EACCES && errno != EAGAIN)
			return err_sys(e, errno, "cannot take turns with other chaos-faults");
		if (mono_ns() > until)
			return err_runtime(e, "another chaos-fault is about to break a node, but "
					      "does not go on");
		nanosleep(&moment, NULL);
	}
	return 0;
}

int survivors_begin(const struct fleet *f, struct err *e)
{
	char *path = mem_printf("%s/turn.lock", f->state);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err_sys(e, errno, "cannot open '%s'", path);
	free(path);
	if (fd < 0 || take_turn(fd, e) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool is_among(const struct node *n, struct node *const *nodes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (nodes[i] == n)
			return true;
	return false;
}

static bool answers(const struct node *n)
{
	struct probe *p = node_probe(n->conf);
	enum probe_answer a;
	node_probe_all(&p, &a, 1);
	probe_free(p);
	return a == PROBE_YES;
}

/* What it takes to know whether a node is up; the next only if none of the former kind is. */
enum effort { LOOKING, SURVEYING, ASKING };

/* Those that cannot be looked at from here are asked, which only happens if no other is up. */
static bool stands(struct node *n, enum effort effort)
{
	const struct fault *f = fault_in_way(n, NULL);
	if (!n->kind->ours)
		return effort == ASKING && (n->fleet->rehearsal || answers(n));
	if (n->kind->survey && effort == LOOKING)
		return false;
	if (f)
		return n->task.running && n->task.reverting && n->task.fault == f;
	return node_look(n) == NODE_UP && !fault_silent_on(n);
}

/* Not again what has been seen just now. */
static void survey_others(struct fleet *f, enum conf_mode m, struct node *const *nodes,
			  size_t count)
{
	struct node **others = mem_alloc((f->count + 1) * sizeof(*others));
	int64_t now = mono_ns();
	int stale = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		if (n->conf->mode == m && n->kind->survey && !is_among(n, nodes, count) &&
		    (!n->surveyed_ns || now - n->surveyed_ns > NS_PER_S))
			others[stale++] = n;
	}
	survey_await(others, (size_t)stale, &(struct err){0});
	free(others);
}

static bool mode_stands(struct fleet *f, enum conf_mode m, struct node *const *nodes, size_t count)
{
	size_t of_mode = 0;
	for (enum effort effort = LOOKING; effort <= ASKING; effort++) {
		of_mode = 0;
		if (effort == SURVEYING)
			survey_others(f, m, nodes, count);
		for (size_t i = 0; i < f->count; i++) {
			struct node *n = &f->nodes[i];
			of_mode += n->conf->mode == m;
			if (n->conf->mode == m && !is_among(n, nodes, count) && stands(n, effort))
				return true;
		}
	}
	return of_mode == 1;
}

int survivors_check(const char *verb, struct node *const *nodes, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		enum conf_mode m = nodes[i]->conf->mode;
		if (!mode_stands(nodes[i]->fleet, m, nodes, count))
			return err_usage(e, "%s '%s'%s would leave no %s node up; %s allows that",
					 verb, nodes[i]->conf->name,
					 count > 1 ? " with the others" : "", conf_mode_name(m),
					 nodes[i]->fleet->report->session ? "'all-down'"
									  : "--all-down");
	}
	return 0;
}
