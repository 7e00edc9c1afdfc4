/* Stands in for a container engine where none can be started: speaks the part of the API that the
 * toolkit uses, in the wire format recorded from Docker 20.10 or Podman 4.3, on a Unix socket. Its
 * containers are plain processes: pause is SIGSTOP, a restart policy starts them again.
 *
 *	enginedouble docker|podman SOCKET */
#include "base/buf.h"
#include "base/signame.h"
#include "stream/json.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { BOXES_MAX = 64, REQUEST_MAX = 65536 };

struct box {
	char id[65], name[64], started[40];
	struct json *made; /* the body of its create */
	struct json *endpoint; /* in its network, if it has one of its own; NULL: it was taken from there */
	pid_t pid;	   /* 0: not running */
	bool paused, by_hand, used;
	int exit_code, restarts;
};

static struct box boxes[BOXES_MAX];
static unsigned made;
static bool podman;

static const char *text(const struct box *b, const char *path)
{
	return json_str(json_get(b->made, path), "");
}

static void stamp(char out[static 40])
{
	struct timespec now;
	struct tm tm;
	char day[24];
	clock_gettime(CLOCK_REALTIME, &now);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	snprintf(out, 40, "%s.%09ldZ", day, now.tv_nsec);
}

static void run(struct box *b)
{
	const struct json *cmd = json_get(b->made, "Cmd");
	char *argv[32] = {NULL};
	for (size_t i = 0; i < json_count(cmd) && i < 31; i++)
		argv[i] = mem_strdup(json_str(json_at(cmd, i), ""));
	/* Our own handler must not run in the child. */
	sigset_t term, before;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	b->pid = fork();
	if (b->pid == 0) {
		signal(SIGTERM, SIG_DFL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		int null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execvp(argv[0], argv);
		_exit(127);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (b->pid < 0)
		b->pid = 0;
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	b->paused = b->by_hand = false;
	stamp(b->started);
}

static void reap(void)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		for (struct box *b = boxes; b < boxes + BOXES_MAX; b++) {
			const char *policy = text(b, "HostConfig.RestartPolicy.Name");
			if (!b->used || b->pid != pid)
				continue;
			b->pid = 0;
			b->paused = false;
			b->exit_code =
				WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			if (*policy && strcmp(policy, "no") != 0 && !b->by_hand) {
				run(b);
				b->restarts++;
			}
		}
	}
}

/* Engines answer a stop and a kill when the container has ended. */
static void end(struct box *b, int signo, int patience_ms)
{
	const struct timespec moment = {.tv_nsec = 1000000};
	pid_t pid = b->pid;
	b->by_hand = true;
	kill(pid, signo);
	kill(pid, SIGCONT);
	for (; b->pid == pid && patience_ms > 0; patience_ms--) {
		nanosleep(&moment, NULL);
		reap();
	}
	if (b->pid == pid && signo != SIGKILL)
		end(b, SIGKILL, 5000);
}

/* --- answers -------------------------------------------------------------------- */

