#include "programs/call.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "sys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_MAX_BYTES = 64 << 10, WORDS_MAX_BYTES = 4 << 10, ENV_MAX = 16, READS_MAX = 64 };

struct call {
	char *name; /* "delay inject" */
	struct proc_id process;
	int out, err; /* read ends */
	struct buf answer, words;
	int64_t until_ns, within_ns;
	bool over;
	int code; /* as call_code */
	struct err why;
	struct json *json;
};

/* What a tool needs to find its user's sockets and settings; nothing else is passed on. */
static void fill_env(char *env[ENV_MAX], const char *mark)
{
	static const char *const kept[] = {"PATH",	  "HOME",	"USER",
					   "LOGNAME",	  "TMPDIR",	"XDG_RUNTIME_DIR",
					   "DOCKER_HOST", "KUBECONFIG", "DBUS_SESSION_BUS_ADDRESS"};
	size_t count = 0;
	env[count++] = mem_strdup("LC_ALL=C");
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = getenv(kept[i]);
		if (value)
			env[count++] = mem_printf("%s=%s", kept[i], value);
	}
	if (mark)
		env[count++] = mem_strdup(mark);
	env[count] = NULL;
}

static void free_env(char *env[ENV_MAX])
{
	for (size_t i = 0; env[i]; i++)
		free(env[i]);
}

/* The question as a file; -1 on error. */
static int question_fd(const struct json *ask, struct err *e)
{
	struct buf text = BUF_INIT;
	json_write(ask, false, &text);
	buf_addch(&text, '\n');
	int fd = secret_fd(text.data, text.len, e);
	buf_release(&text);
	return fd;
}

static int spawn(struct call *c, const char *program, const char *verb, int in, const int ends[2],
		 int keep_fd, struct err *e)
{
	char *env[ENV_MAX];
	const char *argv[] = {program, verb, NULL};
	fill_env(env, NULL);
	pid_t pid = proc_spawn(&(struct proc_spawn){.argv = argv,
						    .in = in,
						    .out = ends[0],
						    .err = ends[1],
						    .keep_fd = keep_fd,
						    .own_group = true,
						    .die_with_parent = true,
						    .cwd = "/",
						    .env = (const char *const *)env},
			       e);
	free_env(env);
	if (pid < 0)
		return -1;
	/* It may have ended, but has not been waited for: the pid is its own. */
	struct err ignored;
	if (proc_identify(pid, &c->process, &ignored))
		c->process = (struct proc_id){.pid = pid};
	return 0;
}

static int open_pipe(int *read_end, int *write_end, struct err *e)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return err_sys(e, errno, "cannot make a pipe");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*read_end = ends[0];
	*write_end = ends[1];
	return 0;
}

struct call *call_new(const char *program, const char *verb, const struct json *ask,
		      int64_t within_ns, int keep_fd, struct err *e)
{
	struct call *c = mem_alloc(sizeof *c);
	int ends[2] = {-1, -1}, in = -1;
	const char *base = strrchr(program, '/');
	*c = (struct call){.out = -1,
			   .err = -1,
			   .within_ns = within_ns,
			   .answer = BUF_INIT,
			   .words = BUF_INIT};
	c->until_ns = mono_ns() + within_ns;
	c->name = mem_printf("%s %s", base ? base + 1 : program, verb);
	int rc = open_pipe(&c->out, &ends[0], e) || open_pipe(&c->err, &ends[1], e) ||
				 (in = question_fd(ask, e)) < 0
			 ? -1
			 : spawn(c, program, verb, in, ends, keep_fd, e);
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	if (in >= 0)
		close(in);
	if (!rc)
		return c;
	c->over = true;
	call_free(c);
	return NULL;
}

