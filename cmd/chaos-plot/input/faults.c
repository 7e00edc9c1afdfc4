#include "input/faults.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bars being added, with the fault UID of each. */
struct builder {
	struct marks *marks;
	const char **uids;
	size_t first, count, alloc;
};

/* The bar of the fault, added if it is new. */
static struct bar *bar_of(struct builder *b, const struct event *ev)
{
	struct marks *m = b->marks;
	for (size_t i = b->count; i-- > 0;)
		if (strcmp(b->uids[i], ev->fault) == 0)
			return &m->bars[b->first + i];
	b->uids = mem_grow(b->uids, &b->alloc, b->count, sizeof *b->uids);
	b->uids[b->count++] = ev->fault;
	return marks_add_bar(m, ev->action, ev->node ? ev->node : ev->url);
}

static void set_once(double *field, double t)
{
	if (isnan(*field))
		*field = t;
}

static void take(struct builder *b, const struct event *ev, double t)
{
	if (!ev->fault)
		return;
	switch ((int)ev->kind) { /* the other kinds say nothing about a fault */
	case EVENT_FAULT_REQUESTED:
		set_once(&bar_of(b, ev)->requested_s, t);
		break;
	case EVENT_FAULT_INJECTED:
		set_once(&bar_of(b, ev)->injected_s, t);
		break;
	case EVENT_REVERT_REQUESTED:
		set_once(&bar_of(b, ev)->revert_requested_s, t);
		break;
	case EVENT_REVERTED:
		set_once(&bar_of(b, ev)->reverted_s, t);
		break;
	default:
		break;
	}
}

void faults_from_events(struct marks *m, const struct event_log *log, double t0_s)
{
	struct builder b = {.marks = m, .first = m->bar_count};
	for (size_t i = 0; i < log->count; i++)
		take(&b, &log->events[i], log->events[i].t - t0_s);
	free(b.uids);
	marks_drop_unplaced(m);
}

void faults_from_analysis(struct marks *m, const struct json *faults)
{
	for (size_t i = 0; i < json_count(faults); i++) {
		const struct json *f = json_at(faults, i);
		const char *url = json_str(json_get(f, "url"), NULL);
		struct bar *b = marks_add_bar(m, json_str(json_get(f, "action"), NULL),
					      json_str(json_get(f, "node"), url));
		b->requested_s = json_num(json_get(f, "requested_s"), NAN);
		b->injected_s = json_num(json_get(f, "injected_s"), NAN);
		b->revert_requested_s = json_num(json_get(f, "revert_requested_s"), NAN);
		b->reverted_s = json_num(json_get(f, "reverted_s"), NAN);
	}
	marks_drop_unplaced(m);
}
