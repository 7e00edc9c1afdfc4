#include "hosts/peer.h"

#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "sys/file.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUESTIONS = 8, LINE_MAX_BYTES = 1 << 20 };

/* From a login until its program has answered all questions. */
static const int64_t begin_within_ns = 30 * NS_PER_S;
/* From the end of its output until that of ssh, whose last round trips take as long as those before. */
static const int64_t end_within_ns = 10 * NS_PER_S;

/* --- out ------------------------------------------------------------------------ */

static void write_waiting(struct peer *p)
{
	ssize_t n = 0;
	while (p->in >= 0 && p->waiting.len && (n = write(p->in, p->waiting.data, p->waiting.len)) > 0)
		buf_consume(&p->waiting, (size_t)n);
	if (n < 0 && errno != EAGAIN && errno != EINTR) /* its end is seen at its other pipe */
		buf_reset(&p->waiting);
	if (p->in < 0 || p->waiting.len)
		return;
	loop_fd_set(p->writer, 0);
	if (!p->closing || !p->begun)
		return;
	loop_fd_free(p->writer);
	p->writer = NULL;
	close(p->in);
	p->in = -1;
}

static void writable(void *arg, int events)
{
	(void)events;
	write_waiting(arg);
}

static void flush(struct peer *p)
{
	write_waiting(p);
	if (p->in >= 0 && p->waiting.len)
		loop_fd_set(p->writer, LOOP_WRITE);
}

void peer_send(struct peer *p, const char *text, size_t line)
{
	p->lines = mem_grow(p->lines, &p->line_alloc, p->line_count, sizeof *p->lines);
	p->lines[p->line_count++] = line;
	buf_addf(p->begun ? &p->waiting : &p->later, "%s\n", text);
	flush(p);
}

static void ask_last(struct peer *p)
{
	if (!p->host || !p->ready)
		return;
	p->asked_ns = mono_ns();
	peer_send(p, "#clock", 0);
}

void peer_ask_idle(struct peer *p)
{
	p->awaited = true;
	peer_send(p, "#idle", 0);
}

void peer_cut(struct peer *p)
{
	p->cut = !p->over && p->pid > 0;
	if (p->cut)
		kill(p->pid, SIGTERM); /* our child, which has not been waited for */
}

static void too_late(void *arg)
{
	struct peer *p = arg;
	if (p->reader) {
		peer_cut(p);
		return;
	}
	diag("the link to '%s' has not ended with its output, and is killed", p->host ? p->host : "this machine");
	kill(p->pid, SIGKILL); /* likewise */
}

void peer_close(struct peer *p, bool at_once)
{
	if (!p->pid || p->over || (p->closing && !at_once))
		return;
	if (at_once && !p->begun)
		peer_cut(p);
	ask_last(p);
	p->closing = true;
	flush(p);
}

/* --- its clock --------------------------------------------------------------------- */

static void ask(struct peer *p)
{
	p->questions--;
	p->asked_ns = mono_ns();
	buf_addstr(&p->waiting, "clock\n");
	flush(p);
}

static void tell_clock(const struct peer *p, int64_t offset_ns, int64_t error_ns)
{
	if (!p->emitter->events)
		return;
	struct json *j = event_new(&p->emitter->sink, EVENT_HOST);
	json_set_str(j, "host", p->host);
	json_set_round(j, "offset_ms", ns_to_ms(offset_ns), 3);
	json_set_round(j, "error_ms", ns_to_ms(error_ns), 3);
	emit_send(p->emitter, j);
}

/* Lines that came before are sent now. */
static void begin(struct peer *p)
{
	p->begun = true;
	loop_timer_stop(p->late);
	buf_addf(&p->waiting, "%s%s", p->host ? "go\n" : "", p->later.data);
	flush(p);
}

/* The answer was written between question and now: in the middle, give or take a half. The shortest of several
 * round trips says the most; the last question of a session is asked for itself. */
