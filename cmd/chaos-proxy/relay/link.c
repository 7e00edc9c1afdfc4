#include "relay/link.h"

#include "base/clock.h"
#include "base/units.h"
#include "relay/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
	TURNS_MAX = 16,	 /* then others get theirs */
	PIECES_MAX = 64, /* of one write */
	PIECE_COST = 256, /* bytes that one counts for besides its own: it costs time when toxics change */
	QUEUE_MAX = 64 * 1024, /* where only pace or a stall holds data back: the sender is to wait */
	DELAY_QUEUE_MAX = 32 * 1024 * 1024, /* what is on its way through a latency does not hold it back */
	ALL_QUEUES_MAX = 512 * 1024 * 1024,
};
static const int64_t ahead_ns = 100 * NS_PER_MS; /* that a bandwidth may be booked in advance */

void link_init(struct link *l, struct conn *c, struct peer *from, struct peer *to,
	       enum toxic_stream stream)
{
	*l = (struct link){.conn = c, .from = from, .to = to, .stream = stream};
	queue_open(l);
}

void link_release(struct link *l)
{
	evloop_unset(l->conn->proxy->relay->loop, &l->timer);
	queue_clear(l);
	free(l->doses);
	l->doses = NULL;
	l->dose_count = 0;
}

/* --- out -------------------------------------------------------------------------------- */

/* Nothing more can be written: what comes from the other side tells why, and ends the connection. */
static void cannot_write(struct link *l)
{
	queue_clear(l);
	l->eof = l->done = true;
}

static ssize_t write_some(struct link *l, struct iovec *v, int count)
{
	struct msghdr m = {.msg_iov = v, .msg_iovlen = count};
	ssize_t n = sendmsg(l->to->watch.fd, &m, MSG_NOSIGNAL);
	if (n >= 0) {
		l->conn->proxy->sent[l->stream] += (size_t)n;
		return n;
	}
	if (errno == EAGAIN || errno == EINTR)
		l->to->writable = errno == EINTR;
	else
		cannot_write(l);
	return 0;
}

static bool slices(const struct link *l)
{
	for (size_t i = 0; i < l->dose_count; i++)
		if (l->doses[i].toxic->type->kind == TOXIC_SLICER)
			return true;
	return false;
}

/* Writes what is due; true if anything went. */
static bool write_due(struct link *l)
{
	int most = slices(l) ? 1 : PIECES_MAX, count = 0;
	size_t total = 0;
	struct iovec v[PIECES_MAX];
	if (!l->to->writable || l->done)
		return false;
	for (struct piece *p = l->first; p && count < most && p->due_ns <= l->now_ns; p = p->next) {
		v[count++] = (struct iovec){p->data + p->skip + p->off, p->len - p->off};
		total += p->len - p->off;
	}
	if (!count)
		return false;
	ssize_t n = write_some(l, v, count);
	if (n > 0)
		queue_went(l, (size_t)n);
	if (n > 0 && (size_t)n < total)
		l->to->writable = false;
	return n > 0;
}

/* --- in --------------------------------------------------------------------------------- */

static void add_plain(struct link *l, const char *data, size_t len)
{
	struct iovec v = {(void *)(uintptr_t)data, len};
	if (!l->first && l->to->writable && !l->done) {
		size_t n = (size_t)write_some(l, &v, 1);
		if (n && n < len)
			l->to->writable = false;
		l->at += n;
		data += n;
		len -= n;
	}
	if (!len || l->done)
		return;
	queue_add_plain(l, data, len);
}

void link_add(struct link *l, const char *data, size_t len, uint32_t match)
{
	l->now_ns = mono_ns();
	if (l->dose_count)
		queue_add(l, data, len, match);
	else
		add_plain(l, data, len);
}

/* --- run --------------------------------------------------------------------------------- */

/* How much may be read now; 0: nothing, *again_ns then says when, if only time is needed. */
static size_t may_read(const struct link *l, int64_t *again_ns)
{
	size_t most = RELAY_READ_MAX, queue = QUEUE_MAX;
	for (size_t i = 0; i < l->dose_count; i++) {
		const struct dose *d = &l->doses[i];
		int64_t free_ns = d->tail.busy_ns - ahead_ns;
		if (d->toxic->type->kind == TOXIC_LATENCY || d->toxic->type->kind == TOXIC_LOSS)
			queue = DELAY_QUEUE_MAX;
		if (free_ns <= l->now_ns)
			continue;
		most = 0;
		if (free_ns < *again_ns)
			*again_ns = free_ns;
	}
	if (l->conn->proxy->relay->queued > ALL_QUEUES_MAX)
		queue = QUEUE_MAX;
	if (!l->dose_count && l->first)
		return 0;
	return l->queued + l->pieces * PIECE_COST >= queue ? 0 : most;
}

