/* What a daemon has started, wherever it has gone since. */
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
	int parent, group, session;
	bool ours;
};

struct table {
	struct member *items;
	size_t count, alloc;
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
	ssize_t n = read_of(pid, "environ", text, sizeof text);
	for (const char *at = text; at < text + n; at += strlen(at) + 1)
		if (strcmp(at, mark) == 0)
			return true;
	return false;
}

static void add(struct table *t, pid_t pid)
{
	char text[1024], state;
	struct member m = {.id.pid = pid};
	if (read_of(pid, "stat", text, sizeof text) <= 0)
		return;
	const char *paren = strrchr(text, ')');
	if (!paren || sscanf(paren + 1,
			     " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
			     "%*d %" SCNu64,
			     &state, &m.parent, &m.group, &m.session, &m.id.start_ticks) != 5 ||
	    state == 'Z' || state == 'X')
		return;
	t->items = mem_grow(t->items, &t->alloc, t->count, sizeof *t->items);
	t->items[t->count++] = m;
}

static struct table read_table(void)
{
	struct table t = {0};
	DIR *d = opendir("/proc");
	for (struct dirent *de; d && (de = readdir(d));)
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9')
			add(&t, (pid_t)strtol(de->d_name, NULL, 10));
	if (d)
		closedir(d);
	return t;
}

static bool is_ours(const struct table *t, pid_t pid)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].id.pid == pid)
			return t->items[i].ours;
	return false;
}

/* Children of children too: until no more are found. */
static void spread(struct table *t)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < t->count; i++) {
			struct member *m = &t->items[i];
			bool now = !m->ours && m->parent > 1 && is_ours(t, m->parent);
			m->ours |= now;
			more |= now;
		}
	}
}

size_t proc_signal_family(const struct proc_id *root, const char *mark, int signo)
{
	struct table t = read_table();
	struct err ignored;
	size_t count = 0;
	bool alive = proc_alive(root);
	int group = alive ? (int)getpgid(root->pid) : 0, session = alive ? (int)getsid(root->pid) : 0;
	for (size_t i = 0; i < t.count; i++) {
		struct member *m = &t.items[i];
		if (m->id.start_ticks < root->start_ticks)
			continue;
		m->ours = alive ? m->id.pid == root->pid ||
					  (session > 1 && session != (int)getsid(0) &&
					   m->session == session)
				: proc_has_mark(m->id.pid, mark);
	}
	spread(&t);
	for (size_t i = 0; i < t.count; i++) {
		const struct member *m = &t.items[i];
		bool told = m->id.pid == root->pid || (group && m->group == group);
		if (m->ours && !told && m->id.pid != getpid())
			count += proc_signal(&m->id, signo, &ignored) == 0;
	}
	free(t.items);
	return count;
}
