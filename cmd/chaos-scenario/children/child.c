#include "children/child.h"

#include "conf/key_vars.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int child_start(struct child *c, const char *name, const struct args *args,
		const struct child_how *how, struct err *e)
{
	int control[2] = {-1, -1};
	*c = (struct child){.name = name, .control = -1};
	if (how->control && pipe2(control, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	struct proc_spawn spawn = {
		.argv = (const char *const *)args->words,
		.in = how->in ? how->in : control[0],
		.out = how->out,
		.err = how->err ? how->err : STDERR_FILENO,
		.keep_fd = how->keep_fd,
		.keep_too = how->keep_too,
		.keep_at = how->keep_at,
		.own_group = true,
		.die_with_parent = how->die_with_us,
		.drop_env = how->with_keys ? NULL : key_vars,
	};
	c->pid = proc_spawn(&spawn, e);
	if (how->control)
		close(control[0]);
	if (c->pid < 0) {
		if (how->control)
			close(control[1]);
		return -1;
	}
	c->running = true;
	c->control = control[1];
	if (how->control) /* a child that does not read must not stop the schedule */
		fcntl(c->control, F_SETFL, O_NONBLOCK);
	return 0;
}

int child_send(struct child *c, const char *text, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = c->control >= 0 ? write(c->control, text, len) : -1;
		if (n < 0 && errno == EINTR && c->control >= 0)
			continue;
		if (n < 0)
			return err_runtime(e, "%s does not take commands%s%s", c->name,
					   c->control >= 0 ? ": " : "",
					   c->control >= 0 ? strerror(errno) : "");
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

void child_close_control(struct child *c)
{
	if (c->control >= 0)
		close(c->control);
	c->control = -1;
}

/* Until it has been waited for, the pid cannot be another process's. */
void child_signal(const struct child *c, int signo)
{
	if (c->running)
		kill(c->pid, signo);
}

void child_kill_group(const struct child *c)
{
	if (c->running)
		kill(-c->pid, SIGKILL);
}

bool child_reap(struct child *c)
{
	if (!c->running || waitpid(c->pid, &c->status, WNOHANG) != c->pid)
		return false;
	c->running = false;
	child_close_control(c);
	return true;
}

void child_wait(struct child *c)
{
	while (c->running && waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
		;
	c->running = false;
	child_close_control(c);
}

int child_code(const struct child *c)
{
	return WIFSIGNALED(c->status) ? 128 + WTERMSIG(c->status) : WEXITSTATUS(c->status);
}

void child_describe_end(const struct child *c, char *out, size_t size)
{
	if (WIFSIGNALED(c->status))
		snprintf(out, size, "%s was ended by signal %d (%s)", c->name, WTERMSIG(c->status),
			 strsignal(WTERMSIG(c->status)));
	else
		snprintf(out, size, "%s ended with exit code %d", c->name, WEXITSTATUS(c->status));
}
