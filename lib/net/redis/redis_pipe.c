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
	p->made = mem_alloc(p->size * sizeof *p->made);
}

void redis_pipe_release(struct redis_pipe *p)
{
	for (uint64_t i = 0; i < p->size; i++)
		redis_command_release(&p->made[i]);
	buf_release(&p->batch);
	free(p->ring);
	free(p->made);
}

/* The next command to send, which is sent from now on; NULL: none is left. */
static const struct redis_command *send_next(struct redis_pipe *p, int64_t now)
{
	if (p->sent == p->tail)
		return NULL;
	const struct redis_flight *f = redis_pipe_at(p, p->sent++);
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

/* Those behind it move up; its own memory goes to the free place. */
static void take_out(struct redis_pipe *p, uint64_t i)
{
	const uint64_t mask = p->size - 1;
	const struct redis_command out = p->made[i & mask];
	for (; ++i != p->tail;) {
		struct redis_flight *to = redis_pipe_at(p, i - 1);
		*to = *redis_pipe_at(p, i);
		if (to->command == &p->made[i & mask])
			to->command = &p->made[(i - 1) & mask];
		p->made[(i - 1) & mask] = p->made[i & mask];
	}
	p->made[--p->tail & mask] = out;
}

void redis_pipe_give_up(struct redis_pipe *p, const void *of)
{
	for (uint64_t i = p->head; i != p->tail; i++) {
		struct redis_flight *f = redis_pipe_at(p, i);
		if (f->of != of || f->given_up)
			continue;
		f->given_up = true;
		f->when = NULL;
		if (i - p->head >= p->sent - p->head)
			take_out(p, i);
		return;
	}
}

void *redis_pipe_next_lost(struct redis_pipe *p)
{
	while (p->head != p->tail) {
		const struct redis_flight *f = redis_pipe_at(p, p->head++);
		if (!f->given_up)
			return f->of;
	}
	return NULL;
}
