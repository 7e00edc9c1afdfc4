#include "wire/endpoint.h"

#include "base/buf.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *unix_path(const char *text)
{
	static const char scheme[] = "unix:";
	if (strncmp(text, scheme, sizeof scheme - 1) == 0)
		return text + sizeof scheme - 1;
	return strchr(text, '/') ? text : NULL;
}

bool endpoint_is_unix(const struct endpoint *p)
{
	return unix_path(p->text) != NULL;
}

/* The URL's reader knows all spellings of hosts, but not port 0, which is for listening on any. */
static int read_host(const char *text, struct url *u, struct err *e)
{
	struct err why;
	const char *colon = strrchr(text, ':');
	bool port = colon && colon[1] >= '0' && colon[1] <= '9' && !strchr(colon, ']');
	bool any = port && strcmp(colon, ":0") == 0;
	char *url = mem_printf("redis://%s%.*s%s", *text == ':' ? "0.0.0.0" : "",
			       (int)(any ? (size_t)(colon + 1 - text) : strlen(text)), text, any ? "1" : "");
	int rc = port ? url_parse(url, u, &why) : -1;
	free(url);
	if (rc || *u->user || *u->password || *u->path) {
		if (!rc)
			url_release(u);
		return err_usage(e, "'%s' is no address: HOST:PORT or unix:PATH", text);
	}
	return 0;
}

int endpoint_parse(struct endpoint *p, const char *text, struct err *e)
{
	struct url u;
	const char *path = unix_path(text);
	*p = (struct endpoint){0};
	const char *scheme = strstr(text, "://");
	if (scheme && strncmp(text, "unix:", 5) != 0)
		return err_usage(e, "'%s' is no address: HOST:PORT, without '%.*s://'", text, (int)(scheme - text), text);
	if (path && net_unix_address(path, &p->addrs, e))
		return -1;
	if (!path && read_host(text, &u, e))
		return -1;
	if (!path)
		url_release(&u);
	p->text = mem_strdup(text);
	return 0;
}

void endpoint_release(struct endpoint *p)
{
	net_addrs_release(&p->addrs);
	free(p->text);
	*p = (struct endpoint){0};
}

static void set_port(struct net_addr *a, int port)
{
	if (a->sa.ss_family == AF_INET)
		((struct sockaddr_in *)(void *)&a->sa)->sin_port = htons((uint16_t)port);
	else if (a->sa.ss_family == AF_INET6)
		((struct sockaddr_in6 *)(void *)&a->sa)->sin6_port = htons((uint16_t)port);
}

int endpoint_resolve(struct endpoint *p, struct err *e)
{
	struct url u;
	if (endpoint_is_unix(p))
		return 0;
	if (read_host(p->text, &u, e))
		return -1;
	int port = atoi(strrchr(p->text, ':') + 1);
	net_addrs_release(&p->addrs);
	int rc = net_resolve(&u, &p->addrs, e);
	url_release(&u);
	for (size_t i = 0; i < p->addrs.count; i++)
		set_port(&p->addrs.list[i], port);
	return rc;
}

/* True if somebody takes connections there. */
static bool answered(const struct net_addr *a)
{
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 && (!connect(fd, (const struct sockaddr *)&a->sa, a->len) || errno == EAGAIN);
	if (fd >= 0)
		close(fd);
	return yes;
}

static int clear_path(const struct endpoint *p, struct err *e)
{
	struct stat st;
	const char *path = unix_path(p->text);
	if (lstat(path, &st))
		return 0;
	if (S_ISSOCK(st.st_mode) && !answered(&p->addrs.list[0]))
		return unlink(path) ? err_sys(e, errno, "cannot replace '%s'", path) : 0;
	return err_sys(e, EADDRINUSE, "cannot listen on '%s'", path);
}

static int bind_to(const struct net_addr *a)
{
	const int yes = 1;
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (!bind(fd, (const struct sockaddr *)&a->sa, a->len))
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

/* A port that the kernel has chosen, for port 0, is a socket's only while it listens: it is asked for by its number, so
 * that it stays while a toxic refuses connections. *a becomes the address. */
static int bind_and_keep(struct net_addr *a)
{
	int first = bind_to(a);
	if (first < 0 || a->sa.ss_family == AF_UNIX || getsockname(first, (struct sockaddr *)&a->sa, &a->len))
		return first;
	int fd = bind_to(a);
	int why = errno;
	close(first);
	errno = why;
	return fd;
}

int endpoint_listen(struct endpoint *p, unsigned int mode, struct err *e)
{
	char text[NET_ADDR_TEXT];
	if (endpoint_resolve(p, e) || (endpoint_is_unix(p) && clear_path(p, e)))
		return -1;
	struct net_addr *a = &p->addrs.list[0];
	mode_t mask = umask(~(mode_t)mode & 0777);
	int fd = bind_and_keep(a);
	umask(mask);
	if (fd < 0 || listen(fd, SOMAXCONN)) {
		err_sys(e, errno, "cannot listen on '%s'", p->text);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!endpoint_is_unix(p)) {
		free(p->text);
		p->text = mem_strdup(net_addr_text(a, text));
	}
	return fd;
}

void endpoint_unlink(const struct endpoint *p)
{
	if (endpoint_is_unix(p))
		unlink(unix_path(p->text));
}

int endpoint_dial(const struct net_addr *a, bool *done)
{
	int fd = socket(a->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	endpoint_no_delay(fd);
	*done = connect(fd, (const struct sockaddr *)&a->sa, a->len) == 0;
	if (!*done && errno != EINPROGRESS) {
		int why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

void endpoint_no_delay(int fd)
{
	const int yes = 1; /* fails on a Unix socket, which never delays */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void endpoint_will_reset(int fd)
{
	const struct linger hard = {.l_onoff = 1, .l_linger = 0};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}
