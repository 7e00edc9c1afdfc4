#include "run/ask.h"

#include "conf/key_vars.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A pipe from the child into a buffer. */
struct channel {
	struct buf *to; /* NULL: not wanted, and both ends are -1 */
	int read_fd, write_fd;
};
enum { ANALYSIS, WINDOWS, MESSAGES, CHANNEL_COUNT };

/* The program and the option that ask_analyze itself adds come first. */
enum { OWN_ARGS = 3 };

void ask_option(struct ask *a, const char *name, const char *value)
{
	const char **at = &a->args[OWN_ARGS + a->count];
	if (!value || OWN_ARGS + a->count + 2 >= ASK_ARGS_MAX)
		return;
	at[0] = name;
	at[1] = value;
	a->count += 2;
}

void ask_flag(struct ask *a, const char *name)
{
	if (name && OWN_ARGS + a->count + 1 < ASK_ARGS_MAX)
		a->args[OWN_ARGS + a->count++] = name;
}

static int open_channels(struct channel *all, struct err *e)
{
	for (size_t i = 0; i < CHANNEL_COUNT; i++) {
		int ends[2];
		if (!all[i].to)
			continue;
		if (pipe2(ends, O_CLOEXEC))
			return err_sys(e, errno, "cannot make a pipe");
		all[i].read_fd = ends[0];
		all[i].write_fd = ends[1];
	}
	return 0;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Reads all channels to their ends at once: while one is waited for, another may fill up. */
static void drain(struct channel *all)
{
	struct pollfd p[CHANNEL_COUNT];
	char part[1 << 14];
	size_t open;
	do {
		open = 0;
		for (size_t i = 0; i < CHANNEL_COUNT; i++) {
			p[i] = (struct pollfd){.fd = all[i].read_fd, .events = POLLIN};
			open += p[i].fd >= 0;
		}
		if (!open || poll(p, CHANNEL_COUNT, -1) <= 0)
			continue;
		for (size_t i = 0; i < CHANNEL_COUNT; i++) {
			if (!p[i].revents)
				continue;
			ssize_t n = read(p[i].fd, part, sizeof part);
			if (n > 0)
				buf_add(all[i].to, part, (size_t)n);
			else if (n == 0 || errno != EINTR)
				close_end(&all[i].read_fd);
		}
	} while (open);
}

/* The last line of its messages, without the name of the program. */
static const char *reason(struct buf *messages)
{
	static const char name[] = "chaos-analyze: ";
	while (messages->len && messages->data[messages->len - 1] == '\n')
		messages->data[--messages->len] = '\0';
	const char *line = strrchr(messages->data, '\n');
	line = line ? line + 1 : messages->data;
	return strncmp(line, name, strlen(name)) == 0 ? line + strlen(name) : line;
}

/* Its exit code becomes ours, but for 1 and 3 with an analysis. */
static int wait_for(pid_t pid, bool answered, struct buf *messages, struct err *e)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "cannot wait for chaos-analyze");
	if (WIFSIGNALED(status))
		return err_runtime(e, "chaos-analyze died by signal %d", WTERMSIG(status));
	int code = WEXITSTATUS(status);
	if (code == EXIT_OK || (answered && (code == EXIT_NO || code == EXIT_INCONCLUSIVE)))
		return 0;
	*e = (struct err){.code = (enum exit_code)code};
	snprintf(e->msg, sizeof e->msg, "%s", reason(messages));
	return -1;
}

static int run_analyze(const struct ask *a, const char *const *args, struct channel *all,
		       struct err *e)
{
	struct proc_spawn spawn = {.argv = args,
				   .in = a->in_fd,
				   .out = all[ANALYSIS].write_fd,
				   .err = a->err_fd < 0 ? all[MESSAGES].write_fd : a->err_fd,
				   .keep_fd = all[WINDOWS].write_fd,
				   .die_with_parent = true,
				   .drop_env = key_vars};
	pid_t pid = proc_spawn(&spawn, e);
	for (size_t i = 0; i < CHANNEL_COUNT; i++)
		close_end(&all[i].write_fd);
	if (pid < 0)
		return -1;
	drain(all);
	return wait_for(pid, all[ANALYSIS].to->len, all[MESSAGES].to, e);
}

int ask_analyze(struct ask *a, struct buf *analysis, struct buf *windows, struct err *e)
{
	struct buf messages = BUF_INIT;
	struct channel all[] = {{analysis, -1, -1}, {windows, -1, -1}, {&messages, -1, -1}};
	char path[32], *program = proc_sibling("chaos-analyze");
	size_t first = windows ? 0 : OWN_ARGS - 1;
	int rc = open_channels(all, e);
	snprintf(path, sizeof path, "/dev/fd/%d", all[WINDOWS].write_fd);
	a->args[1] = "--windows-to";
	a->args[2] = path;
	a->args[first] = program;
	if (!rc)
		rc = run_analyze(a, a->args + first, all, e);
	for (size_t i = 0; i < CHANNEL_COUNT; i++) {
		close_end(&all[i].read_fd);
		close_end(&all[i].write_fd);
	}
	buf_release(&messages);
	free(program);
	return rc;
}

struct json *analysis_parse(const struct buf *text, const char *name, struct err *e)
{
	struct json *j = json_parse(text->data, text->len, name, e);
	const char *schema = json_str(json_get(j, "schema"), NULL);
	if (!j || (schema && strcmp(schema, "chaos-analyze/1") == 0))
		return j;
	if (schema)
		err_usage(e, "'%s' is not an analysis: its schema is '%.60s', not 'chaos-analyze/1'",
			  name, schema);
	else
		err_usage(e, "'%s' is not an analysis: it has no key 'schema'", name);
	json_free(j);
	return NULL;
}
