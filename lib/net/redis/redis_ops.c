#include "net/redis/redis_ops.h"

#include "net/pattern.h"

#include <stdlib.h>
#include <string.h>

/* Sets the slot's own bit: pieces of 32 KiB, so that no large string is ever reallocated. */
static void write_mark(struct redis_ops *o, uint64_t slot, struct redis_command *out)
{
	uint64_t piece = slot / REDIS_MARK_PIECE;
	if (!o->mark_key.len || piece != o->mark_piece) {
		char *key = redis_mark_key(o->config->mark_prefix, piece);
		buf_reset(&o->mark_key);
		buf_addstr(&o->mark_key, key);
		o->mark_piece = piece;
		free(key);
	}
	redis_command_begin(out, 4);
	redis_command_word(out, "SETBIT", 6);
	redis_command_word(out, o->mark_key.data, o->mark_key.len);
	redis_command_number(out, slot % REDIS_MARK_PIECE);
	redis_command_number(out, 1);
}

/* The word with the placeholders filled in for the slot; it is in o->word until the next call. */
static const struct buf *fill(struct redis_ops *o, const char *word, uint64_t slot)
{
	buf_reset(&o->word);
	pattern_write(word, strlen(word), slot, o->config->seed, &o->word);
	return &o->word;
}

static void write_words(struct redis_ops *o, int op, uint64_t slot, struct redis_command *out)
{
	const struct redis_template *t = &o->config->commands[op];
	redis_command_begin(out, t->word_count + (t->value_bytes > 0));
	for (size_t i = 0; i < t->word_count; i++) {
		const struct buf *word = fill(o, t->words[i], slot);
		redis_command_word(out, word->data, word->len);
	}
	buf_reset(&o->word);
	for (size_t i = 0; i < t->value_bytes; i++)
		buf_addch(&o->word, 'v');
	if (t->value_bytes)
		redis_command_word(out, o->word.data, o->word.len);
}

/* The command as a slot has it. */
static void write_command(struct redis_ops *o, int op, uint64_t slot, struct redis_command *out)
{
	const struct transport_config *c = o->config;
	const struct redis_template *t = &c->commands[op];
	if (t->mark)
		write_mark(o, slot, out);
	else
		write_words(o, op, slot, out);
	if (!c->wait_replicas || (!t->mark && redis_verb_reads(t->words[0])))
		return;
	redis_command_begin(out, 3);
	redis_command_word(out, "WAIT", 4);
	redis_command_number(out, (uint64_t)c->wait_replicas);
	redis_command_number(out, (uint64_t)c->wait_ms);
}

static int key_slot(struct redis_ops *o, const struct redis_op *op, const struct request *r)
{
	const struct redis_template *m = &o->config->commands[r->op];
	if (!m->mark && (!op->key || op->key_slot >= 0))
		return op->key_slot;
	if (m->mark) { /* its key has the piece in braces */
		buf_reset(&o->word);
		buf_addf(&o->word, "%llu", (unsigned long long)(r->slot / REDIS_MARK_PIECE));
	} else {
		fill(o, m->words[op->key], r->slot);
	}
	return redis_key_slot(o->word.data, o->word.len);
}

void redis_ops_route(struct redis_ops *o, struct request *r, bool by_key, struct redis_aim *aim)
{
	r->op = (int)mix_pick(&o->mix, r->slot, &aim->n);
	const struct redis_op *op = &o->all[r->op];
	aim->reads = op->reads;
	aim->key_slot = by_key ? key_slot(o, op, r) : -1;
}

const struct redis_command *redis_ops_write(struct redis_ops *o, const struct request *r, bool asking,
					    struct redis_command *own)
{
	redis_command_reset(own);
	if (asking)
		redis_command_add(own, 1, (const char *[]){"ASKING"});
	own->before = own->count;
	write_command(o, r->op, r->slot, own);
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
		write_command(o, (int)i, 0, &op->command);
}

void redis_ops_init(struct redis_ops *o, const struct transport_config *c)
{
	*o = (struct redis_ops){.config = c, .mix = {.count = c->command_count, .seed = c->seed}, .word = BUF_INIT,
				.mark_key = BUF_INIT};
	o->all = mem_alloc(c->command_count * sizeof *o->all);
	for (size_t i = 0; i < c->command_count; i++)
		add_op(o, i);
}

void redis_ops_release(struct redis_ops *o)
{
	for (size_t i = 0; o->all && i < o->config->command_count; i++)
		redis_command_release(&o->all[i].command);
	free(o->mix.upto);
	buf_release(&o->word);
	buf_release(&o->mark_key);
	free(o->all);
}
