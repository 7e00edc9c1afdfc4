/* A double of a chat API that speaks the real wire format, for tests: a server on 127.0.0.1 that plays
 * scripts.
 *
 *	llmdouble DIR
 *
 * writes its port to DIR/port; the head and the body of request N go to DIR/N.head and DIR/N.body; the
 * answer is played from DIR/play.N, else from DIR/play. A script's lines:
 *
 *	status N [REASON]	the status (200)
 *	header LINE		one more header
 *	json TEXT		an answer that is no stream
 *	split N			what follows is written N bytes at a time
 *	crlf			lines of the stream end so
 *	comments		a comment line before each event
 *	text FILE [WORDS]	the file as events of so many words (3)
 *	event TEXT		one event with that data
 *	raw TEXT		those bytes; \n and \r are undone
 *	finish REASON		the last chunk, with usage
 *	done			data: [DONE]
 *	tokens N		the prompt tokens that finish tells (900)
 *	fill N			N bytes of one event's text, in events of 1000
 *	endless			events until the other side goes
 *	wait FILE		until DIR/FILE is there
 *	hang			until the other side goes
 *	reset			ends the connection with an RST
 *
 * After the last line the connection is closed. */
#include "base/buf.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct play {
	const char *dir;
	int fd;
	bool head_sent, crlf, comments;
	size_t split;
	long tokens;
	struct buf head;
};

static void file_of(const char *dir, const char *name, char out[static 512])
{
	snprintf(out, 512, "%s/%s", dir, name);
}

static bool read_whole(const char *path, struct buf *out)
{
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "r");
	while (f && (n = fread(block, 1, sizeof block, f)) > 0)
		buf_add(out, block, n);
	if (f)
		fclose(f);
	return f != NULL;
}

static void save(const char *dir, int number, const char *end, const char *data, size_t len)
{
	char path[512], name[32];
	snprintf(name, sizeof name, "%d.%s", number, end);
	file_of(dir, name, path);
	FILE *f = fopen(path, "w");
	if (!f || fwrite(data, 1, len, f) != len || fclose(f))
		perror(path);
}

