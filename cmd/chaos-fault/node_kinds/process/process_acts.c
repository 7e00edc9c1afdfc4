/* The acts on a node's process and how each shows. */
#include "node_kinds/process/process.h"

#include "base/clock.h"
#include "base/units.h"
#include "node/needs.h"
#include "node/node.h"
#include "seam.h"
#include "node/record.h"
#include "sys/sig.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t polite_ns = 5 * BOUND_S; /* from SIGTERM to SIGKILL */
/* How long a node waits for one that it needs, whose start may fail: a replica that starts before its
 * master retries only once a second. */
static const int64_t for_need_ns = 2 * NS_PER_S;
static const int64_t half_dead_ns =
	500 * NS_PER_MS; /* for which a killed process may hold its port */

static int stop_signal(const struct node *n)
{
	struct err ignored;
	return n->conf->stop_signal ? sig_parse(n->conf->stop_signal, &ignored) : SIGTERM;
}

/* To what the node has started and is not in its group; how many there are. */
static size_t send_family(struct task *t, int signo)
{
	char *mark = process_mark(t->node);
	size_t count = proc_signal_family(&t->target.proc, mark, signo);
	free(mark);
	return count;
}

/* To the node's process and all that it has started: workers of a killed server would go on
 * serving. But what asks it to stop goes to its group alone: in which order others end is the server's to say.
 * Those outside of the group are looked for before it is gone; behind a SIGSTOP, while that takes
 * effect. A process that is gone already is what some wanted; the look finds out. */
static int send(struct task *t, int signo, struct err *e)
{
	struct err why = {0};
	if (!(t->polite && signo == stop_signal(t->node)) && signo != SIGSTOP)
		send_family(t, signo);
	int rc = proc_signal_group(&t->target.proc, signo, &why);
	if (signo == SIGSTOP)
		send_family(t, signo);
	if (rc == 0 || why.sys_errno == ESRCH)
		return 0;
	*e = why;
	return -1;
}

/* The pidfd is opened before the signal: it becomes readable when the last thread is
 * gone and the ports are closed, which the process table may show too early. */
static int aim_at_end(struct task *t)
{
	struct err ignored;
	process_look(t->node);
	t->target = t->node->id;
	t->pidfd = t->target.proc.pid ? proc_pidfd(&t->target.proc, &ignored) : -1;
	t->acted = t->pidfd >= 0;
	t->served_port = t->acted && port_served_by(t->node->conf->at.port, t->target.proc.pid);
	return t->pidfd;
}

static int act_kill(struct task *t, struct err *e)
{
	int signo = sig_parse(node_signal_name(t->node), e);
	return aim_at_end(t) < 0 ? 0 : send(t, signo > 0 ? signo : SIGKILL, e);
}

/* A process that is stopped by a signal takes SIGTERM only when it goes on. */
static int act_term(struct task *t, struct err *e)
{
	t->polite = true;
	if (aim_at_end(t) < 0)
		return 0;
	return send(t, stop_signal(t->node), e) || send(t, SIGCONT, e) ? -1 : 0;
}

/* Workers may end behind their server, and are ended if they do not. */
static enum verdict left_behind(struct task *t, struct err *e)
{
	int64_t bound = t->pidfd < 0 ? 0 : t->polite ? polite_ns : half_dead_ns;
	int port = t->node->conf->at.port;
	size_t left = send_family(t, mono_ns() - t->begun_ns > bound ? SIGKILL : 0);
	if (left)
		t->left_ns = mono_ns();
	if (left)
		err_runtime(e, "%zu processes that it started still run", left);
	else
		err_runtime(e, "what it started has ended, but its port is still open");
	/* One that is ending cannot be found any more, and may still have the port. */
	bool ending = !left && t->left_ns && mono_ns() - t->left_ns < half_dead_ns && port_listening(port) && !port_owner(port);
	return left || ending ? VERDICT_WAIT : VERDICT_YES;
}

