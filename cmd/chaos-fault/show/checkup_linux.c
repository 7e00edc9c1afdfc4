#include "show/checkup.h"

#include "base/buf.h"
#include "base/signame.h"
#include "base/units.h"
#include "node_kinds/container/engine_at.h"
#include "journal/guard_client.h"
#include "net/curl/curl_engine.h"
#include "node/await.h"
#include "node/record.h"
#include "sys/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WITHIN_S = 2 };

struct place {
	const char *state;
	const struct config *config;
	char engine[256];
};

/* --- one by one: what was found, or NULL with what is missing ------------------------ */

static const char *try_state(struct place *p, struct err *e)
{
	char *path = mem_printf("%s/.doctor.%d", p->state, (int)getpid());
	bool ok = make_dirs(p->state, 0700, e) == 0 && file_replace(path, "\n", 1, 0600, e) == 0;
	unlink(path);
	free(path);
	return ok ? p->state : NULL;
}

static const char *try_guard(struct place *p, struct err *e)
{
	struct proc_id self;
	struct guard g;
	if (proc_identify(getpid(), &self, e) || guard_start(&g, p->state, &self, e))
		return NULL;
	guard_end(&g, true);
	return "starts, and ends with its owner";
}

static const char *try_pidfd(struct place *p, struct err *e)
{
	struct proc_id self;
	(void)p;
	if (proc_identify(getpid(), &self, e) || proc_signal(&self, 0, e))
		return NULL;
	return "pidfd_open, pidfd_send_signal";
}

static pid_t start_child(struct err *e)
{
	pid_t pid = fork();
	if (pid < 0)
		err_sys(e, errno, "cannot start a process");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(WITHIN_S); /* its end is seen where a signal does nothing */
	for (;;)
		pause();
}

static const char *try_signals(struct place *p, struct err *e)
{
	static const int sent[] = {SIGSTOP, SIGCONT, SIGKILL};
	static const int seen[] = {CLD_STOPPED, CLD_CONTINUED, CLD_KILLED};
	struct proc_id id;
	siginfo_t info = {0};
	pid_t pid = start_child(e);
	(void)p;
	if (pid < 0 || proc_identify(pid, &id, e))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
		if (proc_signal(&id, sent[i], e))
			return NULL;
		if (waitid(P_PID, (id_t)pid, &info, WSTOPPED | WCONTINUED | WEXITED) ||
		    info.si_code != seen[i]) {
			err_runtime(e, "SIG%s has no effect on a child process of chaos-fault",
				    signal_abbrev(sent[i]));
			return NULL;
		}
	}
	return "SIGSTOP, SIGCONT and SIGKILL act on processes of this user";
}

static const char *try_proc(struct place *p, struct err *e)
{
	char world[PROC_WORLD_MAX], command[80];
	struct proc_id parent;
	(void)p;
	proc_program(getpid(), command, sizeof command);
	if (proc_world(world, e) || !command[0])
		err_runtime(e, "/proc does not show the boot id, the pid namespace and processes");
	else if (getppid() > 1 && proc_identify(getppid(), &parent, e))
		err_runtime(e, "/proc does not show other processes (hidepid)");
	return e->msg[0] ? NULL : "processes, the boot id and the pid namespace are seen";
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

static const char *try_ports(struct place *p, struct err *e)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = listen_somewhere(fd);
	(void)p;
	if (!port)
		err_sys(e, errno, "cannot listen on a loopback port");
	else if (!port_listening(port) || !port_served_by(port, getpid()))
		err_runtime(e, "the kernel does not show which process listens on a port");
	if (fd >= 0)
		close(fd);
	return e->msg[0] ? NULL : "the process that listens on a port is seen";
}

static const char *try_programs(struct place *p, struct err *e)
{
	const char *found = "the config needs none";
	for (size_t i = 0; i < p->config->node_count; i++) {
		const struct node_conf *n = &p->config->nodes[i];
		const struct kind *k = kind_of(n->kind);
		if (!k->startable)
			continue;
		found = "those of the config's nodes are there";
		if (k->startable(p->config, n, e))
			return NULL;
	}
	return found;
}

/* One that was taken down is no lack; one that has died is. */
static const char *try_via(struct place *p, struct err *e)
{
	const struct node_conf *proxy = config_node(p->config, VIA_PROXY);
	char world[PROC_WORLD_MAX], *path = proc_sibling("chaos-proxy"), *dir = proxy ? record_dir(p->state, p->config, proxy) : NULL;
	struct proc_id id = dir && proc_world(world, e) == 0 ? record_load(dir, world) : (struct proc_id){0};
	if (!proc_can_run(path, NULL))
		err_runtime(e, "there is no '%s'", path);
	else if (!proc_can_run("curl", getenv("PATH")))
		err_runtime(e, "curl is not installed, with which faults control the proxy");
	else if (id.pid && !proc_alive(&id))
		err_runtime(e, "the proxy before nodes has ended: 'chaos-fault restart " VIA_PROXY "' starts it");
	free(path);
	free(dir);
	if (e->msg[0])
		return NULL;
	return proxy ? "nodes with 'via' take faults of the network, without any right"
		     : "no node has it: one with it takes faults of the network, without any right";
}

static bool has_answered(void *call)
{
	return engine_call_step(call) != ENGINE_PENDING;
}

static const char *try_engine(struct place *p, struct err *e)
{
	if (engine_at(p->engine, sizeof p->engine, e))
		return NULL;
	struct loop *loop = loop_new(e);
	if (!loop)
		return NULL;
	struct engine_call *call = engine_call_new(loop, p->engine);
	engine_call_start(call, "GET", "/containers/json", WITHIN_S * NS_PER_S);
	if (await(loop, has_answered, call, e) == 0 && engine_call_step(call) == ENGINE_SILENT)
		engine_call_error(call, e);
	else if (!e->msg[0] && engine_call_status(call) != 200)
		err_runtime(e, "%s answers %d", p->engine, engine_call_status(call));
	engine_call_free(call);
	loop_free(loop);
	return e->msg[0] ? NULL : p->engine;
}

/* --- all ------------------------------------------------------------------------- */

static const struct {
	const char *name;
	const char *(*try)(struct place *p, struct err *e);
} needs[] = {
	[NEED_STATE] = {"state", try_state},
	[NEED_GUARD] = {"guard", try_guard},
	[NEED_PIDFD] = {"pidfd", try_pidfd},
	[NEED_SIGNALS] = {"signals", try_signals},
	[NEED_PROC] = {"proc", try_proc},
	[NEED_PORTS] = {"ports", try_ports},
	[NEED_PROGRAMS] = {"programs", try_programs},
	[NEED_ENGINE] = {"engine", try_engine},
	[NEED_VIA] = {"via", try_via},
};
_Static_assert(ARRAY_LEN(needs) == NEED_COUNT, "every need is tried");

const char *need_name(enum need n)
{
	return needs[n].name;
}

void checkup_run(struct checkup *out, const char *state, const struct config *c)
{
	struct place p = {.state = state, .config = c};
	for (size_t i = 0; i < NEED_COUNT; i++) {
		struct err e = {0};
		const char *found = needs[i].try(&p, &e);
		out[i].ok = found;
		snprintf(out[i].detail, sizeof out[i].detail, "%.239s", found ? found : e.msg);
	}
}
