#include "net/redis/redis_ops.h"

#include "net/pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sets the slot's own bit: pieces of 32 KiB, so that no large string is ever reallocated. */
static void write_mark(const char *prefix, uint64_t slot, struct redis_command *out)
{
	char bit[24], *key = redis_mark_key(prefix, slot / REDIS_MARK_PIECE);
	snprintf(bit, sizeof bit, "%u", (unsigned)(slot % REDIS_MARK_PIECE));
	redis_command_add(out, 4, (const char *[]){"SETBIT", key, bit, "1"});
	free(key);
}

static void write_words(const struct transport_config *c, int op, uint64_t slot,
			  struct redis_command *out)
{
	const struct redis_template *t = &c->commands[op];
	size_t count = t->word_count + (t->value_bytes > 0);
	const char **words = mem_alloc(count * sizeof *words);
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < t->word_count; i++) {
		pattern_write(t->words[i], strlen(t->words[i]), slot, c->seed, &text);
		words[i] = buf_detach(&text);
	}
	for (size_t i = 0; i < t->value_bytes; i++)
		buf_addch(&text, 'v');
	if (t->value_bytes)
		words[t->word_count] = buf_detach(&text);
	redis_command_add(out, (int)count, words);
	for (size_t i = 0; i < count; i++)
		free((char *)(uintptr_t)words[i]);
	free(words);
}

/* The command as a slot has it. */
static void write_command(const struct transport_config *c, int op, uint64_t slot, struct redis_command *out)
{
	char n[16], ms[16];
	const struct redis_template *t = &c->commands[op];
	if (t->mark)
		write_mark(c->mark_prefix, slot, out);
	else
		write_words(c, op, slot, out);
	if (!c->wait_replicas || (!t->mark && redis_verb_reads(t->words[0])))
		return;
	snprintf(n, sizeof n, "%d", c->wait_replicas);
	snprintf(ms, sizeof ms, "%d", c->wait_ms);
	redis_command_add(out, 3, (const char *[]){"WAIT", n, ms});
}

static int key_slot(struct redis_ops *o, const struct redis_op *op, const struct request *r)
{
	const struct redis_template *m = &o->config->commands[r->op];
	if (!m->mark && (!op->key || op->key_slot >= 0))
		return op->key_slot;
	buf_reset(&o->key);
	if (m->mark) { /* its key has the piece in braces */
		buf_addf(&o->key, "%llu", (unsigned long long)(r->slot / REDIS_MARK_PIECE));
		return redis_key_slot(o->key.data, o->key.len);
	}
	pattern_write(m->words[op->key], strlen(m->words[op->key]), r->slot, o->config->seed, &o->key);
	return redis_key_slot(o->key.data, o->key.len);
}

struct redis_aim redis_ops_route(struct redis_ops *o, struct request *r, bool by_key)
{
	struct redis_aim aim;
	r->op = (int)mix_pick(&o->mix, r->slot, &aim.n);
	const struct redis_op *op = &o->all[r->op];
	aim.reads = op->reads;
	aim.key_slot = by_key ? key_slot(o, op, r) : -1;
	return aim;
}

const struct redis_command *redis_ops_command(const struct redis_ops *o, const struct request *r, bool asking,
					      struct redis_command *own)
{
	const struct redis_op *op = &o->all[r->op];
	if (!op->varies && !asking)
		return &op->command;
	redis_command_release(own);
	if (asking)
		redis_command_add(own, 1, (const char *[]){"ASKING"});
	own->before = own->count;
	write_command(o->config, r->op, r->slot, own);
	return own;
}

static void add_op(struct redis_ops *o, size_t i)
{
	const struct redis_template *m = &o->config->commands[i];
	struct redis_op *op = &o->all[i];
	op->reads = !m->mark && redis_verb_reads(m->words[0]);
	op->answer = m->mark ? REDIS_ANSWER_MARK : redis_verb_answer(m->words[0]);
	op->varies = m->mark;
	for (size_t w = 0; w < m->word_count; w++)
		op->varies |= pattern_any(m->words[w], strlen(m->words[w]));
	op->key = m->mark ? 0 : redis_verb_key(m->words[0]);
	op->key = op->key < m->word_count ? op->key : 0;
	op->key_slot = -1;
	if (op->key && !pattern_any(m->words[op->key], strlen(m->words[op->key])))
		op->key_slot = redis_key_slot(m->words[op->key], strlen(m->words[op->key]));
	mix_weigh(&o->mix, i, m->weight);
	if (!op->varies)
		write_command(o->config, (int)i, 0, &op->command);
}

void redis_ops_init(struct redis_ops *o, const struct transport_config *c)
{
	*o = (struct redis_ops){.config = c, .mix = {.count = c->command_count, .seed = c->seed}, .key = BUF_INIT};
	o->all = mem_alloc(c->command_count * sizeof *o->all);
	for (size_t i = 0; i < c->command_count; i++)
		add_op(o, i);
}

void redis_ops_release(struct redis_ops *o)
{
	for (size_t i = 0; o->all && i < o->config->command_count; i++)
		redis_command_release(&o->all[i].command);
	free(o->mix.upto);
	buf_release(&o->key);
	free(o->all);
}
