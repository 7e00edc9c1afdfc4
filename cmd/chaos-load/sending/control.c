#include "sending/control.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "stream/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A change that is to be announced when it takes effect. */
struct notice {
	struct control_command command; /* at_ns: as it takes effect */
	uint64_t line;			/* 0: from the options */
};

struct control {
	const struct control_config *config;
	struct notice *notices; /* sorted by time; from done on still to come */
	size_t count, alloc, done;
	struct loop_timer *timer;
	struct loop_fd *watch;
	int fd;
	int flags; /* original flags of fd: watching sets O_NONBLOCK, which other processes share */
	bool bad; /* a line was no command */
	bool plan; /* standard input is a file: its end stops nothing if it says when to stop */
	struct lines lines;
	uint64_t line, stop_line; /* of the last command; of the last stop */
};

static void send_event(struct control *c, struct json *j)
{
	struct err e;
	if (c->config->load_name)
		json_set_str(j, "load", c->config->load_name);
	if (event_send(c->config->events, j, &e))
		c->config->failed(c->config->arg, &e);
}

static void announce(struct control *c, const struct notice *n)
{
	const struct control_command *m = &n->command;
	struct json *j =
		event_new_at(c->config->events, EVENT_LOAD_RATE, c->config->pacer->t0 + m->at_ns);
	json_set_num(j, "rate_rps", m->from);
	if (m->verb == CONTROL_RAMP) {
		json_set_num(j, "to_rps", m->to);
		json_set_round(j, "ramp_s", ns_to_s(m->ramp_ns), 6);
	}
	if (n->line)
		json_set_int(j, "line", (int64_t)n->line);
	send_event(c, j);
}

static void announce_due(void *arg)
{
	struct control *c = arg;
	const struct pacer *p = c->config->pacer;
	if (!p->started)
		return;
	while (c->done < c->count && p->t0 + c->notices[c->done].command.at_ns <= mono_ns())
		announce(c, &c->notices[c->done++]);
	if (c->done < c->count)
		loop_timer_at(c->timer, p->t0 + c->notices[c->done].command.at_ns);
}

static void add_notice(struct control *c, const struct control_command *m, uint64_t line)
{
	size_t i = c->count;
	c->notices = mem_grow(c->notices, &c->alloc, c->count, sizeof *c->notices);
	while (i > c->done && c->notices[i - 1].command.at_ns > m->at_ns)
		i--;
	memmove(&c->notices[i + 1], &c->notices[i], (c->count - i) * sizeof *c->notices);
	c->notices[i] = (struct notice){.command = *m, .line = line};
	c->count++;
	announce_due(c);
}

static void answer_bad(struct control *c, const char *text, const struct err *e)
{
	c->bad = true;
	if (c->config->events->fd < 0) {
		diag("line %llu, '%s': %s", (unsigned long long)c->line, text, e->msg);
		return;
	}
	struct json *j = event_new(c->config->events, EVENT_ERROR);
	json_set_int(j, "line", (int64_t)c->line);
	json_set_str(j, "text", text);
	json_set_str(j, "message", e->msg);
	send_event(c, j);
}

/* A log says when: it can begin once, and be cut off by a rate of 0. */
static int obey_replay(struct control *c, const struct control_command *m, struct err *e)
{
	struct pacer *p = c->config->pacer;
	const struct times *t = c->config->times;
	if (m->verb == CONTROL_REPLAY && !t->count)
		return err_usage(e, "there is no log: --replay names one");
	if (m->verb == CONTROL_REPLAY && p->schedule.list)
		return err_usage(e, "the log has begun already");
	if (m->verb == CONTROL_REPLAY)
		pacer_replay(p, m->at_ns, t->at_ns, t->count);
	else if (m->verb == CONTROL_RAMP || m->to > 0)
		return err_usage(e, "--replay sets the due times: 'rate 0', which ends them, is the only rate it allows");
	else
		pacer_cut_list(p, m->at_ns);
	return 0;
}

