#include "recover/guard.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "cli/diag.h"
#include "journal/guard_client.h"
#include "journal/journal.h"
#include "journal/journal_text.h"
#include "journal/kept.h"
#include "recover/restore.h"
#include "seam.h"
#include "sys/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The owner reverts its faults at their deadlines itself; the guard acts this much later. */
static const int64_t grace_ns = 250 * NS_PER_MS;
/* How often overdue and detached faults are checked again. */
static const int64_t again_ns = NS_PER_S;

/* An entry whose restore has begun, and is begun again after a growing pause while it is there. */
struct attempt {
	char uid[UID_MAX];
	int64_t next_ns, pause_ns, until_ns;
};

static const int64_t try_again_ns = 250 * NS_PER_MS, try_again_most_ns = 5 * NS_PER_S;
static const int64_t try_for_ns = 90 * BOUND_S;

/* One restore under way. Several run at once, so that a slow node does not delay others, but only
 * one per node. */
struct batch {
	struct guardian *guardian;
	struct restore *work;
	struct batch *next;
};

struct guardian {
	const char *state;
	struct proc_id owner;
	int fd, pidfd;
	struct loop *loop;
	struct loop_fd *owner_pipe, *owner_exit; /* watch fd and pidfd */
	struct loop_timer *timer;
	struct batch *batches;
	bool owner_gone;
	struct kept kept; /* what the owner has told of its faults */
	struct attempt *tried; /* since the owner has exited; owned */
	size_t tried_count, tried_alloc;
	int64_t next_ns; /* when to read the journal again; INT64_MAX: at no fixed time */
};

static bool is_ours(const struct guardian *w, const struct journal_entry *j)
{
	return j->owner.pid == w->owner.pid && j->owner.start_ticks == w->owner.start_ticks &&
	       (!j->failed || w->owner_gone);
}

static void wake_at(struct guardian *w, int64_t mono)
{
	if (mono < w->next_ns)
		w->next_ns = mono;
}

/* SIGTERM is pending: the guard may exit only after it has reverted its detached faults. */
static bool was_terminated(void)
{
	sigset_t pending;
	sigpending(&pending);
	return sigismember(&pending, SIGTERM) == 1;
}

static bool is_due(const struct guardian *w, const struct journal_entry *j, int64_t now)
{
	if (w->owner_gone && (!j->handed_over || was_terminated()))
		return true;
	int64_t grace = w->owner_gone ? 0 : grace_ns;
	return j->deadline_ns && j->deadline_ns + grace <= now;
}

static bool is_restored(const struct guardian *w, const char *key)
{
	for (const struct batch *b = w->batches; b; b = b->next)
		if (restore_covers(b->work, key))
			return true;
	return false;
}

static struct attempt *attempt_of(const struct guardian *w, const char *uid)
{
	for (size_t i = 0; i < w->tried_count; i++)
		if (strcmp(w->tried[i].uid, uid) == 0)
			return &w->tried[i];
	return NULL;
}

static void note_attempt(struct guardian *w, const char *uid)
{
	int64_t now = mono_ns();
	struct attempt *a = attempt_of(w, uid);
	if (!a) {
		w->tried = mem_grow(w->tried, &w->tried_alloc, w->tried_count, sizeof *w->tried);
		a = &w->tried[w->tried_count++];
		*a = (struct attempt){.pause_ns = try_again_ns, .until_ns = now + try_for_ns};
		memcpy(a->uid, uid, UID_MAX);
	} else if ((a->pause_ns *= 2) > try_again_most_ns) {
		a->pause_ns = try_again_most_ns;
	}
	a->next_ns = now + a->pause_ns;
}

static void look(struct guardian *w);

static void batch_done(void *arg, struct restore *work)
{
	struct batch *b = arg, **at = &b->guardian->batches;
	struct guardian *w = b->guardian;
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	restore_end(work);
	free(b);
	if (w->owner_gone) {
		look(w);
		return;
	}
	/* The entries of a stopped owner may stay: without a pause this would be a busy loop. */
	wake_at(w, mono_ns() + again_ns);
	loop_timer_at(w->timer, w->next_ns);
}

/* False if nothing is under way, as for want of descriptors. */
static bool restore(struct guardian *w, const struct journal_entry *due, size_t count)
{
	struct batch *b = mem_alloc(sizeof *b);
	struct err e;
	for (size_t i = 0; i < count; i++) {
		if (w->owner_gone)
			note_attempt(w, due[i].uid);
		kept_spend(&w->kept, due[i].uid);
	}
	b->guardian = w;
	b->work =
		restore_start(w->loop, w->state, &w->kept, due, count,
			      w->owner_gone ? "its owner is gone" : "deadline", batch_done, b, &e);
	if (!b->work) {
		diag_err(&e);
		free(b);
		return false;
	}
	b->next = w->batches;
	w->batches = b;
	return true;
}

/* Moves the entries that are due to the front and returns their number; *left is the number of the
 * other entries of this guard. */
