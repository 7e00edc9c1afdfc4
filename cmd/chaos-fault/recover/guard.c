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
#include "programs/program.h"
#include "recover/restore.h"
#include "recover/revive.h"
#include "seam.h"
#include "sys/loop.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The owner reverts its faults at their deadlines itself; the guard acts this much later. */
static const int64_t grace_ns = 250 * NS_PER_MS;
/* A guard that looks so late, as after a stall of the machine, gives the grace anew, but not for ever. */
static const int64_t late_ns = 50 * NS_PER_MS;
/* How often overdue and detached faults are checked again. */
static const int64_t again_ns = NS_PER_S;
/* How often the proxies that faults go through are looked at. */
static const int64_t watch_ns = 50 * NS_PER_MS;

/* What has been tried is tried again after a growing pause while its entry is there. */
static const int64_t try_again_ns = 250 * NS_PER_MS, try_again_most_ns = 5 * NS_PER_S;
static const int64_t try_for_ns = 90 * BOUND_S;
enum { LOG_MAX_BYTES = 1 << 20, GRACES_MAX = 4 };

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
	int programs_lock; /* until its end, as of program_lock; 0 or less: entries alone keep copies */
	struct kept kept; /* what the owner has told of its faults */
	int64_t next_ns; /* when to read the journal again; INT64_MAX: at no fixed time */
};

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

/* INT64_MAX: not by a deadline. Late itself, a guard cannot tell an owner that stands still from one that
 * has not had its turn yet. */
static int64_t due_at(const struct guardian *w, struct kept_entry *entry,
		      const struct journal_entry *j, int64_t now)
{
	int64_t due = j->deadline_ns + (w->owner_gone ? 0 : grace_ns);
	if (w->owner_gone && (!j->handed_over || was_terminated()))
		return now;
	if (!j->deadline_ns)
		return INT64_MAX;
	if (w->owner_gone || now - due <= late_ns)
		return due;
	if (now - entry->due_ns > late_ns && entry->graces++ < GRACES_MAX)
		entry->due_ns = now + grace_ns;
	return entry->due_ns;
}

static bool is_restored(const struct guardian *w, const char *key)
{
	for (const struct batch *b = w->batches; b; b = b->next)
		if (restore_covers(b->work, key))
			return true;
	return false;
}

static void note_attempt(struct kept_entry *entry)
{
	int64_t now = mono_ns(), pause = entry->pause_ns ? 2 * entry->pause_ns : try_again_ns;
	entry->pause_ns = pause < try_again_most_ns ? pause : try_again_most_ns;
	entry->next_ns = now + entry->pause_ns;
	if (!entry->until_ns)
		entry->until_ns = now + try_for_ns;
}

static void look(void *guardian);

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

/* False if nothing is under way, as for want of descriptors. again: not undone, but injected again. */
static bool restore(struct guardian *w, const struct journal_entry *due, size_t count, bool again)
{
	struct batch *b = mem_alloc(sizeof *b);
	struct err e;
	for (size_t i = 0; i < count && !again; i++) {
		if (w->owner_gone)
			note_attempt(kept_find(&w->kept, due[i].uid));
		kept_spend(&w->kept, due[i].uid);
	}
	b->guardian = w;
	b->work =
		restore_start(w->loop, w->state, &w->kept, due, count, again, batch_done, b, &e);
	if (!b->work) {
		diag_err(&e);
		free(b);
		return false;
	}
	b->next = w->batches;
	w->batches = b;
	return true;
}

/* Keeps an entry of the owner that it could not send, as when the socket to a new guard was full. */
static bool keep_ours(void *arg, const struct journal_entry *j)
{
	struct guardian *w = arg;
	if (proc_same(&j->owner, &w->owner) && !kept_find(&w->kept, j->uid))
		journal_keep(w->state, &w->kept, j);
	return false;
}

/* True if the entry is this guard's to undo, now or later. */
static bool is_left(struct guardian *w, const struct kept_entry *entry, struct journal_entry *j)
{
	enum journal_presence there = journal_parse(entry->text.data, j)
					      ? JOURNAL_DONE
					      : journal_presence(w->state, &w->kept, j);
	if (is_restored(w, j->key))
		return false;
	if (there == JOURNAL_DONE)
		kept_drop(&w->kept, j->uid);
	return there != JOURNAL_DONE && (!j->failed || w->owner_gone) &&
	       (!entry->until_ns || mono_ns() < entry->until_ns);
}

