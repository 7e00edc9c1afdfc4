#include "hosts/relook.h"

#include "base/clock.h"
#include "base/units.h"
#include "sys/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX_BYTES = 16 << 20 };

static const int64_t within_ns = 15 * NS_PER_S;

/* What is to be said, and what comes until the end; false if that has not come within the bounds. */
static bool talk(int in, struct buf *say, int fd, struct buf *out)
{
	int64_t until_ns = mono_ns() + within_ns;
	char data[4096];
	ssize_t n = 1;
	while (n) {
		int64_t left_ms = (until_ns - mono_ns()) / NS_PER_MS;
		struct pollfd at[] = {{.fd = fd, .events = POLLIN}, {.fd = say->len ? in : -1, .events = POLLOUT}};
		if (left_ms <= 0 || out->len > ANSWER_MAX_BYTES || poll(at, ARRAY_LEN(at), (int)left_ms) == 0)
			return false;
		if (at[1].revents && far_feed(in, say))
			buf_reset(say);
		if (!at[0].revents)
			continue;
		n = read(fd, data, sizeof data);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			buf_add(out, data, (size_t)n);
	}
	return true;
}

static bool has_ended(pid_t pid)
{
	struct proc_id id = {0};
	struct err ignored;
	struct pollfd at = {.fd = proc_identify(pid, &id, &ignored) ? -1 : proc_pidfd(&id, &ignored), .events = POLLIN};
	bool ended = at.fd < 0 || poll(&at, 1, 1000) != 0;
	if (at.fd >= 0)
		close(at.fd);
	return ended;
}

/* The answer of ls there; empty if there is none. */
static void ask(const struct peer *p, const struct config *c, struct buf *out)
{
	struct words args = {0};
	struct buf hello = BUF_INIT;
	struct err ignored;
	int in = -1, from = -1;
	words_add(&args, "--json");
	words_add(&args, "ls");
	for (size_t i = 0; i < c->node_count; i++)
		if (strcmp(c->nodes[i].host ? c->nodes[i].host : "", p->host ? p->host : "") == 0)
			words_add(&args, "%s", c->nodes[i].name);
	pid_t pid = p->host && far_hello(c, &hello, &ignored) ? -1 : far_start(p->host, c, &args, &in, &from, &ignored);
	words_release(&args);
	if (pid < 0) {
		buf_release(&hello);
		return;
	}
	buf_addstr(&hello, p->host ? "go\n" : "");
	/* Whoever has closed its output may still stay. */
	if (!talk(in, &hello, from, out) || !has_ended(pid))
		kill(pid, SIGKILL); /* our child, which has not been waited for */
	buf_release(&hello);
	close(in);
	close(from);
	if (far_wait(pid, NULL) != EXIT_OK)
		buf_reset(out);
}

/* True if the node has none of the link's faults. */
static bool is_clear(const struct peer *p, const struct json *node)
{
	const char *fault = json_str(json_get(node, "fault.fault"), "");
	const struct json *more = json_get(node, "faults");
	for (size_t i = 0; i < p->active_count; i++) {
		const char *ours = json_str(json_get(p->active[i], "fault"), "");
		bool same = strcmp(fault, ours) == 0;
		for (size_t k = 0; k < json_count(more); k++)
			same = same || strcmp(json_str(json_get(json_at(more, k), "fault"), ""), ours) == 0;
		if (same)
			return false;
	}
	return true;
}

/* One that was only requested has perhaps never been: nothing is said of it. */
static void report_healed(struct peer *p)
{
	static const char *const keys[] = {"fault", "action", "node", "url", "host"};
	for (size_t i = 0; i < p->active_count; i++) {
		if (strcmp(json_str(json_get(p->active[i], "event"), ""), "fault_injected") != 0)
			continue;
		struct json *j = event_new(&p->report->sink, EVENT_REVERTED);
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			json_set_str(j, keys[k], json_str(json_get(p->active[i], keys[k]), NULL));
		json_set_bool(j, "by_other", true);
		report_send(p->report, j);
	}
}

bool relook(struct peer *p, const struct config *c)
{
	struct buf answer = BUF_INIT;
	struct err ignored;
	size_t seen = 0;
	bool clear = true;
	ask(p, c, &answer);
	for (char *line = answer.data, *end; clear && (end = strchr(line, '\n')); line = end + 1) {
		struct json *node = json_parse(line, (size_t)(end - line), "ls", &ignored);
		/* Other lines are those of a login. */
		bool is_node = json_str(json_get(node, "node"), NULL) != NULL;
		seen += is_node;
		clear = !is_node || is_clear(p, node);
		json_free(node);
	}
	buf_release(&answer);
	clear = clear && seen > 0;
	if (clear)
		report_healed(p);
	return clear;
}
