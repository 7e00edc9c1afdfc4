/* The commands on their way over one connection, in the order of their answers. In line what is done for each. */
#ifndef NET_REDIS_PIPE_H
#define NET_REDIS_PIPE_H

#include "base/buf.h"
#include "net/redis/redis_words.h"

#include <stdint.h>

struct redis_flight {
	const struct redis_command *command;
	void *of;
	int64_t *when; /* set when it goes out; NULL: for nobody */
	bool given_up;
};

struct redis_pipe {
	struct redis_flight *ring;  /* owned */
	struct redis_command *made; /* owned: for each place of the ring memory for a command that is its own */
	uint64_t size; /* of the ring: a power of two */
	uint64_t head, sent, tail; /* ever counted up: answered, gone out, added */
	struct buf batch;		  /* several that go out at once */
};

static inline struct redis_flight *redis_pipe_at(const struct redis_pipe *p, uint64_t i)
{
	return &p->ring[i & (p->size - 1)];
}

void redis_pipe_init(struct redis_pipe *p, int depth); /* commands that it has room for */
void redis_pipe_release(struct redis_pipe *p);

/* A command, for which there must be room; its text must live until the answer. of: whose it is, and when: where the
 * monotonic time of the sending is set, unless there is one; both may be NULL. */
static inline void redis_pipe_add(struct redis_pipe *p, const struct redis_command *command, void *of, int64_t *when)
{
	struct redis_flight *f = redis_pipe_at(p, p->tail++);
	f->command = command;
	f->of = of;
	f->when = when;
	f->given_up = false;
}

/* For a command that is made for the next redis_pipe_add: the pipe's to release; the caller fills it. */
static inline struct redis_command *redis_pipe_own(struct redis_pipe *p)
{
	return &p->made[p->tail & (p->size - 1)];
}

/* What is to be written now, of those not sent yet; *len is 0 if there are none. It lives until the next call, which
 * comes when it is out. */
const char *redis_pipe_next(struct redis_pipe *p, size_t *len);

/* The command that the next answer is to; NULL: no answer is due. */
static inline const struct redis_command *redis_pipe_oldest(const struct redis_pipe *p)
{
	return p->head == p->sent ? NULL : redis_pipe_at(p, p->head)->command;
}

/* It has been answered. */
static inline const struct redis_flight *redis_pipe_take(struct redis_pipe *p)
{
	/* The request after next is written to soon; it lies in two lines of the cache. */
	const char *soon = redis_pipe_at(p, p->head + 2)->of;
	if (soon) {
		__builtin_prefetch(soon, 1);
		__builtin_prefetch(soon + 64, 1);
	}
	return redis_pipe_at(p, p->head++);
}

/* How many answers are due. */
static inline uint64_t redis_pipe_waiting(const struct redis_pipe *p)
{
	return p->sent - p->head;
}

/* The command's answer is for nobody: it is taken out if it has not been sent, and else its answer is dropped. */
void redis_pipe_give_up(struct redis_pipe *p, const void *of);
/* Of a lost connection: whose the oldest command is that is left, and again of the next one; NULL: there is none. */
void *redis_pipe_next_lost(struct redis_pipe *p);

#endif
