#include "events/emit.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/diag.h"
#include "sys/file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAITING_MAX_BYTES = 16 << 20, LAST_WAIT_MS = 1000, LOG_LINES_MAX = 10 };

static bool is_writable(int fd, int wait_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int n;
	do
		n = poll(&p, 1, wait_ms);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* The reader closed stdout (no failure) or a write failed: in both cases faults are reverted. */
static void lose(struct emitter *r, struct err *e)
{
	r->gone = true;
	buf_reset(&r->waiting);
	if (e->sys_errno != EPIPE) {
		err_prefix(e, "standard output");
		r->code = exit_worse(r->code, diag_err(e));
	}
	if (r->on_gone)
		r->on_gone(r->arg);
}

/* Writes lines that wait, one write each: a writable pipe has room for PIPE_BUF bytes, so that none
 * blocks; to a pipe, what is longer goes in parts. Waits wait_ms for a reader (negative: for ever). */
static void write_waiting(struct emitter *r, int wait_ms)
{
	struct err e = {0};
	struct stat st;
	bool file = fstat(r->sink.fd, &st) == 0 && S_ISREG(st.st_mode);
	while (!r->gone && r->waiting.len && is_writable(r->sink.fd, wait_ms)) {
		size_t len = strcspn(r->waiting.data, "\n") + 1;
		if (len > PIPE_BUF && !file)
			len = PIPE_BUF;
		if (write_all(r->sink.fd, r->waiting.data, len, &e))
			lose(r, &e);
		else
			buf_consume(&r->waiting, len);
	}
}

static void writable(void *arg, int events)
{
	struct emitter *r = arg;
	(void)events;
	write_waiting(r, 0);
	if (!r->waiting.len) {
		loop_fd_free(r->writer);
		r->writer = NULL;
	}
}

/* With a slow or stopped reader, all is kept in memory, so that no undo waits for it. */
static void send_waiting(struct emitter *r)
{
	struct err e = {0};
	if (r->gone)
		buf_reset(&r->waiting);
	write_waiting(r, r->loop ? 0 : -1);
	if (r->waiting.len > WAITING_MAX_BYTES) {
		err_runtime(&e, "more than %d bytes of events wait for their reader", WAITING_MAX_BYTES);
		lose(r, &e);
	}
	if (r->waiting.len && !r->writer)
		r->writer = loop_fd_new(r->loop, r->sink.fd, writable, r, &e);
	if (r->waiting.len && r->writer)
		loop_fd_set(r->writer, LOOP_WRITE);
}

void emit_send(struct emitter *r, struct json *j)
{
	json_line(j, &r->waiting);
	send_waiting(r);
}

void emit_words(struct emitter *r, const char *text, size_t len)
{
	struct buf shown = BUF_INIT;
	buf_add(&shown, text, len);
	plain_lines(&shown);
	buf_add(&r->waiting, shown.data, shown.len);
	buf_release(&shown);
	send_waiting(r);
}

/* After a signal nobody waits for ever, and before it another one ends the program. */
int emit_end(struct emitter *r)
{
	struct err e = {0};
	r->on_gone = NULL;
	write_waiting(r, r->code >= 128 ? LAST_WAIT_MS : -1);
	if (r->waiting.len && !r->gone) {
		err_runtime(&e, "%zu bytes of events were not read", r->waiting.len);
		lose(r, &e);
	}
	loop_fd_free(r->writer);
	buf_release(&r->waiting);
	return r->code;
}

int emit_print(struct buf *text, int code)
{
	struct err e = {0};
	plain_lines(text);
	if (out_write(STDOUT_FILENO, text, &e))
		code = exit_worse(code, diag_err(&e));
	buf_release(text);
	return code;
}

static struct json *event_at(const struct emitter *r, enum event_kind k, int64_t mono,
			     const struct subject *s)
{
	struct json *j = event_new_at(&r->sink, k, mono);
	if (s->fault)
		json_set_str(j, "fault", s->fault);
	json_set_str(j, "action", s->action);
	json_set_str(j, "node", s->node);
	json_set_str(j, "url", s->url);
	return j;
}

void shown_set(const struct shown *s, struct json *j)
{
	if (s->key && s->text[0])
		json_set_str(j, s->key, s->text);
	else if (s->key)
		json_set_int(j, s->key, s->number);
}

void emit_requested(struct emitter *r, const struct subject *s, size_t line, int64_t requested_ns)
{
	if (!r->events)
		return;
	struct json *j = event_at(r, EVENT_FAULT_REQUESTED, requested_ns, s);
	if (line)
		json_set_int(j, "line", (int64_t)line);
	emit_send(r, j);
}

void emit_injected(struct emitter *r, const struct subject *s, const struct injection *i)
{
	double took_ms = ns_to_ms(i->injected_ns - i->requested_ns);
	char held[SPAN_MAX];
	if (r->events) {
		struct json *j = event_at(r, EVENT_FAULT_INJECTED, i->injected_ns, s);
		shown_set(&i->target, j);
		json_set_round(j, "took_ms", took_ms, 3);
		json_set_round(j, "journal_ms", ns_to_ms(i->journal_ns), 3);
		if (i->due_ns)
			json_set_round(j, "late_ms", ns_to_ms(i->injected_ns - i->due_ns), 3);
		json_set_str(j, "past", i->past);
		json_set_str(j, "effect", i->effect);
		json_set_str(j, "ends", i->heals ? "target" : "undo");
		if (i->forced)
			json_set_bool(j, "forced", true);
		if (i->for_ns >= 0)
			json_set_num(j, "for_s", ns_to_s(i->for_ns));
		if (i->stays)
			json_set_bool(j, "stays", true);
		emit_send(r, j);
		return;
	}
	diag("%s %s (%s) in %.1f ms%s; %s%s", i->past, s->node, i->target.words, took_ms,
	     i->forced ? " by SIGKILL, for SIGTERM did nothing" : "",
	     i->stays	      ? "it stays down"
	     : i->heals       ? "its healing is awaited"
	     : i->detached    ? "its guard puts it back after "
	     : i->for_ns >= 0 ? "held for "
			      : "holding: Ctrl-C puts it back",
	     !i->stays && i->for_ns >= 0 ? span_format(i->for_ns, held) : "");
}

void emit_verified(struct emitter *r, const struct subject *s, const struct external_check *seen,
		   const char *state, int64_t requested_ns)
{
	if (!r->events) {
		diag("%s%s: %s: %s", s->node, seen->silent ? " does not answer" : "", seen->check,
		     seen->answer);
		return;
	}
	struct json *j = event_at(r, EVENT_FAULT_VERIFIED, seen->seen_ns, s);
	json_set_str(j, "state", state);
	json_set_str(j, "check", seen->check);
	json_set_str(j, "answer", seen->answer);
	json_set_round(j, "took_ms", ns_to_ms(seen->seen_ns - requested_ns), 3);
	emit_send(r, j);
}

void emit_reverting(struct emitter *r, const struct subject *s, const char *why, int64_t revert_ns)
{
	if (!r->events)
		return;
	struct json *j = event_at(r, EVENT_REVERT_REQUESTED, revert_ns, s);
	json_set_str(j, "why", why);
	emit_send(r, j);
}

void emit_reverted(struct emitter *r, const struct subject *s, const struct reversion *v)
{
	int64_t now = mono_ns();
	double took_ms = ns_to_ms(now - v->revert_ns);
	if (r->events) {
		struct json *j = event_at(r, EVENT_REVERTED, now, s);
		json_set_str(j, "state", v->state);
		json_set_str(j, "check", v->check);
		json_set_str(j, "answer", v->answer);
		json_set_round(j, "took_ms", took_ms, 3);
		if (v->heals && v->healed_ns && v->injected_ns)
			json_set_round(j, "healed_s", ns_to_s(v->healed_ns - v->injected_ns), 3);
		else if (v->heals)
			json_set_null(j, "healed_s");
		else if (v->injected_ns)
			json_set_round(j, "held_s", ns_to_s(v->revert_ns - v->injected_ns), 3);
		if (v->by_other && v->injected_ns)
			json_set_bool(j, "by_other", true);
		if (v->found)
			json_set(j, "found", json_clone(v->found));
		emit_send(r, j);
	} else if (v->heals && v->healed_ns && v->injected_ns) {
		diag("%s has healed by itself after %.1f ms", s->node,
		     ns_to_ms(v->healed_ns - v->injected_ns));
	} else if (v->heals && !v->healed_ns) {
		diag("%s has not healed by itself; the %s is undone", s->node, s->action);
	} else if (v->degraded) {
		diag("the %s of %s is undone after %.1f ms", s->action, s->node, took_ms);
	} else if (v->died) {
		diag("%s had ended while it was paused, which chaos-fault did not do; it is back up (%s) after %.1f ms", s->node,
		     v->now.words, took_ms);
	} else if (v->adopted && v->by_other) {
		diag("%s is up (%s): nothing to put back", s->node, v->now.words);
	} else if (v->by_other) {
		diag("%s runs already: something other than chaos-fault %s it; nothing to put back", s->node,
		     v->was_down ? "started" : "resumed");
	} else {
		diag("%s %s (%s) after %.1f ms", s->node, v->was_down ? "is back up" : "goes on",
		     v->now.words, took_ms);
	}
}

void emit_put_back(struct emitter *r, const struct subject *s, bool by_other)
{
	if (r->events) {
		struct json *j = event_at(r, EVENT_REVERTED, mono_ns(), s);
		if (by_other)
			json_set_bool(j, "by_other", true);
		emit_send(r, j);
	} else {
		diag("%s has been put back already, by its guard or an undo", s->node);
	}
}

void emit_revert_failed(struct emitter *r, const struct subject *s, const char *by_hand,
			const struct err *e)
{
	if (r->events) {
		struct json *j = event_at(r, EVENT_REVERT_FAILED, mono_ns(), s);
		json_set_str(j, "message", e->msg);
		json_set_str(j, "by_hand", by_hand);
		emit_send(r, j);
	}
	diag("the %s of '%s' could not be put back: %s; by hand: %s", s->action, s->node, e->msg,
	     by_hand);
}

void emit_down(struct emitter *r, const struct subject *s, const struct shown *was)
{
	if (r->events) {
		struct json *j = event_at(r, EVENT_NODE_DOWN, mono_ns(), s);
		shown_set(was, j);
		emit_send(r, j);
	} else if (!s->fault) {
		diag("%s is down (was %s)", s->node, was->words);
	}
}

void emit_ready(struct emitter *r, const struct subject *s, const struct shown *now, const char *found,
		const struct written_to *log, double took_ms)
{
	if (r->events) {
		struct json *j = event_at(r, EVENT_NODE_READY, mono_ns(), s);
		shown_set(now, j);
		json_set_bool(j, "started", !found);
		json_set_round(j, "took_ms", took_ms, 3);
		if (log->file) {
			json_set_str(j, "log", log->file);
			json_set_int(j, "log_from", log->from);
		}
		if (log->engine)
			json_set_str(j, "engine", log->engine);
		emit_send(r, j);
	} else if (!s->fault && found) {
		diag("%s %s (%s)", s->node, found, now->words);
	} else if (!s->fault) {
		diag("%s is up (%s) after %.1f ms", s->node, now->words, took_ms);
	}
}

void emit_log(const char *node, char *text)
{
	char *line = text + strlen(text);
	for (size_t i = 0; i < LOG_LINES_MAX && line > text; i++)
		while (--line > text && line[-1] != '\n')
			;
	for (char *next = line; next; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		plain_line(line);
		diag("%s | %.300s", node, line);
	}
}

void emit_clock(struct emitter *r, bool idle)
{
	struct json *j = event_new(&r->sink, EVENT_CLOCK);
	json_set_bool(j, "idle", idle);
	emit_send(r, j);
}

void emit_session_start(struct emitter *r, int64_t start_ns)
{
	struct json *j = event_new_at(&r->sink, EVENT_SESSION_START, start_ns);
	json_set_int(j, "pid", getpid());
	emit_send(r, j);
}

void emit_warning(struct emitter *r, const char *node, const char *message)
{
	if (r->events) {
		struct json *j = event_new(&r->sink, EVENT_WARNING);
		if (node)
			json_set_str(j, "node", node);
		json_set_str(j, "message", message);
		emit_send(r, j);
	} else {
		diag("warning: %s%s%s", node ? node : "", node ? ": " : "", message);
	}
}

void emit_error(struct emitter *r, const char *node, size_t line, const struct err *e)
{
	if (r->events) {
		struct json *j = event_new(&r->sink, EVENT_ERROR);
		if (line)
			json_set_int(j, "line", (int64_t)line);
		if (node)
			json_set_str(j, "node", node);
		event_set_err(j, e);
		emit_send(r, j);
	}
	r->errors++;
	if (!r->session) {
		r->code = exit_worse(r->code, diag_err(e));
		return;
	}
	/* Its line is answered, and the session goes on; that a fault did nothing is told by its
	 * end as well. */
	if (e->code == EXIT_INCONCLUSIVE)
		r->code = exit_worse(r->code, e->code);
	if (!line) /* no command of the user's: the session itself is in trouble */
		diag("%s", e->msg);
}
