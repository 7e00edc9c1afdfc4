#include "run/ask.h"

#include "conf/key_vars.h"
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

static int run_analyze(const char *const *argv, int err_fd, struct buf *text, struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	struct proc_spawn spawn = {.argv = argv,
				   .in = -1,
				   .out = ends[1],
				   .err = err_fd,
				   .keep_fd = -1,
				   .die_with_parent = true,
				   .drop_env = key_vars};
	pid_t pid = proc_spawn(&spawn, e);
	close(ends[1]);
	int rc = pid < 0 ? -1 : fd_read_all(ends[0], "chaos-analyze", text, e);
	close(ends[0]);
	if (pid >= 0 && !rc)
		rc = wait_for(pid, text, e);
	return rc;
}

int ask_analyze(const struct ask *a, struct buf *text, struct err *e)
{
	const char *argv[ARGS_MAX] = {NULL};
	size_t n = 0;
	char *program = proc_sibling("chaos-analyze");
	argv[n++] = program;
	argv[n++] = "--run-id";
	argv[n++] = a->run_id;
	argv[n++] = "--runs-dir";
	argv[n++] = a->runs_dir;
	if (a->baseline_id) {
		argv[n++] = "--baseline-id";
		argv[n++] = a->baseline_id;
	}
	if (a->config) {
		argv[n++] = "--config";
		argv[n++] = a->config;
	}
	int rc = run_analyze(argv, a->err_fd, text, e);
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