static enum verdict seen_gone(struct task *t, struct err *e)
{
	struct pollfd watch = {.fd = t->pidfd, .events = POLLIN};
	if (t->pidfd < 0)
		return left_behind(t, e);
	if (poll(&watch, 1, 0) == 1) {
		/* All that could be found while it lived has had the signal of a kill. */
		bool open = port_listening(t->node->conf->at.port);
		if ((t->polite || t->forced || open) && left_behind(t, e) == VERDICT_WAIT)
			return VERDICT_WAIT;
		if (!t->served_port || !open)
			return VERDICT_YES;
		err_runtime(e, "process %d has ended, but its port is still open",
			    (int)t->target.proc.pid);
		return VERDICT_WAIT;
	}
	err_runtime(e, "process %d still runs", (int)t->target.proc.pid);
	if (t->polite && mono_ns() - t->begun_ns > polite_ns) {
		t->polite = false;
		t->forced = true;
		send(t, SIGKILL, e);
	}
	return VERDICT_WAIT;
}

static int act_pause(struct task *t, struct err *e)
{
	process_look(t->node);
	t->target = t->node->id;
	return send(t, SIGSTOP, e);
}

static enum verdict seen_paused(struct task *t, struct err *e)
{
	char state = proc_state(&t->target.proc);
	if (state == 'T')
		return VERDICT_YES;
	err_runtime(e, "process %d %s", (int)t->target.proc.pid,
		    state ? "still runs" : "has ended");
	return state ? VERDICT_WAIT : VERDICT_NO;
}

/* Down again, after a start that was none of this undo. */
static void note_came_back(struct task *t)
{
	const struct undo *u = &t->undo;
	struct proc_id last = record_load(t->node->dir, t->node->fleet->world);
	if (!u->node_down || u->tried || u->adopted || !last.pid ||
	    (last.pid == u->target.proc.pid && last.start_ticks == u->target.proc.start_ticks))
		return;
	t->unstayed = true;
	snprintf(t->note, sizeof t->note,
		 "the fault did not stay: the node was started meanwhile (pid %d), and has ended again",
		 (int)last.pid);
}

static int start(struct task *t, struct err *e)
{
	switch (process_look(t->node)) {
	case NODE_UP:
		t->by_other = true;
		t->target = t->node->id;
		return 0;
	case NODE_PAUSED:
		return node_err_paused(t->node, e);
	case NODE_UNKNOWN: /* An undo knows from its fault that there was a node; a damaged record is written anew. */
		if (process_unknown(t->node, e) && (!t->reverting || e->sys_errno))
			return -1;
		break;
	case NODE_DOWN:
		note_came_back(t);
		break;
	case NODE_FOREIGN:
		break;
	}
	t->launch = true;
	t->launch_ns = mono_ns();
	return 0;
}

/* What an entry names is not the node's if that is another process, which lives: nothing is sent to it. */
static int check_aim(const struct task *t, struct err *e)
{
	const struct proc_id *aim = &t->undo.target.proc;
	struct proc_id own = record_load(t->node->dir, t->node->fleet->world);
	if (!t->reverting || own.pid == aim->pid || !proc_alive(&own) || process_started(t->node, aim->pid))
		return 0;
	return err_runtime(e,
			   "its entry in the journal names process %d, which is not the node's, %d; "
			   "'chaos-fault undo --forget' gives the fault up",
			   (int)aim->pid, (int)own.pid);
}

static int act_resume(struct task *t, struct err *e)
{
	process_look(t->node);
	t->target = t->reverting ? t->undo.target : t->node->id;
	if (proc_alive(&t->target.proc) && check_aim(t, e))
		return -1;
	if (proc_alive(&t->target.proc)) {
		bool stopped = proc_state(&t->target.proc) == 'T';
		t->by_other = t->reverting && !t->undo.unfinished && !stopped;
		if (send(t, SIGCONT, e))
			return -1;
		t->acted = stopped;
		return 0;
	}
	/* It died while it was paused; what was up before the fault is to be up after it. */
	t->died = t->reverting;
	return start(t, e);
}

/* What was sent to the process may not have done its work yet, if it has not shown or the one who
 * sent it died over that, and would do it behind our back: it is brought to its end first. */
static int act_start(struct task *t, struct err *e)
{
	if (!t->reverting || !t->undo.unfinished || !proc_alive(&t->undo.target.proc))
		return start(t, e);
	if (check_aim(t, e))
		return -1;
	t->target = t->undo.target;
	t->dying = t->target.proc;
	return send(t, SIGKILL, e);
}

/* The port must be free. An undo that finds somebody else on it does not fight: if what
 * answers there is ready, the node is back, by another's hand. */
