#include "front/checkup.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "kinds/container/engine_at.h"
#include "journal/guard_client.h"
#include "net/curl/curl_engine.h"
#include "node/await.h"
#include "kinds/process/process.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const int64_t within_ns = 2 * NS_PER_S;

static void found(struct checkup *c, const char *what)
{
	c->ok = true;
	snprintf(c->detail, sizeof c->detail, "%.239s", what);
}

static void lacking(struct checkup *c, const struct err *e)
{
	c->ok = false;
	snprintf(c->detail, sizeof c->detail, "%.239s", e->msg);
}

/* --- one by one ------------------------------------------------------------------- */

static void try_state(struct checkup *c, const char *state, const struct config *config)
{
	struct err e = {0};
	char *path = mem_printf("%s/.doctor.%d", state, (int)getpid());
	(void)config;
	if (make_dirs(state, 0700, &e) || file_replace(path, "\n", 1, 0600, &e))
		lacking(c, &e);
	else
		found(c, state);
	unlink(path);
	free(path);
}

static void try_guard(struct checkup *c, const char *state, const struct config *config)
{
	struct proc_id self;
	struct guard g;
	struct err e = {0};
	(void)config;
	if (proc_identify(getpid(), &self, &e) || guard_start(&g, state, &self, &e)) {
		lacking(c, &e);
		return;
	}
	guard_end(&g, true);
	found(c, "starts, and ends with its owner");
}

static void try_pidfd(struct checkup *c, const char *state, const struct config *config)
{
	struct proc_id self;
	struct err e = {0};
	(void)state;
	(void)config;
	if (proc_identify(getpid(), &self, &e) || proc_signal(&self, 0, &e))
		lacking(c, &e);
	else
		found(c, "pidfd_open, pidfd_send_signal");
}

struct coming {
	const struct proc_id *id;
	char state;
	int64_t until_ns;
};

static bool has_come(void *arg)
{
	const struct coming *c = arg;
	return proc_state(c->id) == c->state || mono_ns() > c->until_ns;
}

/* Sends the signal, and waits until /proc shows that process state. */
static int signal_shows(const struct proc_id *id, int signo, char state, struct err *e)
{
	struct coming c = {id, state, mono_ns() + within_ns};
	if (proc_signal(id, signo, e) || await(NULL, has_come, &c, e))
		return -1;
	return proc_state(id) == state
		       ? 0
		       : err_runtime(e, "SIG%s does not act on a process of our own",
				     sigabbrev_np(signo));
}

/* Signals a child that does nothing but wait. */
static void try_signals(struct checkup *c, const char *state, const struct config *config)
{
	struct proc_id id;
	struct err e = {0};
	(void)state;
	(void)config;
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	if (pid < 0)
		err_sys(&e, errno, "cannot start a process");
	else if (proc_identify(pid, &id, &e) == 0 && signal_shows(&id, SIGSTOP, 'T', &e) == 0)
		signal_shows(&id, SIGCONT, 'S', &e);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	if (e.msg[0])
		lacking(c, &e);
	else
		found(c, "SIGSTOP, SIGCONT and SIGKILL act on processes of this user");
}

static void try_proc(struct checkup *c, const char *state, const struct config *config)
{
	char world[PROC_WORLD_MAX], command[80];
	struct proc_id parent;
	struct err e = {0};
	(void)state;
	(void)config;
	proc_world(world);
	proc_program(getpid(), command, sizeof command);
	if (world[0] == ' ' || !strchr(world, ':') || !command[0])
		err_runtime(&e, "/proc does not show the boot id, the pid namespace and processes");
	else if (getppid() > 1 && proc_identify(getppid(), &parent, &e))
		err_runtime(&e, "/proc does not show other processes (hidepid)");
	if (e.msg[0])
		lacking(c, &e);
	else
		found(c, "processes, the boot id and the pid namespace are seen");
}

/* A listener on a free loopback port; its port, or 0. */
static int listen_somewhere(int fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1) ||
	    getsockname(fd, (struct sockaddr *)&at, &len))
		return 0;
	return ntohs(at.sin_port);
}

static void try_ports(struct checkup *c, const char *state, const struct config *config)
{
	struct err e = {0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = listen_somewhere(fd);
	(void)state;
	(void)config;
	if (!port)
		err_sys(&e, errno, "cannot listen on a loopback port");
	else if (!port_listening(port) || !port_held_by(port, getpid()))
		err_runtime(&e, "the kernel does not show who listens on a port");
	if (fd >= 0)
		close(fd);
	if (e.msg[0])
		lacking(c, &e);
	else
		found(c, "who listens on a port is seen");
}

static void try_programs(struct checkup *c, const char *state, const struct config *config)
{
	struct err e = {0};
	size_t count = 0;
	(void)state;
	for (size_t i = 0; i < config->node_count; i++) {
		const struct node_conf *n = &config->nodes[i];
		if (n->kind != NODE_PROCESS)
			continue;
		count++;
		if (process_find_program(config, n, &e)) {
			lacking(c, &e);
			return;
		}
	}
	found(c, count ? "those of the config's nodes are there" : "the config needs none");
}

struct asking {
	struct engine_call *call;
	enum engine_answer answer;
};

static bool has_answered(void *arg)
{
	struct asking *a = arg;
	a->answer = engine_call_step(a->call);
	return a->answer != ENGINE_PENDING;
}

static void try_engine(struct checkup *c, const char *state, const struct config *config)
{
	char at[256];
	struct err e = {0};
	(void)state;
	(void)config;
	if (engine_at(at, sizeof at, &e)) {
		lacking(c, &e);
		return;
	}
	struct loop *loop = loop_new(&e);
	if (!loop) {
		lacking(c, &e);
		return;
	}
	struct asking a = {.call = engine_call_new(loop, at)};
	engine_call_start(a.call, "GET", "/containers/json", within_ns);
	if (await(loop, has_answered, &a, &e) == 0 && a.answer == ENGINE_SILENT)
		engine_call_error(a.call, &e);
	else if (a.answer == ENGINE_ANSWERED && engine_call_status(a.call) != 200)
		err_runtime(&e, "%s answers %d", at, engine_call_status(a.call));
	if (e.msg[0])
		lacking(c, &e);
	else
		found(c, at);
	engine_call_free(a.call);
	loop_free(loop);
}

/* --- all ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*try)(struct checkup *c, const char *state, const struct config *config);
} needs[] = {
	[NEED_STATE] = {"state", try_state},
	[NEED_GUARD] = {"guard", try_guard},
	[NEED_PIDFD] = {"pidfd", try_pidfd},
	[NEED_SIGNALS] = {"signals", try_signals},
	[NEED_PROC] = {"proc", try_proc},
	[NEED_PORTS] = {"ports", try_ports},
	[NEED_PROGRAMS] = {"programs", try_programs},
	[NEED_ENGINE] = {"engine", try_engine},
};
_Static_assert(ARRAY_LEN(needs) == NEED_COUNT, "every need is tried");

const char *need_name(enum need n)
{
	return needs[n].name;
}

void checkup_run(struct checkup *out, const char *state, const struct config *c)
{
	for (size_t i = 0; i < NEED_COUNT; i++) {
		out[i] = (struct checkup){0};
		needs[i].try(&out[i], state, c);
	}
}
