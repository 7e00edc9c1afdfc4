#include "node_kinds/process/process.h"

#include "base/buf.h"
#include "conf/config.h"
#include "conf/key_vars.h"
#include "events/emit.h"
#include "node/record.h"
#include "seam.h"
#include "sys/file.h"
#include "sys/own_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "CHAOS_FAULT_NODE="

enum { LOG_MAX_BYTES = 1 << 20, TAIL_BYTES = 2048 };

enum node_state process_look(struct node *n)
{
	n->id = (struct identity){.proc = record_load(n->dir, n->fleet->world)};
	if (n->id.proc.pid && proc_alive(&n->id.proc))
		return proc_state(&n->id.proc) == 'T' ? NODE_PAUSED : NODE_UP;
	n->id = (struct identity){0};
	if (record_readable(n->dir, &(struct err){0}))
		return NODE_UNKNOWN;
	return port_listening(n->conf->at.port) ? NODE_FOREIGN : NODE_DOWN;
}

int process_unknown(const struct node *n, struct err *e)
{
	return record_readable(n->dir, e) ? err_prefix(e, "'%s'", n->conf->name) : 0;
}

bool process_settling(struct node *n)
{
	return process_look(n) == NODE_FOREIGN && !port_owner(n->conf->at.port);
}

char *process_mark(const struct node *n)
{
	return mem_printf(MARK "%s", n->dir);
}

bool process_started(const struct node *n, pid_t pid)
{
	char *mark = process_mark(n);
	bool is = pid > 0 && proc_has_mark(pid, mark);
	free(mark);
	return is;
}

/* Docker's program that holds a port of a container on this machine. */
static bool forwards_to_container(const char *command)
{
	const char *slash = strrchr(command, '/');
	return strcmp(slash ? slash + 1 : command, "docker-proxy") == 0;
}

int process_err_foreign(const struct node *n, struct err *e)
{
	char command[120];
	struct proc_id id;
	int port = n->conf->at.port;
	pid_t owner = port_owner(port);
	if (!owner)
		return err_usage(
			e, "'%s': port %d is taken by a process that cannot be seen from here",
			n->conf->name, port);
	if (process_started(n, owner) && record_elsewhere(n->dir, n->fleet->world))
		return err_usage(e, "'%s': port %d is held by process %d, which a chaos-fault in another pid or time "
				 "namespace started", n->conf->name, port, (int)owner);
	if (process_started(n, owner))
		return err_usage(e,
				 "'%s': port %d is held by process %d, which the node left behind "
				 "when it ended; 'chaos-fault down %s' ends it",
				 n->conf->name, port, (int)owner, n->conf->name);
	proc_program(owner, command, sizeof command);
	/* Redis writes its title over its environment, and the mark there. */
	char *config = proc_identify(owner, &id, e) ? NULL : record_config_of(n->dir, n->fleet->world, &id);
	bool others = config || proc_has_mark(owner, MARK), named = config && *config;
	err_usage(e, "'%s': port %d is taken by process %d (%s), which %s%s%s%s%s", n->conf->name, port, (int)owner, command,
		  others ? "is a node of another config" : "chaos-fault did not start", named ? ", '" : "",
		  named ? config : "", named ? "'" : "",
		  forwards_to_container(command) ? ": a container has it, which is a node by 'container' or 'compose' in a config" : "");
	free(config);
	return -1;
}

void process_forget(struct node *n)
{
	record_remove(n->dir);
}

/* --- starting ------------------------------------------------------------ */

/* argv[0]: with a slash from the config's folder, a program of the toolkit beside this one,
 * else through PATH. The caller frees. */
static char *program_path(const struct config *c, const struct node_conf *n)
{
	const char *word = n->argv[0];
	if (word[0] != '/' && strchr(word, '/'))
		return mem_printf("%s/%s", c->dir, word);
	if (strcmp(word, "chaos-node") == 0 || strcmp(word, "chaos-proxy") == 0)
		return proc_sibling(word);
	return mem_strdup(word);
}

int process_startable(const struct config *c, const struct node_conf *n, struct err *e)
{
	char *path = program_path(c, n);
	bool slash = strchr(path, '/');
	struct stat st;
	int rc = 0;
	if (!proc_can_run(path, getenv("PATH")))
		rc = err_usage(e, "'%s': its program '%s' %s", n->name, path,
			       !slash		   ? "is not in PATH"
			       : file_exists(path) ? "cannot be run"
						   : "is not there");
	free(path);
	if (!rc && n->cwd && (stat(n->cwd, &st) || !S_ISDIR(st.st_mode)))
		rc = err_usage(e, "'%s': its folder '%s' is not there", n->name, n->cwd);
	char **env = rc ? NULL : process_env(n, NULL, e);
	rc = env ? 0 : -1;
	process_env_free(env);
	return rc;
}