static enum verdict launch(struct task *t, struct err *e)
{
	struct node *n = t->node;
	const char *need = needs_starting(n);
	if (need && mono_ns() - t->begun_ns < for_need_ns) {
		err_runtime(e, "'%s', which it needs, is still starting", need);
		return VERDICT_WAIT;
	}
	if (port_listening(n->conf->at.port)) {
		process_err_foreign(n, e);
		if (process_started(n, port_owner(n->conf->at.port))) {
			t->target = (struct identity){0};
			send_family(t, SIGKILL);
			return VERDICT_WAIT;
		}
		if (!port_owner(n->conf->at.port) && mono_ns() - t->launch_ns < half_dead_ns)
			return VERDICT_WAIT;
		if (!t->reverting)
			return VERDICT_NO;
		t->launch = false;
		t->by_other = true;
		return VERDICT_WAIT;
	}
	if (task_may_heal(t)) {
		err_runtime(e, "it has not been started again yet");
		return VERDICT_WAIT;
	}
	t->recorded = true;
	if (process_launch(n, &t->log_from, e))
		return VERDICT_NO;
	t->launched = true;
	t->target = n->id;
	return VERDICT_WAIT;
}

/* It answered; but did our process answer? Another may have taken the port meanwhile,
 * and ours is about to give up. A child of our process counts as ours. */
static enum verdict answered(struct task *t, struct err *e)
{
	int port = t->node->conf->at.port;
	struct err ignored;
	if (!t->launched || port_served_by(port, t->target.proc.pid))
		return VERDICT_YES;
	pid_t owner = port_owner(port);
	if (!owner || getsid(owner) == getsid(t->target.proc.pid) ||
	    process_started(t->node, owner))
		return VERDICT_YES;
	proc_signal(&t->target.proc, SIGKILL, &ignored);
	record_remove(t->node->dir);
	process_err_foreign(t->node, e);
	return VERDICT_NO;
}

static enum verdict seen_ready(struct task *t, struct err *e)
{
	if (t->dying.pid && proc_alive(&t->dying)) {
		err_runtime(e, "process %d still runs", (int)t->dying.pid);
		return VERDICT_WAIT;
	}
	if (t->dying.pid) {
		t->dying = (struct proc_id){0};
		t->target = (struct identity){0};
		if (start(t, e))
			return VERDICT_NO;
	}
	if (t->launch && !t->launched)
		return launch(t, e);
	if (t->target.proc.pid && !proc_alive(&t->target.proc)) {
		if (t->launched) {
			process_err_exited(t->node, t->log_from, e);
			return VERDICT_NO;
		}
		/* It ran when we came, and has ended since. */
		note_came_back(t);
		t->target = (struct identity){0};
		t->launch = t->reverting;
		t->launch_ns = mono_ns();
		t->by_other = false;
	}
	/* A paused server still takes connections, which is all that some checks ask for. */
	if (t->target.proc.pid && proc_state(&t->target.proc) == 'T') {
		err_runtime(e, "process %d is still paused", (int)t->target.proc.pid);
		return VERDICT_WAIT;
	}
	if (node_ask_ready(t, e) == VERDICT_YES)
		return answered(t, e);
	/* What was to start the server again has not. */
	if (t->undo.heals && !task_may_heal(t) && !t->launched && proc_alive(&t->target.proc)) {
		t->dying = t->target.proc;
		send(t, SIGKILL, e);
	}
	return VERDICT_WAIT;
}

const struct kind kind_process = {
	.name = "process",
	.ours = true,
	.ends_with_boot = true,
	.logs = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PIDFD) |
		 NEED_BIT(NEED_SIGNALS) | NEED_BIT(NEED_PROC) | NEED_BIT(NEED_PORTS) |
		 NEED_BIT(NEED_PROGRAMS),
	.look = process_look,
	.unknown = process_unknown,
	.settling = process_settling,
	.err_foreign = process_err_foreign,
	.show_foreign = process_show_foreign,
	.log_tail = process_log_tail,
	.remember = process_remember,
	.forget = process_forget,
	.show = process_show,
	.tell = process_tell,
	.may = process_may,
	.startable = process_startable,
	.steps = {[ACT_KILL] = {act_kill, seen_gone},
		  [ACT_TERM] = {act_term, seen_gone},
		  [ACT_PAUSE] = {act_pause, seen_paused},
		  [ACT_RESUME] = {act_resume, seen_ready},
		  [ACT_START] = {act_start, seen_ready}},
};