static int obey(struct control *c, struct control_command *m, struct err *e)
{
	struct pacer *p = c->config->pacer;
	if (m->verb != CONTROL_STOP && (m->verb == CONTROL_REPLAY || c->config->times->count))
		return obey_replay(c, m, e);
	if (m->verb == CONTROL_STOP) {
		c->stop_line = c->line;
		m->at_ns = pacer_end(p, m->at_ns);
	} else {
		m->at_ns = pacer_ramp(p, m->at_ns, m->from, m->to, m->ramp_ns);
	}
	/* control_finish announces the end with its reason. */
	if (m->verb != CONTROL_STOP)
		add_notice(c, m, c->line);
	return 0;
}

static void take_line(struct control *c, const struct line *line)
{
	struct control_command m;
	struct err e;
	c->line = line->number;
	if (!line->text) {
		err_usage(&e, "%s", line->wrong);
		answer_bad(c, "", &e);
		return;
	}
	char *text = line->text + strspn(line->text, " \t\r");
	if (!*text || *text == '#')
		return;
	char *copy = mem_strdup(text);
	if (control_line_parse(text, &m, &e) || obey(c, &m, &e))
		answer_bad(c, copy, &e);
	free(copy);
}

static void stop_reading(struct control *c)
{
	if (!c->watch)
		return;
	loop_fd_free(c->watch);
	c->watch = NULL;
	fcntl(c->fd, F_SETFL, c->flags);
}

static void input_ended(struct control *c)
{
	struct line line;
	if (lines_last(&c->lines, c->plan, &line))
		take_line(c, &line);
	stop_reading(c);
	if (!c->plan || c->config->pacer->schedule.end_ns == SCHEDULE_NEVER)
		c->config->ended(c->config->arg);
}

/* Returns false when there is no more to read for now. */
static bool read_some(struct control *c)
{
	char data[4096];
	ssize_t n = read(c->fd, data, sizeof data);
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n <= 0) {
		input_ended(c);
		return false;
	}
	struct line line;
	lines_add(&c->lines, data, (size_t)n);
	while (lines_next(&c->lines, &line))
		take_line(c, &line);
	return true;
}

static void fd_ready(void *arg, int events)
{
	(void)events; /* an error shows in the read */
	read_some(arg);
}

struct control *control_new(const struct control_config *config, struct err *e)
{
	struct control *c = mem_alloc(sizeof *c);
	*c = (struct control){.config = config, .fd = -1};
	lines_init(&c->lines);
	c->timer = loop_timer_new(config->loop, announce_due, c, e);
	if (c->timer)
		return c;
	free(c);
	return NULL;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	stop_reading(c);
	loop_timer_free(c->timer);
	lines_release(&c->lines);
	free(c->notices);
	free(c);
}

int control_read(struct control *c, int fd, struct err *e)
{
	struct stat st;
	c->fd = fd;
	if (fstat(fd, &st))
		return err_sys(e, errno, "cannot read commands from standard input");
	c->plan = S_ISREG(st.st_mode);
	c->flags = fcntl(fd, F_GETFL);
	c->watch = c->plan ? NULL : loop_fd_new(c->config->loop, fd, fd_ready, c, e);
	if (c->watch) {
		loop_fd_set(c->watch, LOOP_READ);
		return 0;
	}
	if (!c->plan && e->sys_errno != EPERM)
		return -1;
	while (read_some(c)) /* a file: all of it is there */
		;
	return 0;
}

void control_started(struct control *c)
{
	announce_due(c);
}

void control_announce(struct control *c, const struct control_command *command)
{
	add_notice(c, command, 0);
}

bool control_has_bad(const struct control *c)
{
	return c->bad;
}

void control_finish(struct control *c, int64_t end_ns, const char *why)
{
	loop_timer_stop(c->timer);
	while (c->done < c->count && c->notices[c->done].command.at_ns < end_ns)
		announce(c, &c->notices[c->done++]);
	if (!c->config->pacer->started)
		return;
	struct json *j =
		event_new_at(c->config->events, EVENT_LOAD_RATE, c->config->pacer->t0 + end_ns);
	json_set_num(j, "rate_rps", 0);
	json_set_str(j, "reason", why);
	if (c->stop_line && strcmp(why, "stop") == 0)
		json_set_int(j, "line", (int64_t)c->stop_line);
	send_event(c, j);
}