static void answer(int fd, int status, const char *body)
{
	struct buf out = BUF_INIT;
	buf_addf(&out, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n", status);
	if (status != 204 && status != 304)
		buf_addf(&out, "Content-Length: %zu\r\n", strlen(body));
	buf_addf(&out, "\r\n%s", status == 204 || status == 304 ? "" : body);
	for (size_t at = 0; at < out.len;) {
		ssize_t n = send(fd, out.data + at, out.len - at, MSG_NOSIGNAL);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	buf_release(&out);
}

static void refuse(int fd, int status, const char *name, const char *words)
{
	char body[240];
	snprintf(body, sizeof body, "{\"message\":\"container %.70s: %s\"}", name, words);
	answer(fd, status, body);
}

static void send_json(int fd, int status, struct json *j)
{
	struct buf out = BUF_INIT;
	json_write(j, false, &out);
	answer(fd, status, out.data);
	json_free(j);
	buf_release(&out);
}

static const char *status_of(const struct box *b)
{
	return b->paused	      ? "paused"
	       : b->pid		      ? "running"
	       : b->started[0] == '0' ? "created"
				      : "exited";
}

static struct json *state_json(const struct box *b)
{
	struct json *j = json_object_new(), *health;
	json_set_str(j, "Status", status_of(b));
	/* Podman says of a paused one that it does not run. */
	json_set_bool(j, "Running", b->pid && !(podman && b->paused));
	json_set_bool(j, "Paused", b->paused);
	json_set_bool(j, "Restarting", false);
	json_set_int(j, "Pid", b->pid);
	json_set_int(j, "ExitCode", b->exit_code);
	json_set_str(j, "StartedAt", b->started);
	if (podman || json_is_object(json_get(b->made, "Healthcheck"))) {
		health = json_object_new();
		json_set_str(health, "Status", podman ? "" : "healthy");
		json_set_int(health, "FailingStreak", 0);
		json_set(j, "Health", health);
	}
	return j;
}

static struct json *labels_of(const struct box *b)
{
	struct json *labels = json_object_new();
	const struct json *value;
	const char *key;
	void *iter = NULL;
	while (json_next(json_get(b->made, "Labels"), &iter, &key, &value))
		json_set_str(labels, key, json_str(value, ""));
	return labels;
}

/* Its one network, whose name is its mode. */
static struct json *networks_of(const struct box *b)
{
	struct json *all = json_object_new(), *one = b->endpoint ? json_clone(b->endpoint) : NULL;
	char id[80];
	snprintf(id, sizeof id, "id-%s", text(b, "HostConfig.NetworkMode"));
	if (one) {
		json_set_str(one, "NetworkID", id);
		json_set(all, text(b, "HostConfig.NetworkMode"), one);
	}
	return all;
}

static void inspect(int fd, const struct box *b)
{
	struct json *j = json_object_new(), *host = json_object_new(), *policy = json_object_new(),
		    *config = json_object_new(), *network = json_object_new();
	char name[80];
	json_set_str(config, "StopSignal", podman ? "15" : text(b, "StopSignal"));
	json_set(config, "Labels", labels_of(b));
	json_set(j, "Config", config);
	snprintf(name, sizeof name, "/%s", b->name);
	json_set_str(policy, "Name", text(b, "HostConfig.RestartPolicy.Name"));
	json_set(host, "RestartPolicy", policy);
	json_set_bool(host, "AutoRemove",
		      json_bool(json_get(b->made, "HostConfig.AutoRemove"), false));
	json_set_str(j, "Id", b->id);
	json_set_str(j, "Name", name);
	json_set(j, "State", state_json(b));
	json_set_int(j, "RestartCount", b->restarts);
	json_set(network, "Networks", networks_of(b));
	json_set(j, "NetworkSettings", network);
	json_set_str(host, "NetworkMode", text(b, "HostConfig.NetworkMode"));
	json_set(j, "HostConfig", host);
	send_json(fd, 200, j);
}

static void list(int fd)
{
	struct json *all = json_array_new();
	for (const struct box *b = boxes; b < boxes + BOXES_MAX; b++) {
		if (!b->used)
			continue;
		struct json *j = json_object_new(), *names = json_array_new(),
			    *labels = labels_of(b);
		char name[80];
		snprintf(name, sizeof name, "/%s", b->name);
		json_push_str(names, name);
		json_set_str(j, "Id", b->id);
		json_set(j, "Names", names);
		json_set(j, "Labels", labels);
		json_set_str(j, "State", status_of(b));
		json_push(all, j);
	}
	send_json(fd, 200, all);
}

/* --- requests -------------------------------------------------------------------- */

static void create(int fd, const char *query, const char *body)
{
	struct err e;
	struct box *b = boxes;
	while (b < boxes + BOXES_MAX - 1 && b->used)
		b++;
	*b = (struct box){.used = true, .started = "0001-01-01T00:00:00Z"};
	b->made = json_parse(body, strlen(body), "create", &e);
	b->endpoint = json_clone(json_get(b->made, "NetworkingConfig.EndpointsConfig.own"));
	for (int i = 0; i < 64; i += 8)
		snprintf(b->id + i, 9, "%08x", (++made * 2654435761u) ^ (unsigned)getpid());
	snprintf(b->name, sizeof b->name, "%.*s", (int)strcspn(query, "&"), query);
	struct json *j = json_object_new();
	json_set_str(j, "Id", b->id);
	send_json(fd, 201, j);
}

static void stop(int fd, struct box *b)
{
	if (!b->pid)
		answer(fd, 304, "");
	else if (podman && b->paused)
		refuse(fd, 500, b->id, "it is paused");
	else {
		end(b, SIGTERM, 5000);
		answer(fd, 204, "");
	}
}

/* A kill that is not what stops it is no command to stay down. */
static void kill_it(int fd, struct box *b, const char *query)
{
	const char *at = strstr(query, "signal=SIG");
	int signo = SIGKILL;
	for (int i = 1; at && i < 32; i++)
		if (signal_abbrev(i) && strcmp(signal_abbrev(i), at + 10) == 0)
			signo = i;
	if (!b->pid)
		refuse(fd, 409, b->id, "it is not running");
	else if (signo == SIGKILL) {
		end(b, SIGKILL, 5000);
		answer(fd, 204, "");
	} else {
		const char *stops = text(b, "StopSignal");
		const char *name = signal_abbrev(signo);
		b->by_hand = !podman && (!*stops || strcmp(stops + 3, name ? name : "") == 0);
		kill(b->pid, signo);
		answer(fd, 204, "");
	}
}

static void pause_it(int fd, struct box *b, bool on)
{
	if (!b->pid)
		refuse(fd, 409, b->id, "it is not running");
	else if (b->paused == on)
		refuse(fd, on ? 409 : 500, b->id, on ? "it is already paused" : "it is not paused");
	else {
		kill(b->pid, on ? SIGSTOP : SIGCONT);
		b->paused = on;
		answer(fd, 204, "");
	}
}

static void act(int fd, struct box *b, const char *word, const char *query)
{
	if (strcmp(word, "json") == 0)
		inspect(fd, b);
	else if (strcmp(word, "start") == 0 && b->pid)
		answer(fd, 304, "");
	else if (strcmp(word, "start") == 0) {
		b->restarts = 0;
		run(b);
		answer(fd, 204, "");
	} else if (strcmp(word, "stop") == 0)
		stop(fd, b);
	else if (strcmp(word, "kill") == 0)
		kill_it(fd, b, query);
	else if (strcmp(word, "pause") == 0 || strcmp(word, "unpause") == 0)
		pause_it(fd, b, word[0] == 'p');
	else if (strcmp(word, "delete") == 0) {
		if (b->pid)
			end(b, SIGKILL, 5000);
		json_free(b->made);
		json_free(b->endpoint);
		*b = (struct box){0};
		answer(fd, 204, "");
	} else
		refuse(fd, 404, word, "page not found");
}

static struct box *find(const char *name)
{
	for (struct box *b = boxes; b < boxes + BOXES_MAX; b++)
		if (b->used && (strcmp(b->id, name) == 0 || strcmp(b->name, name) == 0))
			return b;
	return NULL;
}

static void connect_it(int fd, bool on, const char *body)
{
	struct err e;
	struct json *asked = json_parse(body, strlen(body), "network", &e);
	struct box *b = find(json_str(json_get(asked, "Container"), ""));
	if (!b)
		refuse(fd, 404, "", "no such container");
	else if (on == (b->endpoint != NULL))
		refuse(fd, 403, b->id, on ? "it is in the network" : "it is not in the network");
	else {
		json_free(b->endpoint);
		b->endpoint = on ? json_clone(json_get(asked, "EndpointConfig")) : NULL;
		answer(fd, 200, "");
	}
	json_free(asked);
}

static void serve(int fd, char *request)
{
	char method[16], target[512], name[128] = "", word[32] = "";
	char *body = strstr(request, "\r\n\r\n"), *query;
	if (!body || sscanf(request, "%15s %511s", method, target) != 2)
		return;
	query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	bool remove = strcmp(method, "DELETE") == 0;
	sscanf(target, "/containers/%127[^/]/%31s", name, word);
	if (strcmp(target, "/_ping") == 0)
		answer(fd, 200, "OK");
	else if (strcmp(target, "/containers/json") == 0)
		list(fd);
	else if (strcmp(target, "/containers/create") == 0)
		create(fd, query && strstr(query, "name=") ? strstr(query, "name=") + 5 : "",
		       body + 4);
	else if (strcmp(target, "/networks/id-own/connect") == 0 || strcmp(target, "/networks/id-own/disconnect") == 0)
		connect_it(fd, target[17] == 'c', body + 4);
	else if (!find(name))
		refuse(fd, 404, name, "no such container");
	else
		act(fd, find(name), remove ? "delete" : word, query ? query : "");
}

/* Until the body is there whole. */
static void take(int fd)
{
	static char request[REQUEST_MAX];
	size_t len = 0, want = 0;
	for (ssize_t n; len + 1 < sizeof request; len += (size_t)n) {
		const char *end_of_head = strstr(request, "\r\n\r\n"), *field;
		if (len && end_of_head) {
			field = strcasestr(request, "\r\nContent-Length:");
			want = (size_t)(end_of_head + 4 - request) +
			       (field && field < end_of_head ? strtoul(field + 17, NULL, 10) : 0);
		}
		if (want && len >= want)
			break;
		n = read(fd, request + len, sizeof request - 1 - len);
		if (n <= 0)
			return;
		request[len + (size_t)n] = '\0';
	}
	request[len] = '\0';
	serve(fd, request);
	memset(request, 0, sizeof request);
}

static void leave(int signo)
{
	for (struct box *b = boxes; b < boxes + BOXES_MAX; b++)
		if (b->pid)
			kill(b->pid, SIGKILL);
	_exit(signo == SIGTERM ? 0 : 1);
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (argc != 3 || strlen(argv[2]) >= sizeof at.sun_path)
		return 2;
	podman = strcmp(argv[1], "podman") == 0;
	memcpy(at.sun_path, argv[2], strlen(argv[2]));
	signal(SIGTERM, leave);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 64))
		return 1;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		reap();
		if (poll(&p, 1, 20) <= 0)
			continue;
		int peer = accept(fd, NULL, NULL);
		if (peer < 0)
			continue;
		take(peer);
		close(peer);
	}
}