static bool put(struct play *p, const char *data, size_t len)
{
	while (len) {
		size_t n = p->split && p->split < len ? p->split : len;
		ssize_t sent = send(p->fd, data, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		data += sent;
		len -= (size_t)sent;
	}
	return true;
}

static bool put_head(struct play *p, const char *type)
{
	if (p->head_sent)
		return true;
	p->head_sent = true;
	if (!p->head.len)
		buf_addstr(&p->head, "HTTP/1.1 200 OK\r\n");
	buf_addf(&p->head, "Content-Type: %s\r\nConnection: close\r\n\r\n", type);
	return put(p, p->head.data, p->head.len);
}

static bool put_event(struct play *p, const char *data)
{
	const char *end = p->crlf ? "\r\n" : "\n";
	struct buf b = BUF_INIT;
	if (p->comments)
		buf_addf(&b, ": OPENROUTER PROCESSING%s%s", end, end);
	buf_addf(&b, "data: %s%s%s", data, end, end);
	bool ok = put_head(p, "text/event-stream") && put(p, b.data, b.len);
	buf_release(&b);
	return ok;
}

static bool put_text(struct play *p, const char *text, size_t len)
{
	struct buf b = BUF_INIT;
	buf_addstr(&b, "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"double-1\","
		       "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < ' ' || c == '"' || c == '\\')
			buf_addf(&b, "\\u%04x", c);
		else
			buf_addch(&b, text[i]);
	}
	buf_addstr(&b, "\"},\"finish_reason\":null}]}");
	bool ok = put_event(p, b.data);
	buf_release(&b);
	return ok;
}

static bool put_file(struct play *p, const char *args)
{
	char name[200], path[512];
	int words = 3;
	struct buf text = BUF_INIT;
	if (sscanf(args, "%199s %d", name, &words) < 1)
		return false;
	file_of(p->dir, name, path);
	bool ok = read_whole(path, &text);
	const char *at = text.data;
	while (ok && *at) {
		const char *end = at;
		for (int i = 0; i < words && *end; i++) {
			end += strspn(end, " \n");
			end += strcspn(end, " \n");
		}
		ok = put_text(p, at, (size_t)(end - at));
		at = end;
	}
	buf_release(&text);
	return ok;
}

static bool put_raw(struct play *p, const char *text)
{
	struct buf b = BUF_INIT;
	for (; *text; text++) {
		bool escaped = text[0] == '\\' && (text[1] == 'n' || text[1] == 'r');
		buf_addch(&b, escaped ? text[1] == 'n' ? '\n' : '\r' : *text);
		text += escaped;
	}
	bool ok = put_head(p, "text/event-stream") && put(p, b.data, b.len);
	buf_release(&b);
	return ok;
}

static bool put_json(struct play *p, const char *text)
{
	return put_head(p, "application/json") && put(p, text, strlen(text));
}

static bool put_finish(struct play *p, const char *reason)
{
	char data[300];
	snprintf(data, sizeof data,
		 "{\"model\":\"double-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"%s\"}],"
		 "\"usage\":{\"prompt_tokens\":%ld,\"completion_tokens\":50},"
		 "\"x_groq\":{\"id\":\"req_1\",\"usage\":{\"prompt_tokens\":%ld}}}",
		 reason, p->tokens, p->tokens);
	return put_event(p, data);
}

static bool put_fill(struct play *p, long bytes)
{
	char text[1000];
	memset(text, 'x', sizeof text);
	for (; bytes > 0; bytes -= (long)sizeof text)
		if (!put_text(p, text, sizeof text))
			return false;
	return true;
}

static bool wait_for_file(const struct play *p, const char *name)
{
	char path[512];
	file_of(p->dir, name, path);
	for (int i = 0; i < 2000 && access(path, F_OK); i++)
		usleep(10000);
	return true;
}

static bool hang(const struct play *p)
{
	char c;
	while (recv(p->fd, &c, 1, 0) > 0)
		;
	return false;
}

static bool reset(const struct play *p)
{
	struct linger now = {.l_onoff = 1};
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	return false;
}

static bool set_status(struct play *p, const char *args)
{
	buf_addf(&p->head, "HTTP/1.1 %s%s\r\n", args, strchr(args, ' ') ? "" : " Status");
	return true;
}

static bool endless(struct play *p)
{
	while (put_text(p, "and {{fault_1}} ", 16))
		;
	return false;
}

/* False ends the script. */
static bool step(struct play *p, const char *verb, const char *args)
{
	if (strcmp(verb, "status") == 0)
		return set_status(p, args);
	if (strcmp(verb, "header") == 0)
		return buf_addf(&p->head, "%s\r\n", args), true;
	if (strcmp(verb, "split") == 0)
		return p->split = strtoul(args, NULL, 10), true;
	if (strcmp(verb, "tokens") == 0)
		return p->tokens = strtol(args, NULL, 10), true;
	if (strcmp(verb, "crlf") == 0)
		return p->crlf = true;
	if (strcmp(verb, "comments") == 0)
		return p->comments = true;
	if (strcmp(verb, "json") == 0)
		return put_json(p, args);
	if (strcmp(verb, "text") == 0)
		return put_file(p, args);
	if (strcmp(verb, "event") == 0)
		return put_event(p, args);
	if (strcmp(verb, "raw") == 0)
		return put_raw(p, args);
	if (strcmp(verb, "finish") == 0)
		return put_finish(p, args);
	if (strcmp(verb, "done") == 0)
		return put_event(p, "[DONE]");
	if (strcmp(verb, "fill") == 0)
		return put_fill(p, strtol(args, NULL, 10));
	if (strcmp(verb, "endless") == 0)
		return endless(p);
	if (strcmp(verb, "wait") == 0)
		return wait_for_file(p, args);
	if (strcmp(verb, "hang") == 0)
		return hang(p);
	if (strcmp(verb, "reset") == 0)
		return reset(p);
	fprintf(stderr, "llmdouble: unknown step '%s'\n", verb);
	return false;
}

static void play(struct play *p, int number)
{
	char path[512], name[32];
	struct buf script = BUF_INIT;
	snprintf(name, sizeof name, "play.%d", number);
	file_of(p->dir, name, path);
	if (!read_whole(path, &script)) {
		file_of(p->dir, "play", path);
		(void)read_whole(path, &script);
	}
	bool on = true;
	for (char *save_at, *line = strtok_r(script.data, "\n", &save_at); line && on;
	     line = strtok_r(NULL, "\n", &save_at)) {
		char *args = line + strcspn(line, " ");
		if (*args)
			*args++ = '\0';
		on = step(p, line, args);
	}
	if (on)
		(void)put_head(p, "application/json");
	buf_release(&script);
}

/* Reads the request; false if it never came whole. */
static bool take_request(int fd, const char *dir, int number)
{
	struct buf in = BUF_INIT;
	char block[8192];
	ssize_t n;
	size_t need = 0;
	const char *body = NULL;
	while ((!body || in.len < need) && (n = recv(fd, block, sizeof block, 0)) > 0) {
		buf_add(&in, block, (size_t)n);
		body = strstr(in.data, "\r\n\r\n");
		const char *length = strcasestr(in.data, "content-length:");
		if (body)
			need = (size_t)(body - in.data) + 4 +
			       (length ? strtoul(length + 15, NULL, 10) : 0);
	}
	bool whole = body && in.len >= need;
	if (whole) {
		size_t head = (size_t)(body - in.data) + 4;
		save(dir, number, "head", in.data, head);
		save(dir, number, "body", in.data + head, in.len - head);
	}
	buf_release(&in);
	return whole;
}

static int listen_on(const char *dir)
{
	char part[512], path[512];
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len))
		return -1;
	file_of(dir, "port.part", part);
	file_of(dir, "port", path);
	FILE *f = fopen(part, "w");
	if (!f || fprintf(f, "%d\n", ntohs(sa.sin_port)) < 0 || fclose(f) || rename(part, path))
		return -1;
	return fd;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: llmdouble DIR\n", stderr);
		return 2;
	}
	int listener = listen_on(argv[1]), number = 0;
	if (listener < 0) {
		perror("llmdouble");
		return 6;
	}
	for (;;) {
		struct play p = {.dir = argv[1], .tokens = 900, .head = BUF_INIT};
		p.fd = accept(listener, NULL, NULL);
		if (p.fd < 0)
			continue;
		if (take_request(p.fd, argv[1], number + 1))
			play(&p, ++number);
		buf_release(&p.head);
		close(p.fd);
	}
}