/* A log that has grown large starts anew; otherwise starts are appended. */
static int prepare_log(const char *path, off_t *size, struct err *e)
{
	struct stat st;
	int fd = own_open(path, O_WRONLY | O_CREAT, e);
	if (fd < 0)
		return -1;
	*size = fstat(fd, &st) ? 0 : st.st_size;
	if (*size > LOG_MAX_BYTES && ftruncate(fd, 0) == 0)
		*size = 0;
	close(fd);
	return 0;
}

struct starting {
	struct node *node;
	const struct limits *limits; /* of its first start; NULL: this is it */
	struct buf lacking;	     /* those that it cannot get back */
};

/* A process that nobody knows of must not run, whoever dies in between: it is written down
 * before it becomes the server. */
static int write_down(void *arg, const struct proc_id *id, struct err *e)
{
	struct starting *s = arg;
	struct node *n = s->node;
	const struct fleet *f = n->fleet;
	if (s->limits)
		limits_lacking(s->limits, id->pid, &s->lacking);
	crash_point();
	int rc = record_save(n->dir, f->world, f->config, n->conf, id, e);
	crash_point();
	return rc;
}

static void warn_of_limits(struct starting *s)
{
	char *text = mem_printf("it has less than at its first start, which this chaos-fault may not raise: %s",
				s->lacking.len ? s->lacking.data : "");
	if (s->lacking.len)
		emit_warning(s->node->fleet->emitter, s->node->conf->name, text);
	free(text);
	buf_release(&s->lacking);
}

static int start_process(struct node *n, const char *cwd, const char *log, struct err *e)
{
	size_t count = 1; /* the config has no process without a program */
	while (n->conf->argv[count])
		count++;
	char **env = process_env(n->conf, process_mark(n), e);
	if (!env)
		return -1;
	char **argv = mem_alloc((count + 1) * sizeof *argv);
	memcpy(argv, n->conf->argv, count * sizeof *argv);
	argv[0] = program_path(n->fleet->config, n->conf);
	struct limits limits;
	struct starting s = {.node = n, .limits = record_limits(n->dir, &limits) ? NULL : &limits, .lacking = BUF_INIT};
	const struct proc_daemon d = {.argv = (const char *const *)argv,
				      .env = env,
				      .limits = s.limits,
				      .cwd = cwd,
				      .log_path = log,
				      .keep_fd = -1,
				      .drop_env = key_vars,
				      .before_exec = write_down,
				      .arg = &s};
	int rc = proc_daemon_run(&d, &n->id.proc, e);
	crash_point();
	warn_of_limits(&s);
	process_env_free(env);
	free(argv[0]);
	free(argv);
	return rc;
}

void process_log_tail(const struct node *n, off_t from, struct buf *out)
{
	char text[TAIL_BYTES + 1], *path = mem_printf("%s/log", n->dir);
	struct err ignored;
	int fd = own_open(path, O_RDONLY, &ignored);
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	if (end - from > TAIL_BYTES)
		from = end - TAIL_BYTES;
	ssize_t got = end > from ? pread(fd, text, TAIL_BYTES, from) : 0;
	while (got > 0 && (text[got - 1] == '\n' || text[got - 1] == '\r'))
		got--;
	text[got > 0 ? got : 0] = '\0';
	char *shown = url_hide_password(&n->conf->at, text);
	buf_addstr(out, shown);
	free(shown);
	if (fd >= 0)
		close(fd);
	free(path);
}

int process_err_exited(const struct node *n, off_t log_from, struct err *e)
{
	struct buf tail = BUF_INIT;
	process_log_tail(n, log_from, &tail);
	const char *line = tail.len ? strrchr(tail.data, '\n') : NULL;
	if (!tail.len)
		err_runtime(e, "it exited while starting and left nothing in its log, '%s/log'",
			    n->dir);
	else
		err_runtime(e, "it exited while starting: %.199s", line ? line + 1 : tail.data);
	buf_release(&tail);
	return -1;
}

void process_remember(struct node *n, const struct identity *id)
{
	const struct fleet *f = n->fleet;
	struct err ignored;
	if (!record_load(n->dir, f->world).pid && proc_alive(&id->proc) && make_dirs(n->dir, 0700, &ignored) == 0)
		record_save(n->dir, f->world, f->config, n->conf, &id->proc, &ignored);
}

int process_launch(struct node *n, off_t *log_from, struct err *e)
{
	const struct node_conf *c = n->conf;
	char *cwd = c->cwd ? mem_strdup(c->cwd) : mem_printf("%s/cwd", n->dir);
	char *log = mem_printf("%s/log", n->dir);
	int rc = make_dirs(c->cwd ? n->dir : cwd, 0700, e) || prepare_log(log, log_from, e) ? -1 : 0;
	if (!rc)
		rc = start_process(n, cwd, log, e);
	free(cwd);
	free(log);
	return rc;
}