int call_hold(const char *program, const struct json *ask, const char *mark,
	      int (*before_exec)(void *arg, const struct proc_id *id, struct err *e), void *arg,
	      struct err *e)
{
	const char *argv[] = {program, "hold", NULL};
	char *env[ENV_MAX];
	struct proc_id id;
	int in = question_fd(ask, e);
	if (in < 0)
		return -1;
	fill_env(env, mark);
	int rc = proc_daemon_run(&(struct proc_daemon){.argv = argv,
						       .cwd = "/",
						       .in = in,
						       .keep_fd = -1,
						       .only_env = (const char *const *)env,
						       .before_exec = before_exec,
						       .arg = arg},
				 &id, e);
	free_env(env);
	close(in);
	return rc;
}

/* What is more than the bound is dropped; false: the bound was passed. Who floods does not keep us. */
static bool read_some(int fd, struct buf *to, size_t bound)
{
	char data[4096];
	ssize_t n;
	bool fits = true;
	for (int i = 0; i < READS_MAX && (n = read(fd, data, sizeof data)) > 0; i++) {
		fits = fits && to->len + (size_t)n <= bound;
		if (fits)
			buf_add(to, data, (size_t)n);
	}
	return fits;
}

/* Kills its whole group, which is its own until it has been waited for. */
static int end_process(struct call *c)
{
	int status = 0;
	kill(-c->process.pid, SIGKILL);
	while (waitpid(c->process.pid, &status, 0) < 0 && errno == EINTR)
		;
	c->over = true;
	return status;
}

static bool fail(struct call *c)
{
	end_process(c);
	c->code = -1;
	return true;
}

static void take_answer(struct call *c, int status)
{
	if (!WIFEXITED(status)) {
		c->code = err_runtime(&c->why, "'%s' was ended by signal %d", c->name,
				      WTERMSIG(status));
		return;
	}
	c->code = WEXITSTATUS(status);
	if (!c->answer.len)
		return;
	c->json = json_parse(c->answer.data, c->answer.len, c->name, &c->why);
	if (!json_is_object(c->json))
		c->code = err_runtime(&c->why, "'%s' has not written one JSON object", c->name);
}

bool call_step(void *call)
{
	struct call *c = call;
	siginfo_t ended = {0};
	char span[SPAN_MAX];
	if (c->over)
		return true;
	/* Whether it has ended is asked before its output is read: then no output can follow the last read. */
	bool over = waitid(P_PID, (id_t)c->process.pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    ended.si_pid;
	read_some(c->err, &c->words, WORDS_MAX_BYTES);
	if (!read_some(c->out, &c->answer, OUT_MAX_BYTES)) {
		err_runtime(&c->why, "'%s' writes more than 64 KiB", c->name);
		return fail(c);
	}
	if (over) {
		take_answer(c, end_process(c));
		return true;
	}
	if (mono_ns() < c->until_ns)
		return false;
	err_runtime(&c->why, "'%s' has not ended within %s", c->name,
		    span_format(c->within_ns, span));
	return fail(c);
}

int call_code(const struct call *c, struct err *e)
{
	if (c->code < 0)
		*e = c->why;
	return c->code;
}

const struct json *call_answer(const struct call *c)
{
	return c->code < 0 ? NULL : c->json;
}

struct json *call_take_answer(struct call *c)
{
	struct json *answer = c->code < 0 ? NULL : c->json;
	c->json = answer ? NULL : c->json;
	return answer;
}

int call_err(const struct call *c, struct err *e)
{
	size_t len = c->words.len;
	if (c->code < 0) {
		*e = c->why;
		return -1;
	}
	while (len && strchr("\r\n ", c->words.data[len - 1]))
		len--;
	size_t from = len;
	while (from && c->words.data[from - 1] != '\n')
		from--;
	if (len == from)
		return err_runtime(e, "'%s' answers %d", c->name, c->code);
	return err_runtime(e, "%.*s", (int)(len - from > 300 ? 300 : len - from),
			   c->words.data + from);
}

struct proc_id call_process(const struct call *c)
{
	return c->process;
}

void call_free(struct call *c)
{
	if (!c)
		return;
	if (!c->over)
		end_process(c);
	if (c->out >= 0)
		close(c->out);
	if (c->err >= 0)
		close(c->err);
	buf_release(&c->answer);
	buf_release(&c->words);
	json_free(c->json);
	free(c->name);
	free(c);
}