static void take_clock(struct peer *p, int64_t there_ns)
{
	int64_t now = mono_ns(), half = (now - p->asked_ns) / 2;
	int64_t offset = there_ns - anchor_wall_ns(&p->emitter->sink.anchor, p->asked_ns + half);
	if (p->begun) {
		tell_clock(p, offset, half);
		return;
	}
	if (!p->error_ns || half < p->error_ns) {
		p->offset_ns = offset;
		p->error_ns = half;
	}
	if (p->questions) {
		ask(p);
		return;
	}
	begin(p); /* what is told may find no reader, which ends it all */
	tell_clock(p, p->offset_ns, p->error_ns);
}

/* --- in ------------------------------------------------------------------------- */

static size_t our_line(const struct peer *p, const struct json *theirs)
{
	int64_t number = json_int(theirs, 0);
	return number > 0 && (size_t)number <= p->line_count ? p->lines[number - 1] : 0;
}

/* Its times, lines and UIDs as ours. Where its files are is of no use here. */
static struct json *translate(const struct peer *p, const struct json *theirs)
{
	struct json *j = json_object_new();
	const struct json *value;
	const char *key;
	for (void *at = NULL; json_next(theirs, &at, &key, &value);) {
		size_t line = strcmp(key, "line") == 0 || strcmp(key, "fault_line") == 0 ? our_line(p, value) : 0;
		if (strcmp(key, "t") == 0)
			json_set_round(j, key, ns_to_s(s_to_ns(json_num(value, 0)) - p->offset_ns), 6);
		else if (line)
			json_set_int(j, key, (int64_t)line);
		else if (p->host && strcmp(key, "fault") == 0) {
			char *uid = mem_printf("%s:%s", p->host, json_str(value, ""));
			json_set_str(j, key, uid);
			free(uid);
		} else if (!p->host || (strncmp(key, "log", 3) != 0 && strcmp(key, "engine") != 0))
			json_set(j, key, json_clone(value));
	}
	if (p->host)
		json_set_str(j, "host", p->host);
	return j;
}

static void drop_active(struct peer *p, const char *fault)
{
	for (size_t i = 0; i < p->active_count; i++)
		if (strcmp(json_text(p->active[i], "fault"), fault) == 0) {
			json_free(p->active[i]);
			p->active[i] = p->active[--p->active_count];
			return;
		}
}

static void keep_active(struct peer *p, const struct json *j, const char *event)
{
	const char *fault = json_str(json_get(j, "fault"), NULL);
	bool requested = strcmp(event, "fault_requested") == 0, injected = strcmp(event, "fault_injected") == 0;
	if (fault && (injected || strcmp(event, "reverted") == 0))
		drop_active(p, fault);
	if (!fault || !(requested || injected) || json_bool(json_get(j, "stays"), false))
		return;
	p->active = mem_grow(p->active, &p->active_alloc, p->active_count, sizeof(struct json *));
	p->active[p->active_count++] = json_clone(j);
}

/* A command alone has no session, and one that prints text sends no event but its clock. */
static void take_event(struct peer *p, const struct json *j)
{
	const char *event = json_text(j, "event");
	int64_t t_ns = s_to_ns(json_num(json_get(j, "t"), 0));
	if (strcmp(event, "clock") == 0 && json_bool(json_get(j, "idle"), false)) {
		p->awaited = false;
		p->calls->idle(p->calls->arg, p);
	} else if (strcmp(event, "clock") == 0) {
		take_clock(p, t_ns);
	} else if (strcmp(event, "session_start") == 0 && !p->calls->text) {
		p->ready = true;
		p->start_ns = t_ns - p->offset_ns;
		p->calls->ready(p->calls->arg, p);
	} else if (p->emitter->events) {
		struct json *ours = translate(p, j);
		keep_active(p, ours, event);
		emit_send(p->emitter, ours);
	}
}

/* To a session, what is no event comes from the login there, before our program. */
static void take_lines(struct peer *p)
{
	for (char *end; (end = memchr(p->unread.data, '\n', p->unread.len));) {
		size_t len = (size_t)(end - p->unread.data);
		struct err ignored;
		struct json *j = json_parse(p->unread.data, len, "events", &ignored);
		if (json_get(j, "event"))
			take_event(p, j);
		else if (p->calls->text)
			p->calls->text(p->calls->arg, p, j, p->unread.data, len + 1);
		json_free(j);
		buf_consume(&p->unread, len + 1);
	}
}

