/* Finds the process that listens on a TCP port, through /proc and netlink. */
#include "sys/proc.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* More than one socket may listen on a port: on different addresses, or one for each worker
 * (SO_REUSEPORT). */
struct listeners {
	unsigned long *inodes; /* owned */
	size_t count, alloc;
};

static void add_listener(struct listeners *l, unsigned long inode)
{
	l->inodes = mem_grow(l->inodes, &l->alloc, l->count, sizeof *l->inodes);
	l->inodes[l->count++] = inode;
}

/* --- sock_diag(7): asks for the listening sockets of one port ------------------- */

static int ask_kernel(int fd, int family, int port)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 req;
	} ask = {
		.head = {.nlmsg_len = sizeof ask,
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.req = {.sdiag_family = (unsigned char)family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = 1U << TCP_LISTEN,
			.id.idiag_sport = htons((uint16_t)port)},
	};
	return send(fd, &ask, sizeof ask, 0) == (ssize_t)sizeof ask ? 0 : -1;
}

/* Reads one netlink reply: 1 if more follow, 0 at the end, -1 on error. */
static int take_answer(int fd, int port, struct listeners *l)
{
	_Alignas(struct nlmsghdr) char room[16384];
	ssize_t n = recv(fd, room, sizeof room, 0);
	if (n < 0)
		return errno == EINTR ? 1 : -1;
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)room;
	for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
			return -1;
		const struct inet_diag_msg *m = NLMSG_DATA(h);
		if (ntohs(m->id.idiag_sport) == port && m->idiag_state == TCP_LISTEN)
			add_listener(l, m->idiag_inode);
	}
	return n > 0 ? 1 : -1;
}

static int diag_listeners(int family, int port, struct listeners *l)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -1;
	int rc = ask_kernel(fd, family, port) ? -1 : 1;
	while (rc > 0)
		rc = take_answer(fd, port, l);
	close(fd);
	return rc;
}

/* --- /proc/net/tcp: the same where sock_diag is not to be had; slow, since the kernel
 * walks through all of its sockets ------------------------------------------------ */

static void table_listeners(const char *table, int port, struct listeners *l)
{
	FILE *f = fopen(table, "re");
	char line[512];
	while (f && fgets(line, sizeof line, f)) {
		char address[64];
		unsigned int p, state;
		unsigned long inode;
		if (sscanf(line,
			   " %*d: %63[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu",
			   address, &p, &state, &inode) == 4 &&
		    (int)p == port && state == TCP_LISTEN)
			add_listener(l, inode);
	}
	if (f)
		fclose(f);
}

static void find_listeners(int port, struct listeners *l)
{
	*l = (struct listeners){0};
	if (diag_listeners(AF_INET, port, l) == 0 && diag_listeners(AF_INET6, port, l) == 0)
		return;
	l->count = 0;
	table_listeners("/proc/net/tcp", port, l);
	table_listeners("/proc/net/tcp6", port, l);
}

/* --- answers ----------------------------------------------------------------------- */

bool port_listening(int port)
{
	struct listeners l;
	find_listeners(port, &l);
	free(l.inodes);
	return l.count > 0;
}

static bool is_one_of(const char *link, const struct listeners *l)
{
	unsigned long inode;
	if (sscanf(link, "socket:[%lu]", &inode) != 1)
		return false;
	for (size_t i = 0; i < l->count; i++)
		if (l->inodes[i] == inode)
			return true;
	return false;
}

static bool serves_one(const char *pid, const struct listeners *l)
{
	char path[300], link[64];
	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	DIR *d = opendir(path);
	bool found = false;
	struct dirent *de;
	while (d && !found && (de = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), de->d_name, link, sizeof link - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = is_one_of(link, l);
	}
	if (d)
		closedir(d);
	return found;
}

bool port_served_by(int port, pid_t pid)
{
	char name[16];
	struct listeners l;
	find_listeners(port, &l);
	snprintf(name, sizeof name, "%d", (int)pid);
	bool serves = l.count && serves_one(name, &l);
	free(l.inodes);
	return serves;
}

pid_t port_owner(int port)
{
	struct listeners l;
	find_listeners(port, &l);
	DIR *d = l.count ? opendir("/proc") : NULL;
	struct dirent *de;
	pid_t owner = 0;
	while (d && !owner && (de = readdir(d)))
		if (de->d_name[0] >= '1' && de->d_name[0] <= '9' && serves_one(de->d_name, &l))
			owner = (pid_t)strtol(de->d_name, NULL, 10);
	if (d)
		closedir(d);
	free(l.inodes);
	return owner;
}