static size_t sort_out(struct guardian *w, struct journal_entry *all, size_t count, size_t *left)
{
	size_t due = 0;
	int64_t now = mono_ns();
	*left = 0;
	for (size_t i = 0; i < count; i++) {
		const struct journal_entry *j = &all[i];
		const struct attempt *a = attempt_of(w, j->uid);
		if (!is_ours(w, j) || is_restored(w, j->key) || (a && now >= a->until_ns))
			continue;
		if (a && now < a->next_ns) {
			++*left;
			wake_at(w, a->next_ns);
			continue;
		}
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

/* All that the journal has, and what it has lost of what the owner has told. */
static struct journal_entry *all_entries(struct guardian *w, size_t *count)
{
	struct journal_entry *all = journal_list(w->state, count);
	for (struct kept_entry *at = w->kept.first, *next; at; at = next) {
		struct journal_entry j;
		next = at->next;
		enum journal_presence there = journal_parse(at->text.data, &j)
						      ? JOURNAL_DONE
						      : journal_presence(w->state, &w->kept, &j);
		if (there == JOURNAL_DONE && !is_restored(w, j.key))
			kept_drop(&w->kept, j.uid);
		if (there != JOURNAL_LOST)
			continue;
		all = mem_realloc(all, *count + 1, sizeof *all);
		all[(*count)++] = j;
	}
	return all;
}

/* Restores what is due, and stops the loop when no entry is left. */
static void look(struct guardian *w)
{
	size_t count = 0, left = 0;
	struct journal_entry *all = all_entries(w, &count);
	w->next_ns = INT64_MAX;
	size_t due = sort_out(w, all, count, &left);
	if (due && !restore(w, all, due))
		left += due;
	free(all);
	if (w->owner_gone && !left && !w->batches)
		loop_stop(w->loop);
	else if (w->next_ns != INT64_MAX)
		loop_timer_at(w->timer, w->next_ns);
	else
		loop_timer_stop(w->timer);
}

static void timer_fired(void *arg)
{
	look(arg);
}

static void take_message(struct guardian *w, char *message)
{
	char *uid = message + 1, *text = strchr(uid, '\n');
	struct journal_entry j;
	struct err ignored;
	if (!text)
		return;
	*text++ = '\0';
	if (message[0] == GUARD_OVER) {
		kept_drop(&w->kept, uid);
		return;
	}
	if (message[0] == GUARD_NOTE)
		kept_note(&w->kept, uid, text);
	else if (journal_parse(text, &j) == 0)
		journal_keep(w->state, &w->kept, &j, text);
	if (message[0] == GUARD_ENTRY)
		kept_reserve(&w->kept, uid, &ignored);
	const struct kept_entry *told = kept_find(&w->kept, uid);
	if (!told || journal_parse(told->text.data, &j))
		return;
	journal_keep_file(w->state, &w->kept, &j);
	if (j.deadline_ns)
		wake_at(w, j.deadline_ns + grace_ns);
}

/* False at the end of the pipe. */
static bool read_messages(struct guardian *w)
{
	for (;;) {
		ssize_t size = recv(w->fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
		if (size <= 0)
			return size < 0 && (errno == EINTR || errno == EAGAIN);
		char *message = mem_alloc((size_t)size + 1);
		if (recv(w->fd, message, (size_t)size, MSG_DONTWAIT) == size)
			take_message(w, message);
		free(message);
	}
}

/* What it has sent before is read first. */
static void owner_lost(struct guardian *w)
{
	loop_fd_free(w->owner_pipe);
	loop_fd_free(w->owner_exit);
	w->owner_pipe = w->owner_exit = NULL;
	read_messages(w);
	w->owner_gone = true;
	look(w);
}

static void owner_exited(void *arg, int events)
{
	(void)events;
	owner_lost(arg);
}

static void pipe_readable(void *arg, int events)
{
	struct guardian *w = arg;
	(void)events;
	if (!read_messages(w))
		owner_lost(w);
	else if (w->next_ns != INT64_MAX)
		loop_timer_at(w->timer, w->next_ns);
}

static int open_guardian(struct guardian *w, struct err *e)
{
	w->loop = loop_new(e);
	if (!w->loop || !(w->timer = loop_timer_new(w->loop, timer_fired, w, e)) ||
	    !(w->owner_pipe = loop_fd_new(w->loop, w->fd, pipe_readable, w, e)))
		return -1;
	loop_fd_set(w->owner_pipe, LOOP_READ);
	w->pidfd = proc_pidfd(&w->owner, e);
	w->owner_gone = w->pidfd < 0;
	if (w->pidfd < 0)
		return 0;
	w->owner_exit = loop_fd_new(w->loop, w->pidfd, owner_exited, w, e);
	if (!w->owner_exit)
		return -1;
	loop_fd_set(w->owner_exit, LOOP_READ);
	return 0;
}

static void release(struct guardian *w)
{
	loop_fd_free(w->owner_pipe);
	loop_fd_free(w->owner_exit);
	loop_timer_free(w->timer);
	loop_free(w->loop);
	kept_release(&w->kept);
	free(w->tried);
}

static void guard(struct guardian *w)
{
	loop_timer_at(w->timer, 0); /* loop_stop has no effect before loop_run */
	loop_run(w->loop);
}

/* Signals to the process group are for the owner: without its guard it would be unprotected. */
static void ignore_signals(void)
{
	static const int ignored[] = {SIGINT,  SIGHUP,	SIGQUIT, SIGTSTP,
				      SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2};
	sigset_t term;
	for (size_t i = 0; i < ARRAY_LEN(ignored); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
}

bool guard_requested(int argc, char **argv)
{
	return argc == 6 && strcmp(argv[1], "guard") == 0;
}

int guard_main(char **argv)
{
	int64_t pid, fd;
	struct err e;
	struct guardian w = {.state = argv[5], .next_ns = INT64_MAX};
	if (num_i64(argv[2], 1, INT_MAX, &pid) ||
	    num_u64(argv[3], UINT64_MAX, &w.owner.start_ticks) ||
	    num_i64(argv[4], 3, INT_MAX, &fd)) {
		err_usage(&e, "only chaos-fault starts a guard");
		return diag_err(&e);
	}
	crash_in_guard();
	ignore_signals();
	w.owner.pid = (pid_t)pid;
	w.fd = (int)fd;
	if (open_guardian(
		    &w, &e)) { /* it never reports that it is ready, so the owner injects nothing */
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