static void ended(void *arg, int events)
{
	struct peer *p = arg;
	(void)events;
	loop_timer_free(p->late);
	p->late = NULL;
	loop_fd_free(p->ender);
	p->ender = NULL;
	p->over = true;
	p->code = far_wait(p->pid, &p->lost);
	p->calls->over(p->calls->arg, p);
}

/* What is left is a last line without its end. */
static void output_over(struct peer *p)
{
	struct err ignored;
	if (p->unread.len) {
		buf_addch(&p->unread, '\n');
		take_lines(p);
	}
	loop_fd_free(p->reader);
	p->reader = NULL;
	close(p->out);
	p->out = far_pidfd(p->pid);
	p->ender = p->out >= 0 ? loop_fd_new(p->emitter->loop, p->out, ended, p, &ignored) : NULL;
	if (p->ender && loop_fd_set(p->ender, LOOP_READ) == 0)
		loop_timer_at(p->late, mono_ns() + end_within_ns);
	else
		ended(p, 0);
}

static void readable(void *arg, int events)
{
	struct peer *p = arg;
	char data[1 << 14];
	(void)events;
	ssize_t n = read(p->out, data, sizeof data);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		buf_add(&p->unread, data, (size_t)n);
		take_lines(p);
		if (p->unread.len > LINE_MAX_BYTES) { /* no program of ours */
			peer_cut(p);
			buf_reset(&p->unread);
		}
	} else {
		output_over(p);
	}
}

/* --- its life ---------------------------------------------------------------------- */

/* What is sent ahead of all else to a host: the config. */
static int add_config(struct peer *p, const struct config *c, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = file_read(c->path, &text, e);
	buf_addf(&p->waiting, "config %zu %s\n", text.len, c->path);
	buf_add(&p->waiting, text.data, text.len);
	buf_release(&text);
	return rc;
}

int peer_open(struct peer *p, const char *host, const struct config *c, const struct args *args, bool clock,
	      struct emitter *r, const struct peer_calls *calls, struct err *e)
{
	*p = (struct peer){.host = host, .calls = calls, .emitter = r,
			   .waiting = BUF_INIT, .unread = BUF_INIT, .later = BUF_INIT,
			   .in = -1, .out = -1, .questions = !host || !clock ? 0 : r->events ? QUESTIONS : 1};
	if (host && add_config(p, c, e))
		return -1;
	pid_t pid = far_start(host, c, args, &p->in, &p->out, e);
	if (pid < 0)
		return -1;
	p->pid = pid;
	p->writer = loop_fd_new(r->loop, p->in, writable, p, e);
	p->reader = loop_fd_new(r->loop, p->out, readable, p, e);
	p->late = loop_timer_new(r->loop, too_late, p, e);
	if (!p->writer || !p->reader || !p->late || loop_fd_set(p->reader, LOOP_READ)) {
		kill(pid, SIGKILL); /* our child, which has not been waited for */
		p->code = far_wait(pid, &p->lost);
		p->over = true;
		return -1;
	}
	if (!p->questions) {
		begin(p);
	} else {
		loop_timer_at(p->late, mono_ns() + begin_within_ns);
		ask(p);
	}
	return 0;
}

void peer_release(struct peer *p)
{
	if (!p->calls)
		return;
	loop_fd_free(p->reader);
	loop_fd_free(p->ender);
	loop_fd_free(p->writer);
	loop_timer_free(p->late);
	if (p->in >= 0)
		close(p->in);
	if (p->out >= 0)
		close(p->out);
	buf_release(&p->waiting);
	buf_release(&p->unread);
	buf_release(&p->later);
	free(p->lines);
	while (p->active_count)
		json_free(p->active[--p->active_count]);
	free(p->active);
	*p = (struct peer){0};
}
