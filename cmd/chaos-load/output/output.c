#include "output/output.h"

#include "base/buf.h"
#include "base/ring.h"
#include "base/units.h"
#include "sys/file_writer.h"
#include "sys/nonblock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FLUSH_BYTES = 65536,
	FLUSH_MS = 100,
	MARKER_MAX = 256,
	/* Space that must be free after a loss before rows are accepted again, so that each marker
	 * stands for many rows. */
	RESUME_BYTES = OUTPUT_BUFFER_BYTES / 4,
};

struct output {
	struct nonblock to;
	struct file_writer *file; /* NULL: it can be written without waiting */
	struct loop_fd *room;	  /* NULL: writes are plain */
	struct loop_timer *timer;
	bool timer_set, waiting; /* for the timer; for the reader */
	bool failed_once;
	int64_t waiting_since, blocked_ns;
	struct ring ring;   /* whole lines */
	size_t torn;	    /* bytes of its oldest line that are out already */
	uint64_t put, lost; /* rows: in the ring or written, and neither */
	unsigned columns;   /* further ones of the rows */
	uint64_t gap;	    /* rows dropped since the last that fitted */
	int64_t gap_from_ns, gap_to_ns;
	void (*failed)(void *arg, int sys_errno);
	void *failed_arg;
	void (*drained)(void *arg);
	void *drained_arg;
};

static bool close_gap(struct output *o, size_t free_bytes);

/* Sample rows in whole lines; the header and the markers, which have no node, are none. */
static uint64_t rows_in(const char *at, size_t len)
{
	uint64_t n = 0;
	for (const char *end = at + len, *newline; at < end; at = newline + 1) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break;
		n += *at != *sample_header && comma && comma[1] != ',';
	}
	return n;
}

/* Rows that are not written, the whole of them. */
static uint64_t waiting_rows(const struct output *o)
{
	size_t len;
	const char *data = ring_oldest(&o->ring, &len);
	uint64_t n = rows_in(data, len);
	data = ring_rest(&o->ring, &len);
	return n + rows_in(data, len);
}

/* A partly written line counts as lost. */
void output_discard(struct output *o)
{
	uint64_t n = waiting_rows(o);
	o->put -= n;
	o->lost += n;
	ring_clear(&o->ring);
	o->torn = 0;
}

static void fail(struct output *o, int sys_errno)
{
	output_discard(o);
	if (o->failed_once)
		return;
	o->failed_once = true;
	o->failed(o->failed_arg, sys_errno);
}

static void set_waiting(struct output *o, bool waiting)
{
	if (waiting == o->waiting)
		return;
	o->waiting = waiting;
	if (waiting)
		o->waiting_since = mono_ns();
	else
		o->blocked_ns += mono_ns() - o->waiting_since;
	loop_fd_set(o->room, !waiting ? 0 : o->file ? LOOP_READ : LOOP_WRITE);
}

/* How much to write at once: whole rows, and to a pipe no more than what it takes in one
 * piece or not at all, so that a reader (or our death) never sees half a row. */
static size_t chunk(const struct output *o, const char *data, size_t len)
{
	if (!o->room || o->file || len <= PIPE_BUF)
		return len;
	const char *last = memrchr(data, '\n', PIPE_BUF);
	if (!last)
		last = memchr(data, '\n', len);
	return last ? (size_t)(last + 1 - data) : len;
}

/* Removes len written bytes from the front of the ring. */
static void took(struct output *o, const char *data, size_t len)
{
	const char *last = memrchr(data, '\n', len);
	size_t whole = last ? (size_t)(last + 1 - data) : 0;
	ring_take(&o->ring, whole);
	o->torn = len - whole;
}

static void check_drained(struct output *o)
{
	void (*drained)(void *arg) = o->drained;
	if (!drained || ring_used(&o->ring))
		return;
	o->drained = NULL;
	drained(o->drained_arg);
}

static ssize_t put_out(struct output *o, const char *data, size_t len)
{
	return o->file ? file_writer_write(o->file, data, len) : nonblock_write(&o->to, data, len);
}

static void flush_later(struct output *o)
{
	if (o->timer_set || !ring_used(&o->ring))
		return;
	o->timer_set = true;
	loop_timer_at(o->timer, mono_ns() + ms_to_ns(FLUSH_MS));
}

/* A write of the thread has ended. Rows that came meanwhile wait for the timer, so that the thread
 * is not woken for each row. */
static bool wait_for_more(struct output *o)
{
	if (!o->file || o->drained || ring_used(&o->ring) >= FLUSH_BYTES)
		return false;
	flush_later(o);
	return true;
}

