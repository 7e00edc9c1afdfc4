#include "recover/guard.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "cli/diag.h"
#include "journal/journal.h"
#include "recover/restore.h"
#include "seam.h"
#include "sys/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The owner sees to its deadlines itself, and is given so long. */
static const int64_t grace_ns = 250 * NS_PER_MS;
/* How often what is overdue or detached is looked at again. */
static const int64_t again_ns = NS_PER_S;

/* What is being put back. Several may go on at once, so that a node that takes long does not hold
 * up others, but only one on a node. */
struct batch {
	struct watch *watch;
	struct putback *work;
	struct batch *next;
};

struct watch {
	const char *state;
	struct proc_id owner;
	int fd, pidfd;
	struct loop *loop;
	struct loop_fd *ear, *eye; /* of fd and pidfd */
	struct loop_timer *alarm;
	struct batch *batches;
	bool owner_gone;
	char (*tried)[UID_MAX]; /* since the owner has gone: each is tried once; owned */
	size_t tried_count, tried_alloc;
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
	if (w->owner_gone && (!j->handed_over || told_to_end()))
		return true;
	int64_t grace = w->owner_gone ? 0 : grace_ns;
	return j->deadline_ns && j->deadline_ns + grace <= now;
}

static bool in_work(const struct watch *w, const char *key)
{
	for (const struct batch *b = w->batches; b; b = b->next)
		if (putback_at(b->work, key))
			return true;
	return false;
}

static bool was_tried(const struct watch *w, const char *uid)
{
	for (size_t i = 0; i < w->tried_count; i++)
		if (strcmp(w->tried[i], uid) == 0)
			return true;
	return false;
}

static void look(struct watch *w);

static void batch_done(void *arg, struct putback *work)
{
	struct batch *b = arg, **at = &b->watch->batches;
	struct watch *w = b->watch;
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	putback_end(work);
	free(b);
	if (w->owner_gone) {
		look(w);
		return;
	}
	/* A stopped owner may keep its entries; they are not looked at without a pause. */
	wake_at(w, mono_ns() + again_ns);
	loop_timer_at(w->alarm, w->next_ns);
}

static void put_back(struct watch *w, const struct journal_entry *due, size_t count)
{
	struct batch *b = mem_alloc(sizeof *b);
	struct err e;
	for (size_t i = 0; w->owner_gone && i < count; i++) {
		w->tried = mem_grow(w->tried, &w->tried_alloc, w->tried_count, sizeof *w->tried);
		memcpy(w->tried[w->tried_count++], due[i].uid, UID_MAX);
	}
	b->watch = w;
	b->work =
		putback_start(w->loop, w->state, due, count,
			      w->owner_gone ? "its owner is gone" : "deadline", batch_done, b, &e);
	if (b->work) {
		b->next = w->batches;
		w->batches = b;
	} else {
		diag_err(&e);
		free(b);
	}
}

/* Moves what is due to the front; returns how many that are, and how many others there are to
 * guard. */
static size_t sort_out(struct watch *w, struct journal_entry *all, size_t count, size_t *left)
{
	size_t due = 0;
	int64_t now = mono_ns();
	*left = 0;
	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *j = &all[i];
		if (!is_ours(w, j) || in_work(w, j->key) || was_tried(w, j->uid))
			continue;
		if (is_due(w, j, now)) {
			all[due++] = *j;
			wake_at(w, now + again_ns);
			continue;
		}
		++*left;
		if (j->deadline_ns)
			wake_at(w, j->deadline_ns + (w->owner_gone ? 0 : grace_ns));
		if (w->owner_gone)
			wake_at(w, now + again_ns);
	}
	return due;
}

/* Puts back what is due, and ends when there is nothing left to guard. */
static void look(struct watch *w)
{
	size_t count = 0, left = 0;
	struct journal_entry *all = journal_list(w->state, &count);
	w->next_ns = INT64_MAX;
	size_t due = sort_out(w, all, count, &left);
	if (due)
		put_back(w, all, due);
	free(all);
	if (w->owner_gone && !left && !w->batches)
		loop_stop(w->loop);
	else if (w->next_ns != INT64_MAX)
		loop_timer_at(w->alarm, w->next_ns);
	else
		loop_timer_stop(w->alarm);
}

static void alarm_rings(void *arg)
{
	look(arg);
}

static void owner_went(struct watch *w)
{
	loop_fd_free(w->ear);
	loop_fd_free(w->eye);
	w->ear = w->eye = NULL;
	w->owner_gone = true;
	look(w);
}

static void has_ended(void *arg, int events)
{
	(void)events;
	owner_went(arg);
}

/* The deadlines that the owner tells of come before the entries that have them. */
static void hear(void *arg, int events)
{
	struct watch *w = arg;
	int64_t told[64];
	(void)events;
	ssize_t n = read(w->fd, told, sizeof told);
	if (n <= 0 && !(n < 0 && errno == EINTR)) {
		owner_went(w);
		return;
	}
	for (ssize_t i = 0; i < n / (ssize_t)sizeof *told; i++)
		wake_at(w, told[i] + grace_ns);
	if (w->next_ns != INT64_MAX)
		loop_timer_at(w->alarm, w->next_ns);
}

static int open_watch(struct watch *w, struct err *e)
{
	w->loop = loop_new(e);
	if (!w->loop || !(w->alarm = loop_timer_new(w->loop, alarm_rings, w, e)) ||
	    !(w->ear = loop_fd_new(w->loop, w->fd, hear, w, e)))
		return -1;
	loop_fd_set(w->ear, LOOP_READ);
	w->pidfd = proc_pidfd(&w->owner, e);
	w->owner_gone = w->pidfd < 0;
	if (w->pidfd < 0)
		return 0;
	w->eye = loop_fd_new(w->loop, w->pidfd, has_ended, w, e);
	if (!w->eye)
		return -1;
	loop_fd_set(w->eye, LOOP_READ);
	return 0;
}

static void release(struct watch *w)
{
	loop_fd_free(w->ear);
	loop_fd_free(w->eye);
	loop_timer_free(w->alarm);
	loop_free(w->loop);
	free(w->tried);
}

static void guard(struct watch *w)
{
	loop_timer_at(w->alarm, 0); /* a stop is heeded only by a loop that runs */
	loop_run(w->loop);
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
	if (open_watch(&w, &e)) { /* not ready, so that the owner does nothing */
		release(&w);
		return diag_err(&e);
	}
	crash_point();
	if (write(w.fd, "", 1) != 1)
		w.owner_gone = true;
	guard(&w);
	journal_sweep(w.state, w.owner.pid);
	release(&w);
	return EXIT_OK;
}
