#include "net/redis/redis_pipe.h"

#include "base/clock.h"

#include <stdlib.h>

enum { BATCH_BYTES = 16384 };

void redis_pipe_init(struct redis_pipe *p, int depth)
{
	*p = (struct redis_pipe){.size = 1, .batch = BUF_INIT};
	while (p->size < (uint64_t)depth)
		p->size *= 2;
	p->ring = mem_alloc(p->size * sizeof *p->ring);
}

void redis_pipe_release(struct redis_pipe *p)
{
	for (uint64_t i = 0; i < p->size; i++)
		redis_command_release(&p->ring[i].own);
	buf_release(&p->batch);
	free(p->ring);
}

static struct redis_flight *flight_at(const struct redis_pipe *p, uint64_t i)
{
	return &p->ring[i & (p->size - 1)];
}

void redis_pipe_add(struct redis_pipe *p, const struct redis_command *command, void *of, int64_t *when)
{
	struct redis_flight *f = flight_at(p, p->tail++);
	f->command = command;
	f->of = of;
	f->when = when;
	f->given_up = false;
}

struct redis_command *redis_pipe_own(struct redis_pipe *p)
{
	return &flight_at(p, p->tail)->own;
}

/* The next command to send, which is sent from now on; NULL: none is left. */
static const struct redis_command *send_next(struct redis_pipe *p, int64_t now)
{
	const struct redis_flight *f = NULL;
	while (p->sent != p->tail && !(f && f->command))
		f = flight_at(p, p->sent++);
	if (!f || !f->command)
		return NULL;
	if (f->when && !*f->when)
		*f->when = now;
	return f->command;
}

/* A single one is not copied. */
const char *redis_pipe_next(struct redis_pipe *p, size_t *len)
{
	int64_t now = p->sent == p->tail ? 0 : mono_ns();
	const struct redis_command *first = send_next(p, now), *next = first ? send_next(p, now) : NULL;
	*len = first ? first->len : 0;
	if (!next)
		return first ? first->text : NULL;
	buf_reset(&p->batch);
	buf_add(&p->batch, first->text, first->len);
	for (; next; next = p->batch.len < BATCH_BYTES ? send_next(p, now) : NULL)
		buf_add(&p->batch, next->text, next->len);
	*len = p->batch.len;
	return p->batch.data;
}

const struct redis_command *redis_pipe_oldest(struct redis_pipe *p)
{
	while (p->head != p->sent && !flight_at(p, p->head)->command)
		p->head++;
	return p->head == p->sent ? NULL : flight_at(p, p->head)->command;
}

const struct redis_flight *redis_pipe_take(struct redis_pipe *p)
{
	return flight_at(p, p->head++);
}

unsigned redis_pipe_waiting(const struct redis_pipe *p)
{
	unsigned n = 0;
	for (uint64_t i = p->head; i != p->sent && n < 2; i++)
		n += flight_at(p, i)->command != NULL;
	return n;
}

void redis_pipe_give_up(struct redis_pipe *p, const void *of)
{
	for (uint64_t i = p->head; i != p->tail; i++) {
		struct redis_flight *f = flight_at(p, i);
		if (f->of != of)
			continue;
		f->given_up = true;
		f->when = NULL;
		if (i - p->head >= p->sent - p->head)
			f->command = NULL;
	}
}

void *redis_pipe_next_lost(struct redis_pipe *p)
{
	while (p->head != p->tail) {
		const struct redis_flight *f = flight_at(p, p->head++);
		if (!f->given_up)
			return f->of;
	}
	return NULL;
}
