#include "hosts/far.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SSH_FAILED = 255 };

/* Never asks anybody anything; a link that is silent for three seconds is lost. */
static const char *const ssh_options[] = {"-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
					  "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=3"};

/* The command is a word or several, as of $CHAOS_SSH. What was pushed there comes before what is installed. */
static void ssh_line(struct args *w, const char *host, const struct args *args)
{
	const char *given = getenv("CHAOS_SSH");
	char *command = mem_strdup(given && *given ? given : "ssh"), *save = NULL;
	struct buf line = BUF_INIT;
	for (char *word = strtok_r(command, " ", &save); word; word = strtok_r(NULL, " ", &save))
		args_add(w, "%s", word);
	for (size_t i = 0; i < ARRAY_LEN(ssh_options); i++)
		args_add(w, "%s", ssh_options[i]);
	buf_addf(&line, "PATH=\"$HOME/.local/lib/chaos/bin:$PATH\"; command -v chaos-fault >/dev/null || { echo "
		 "\"chaos-fault: there is none on '%s'; 'chaos-fault push %s' brings it\" >&2; exit %d; }; "
		 "exec chaos-fault --there ", host, host, EXIT_RUNTIME);
	buf_addword(&line, host);
	for (size_t i = 0; i < args->count; i++) {
		buf_addch(&line, ' ');
		buf_addword(&line, args->words[i]);
	}
	args_add(w, "%s", host);
	args_add(w, "%s", line.data);
	buf_release(&line);
	free(command);
}

static void own_line(struct args *w, const struct config *c, const struct args *args)
{
	args_program(w, "chaos-fault");
	args_add(w, "--here");
	if (c->path)
		args_add(w, "--config=%s", c->path);
	for (size_t i = 0; i < args->count; i++)
		args_add(w, "%s", args->words[i]);
}

static int open_pipes(int to[2], int from[2], struct err *e)
{
	if (pipe2(to, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	if (pipe2(from, O_CLOEXEC) == 0)
		return 0;
	err_sys(e, errno, "cannot make a pipe");
	close(to[0]);
	close(to[1]);
	return -1;
}

pid_t far_start(const char *host, const struct config *c, const struct args *args, int *in, int *out, struct err *e)
{
	struct args line = {0};
	int to[2], from[2];
	if (open_pipes(to, from, e))
		return -1;
	if (host)
		ssh_line(&line, host, args);
	else
		own_line(&line, c, args);
	/* The terminal's Ctrl-C is for us alone: they end with their input. */
	pid_t pid = proc_spawn(&(struct proc_spawn){.argv = (const char *const *)line.words,
						    .in = to[0],
						    .out = from[1],
						    .err = STDERR_FILENO,
						    .keep_fd = -1,
						    .own_group = true},
			       e);
	args_release(&line);
	close(to[0]);
	close(from[1]);
	fcntl(to[1], F_SETFL, O_NONBLOCK); /* whoever does not read is not waited for */
	*in = to[1];
	*out = from[0];
	return pid;
}

int far_pidfd(pid_t pid)
{
	struct proc_id id = {0};
	struct err ignored;
	return proc_identify(pid, &id, &ignored) ? -1 : proc_pidfd(&id, &ignored);
}

int far_wait(pid_t pid, bool *lost)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*lost = WIFSIGNALED(status) || WEXITSTATUS(status) == SSH_FAILED;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : *lost ? EXIT_RUNTIME : WEXITSTATUS(status);
}

int far_push(const struct cli_rest *rest)
{
	struct args a = {0};
	struct err e;
	char *program = proc_libexec("push"), *programs = proc_own_dir();
	args_add(&a, "%s", program);
	args_add(&a, "%s", programs ? programs : "");
	for (int i = 1; i < rest->count; i++)
		args_add(&a, "%s", rest->items[i]);
	free(program);
	free(programs);
	args_exec(&a, &e);
	return diag_err(&e);
}
