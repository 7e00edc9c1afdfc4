#include "input.h"

#include "base/buf.h"
#include "conf/run.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 10 };

/* Its exit code becomes ours, but for one that it survived with a full answer. */
static int wait_for(pid_t pid, const struct buf *text, struct err *e)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "cannot wait for chaos-analyze");
	if (WIFSIGNALED(status))
		return err_runtime(e, "chaos-analyze died by signal %d", WTERMSIG(status));
	int code = WEXITSTATUS(status);
	if (code == EXIT_OK || (text->len && (code == EXIT_NO || code == EXIT_INCONCLUSIVE)))
		return 0;
	*e = (struct err){.code = (enum exit_code)code};
	return -1;
}

static int run_analyze(const char *const *argv, struct buf *text, struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	struct proc_spawn spawn = {.argv = argv,
				   .in = -1,
				   .out = ends[1],
				   .err = STDERR_FILENO,
				   .keep_fd = -1,
				   .die_with_parent = true};
	pid_t pid = proc_spawn(&spawn, e);
	close(ends[1]);
	int rc = pid < 0 ? -1 : fd_read_all(ends[0], "chaos-analyze", text, e);
	close(ends[0]);
	if (pid >= 0 && !rc)
		rc = wait_for(pid, text, e);
	return rc;
}

static int analyze(const struct options *o, struct buf *text, struct err *e)
{
	const char *argv[ARGS_MAX] = {NULL};
	size_t n = 0;
	char *program = proc_sibling("chaos-analyze");
	argv[n++] = program;
	argv[n++] = "--run-id";
	argv[n++] = o->run_id;
	argv[n++] = "--runs-dir";
	argv[n++] = o->runs_dir;
	if (o->baseline_id) {
		argv[n++] = "--baseline-id";
		argv[n++] = o->baseline_id;
	}
	if (o->config) {
		argv[n++] = "--config";
		argv[n++] = o->config;
	}
	int rc = run_analyze(argv, text, e);
	free(program);
	return rc;
}

static bool blank(const struct buf *text)
{
	return strspn(text->data, " \t\r\n") == text->len;
}

static int parse(struct input *in, const struct buf *text, const char *name, struct err *e)
{
	if (blank(text))
		return err_usage(e, "'%s' is empty: an analysis is one JSON object", name);
	in->analysis = json_parse(text->data, text->len, name, e);
	if (!in->analysis)
		return -1;
	const char *schema = json_str(json_get(in->analysis, "schema"), NULL);
	if (!schema)
		return err_usage(e, "'%s' is no analysis: it has no key 'schema'", name);
	if (strcmp(schema, "chaos-analyze/1") != 0)
		return err_usage(
			e, "'%s' is no analysis: its schema is '%.60s', not 'chaos-analyze/1'",
			name, schema);
	return 0;
}

static int read_analysis(struct input *in, const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *name = o->run_id ? "chaos-analyze" : o->file ? o->file : "stdin";
	int rc;
	if (o->run_id)
		rc = analyze(o, &text, e);
	else if (!o->file || strcmp(o->file, "-") == 0)
		rc = fd_read_all(STDIN_FILENO, name = "stdin", &text, e);
	else
		rc = file_read(o->file, &text, e);
	if (!rc)
		rc = parse(in, &text, name, e);
	buf_release(&text);
	return rc;
}

static int read_events(struct input *in, const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = o->events	 ? mem_strdup(o->events)
		     : o->run_id ? run_path(o->runs_dir, o->run_id, "events.jsonl")
				 : NULL;
	int rc = 0;
	if (path && (o->events || file_exists(path)))
		rc = file_read(path, &text, e);
	if (!rc)
		event_log_parse(&in->events, text.data, text.len);
	buf_release(&text);
	free(path);
	return rc;
}

int input_read(struct input *in, const struct options *o, struct err *e)
{
	*in = (struct input){0};
	if (o->run_id && run_id_check_read(o->run_id, e))
		return -1;
	if (o->baseline_id && run_id_check_read(o->baseline_id, e))
		return -1;
	if (read_analysis(in, o, e))
		return -1;
	return read_events(in, o, e);
}

void input_release(struct input *in)
{
	json_free(in->analysis);
	event_log_release(&in->events);
	*in = (struct input){0};
}
