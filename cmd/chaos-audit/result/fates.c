#include "result/fates.h"

#include "base/buf.h"
#include "base/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *const fate_names[FATES] = {"acknowledged", "lost", "phantom", "recovered", "in_doubt", "unreplicated"};

static struct fates_node *node_of(struct fates *t, struct csv_text name)
{
	struct fates_node *n = t->last_node;
	if (n && n->len == name.len && memcmp(n->name, name.at, name.len) == 0)
		return n;
	for (n = t->nodes; n && n < t->nodes + t->node_count; n++)
		if (n->len == name.len && memcmp(n->name, name.at, name.len) == 0)
			return t->last_node = n;
	t->nodes = mem_grow(t->nodes, &t->node_alloc, t->node_count, sizeof *t->nodes);
	n = &t->nodes[t->node_count++];
	*n = (struct fates_node){.name = mem_printf("%.*s", (int)name.len, name.at), .len = name.len,
				 .first_ns = INT64_MAX};
	for (size_t i = 0; i < WINDOWS; i++)
		n->survivor_ns[i] = INT64_MIN;
	return t->last_node = n;
}

void fates_note(void *fates, const struct csv_row *row, enum answer a)
{
	struct fates *t = fates;
	if (row->slot >= MARK_SLOT_MAX) {
		t->too_high++;
		return;
	}
	t->duplicate += !slots_add(&t->marks, row->slot);
	if (a != ANSWER_YES)
		return;
	struct fates_node *n = node_of(t, row->node);
	int64_t end_ns = row_end_ns(row);
	if (end_ns < n->first_ns)
		n->first_ns = end_ns;
}

void fates_find_promotion(struct fates *t)
{
	bool others = false;
	int64_t first_ns = INT64_MAX;
	for (size_t i = 0; i < t->node_count; i++) {
		int64_t ns = t->nodes[i].first_ns;
		others |= ns < t->times.injected_ns;
		if (ns >= t->times.injected_ns && ns < first_ns)
			first_ns = ns;
	}
	t->times.promoted_ns = others ? first_ns : INT64_MAX;
}

static enum window window_of(const struct times *w, int64_t ns)
{
	if (!w->known || ns < w->injected_ns)
		return BEFORE;
	return ns >= w->healed_ns ? AFTER_HEAL : ns >= w->promoted_ns ? AFTER_PROMOTION : DURING;
}

static void add(struct fates *t, struct fates_node *n, enum window w, enum fate f, int64_t ns)
{
	if (!t->total[f]++)
		t->first_ns[f] = t->last_ns[f] = ns;
	if (ns < t->first_ns[f])
		t->first_ns[f] = ns;
	if (ns > t->last_ns[f])
		t->last_ns[f] = ns;
	t->windows[w][f]++;
	n->counts[f]++;
}

static void list(struct fates *t, const struct csv_row *row, enum fate f, int64_t ns)
{
	if (t->list)
		fprintf(t->list, "%" PRIu64 ",%" PRId64 ".%06" PRId64 ",%.*s,%s\n", row->slot, ns / NS_PER_S,
			ns % NS_PER_S / NS_PER_US, (int)row->node.len, row->node.at, fate_names[f]);
}

static void lose(struct fates *t, const struct fates_node *n, enum window w, int64_t ns)
{
	if (t->loss_count == LOSSES_MAX)
		return;
	t->losses = mem_grow(t->losses, &t->loss_alloc, t->loss_count, sizeof *t->losses);
	t->losses[t->loss_count++] = (struct loss){ns, (uint32_t)(n - t->nodes), w};
}

/* The table of answer and presence; FATES: nothing is wrong. */
static enum fate fate_of(enum answer a, enum mark m)
{
	static const enum fate fates[][MARK_PRESENT + 1] = {
		[ANSWER_YES] = {FATES, IN_DOUBT, LOST, FATES},
		[ANSWER_NO] = {FATES, IN_DOUBT, FATES, PHANTOM},
		[ANSWER_NONE] = {FATES, IN_DOUBT, FATES, RECOVERED},
	};
	return fates[a][m];
}

void fates_count(void *fates, const struct csv_row *row, enum answer a)
{
	struct fates *t = fates;
	enum mark m = slots_get(&t->marks, row->slot);
	if (m == MARK_NONE)
		return;
#ifdef CHAOS_MUTANTS
	bool twice = t->mutant && strcmp(t->mutant, "twice") == 0, unknown = t->mutant && strcmp(t->mutant, "unknown") == 0;
#else
	const bool twice = false, unknown = false;
#endif
	if (!twice)
		slots_put(&t->marks, row->slot, MARK_NONE);
	struct fates_node *n = node_of(t, row->node);
	int64_t ns = row_end_ns(row);
	enum window w = window_of(&t->times, ns);
	enum fate f = fate_of(a, m == MARK_UNREAD && unknown ? MARK_ABSENT : m);
	t->refused += a == ANSWER_NO;
	t->unanswered += a == ANSWER_NONE;
	if (a == ANSWER_YES)
		add(t, n, w, ACKNOWLEDGED, ns);
	if (a == ANSWER_YES && t->wait && row->replicas < t->wait)
		add(t, n, w, UNREPLICATED, ns);
	if (a == ANSWER_YES && f == FATES && row->due_ns > n->survivor_ns[w])
		n->survivor_ns[w] = row->due_ns;
	if (f == FATES)
		return;
	add(t, n, w, f, ns);
	if (f != IN_DOUBT)
		list(t, row, f, ns);
	if (f == LOST)
		lose(t, n, w, ns);
}

static int by_time(const void *a, const void *b)
{
	const struct loss *x = a, *y = b;
	return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

void fates_find_holes(struct fates *t)
{
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
	for (size_t i = 0; i < t->node_count; i++)
		free(t->nodes[i].name);
	free(t->nodes);
	free(t->losses);
	*t = (struct fates){0};
}