static void read_failed(struct link *l, int why)
{
	if (why == EINTR)
		return;
	l->from->readable = false;
	if (why == EAGAIN)
		return;
	l->eof = l->broken = true;
	l->eof_ns = l->now_ns;
}

static void take(struct link *l, const char *data, size_t len)
{
	struct conn *c = l->conn;
	c->silent = false;
	c->spoke = l->stream;
	if (!c->dialog) {
		link_add(l, data, len, 0);
		return;
	}
	bool was_other = dialog_is_other(c->dialog);
	dialog_take(c->dialog, l->stream, data, len);
	if (!was_other && dialog_is_other(c->dialog))
		c->proxy->not_protocol++;
	/* An answer of our own, or what was held back of a request. */
	struct link *other = l->stream == UPSTREAM ? &c->down : &c->up;
	if (other->first)
		evloop_soon(c->proxy->relay->loop, &other->timer);
}

/* True if anything came in, the end too. */
static bool read_some(struct link *l, int64_t *again_ns)
{
	size_t most;
	char *room = l->conn->proxy->relay->room;
	if (!l->from->readable || l->eof || !(most = may_read(l, again_ns)))
		return false;
	ssize_t n = recv(l->from->watch.fd, room, most, 0);
	if (n < 0) {
		read_failed(l, errno);
		return l->eof;
	}
	if (n == 0) {
		l->eof = true;
		l->eof_ns = l->now_ns;
		if (l->conn->dialog)
			dialog_ended(l->conn->dialog, l->stream);
		return true;
	}
	if ((size_t)n < most && !l->from->ended)
		l->from->readable = false;
	l->conn->proxy->received[l->stream] += (size_t)n;
	take(l, room, (size_t)n);
	return true;
}

static enum link_outcome outcome(const struct link *l)
{
	enum link_outcome now = LINK_GOES_ON;
	for (size_t i = 0; i < l->dose_count; i++) {
		const struct dose *d = &l->doses[i];
		int64_t ends_ns = dose_ends_ns(d);
		if ((ends_ns && ends_ns <= l->now_ns) || (d->tail.reached && !l->first)) {
			if (d->toxic->type->kind == TOXIC_RESET_PEER)
				return LINK_RESET;
			now = LINK_OVER;
		}
	}
	return now;
}

/* When the end may be passed on. */
static int64_t close_ns(const struct link *l)
{
	int64_t at_ns = l->eof_ns;
	for (size_t i = 0; i < l->dose_count; i++)
		if (l->doses[i].toxic->type->kind == TOXIC_SLOW_CLOSE)
			at_ns += l->doses[i].toxic->a.delay * NS_PER_MS;
	return at_ns;
}

static void set_timer(struct link *l, int64_t again_ns)
{
	struct evloop *loop = l->conn->proxy->relay->loop;
	int64_t at_ns = again_ns;
	if (l->first && l->to->writable && l->first->due_ns < at_ns)
		at_ns = l->first->due_ns;
	if (l->eof && !l->first && !l->done && close_ns(l) < at_ns)
		at_ns = close_ns(l);
	for (size_t i = 0; i < l->dose_count; i++) {
		int64_t ends_ns = dose_ends_ns(&l->doses[i]);
		if (ends_ns && ends_ns < at_ns)
			at_ns = ends_ns;
	}
	if (at_ns < DUE_DROP)
		evloop_at(loop, &l->timer, at_ns);
	else
		evloop_unset(loop, &l->timer);
}

enum link_outcome link_run(struct link *l)
{
	int64_t again_ns = DUE_NEVER;
	bool moved = true;
	l->now_ns = mono_ns();
	for (int turns = 0; moved && turns < TURNS_MAX; turns++) {
		moved = write_due(l);
		moved |= read_some(l, &again_ns);
	}
	enum link_outcome now = outcome(l);
	if (now != LINK_GOES_ON)
		return now;
	if (moved) {
		evloop_soon(l->conn->proxy->relay->loop, &l->timer);
		return LINK_GOES_ON;
	}
	l->now_ns = mono_ns();
	if (l->eof && !l->first && !l->done && close_ns(l) <= l->now_ns) {
		l->done = true;
		if (!l->broken)
			shutdown(l->to->watch.fd, SHUT_WR);
	}
	set_timer(l, again_ns);
	return LINK_GOES_ON;
}
