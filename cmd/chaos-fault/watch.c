#include "watch.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "cli/diag.h"
#include "journal.h"
#include "putback.h"
#include "seam.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The owner sees to its deadlines itself, and is given so long. */
static const int64_t grace_ns = 250 * NS_PER_MS;
/* How often what is overdue or detached is looked at again. */
static const int64_t again_ns = NS_PER_S;

struct watch {
	const char *state;
	struct proc_id owner;
	int fd, pidfd;
	bool owner_gone;
	int64_t next_ns; /* when to look at the journal; INT64_MAX: only when something happens */
};

static bool is_ours(const struct watch *w, const struct journal_entry *j)
{
	return j->owner.pid == w->owner.pid && j->owner.start_ticks == w->owner.start_ticks &&
	       !j->failed;
}

static void wake_at(struct watch *w, int64_t mono)
{
	if (mono < w->next_ns)
		w->next_ns = mono;
}

/* Somebody wants this guard to end, which may only be when it holds what is detached. */
static bool told_to_end(void)
{
	sigset_t pending;
	sigpending(&pending);
	return sigismember(&pending, SIGTERM) == 1;
}

static bool is_due(const struct watch *w, const struct journal_entry *j, int64_t now)
{
	if (w->owner_gone && (!j->detached || told_to_end()))
		return true;
	int64_t grace = w->owner_gone ? 0 : grace_ns;
	return j->deadline_ns && j->deadline_ns + grace <= now;
}

/* Puts back what is due; returns how many entries are left to guard. */
static size_t look(struct watch *w)
{
	size_t count = 0, due = 0, left = 0;
	struct journal_entry *all = journal_list(w->state, &count);
	int64_t now = mono_ns();
	w->next_ns = INT64_MAX;
	for (size_t i = 0; i < count; i++) {
		if (!is_ours(w, &all[i]))
			continue;
		if (is_due(w, &all[i], now)) {
			all[due++] = all[i];
			wake_at(w, now + again_ns);
			continue;
		}
		left++;
		if (all[i].deadline_ns)
			wake_at(w, all[i].deadline_ns + (w->owner_gone ? 0 : grace_ns));
		if (w->owner_gone)
			wake_at(w, now + again_ns);
	}
	if (due)
		putback_run(w->state, all, due,
			    w->owner_gone ? "its owner is gone" : "deadline");
	free(all);
	return left;
}

/* The deadlines that the owner tells of come before the entries that have them. */
static void hear(struct watch *w)
{
	int64_t told[64];
	ssize_t n = read(w->fd, told, sizeof told);
	if (n <= 0 && !(n < 0 && errno == EINTR)) {
		w->owner_gone = true;
		return;
	}
	for (ssize_t i = 0; i < n / (ssize_t)sizeof *told; i++)
		wake_at(w, told[i] + grace_ns);
}

static int until(int64_t mono)
{
	if (mono == INT64_MAX)
		return -1;
	int64_t ms = (mono - mono_ns()) / NS_PER_MS + 1;
	return ms < 0 ? 0 : ms > INT_MAX ? INT_MAX : (int)ms;
}

static void wait(struct watch *w)
{
	struct pollfd p[2] = {{.fd = w->owner_gone ? -1 : w->fd, .events = POLLIN},
			      {.fd = w->owner_gone ? -1 : w->pidfd, .events = POLLIN}};
	if (poll(p, 2, until(w->next_ns)) <= 0)
		return;
	if (p[0].revents)
		hear(w);
	if (p[1].revents)
		w->owner_gone = true;
}

static void guard(struct watch *w)
{
	size_t left = look(w);
	while (!w->owner_gone || left) {
		wait(w);
		if (w->owner_gone || mono_ns() >= w->next_ns)
			left = look(w);
	}
}

/* Signals are for the owner; who ends the guard alone would leave it without. */
static void be_deaf(void)
{
	static const int deaf[] = {SIGINT, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1,
				   SIGUSR2};
	sigset_t term;
	for (size_t i = 0; i < ARRAY_LEN(deaf); i++)
		signal(deaf[i], SIG_IGN);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
}

bool watch_asked(int argc, char **argv)
{
	return argc == 6 && strcmp(argv[1], "guard") == 0;
}

int watch_run(char **argv)
{
	int64_t pid, fd;
	struct err e;
	struct watch w = {.state = argv[5], .next_ns = INT64_MAX};
	if (num_i64(argv[2], 1, INT_MAX, &pid) ||
	    num_u64(argv[3], UINT64_MAX, &w.owner.start_ticks) ||
	    num_i64(argv[4], 3, INT_MAX, &fd)) {
		err_usage(&e, "guard is started by chaos-fault itself");
		return diag_err(&e);
	}
	crash_in_guard();
	be_deaf();
	w.owner.pid = (pid_t)pid;
	w.fd = (int)fd;
	w.pidfd = proc_pidfd(&w.owner, &e);
	w.owner_gone = w.pidfd < 0;
	crash_point();
	if (write(w.fd, "", 1) != 1)
		w.owner_gone = true;
	guard(&w);
	journal_sweep(w.state, w.owner.pid);
	return EXIT_OK;
}
