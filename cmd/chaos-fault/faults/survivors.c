#include "faults/survivors.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "events/emit.h"
#include "faults/fault.h"
#include "faults/present.h"
#include "node/kind.h"
#include "node/node.h"
#include "sys/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t turn_within_ns = 5 * NS_PER_S;

void survivors_begin(struct survivors *s, const char *verb, struct node *const *nodes, size_t count,
		     bool take_turn)
{
	*s = (struct survivors){
		.verb = verb, .nodes = nodes, .count = count, .take_turn = take_turn};
}

void survivors_release(struct survivors *s)
{
	survey_release(&s->survey);
	inquiry_release(&s->inquiry);
	if (s->turn_fd)
		close(s->turn_fd);
	*s = (struct survivors){0};
}

/* --- the lock -------------------------------------------------------------------- */

static int open_turn(struct survivors *s, struct err *e)
{
	char *path = mem_printf("%s/turn.lock", s->nodes[0]->fleet->state);
	int fd = own_open(path, O_RDWR | O_CREAT, e);
	free(path);
	s->turn_fd = fd < 0 ? 0 : fd;
	s->turn_until_ns = mono_ns() + turn_within_ns;
	return fd < 0 ? -1 : 0;
}

/* A process keeps the lock for milliseconds, or is stopped. POSIX locks belong to the process, and
 * closing any descriptor of the file releases them: only one step at a time may hold it. */
static enum verdict take_turn(struct survivors *s, struct err *e)
{
	if (!s->turn_fd && open_turn(s, e))
		return VERDICT_NO;
	if (lockf(s->turn_fd, F_TLOCK, 0) == 0)
		return VERDICT_YES;
	if (errno != EACCES && errno != EAGAIN)
		err_sys(e, errno, "cannot lock injections against other chaos-faults");
	else if (mono_ns() < s->turn_until_ns)
		return VERDICT_WAIT;
	else
		err_runtime(e, "another chaos-fault holds the lock of injections and does not release it");
	return VERDICT_NO;
}

static void leave_turn(struct survivors *s)
{
	if (s->turn_fd)
		close(s->turn_fd);
	s->turn_fd = 0;
}

/* --- what stays up ---------------------------------------------------------------- */

static bool is_among(const struct survivors *s, const struct node *n)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->nodes[i] == n)
			return true;
	return false;
}

static bool has_answered(const struct survivors *s, const struct node *n)
{
	for (size_t i = 0; i < s->inquiry.count; i++)
		if (s->inquiry.items[i].node == n)
			return s->inquiry.items[i].answer == PROBE_YES;
	return false;
}

/* An earlier command of this process is about to break it. Which of two is refused thus follows from
 * their order, not from which node answers first. */
static bool about_to_go(const struct survivors *s, const struct node *n)
{
	const struct fault *f = n->task.running ? n->task.fault : NULL;
	return f && f->survivors.requested_ns && f->survivors.requested_ns < s->requested_ns;
}

/* Remote nodes can only be probed. */
static bool stands(const struct survivors *s, struct node *n, enum effort effort)
{
	const struct fault *f = fault_in_way(n, NULL);
	if (!n->kind->ours)
		return effort == PROBING && (n->fleet->rehearsal || has_answered(s, n));
	if (n->kind->survey.look && effort == LOOKING)
		return false;
	if (f)
		return n->task.running && n->task.reverting && n->task.fault == f;
	if (about_to_go(s, n))
		return false;
	return node_look(n) == NODE_UP && !fault_silent_on(n);
}

static bool mode_stands(const struct survivors *s, enum conf_mode m, enum effort effort)
{
	struct fleet *f = s->nodes[0]->fleet;
	size_t of_mode = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		of_mode += n->conf->mode == m;
		if (n->conf->mode == m && !is_among(s, n) && stands(s, n, effort))
			return true;
	}
	return of_mode == 1;
}

/* The first of the nodes whose mode would have no node up, or NULL. */
static const struct node *left_alone(const struct survivors *s, enum effort effort)
{
	for (size_t i = 0; i < s->count; i++)
		if (!mode_stands(s, s->nodes[i]->conf->mode, effort))
			return s->nodes[i];
	return NULL;
}

/* Its last survey is older than a second. */
static bool is_stale(const struct node *n)
{
	return n->kind->survey.look && (!n->surveyed_ns || mono_ns() - n->surveyed_ns > NS_PER_S);
}

/* Starts the surveys or probes of the next effort, for the modes that do not stand yet. */
static void look_harder(struct survivors *s)
{
	struct fleet *f = s->nodes[0]->fleet;
	struct node **stale = mem_alloc((f->count + 1) * sizeof(*stale));
	size_t count = 0;
	enum effort before = s->effort++;
	for (size_t i = 0; i < f->count; i++) {
		struct node *n = &f->nodes[i];
		bool asked = false;
		for (size_t k = 0; k < s->count; k++)
			asked |= s->nodes[k]->conf->mode == n->conf->mode;
		if (!asked || is_among(s, n) || mode_stands(s, n->conf->mode, before))
			continue;
		if (s->effort == SURVEYING && is_stale(n))
			stale[count++] = n;
		else if (s->effort == PROBING && !n->kind->ours && !f->rehearsal)
			inquiry_add(&s->inquiry, n, node_probe(n));
	}
	survey_release(&s->survey);
	survey_begin(&s->survey, stale, count);
	free(stale);
}

static enum verdict refuse(const struct survivors *s, const struct node *n, struct err *e)
{
	err_usage(e, "%s '%s'%s would leave no %s node up", s->verb, n->conf->name,
		  s->count > 1 ? " with the others" : "", conf_mode_name(n->conf->mode));
	err_allow(e, n->fleet->emitter->session ? "all-down" : "--all-down");
	return VERDICT_NO;
}

enum verdict survivors_step(struct survivors *s, struct err *e)
{
	for (; s->count; look_harder(s)) {
		err_runtime(e, "the state of the other nodes is not known yet");
		if (!survey_step(&s->survey) || !inquiry_step(&s->inquiry))
			return VERDICT_WAIT;
		enum verdict turn = s->take_turn ? take_turn(s, e) : VERDICT_YES;
		if (turn != VERDICT_YES)
			return turn;
		const struct node *alone = left_alone(s, s->effort);
		if (!alone)
			break;
		leave_turn(s);
		if (s->effort == PROBING)
			return refuse(s, alone, e);
	}
	return VERDICT_YES;
}

int survivors_check(const char *verb, struct node *const *nodes, size_t count, struct err *e)
{
	struct survivors s;
	survivors_begin(&s, verb, nodes, count, false);
	int rc = survivors_step(&s, e) == VERDICT_YES ? 0 : -1;
	survivors_release(&s);
	return rc;
}