static void flush(struct output *o)
{
	const char *data;
	size_t len;
	while (data = ring_oldest(&o->ring, &len), len) {
		size_t piece = chunk(o, data + o->torn, len - o->torn);
		ssize_t n = put_out(o, data + o->torn, piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN && o->room) {
			set_waiting(o, true);
			return;
		}
		if (n < 0) {
			fail(o, errno);
			break;
		}
		took(o, data, o->torn + (size_t)n);
		close_gap(o, RESUME_BYTES);
		if (wait_for_more(o))
			break;
	}
	if (o->room)
		set_waiting(o, false);
	check_drained(o);
}

static void timer_fired(void *arg)
{
	struct output *o = arg;
	o->timer_set = false;
	flush(o);
}

static void has_room(void *arg, int events)
{
	struct output *o = arg;
	if (events & LOOP_ERROR)
		o->waiting = false; /* the watch is off; the write says why */
	flush(o);
}

/* A file's disk may keep a write waiting, and so may a pipe that cannot be opened anew; a device
 * like /dev/null does not. */
static int open_file(struct output *o, struct err *e)
{
	struct stat st;
	if (o->to.fd >= 0 || fstat(o->to.plain_fd, &st) || S_ISCHR(st.st_mode))
		return 0;
	o->file = file_writer_new(o->to.plain_fd, e);
	return o->file ? 0 : -1;
}

static int watch_room(struct output *o, struct loop *l, struct err *e)
{
	int fd = o->file ? file_writer_fd(o->file) : o->to.fd;
	if (fd < 0)
		return 0;
	o->room = loop_fd_new(l, fd, has_room, o, e);
	return o->room ? 0 : -1;
}

struct output *output_new(struct loop *l, int fd, void (*failed)(void *arg, int sys_errno),
			  void *arg, struct err *e)
{
	struct output *o = mem_alloc(sizeof *o);
	*o = (struct output){.failed = failed, .failed_arg = arg};
	ring_init(&o->ring, OUTPUT_BUFFER_BYTES);
	nonblock_init(&o->to, fd);
	o->timer = loop_timer_new(l, timer_fired, o, e);
	if (!o->timer || open_file(o, e) || watch_room(o, l, e)) {
		output_free(o);
		return NULL;
	}
	return o;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	loop_fd_free(o->room);
	loop_timer_free(o->timer);
	nonblock_release(&o->to);
	if (!file_writer_free(o->file))
		return; /* a write hangs on a dead disk: what it reads from stays */
	ring_release(&o->ring);
	free(o);
}

static void added(struct output *o, const char *end)
{
	ring_put(&o->ring, end);
	if (o->waiting)
		return;
	if (ring_used(&o->ring) >= FLUSH_BYTES)
		flush(o);
	else
		flush_later(o);
}

void output_header(struct output *o, unsigned columns)
{
	const char *text = sample_header_of(columns);
	o->columns = columns;
	size_t len = strlen(text);
	char *out = ring_room(&o->ring, len);
	if (!out)
		return;
	memcpy(out, text, len);
	added(o, out + len);
	flush(o);
}

/* Says in the stream how many rows are missing here. Returns false if even that does not fit. */
static bool close_gap(struct output *o, size_t free_bytes)
{
	if (!o->gap)
		return true;
	bool fits = OUTPUT_BUFFER_BYTES - ring_used(&o->ring) >= free_bytes;
	char *out = fits ? ring_room(&o->ring, MARKER_MAX) : NULL;
	if (!out)
		return false;
	ring_put(&o->ring, sample_write_lost(o->gap, o->gap_from_ns, o->gap_to_ns, o->columns, out));
	o->gap = 0;
	return true;
}

static void drop_row(struct output *o, const struct sample *s)
{
	if (!o->gap++)
		o->gap_from_ns = o->gap_to_ns = s->due_wall_ns;
	if (s->due_wall_ns < o->gap_from_ns)
		o->gap_from_ns = s->due_wall_ns;
	if (s->due_wall_ns > o->gap_to_ns)
		o->gap_to_ns = s->due_wall_ns;
	o->lost++;
}

void output_row(struct output *o, const struct sample *s)
{
	if (o->failed_once) {
		o->lost++;
		return;
	}
	char *out = close_gap(o, RESUME_BYTES) ? ring_room(&o->ring, sample_row_max(s)) : NULL;
	if (!out) {
		drop_row(o, s);
		return;
	}
	o->put++;
	added(o, sample_write(s, out));
}

void output_drain(struct output *o, void (*drained)(void *arg), void *arg)
{
	o->drained = drained;
	o->drained_arg = arg;
	if (!o->waiting)
		flush(o);
}

uint64_t output_lost(const struct output *o)
{
	return o->lost;
}

uint64_t output_rows(const struct output *o)
{
	return o->put - waiting_rows(o);
}

int64_t output_blocked_ns(const struct output *o)
{
	return o->blocked_ns + (o->waiting ? mono_ns() - o->waiting_since : 0);
}
