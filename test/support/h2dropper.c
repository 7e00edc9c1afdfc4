/* An HTTP/2 server without TLS that misbehaves on purpose, and knows only as much of HTTP/2 as that
 * takes:
 *	h2dropper COUNTFILE MODE
 * prints its port, and keeps the number of requests it has read in COUNTFILE, rewritten after each.
 * It answers the first request of a connection with 200. What becomes of the second says MODE:
 *	ok		it is answered, and so are all others
 *	refuse		its stream is refused, which says that it was not looked at (and so is every
 *			second one of a connection)
 *	goaway		GOAWAY says that it was not looked at, and the connection is closed
 *	close		the connection is closed
 */
#include "server.h"

enum {
	PREFACE = 24,
	FRAME_HEAD = 9,
};

enum frame_type {
	FRAME_DATA,
	FRAME_HEADERS,
	FRAME_RST = 3,
	FRAME_SETTINGS,
	FRAME_PING = 6,
	FRAME_GOAWAY
};
enum { FLAG_END_STREAM = 1, FLAG_ACK = 1, FLAG_END_HEADERS = 4, REFUSED_STREAM = 7 };

static void send_frame(struct client *c, enum frame_type type, int flags, uint32_t stream,
		       const void *data, size_t len)
{
	unsigned char frame[FRAME_HEAD + 64];
	uint32_t id = htonl(stream);
	frame[0] = frame[1] = 0;
	frame[2] = (unsigned char)len;
	frame[3] = (unsigned char)type;
	frame[4] = (unsigned char)flags;
	memcpy(frame + 5, &id, sizeof id);
	if (len)
		memcpy(frame + FRAME_HEAD, data, len);
	if (c->fd >= 0 && send(c->fd, frame, FRAME_HEAD + len, MSG_NOSIGNAL) < 0)
		drop(c, false);
}

/* The whole of a request has been read. */
static void answer(struct server *s, struct client *c, uint32_t stream)
{
	static const unsigned char status_200 = 0x88; /* HPACK: entry 8 of the static table */
	const uint32_t refused = htonl(REFUSED_STREAM);
	const uint32_t away[2] = {htonl(c->last), 0};
	c->requests++;
	if (c->requests % 2 == 0 && strcmp(s->mode, "refuse") == 0) {
		send_frame(c, FRAME_RST, 0, stream, &refused, sizeof refused);
	} else if (c->requests == 2 && strcmp(s->mode, "goaway") == 0) {
		send_frame(c, FRAME_GOAWAY, 0, 0, away, sizeof away);
		drop(c, false);
	} else if (c->requests == 2 && strcmp(s->mode, "close") == 0) {
		drop(c, false);
	} else {
		c->last = stream;
		send_frame(c, FRAME_HEADERS, FLAG_END_HEADERS | FLAG_END_STREAM, stream,
			   &status_200, 1);
	}
}

static void take_frame(struct server *s, struct client *c, const unsigned char *f, size_t len)
{
	uint32_t stream;
	int type = f[3], flags = f[4];
	memcpy(&stream, f + 5, sizeof stream);
	stream = ntohl(stream);
	if (type == FRAME_SETTINGS && !(flags & FLAG_ACK))
		send_frame(c, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
	else if (type == FRAME_PING && !(flags & FLAG_ACK) && len == 8)
		send_frame(c, FRAME_PING, FLAG_ACK, 0, f + FRAME_HEAD, len);
	if (type == FRAME_HEADERS)
		count_one(s);
	if ((type == FRAME_HEADERS || type == FRAME_DATA) && flags & FLAG_END_STREAM)
		answer(s, c, stream);
}

static void serve(struct server *s, struct client *c)
{
	ssize_t n = recv(c->fd, c->text + c->len, TEXT_MAX - c->len, 0);
	size_t at = 0;
	if (n <= 0) {
		drop(c, false);
		return;
	}
	c->len += (size_t)n;
	if (!c->greeted && c->len >= PREFACE) {
		c->greeted = true;
		at = PREFACE;
		send_frame(c, FRAME_SETTINGS, 0, 0, NULL, 0);
	}
	while (c->fd >= 0 && c->greeted && c->len - at >= FRAME_HEAD) {
		const unsigned char *f = (const unsigned char *)c->text + at;
		size_t len = (size_t)f[0] << 16 | (size_t)f[1] << 8 | f[2];
		if (c->len - at < FRAME_HEAD + len)
			break;
		take_frame(s, c, f, len);
		at += FRAME_HEAD + len;
	}
	memmove(c->text, c->text + at, c->len - at);
	c->len -= at;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	serve_all(argv[1], argv[2], listen_on(0), serve);
}
