#include "result/fates.h"

#include "base/buf.h"
#include "base/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const fate_names[FATES] = {"acknowledged", "lost",	   "phantom",
				       "recovered",    "in_doubt", "unreplicated"};

/* The port, which is at the end, differs first. */
static bool is_name(const struct fates_node *n, struct csv_text name)
{
	return n->len == name.len &&
	       (!name.len || n->name[name.len - 1] == name.at[name.len - 1]) &&
	       memcmp(n->name, name.at, name.len) == 0;
}

static struct fates_node *node_of(struct fates *t, struct csv_text name)
{
	struct fates_node *n = t->last_node;
	if (n && is_name(n, name))
		return n;
	for (n = t->nodes; n && n < t->nodes + t->node_count; n++)
		if (is_name(n, name))
			return t->last_node = n;
	t->nodes = mem_grow(t->nodes, &t->node_alloc, t->node_count, sizeof *t->nodes);
	n = &t->nodes[t->node_count++];
	*n = (struct fates_node){.name = mem_printf("%.*s", (int)name.len, name.at),
				 .len = name.len,
				 .first_ns = INT64_MAX};
	for (size_t i = 0; i < WINDOWS; i++)
		n->survivor_ns[i] = INT64_MIN;
	return t->last_node = n;
}

static void add(struct fates *t, struct fates_node *n, enum fate f, int64_t ns)
{
	if (!t->total[f]++)
		t->first_ns[f] = t->last_ns[f] = ns;
	if (ns < t->first_ns[f])
		t->first_ns[f] = ns;
	if (ns > t->last_ns[f])
		t->last_ns[f] = ns;
	n->counts[f]++;
}

/* The first of its rows counts, unless it was not acknowledged and this one is. */
static bool outdoes(struct fates *t, uint64_t slot, enum answer a)
{
	unsigned first = slots_get(&t->marks, slot) - SLOT_ANSWERED;
	if (a != ANSWER_YES || first == ANSWER_YES)
		return false;
	t->refused -= first == ANSWER_NO;
	t->unanswered -= first == ANSWER_NONE;
	slots_put(&t->marks, slot, SLOT_ANSWERED + a);
	slot_set_add(&t->outdone, slot);
	return true;
}

void fates_note(void *fates, const struct csv_row *row, enum answer a)
{
	struct fates *t = fates;
	if (row->slot >= MARK_SLOT_MAX) {
		t->too_high++;
		return;
	}
	if (!slots_add(&t->marks, row->slot, a)) {
		t->duplicate++;
#ifdef CHAOS_MUTANTS
		if (!t->mutant || strcmp(t->mutant, "twice") != 0)
#endif
			if (!outdoes(t, row->slot, a))
				return;
	}
	struct fates_node *n = node_of(t, row->node);
	int64_t end_ns = row_end_ns(row);
	bool is_short = t->wait && row->replicas < t->wait;
	brief_add(&t->brief, &(struct write){row->slot, row->due_ns, end_ns,
					     (uint32_t)(n - t->nodes), a, is_short});
	t->refused += a == ANSWER_NO;
	t->unanswered += a == ANSWER_NONE;
	if (a != ANSWER_YES)
		return;
	n->first_ns = end_ns < n->first_ns ? end_ns : n->first_ns;
	add(t, n, ACKNOWLEDGED, end_ns);
	if (is_short)
		add(t, n, UNREPLICATED, end_ns);
}

void fates_find_promotion(struct fates *t)
{
	bool others = false;
	int64_t first_ns = INT64_MAX;
	for (size_t i = 0; i < t->node_count; i++) {
		int64_t ns = t->nodes[i].first_ns;
		others |= ns < t->times.begun_ns;
		if (ns >= t->times.begun_ns && ns < first_ns)
			first_ns = ns;
	}
	t->times.promoted_ns = others ? first_ns : INT64_MAX;
}

static enum window window_of(const struct times *w, int64_t ns)
{
	if (!w->known || ns < w->begun_ns)
		return BEFORE;
	return ns >= w->healed_ns ? AFTER_HEAL : ns >= w->promoted_ns ? AFTER_PROMOTION : DURING;
}

static void list(struct fates *t, const struct write *w, enum fate f)
{
	if (t->list)
		fprintf(t->list, "%" PRIu64 ",%" PRId64 ".%06" PRId64 ",%s,%s\n", w->slot,
			w->end_ns / NS_PER_S, w->end_ns % NS_PER_S / NS_PER_US,
			t->nodes[w->node].name, fate_names[f]);
}

static void lose(struct fates *t, const struct write *write, enum window w)
{
	if (t->loss_count == LOSSES_MAX)
		return;
	t->losses = mem_grow(t->losses, &t->loss_alloc, t->loss_count, sizeof *t->losses);
	t->losses[t->loss_count++] = (struct loss){write->end_ns, write->node, w};
}

static void count(void *fates, const struct write *write)
{
	static const enum fate odd[] = {
		[ANSWER_YES] = LOST, [ANSWER_NO] = PHANTOM, [ANSWER_NONE] = RECOVERED};
	struct fates *t = fates;
	unsigned k = slots_get(&t->marks, write->slot);
	if (write->answer != ANSWER_YES && slot_set_has(&t->outdone, write->slot))
		return;
#ifdef CHAOS_MUTANTS
	if (k == SLOT_UNREAD && t->mutant && strcmp(t->mutant, "unknown") == 0)
		k = SLOT_ODD;
#endif
	struct fates_node *n = &t->nodes[write->node];
	enum window w = window_of(&t->times, write->end_ns);
	enum fate f = k == SLOT_UNREAD ? IN_DOUBT : odd[write->answer];
	t->windows[w][ACKNOWLEDGED] += write->answer == ANSWER_YES;
	t->windows[w][UNREPLICATED] += write->answer == ANSWER_YES && write->is_short;
	if (write->answer == ANSWER_YES && k == SLOT_FINE && write->due_ns > n->survivor_ns[w])
		n->survivor_ns[w] = write->due_ns;
	if (k == SLOT_FINE)
		return;
	t->windows[w][f]++;
	add(t, n, f, write->end_ns);
	if (k == SLOT_ODD)
		list(t, write, f);
	if (f == LOST)
		lose(t, write, w);
}

int fates_count(struct fates *t, struct err *e)
{
	return brief_each(&t->brief, count, t, e);
}

static int by_time(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;
	return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

void fates_find_holes(struct fates *t)
{
	if (t->loss_count)
		qsort(t->losses, t->loss_count, sizeof *t->losses, by_time);
	for (size_t i = 0; i < t->loss_count; i++) {
		const struct loss *l = &t->losses[i];
		struct fates_node *n = &t->nodes[l->node];
		n->holes += l->end_ns <= n->survivor_ns[l->window];
	}
}

void fates_release(struct fates *t)
{
	slots_release(&t->marks);
	slot_set_release(&t->outdone);
	brief_release(&t->brief);
	for (size_t i = 0; i < t->node_count; i++)
		free(t->nodes[i].name);
	free(t->nodes);
	free(t->losses);
	*t = (struct fates){0};
}
