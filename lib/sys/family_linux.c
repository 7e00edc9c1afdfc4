/* What a daemon has started, wherever it has gone since. A kill waits for this, so that few entries
 * of /proc are read: each takes longer than a system call or two. */
#include "sys/proc.h"

#include "base/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct member {
	struct proc_id id;
	pid_t parent, session;
	bool ours;
};

struct session {
	pid_t id;
	bool older; /* than the daemon */
};

struct family {
	struct member *members; /* and who may turn out to be one; owned */
	size_t count, alloc;
	struct session *sessions; /* that have been looked at; owned */
	size_t session_count, session_alloc;
};

static ssize_t read_of(pid_t pid, const char *file, char *out, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n;
}

bool proc_has_mark(pid_t pid, const char *mark)
{
	char text[32768];
	size_t len = strlen(mark);
	bool any = len && mark[len - 1] == '=';
	ssize_t n = read_of(pid, "environ", text, sizeof text);
	for (const char *at = text; at < text + n; at += strlen(at) + 1)
		if (strcmp(at, mark) == 0 || (any && strncmp(at, mark, len) == 0))
			return true;
	return false;
}

/* -1 if it has ended. */
static int read_stat(pid_t pid, struct member *m)
{
	char text[1024], state;
	*m = (struct member){.id.pid = pid};
	if (read_of(pid, "stat", text, sizeof text) <= 0)
		return -1;
	const char *paren = strrchr(text, ')');
	if (!paren || sscanf(paren + 1,
			     " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			     "%*d %*d %" SCNu64,
			     &state, &m->parent, &m->session, &m->id.start_ticks) != 4)
		return -1;
	return state == 'Z' || state == 'X' ? -1 : 0;
}

/* Whoever leaves a session makes a new one: nobody in one that is older than the daemon descends
 * from it. */
static bool is_older(struct family *f, pid_t session, const struct proc_id *root)
{
	struct member leader;
	for (size_t i = 0; i < f->session_count; i++)
		if (f->sessions[i].id == session)
			return f->sessions[i].older;
	bool older = read_stat(session, &leader) == 0 && leader.id.start_ticks < root->start_ticks;
	f->sessions = mem_grow(f->sessions, &f->session_alloc, f->session_count,
			       sizeof *f->sessions);
	f->sessions[f->session_count++] = (struct session){session, older};
	return older;
}

/* own: the session of the daemon; 0: it is gone. */
static void add(struct family *f, pid_t pid, const struct proc_id *root, pid_t own)
{
	struct member m;
	pid_t session = own ? getsid(pid) : 0;
	/* That of the kernel's threads is 0. */
	if (own && (session <= 0 || (session != own && is_older(f, session, root))))
		return;
	if (read_stat(pid, &m))
		return;
	f->members = mem_grow(f->members, &f->alloc, f->count, sizeof *f->members);
	f->members[f->count++] = m;
}

static struct family read_family(const struct proc_id *root, pid_t own)
{
	struct family f = {0};
	DIR *d = opendir("/proc");
	for (struct dirent *de; d && (de = readdir(d));)
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9')
			add(&f, (pid_t)strtol(de->d_name, NULL, 10), root, own);
	if (d)
		closedir(d);
	return f;
}

static bool is_ours(const struct family *f, pid_t pid)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->members[i].id.pid == pid)
			return f->members[i].ours;
	return false;
}

/* Children of children too: until no more are found. */
static void spread(struct family *f)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < f->count; i++) {
			struct member *m = &f->members[i];
			bool now = !m->ours && m->parent > 1 && is_ours(f, m->parent);
			m->ours |= now;
			more |= now;
		}
	}
}

size_t proc_signal_family(const struct proc_id *root, const char *mark, int signo)
{
	struct err ignored;
	size_t count = 0;
	bool alive = proc_alive(root);
	pid_t group = alive ? getpgid(root->pid) : 0, own = alive ? getsid(root->pid) : 0;
	struct family f = read_family(root, own > 0 ? own : 0);
	for (size_t i = 0; i < f.count; i++) {
		struct member *m = &f.members[i];
		if (m->id.start_ticks < root->start_ticks)
			continue;
		m->ours = alive ? m->id.pid == root->pid ||
					  (own > 1 && own != getsid(0) && m->session == own)
				: proc_has_mark(m->id.pid, mark);
	}
	spread(&f);
	for (size_t i = 0; i < f.count; i++) {
		const struct member *m = &f.members[i];
		bool told = m->id.pid == root->pid || (group > 0 && getpgid(m->id.pid) == group);
		if (m->ours && !told && m->id.pid != getpid())
			count += proc_signal(&m->id, signo, &ignored) == 0;
	}
	free(f.members);
	free(f.sessions);
	return count;
}
