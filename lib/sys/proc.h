/* Processes: children, and daemons. */
#ifndef SYS_PROC_H
#define SYS_PROC_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct limits;

/* Identity of a process: its pid and start time, since a pid may be reused. */
struct proc_id {
	pid_t pid;
	uint64_t start_ticks; /* /proc/PID/stat, field 22: clock ticks since boot */
};

static inline bool proc_same(const struct proc_id *a, const struct proc_id *b)
{
	return a->pid == b->pid && a->start_ticks == b->start_ticks;
}

/* Reads the identity of a live process. -1 if there is none (a zombie counts as none). */
int proc_identify(pid_t pid, struct proc_id *id, struct err *e);

/* The scope in which a process identity is valid: boot id, pid namespace and, where it is not the
 * machine's own, time namespace. An identity recorded in another scope means nothing here.
 * -1, EXIT_RUNTIME: it cannot be seen, as for want of descriptors. */
#define PROC_WORLD_MAX 96
int proc_world(char out[static PROC_WORLD_MAX], struct err *e);

/* True if it is known that no process lives in that scope: of this boot, and all processes of the
 * machine can be seen from here. */
bool proc_world_gone(const char *world);

/* True while that very process runs (a zombie does not). */
bool proc_alive(const struct proc_id *id);

/* The state letter of /proc/PID/stat ('R', 'S', 'T', 'Z', …), or 0 if it is gone. */
char proc_state(const struct proc_id *id);

/* Sends a signal through a pidfd, after the identity has been checked behind
 * it, so that a reused pid is never hit. Returns 0; or -1, with e->sys_errno ESRCH if it is gone.
 */
int proc_signal(const struct proc_id *id, int signo, struct err *e);

/* The same to its whole process group: what a server has forked goes with it. Never to the
 * caller's own group: a process in that one is signalled alone. */
int proc_signal_group(const struct proc_id *id, int signo, struct err *e);

/* Sends a signal to what that process has started and has left its group: of its session, and its
 * descendants; of a process that is gone, whoever was started with mark, "NAME=VALUE", in its
 * environment, and their descendants. Returns how many there were; signo 0: only counts. */
size_t proc_signal_family(const struct proc_id *root, const char *mark, int signo);

/* True if the process was started with mark, "NAME=VALUE", in its environment; "NAME=": whatever its
 * value. */
bool proc_has_mark(pid_t pid, const char *mark);

/* A pidfd of that process for polling (readable when it ends); the caller closes it.
 * -1 with ESRCH if it is gone. */
int proc_pidfd(const struct proc_id *id, struct err *e);

/* The program that it calls itself, the first word of its command line; "" if it is gone. What
 * comes behind it may be a password. */
void proc_program(pid_t pid, char *out, size_t size);

/* A child with chosen descriptors. Each of in, out, err: a descriptor to become
 * the child's 0, 1, 2, or -1 for /dev/null. keep_fd: one more that it inherits under
 * the same number, or -1; keep_too: and another, or 0; all others are closed on exec. keep_at: they
 * become that number and the next, since sh can close none above 9; 0: they keep theirs. */
struct proc_spawn {
	const char *const *argv; /* argv[0] is looked up in PATH unless it has a '/' */
	int in, out, err, keep_fd, keep_too, keep_at;
	bool own_group;	      /* a process group of its own: the terminal's Ctrl-C passes it by */
	bool die_with_parent; /* SIGKILL when the parent's thread ends */
	const char *cwd;      /* or NULL */
	const char *const *drop_env; /* variables that it does not inherit, or NULL */
	const char *const *env;	     /* the whole of its environment; NULL: as ours */
};

/* Starts a child. Returns its pid, or -1 when it could not be started; a
 * failed exec is reported here, not as an exit code. */
pid_t proc_spawn(const struct proc_spawn *s, struct err *e);

/* Starts a process that is nobody's child: double-forked, in a session of its own, stdout and stderr appended to log_path (or /dev/null), all
 * other descriptors closed, all signals at default. Reports a failed exec; that it may have
 * ended since then is for the caller to see. */
struct proc_daemon {
	const char *const *argv;
	const char *cwd, *log_path;
	int keep_fd; /* a descriptor that it inherits under the same number; -1: none */
	int in;	     /* a descriptor to become its standard input; 0: /dev/null */
	const char *const *only_env; /* the whole of its environment; NULL: ours */
	const char *const *drop_env; /* variables that it does not inherit, or NULL */
	char **env;		     /* "NAME=VALUE", …, NULL: set in its environment; or NULL */
	const struct limits *limits; /* that it is to have; NULL: ours */
	/* Called when the process is there but has not become argv yet: -1 from it, or the death of
	 * the caller before it has returned, and the process ends without having run anything. What
	 * it writes down is thus true of every process that ever runs. NULL: nothing is called. */
	int (*before_exec)(void *arg, const struct proc_id *id, struct err *e);
	void *arg;
};
int proc_daemon_run(const struct proc_daemon *d, struct proc_id *id, struct err *e);

/* The folder of this program's own file, for finding its siblings; the caller frees. */
char *proc_own_dir(void);

/* "libexec/WHAT" of the tree if this program is in its build/bin or build/VARIANT/bin, else of the installation; the
 * caller frees. */
char *proc_libexec(const char *what);

/* The path to run for a program of the toolkit: beside this one if it is there, else the bare
 * name for PATH. The caller frees. */
char *proc_sibling(const char *name);

bool proc_is_program(const char *path); /* a file that may be run */

/* Whether a program can be run by that path, or by that name through path: the value of PATH, or
 * NULL. */
bool proc_can_run(const char *path_or_name, const char *path);

/* True if some process listens on that TCP port, on whatever address. */
bool port_listening(int port);

/* True if that process itself holds the socket that listens on the TCP port. */
bool port_served_by(int port, pid_t pid);

/* The process that listens on the TCP port (looked up through /proc), 0 if none can be seen. */
pid_t port_owner(int port);

#endif