/* True if it is to be undone now; looked at again in time in any case. */
static bool is_next(struct guardian *w, struct kept_entry *entry, const struct journal_entry *j)
{
	int64_t now = mono_ns();
	if (now < entry->next_ns) {
		wake_at(w, entry->next_ns);
		return false;
	}
	int64_t due_ns = due_at(w, entry, j, now);
	bool due = due_ns <= now;
	if (due || w->owner_gone)
		wake_at(w, now + again_ns);
	if (due)
		entry->graces = GRACES_MAX; /* what is tried again has had its time */
	else
		wake_at(w, due_ns);
	return due;
}

/* True if it is not to be undone yet, but injected again: its proxy has died. */
static bool is_again(struct guardian *w, struct kept_entry *entry, const struct journal_entry *j)
{
	int64_t now = mono_ns();
	if (!j->through || !j->begun || j->failed)
		return false;
	if (now >= entry->look_ns) {
		bool due = revive_due(w->state, &w->kept, entry, j);
		entry->look_ns = now + (due ? again_ns : watch_ns);
		wake_at(w, entry->look_ns);
		return due;
	}
	wake_at(w, entry->look_ns);
	return false;
}

/* A log that has grown large starts anew: it is opened for appending. */
static void bound_log(void)
{
	struct stat st;
	if (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LOG_MAX_BYTES &&
	    ftruncate(STDERR_FILENO, 0))
		return; /* it grows on */
}

/* Restores what is due, and stops the loop when no entry is left. */
static void look(void *guardian)
{
	struct guardian *w = guardian;
	struct journal_entry *due = NULL, *again = NULL;
	size_t count = 0, alloc = 0, left = 0, again_count = 0, again_alloc = 0;
	bound_log();
	if (w->programs_lock <= 0)
		w->programs_lock = program_lock(w->state, false, &(struct err){0});
	journal_each(w->state, keep_ours, w);
	w->next_ns = INT64_MAX;
	for (struct kept_entry *at = w->kept.first, *next; at; at = next) {
		next = at->next;
		due = mem_grow(due, &alloc, count, sizeof *due);
		if (!is_left(w, at, &due[count]))
			continue;
		if (is_next(w, at, &due[count])) {
			count++;
			continue;
		}
		left++;
		again = mem_grow(again, &again_alloc, again_count, sizeof *again);
		again[again_count] = due[count];
		again_count += is_again(w, at, &due[count]);
	}
	if (count && !restore(w, due, count, false))
		left += count;
	if (again_count)
		restore(w, again, again_count, true);
	free(due);
	free(again);
	if (w->owner_gone && !left && !w->batches)
		loop_stop(w->loop);
	else if (w->next_ns != INT64_MAX)
		loop_timer_at(w->timer, w->next_ns);
	else
		loop_timer_stop(w->timer);
}

/* An entry, what was noted behind one, or nothing: it is gone. */
static void take_message(struct guardian *w, char *message)
{
	const char *uid = message;
	char *text = strchr(message, '\n');
	struct journal_entry j;
	struct err ignored;
	if (!text)
		return;
	*text++ = '\0';
	struct kept_entry *told = kept_find(&w->kept, uid);
	if ((!told || !told->told) && journal_parse(text, &j) == 0) {
		kept_drop(&w->kept, uid); /* its file was read before */
		told = kept_add(&w->kept, uid, text, -1, &ignored) ? NULL : w->kept.first;
		if (told)
			told->told = true;
		kept_reserve(&w->kept, uid, &ignored);
	} else if (told) {
		kept_note(&w->kept, uid, text);
	}
	if (!told || journal_parse(told->text.data, &j))
		return;
	if (!*text) {
		kept_drop(&w->kept, uid);
		return;
	}
	journal_presence(w->state, &w->kept, &j);
	if (j.through)
		wake_at(w, mono_ns() + watch_ns);
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
	if (!w->loop || !(w->timer = loop_timer_new(w->loop, look, w, e)) ||
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
	if (open_guardian(&w, &e)) /* never ready, so the owner injects nothing */
		return diag_err(&e);
	crash_point();
	loop_timer_at(w.timer, 0); /* loop_stop has no effect before loop_run */
	if (write(w.fd, "", 1) != 1)
		w.owner_gone = true;
	crash_point();
	loop_run(w.loop);
	journal_sweep(w.state, w.owner.pid);
	loop_fd_free(w.owner_pipe);
	loop_fd_free(w.owner_exit);
	loop_timer_free(w.timer);
	loop_free(w.loop);
	kept_release(&w.kept);
	return EXIT_OK;
}
