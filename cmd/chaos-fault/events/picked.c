#include "events/emit.h"

#include "cli/diag.h"

static void add_names(struct buf *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s%s", i ? ", " : "", names[i]);
}

void emit_picked(struct emitter *r, const struct picked *p)
{
	if (r->events) {
		struct json *j = event_new_at(&r->sink, EVENT_PICKED, p->requested_ns);
		if (p->line)
			json_set_int(j, "line", (int64_t)p->line);
		json_set_str(j, "action", p->action);
		json_set_str(j, "pick", p->word);
		json_set_int(j, "seed", (int64_t)p->seed);
		json_set_int(j, "number", (int64_t)p->number);
		json_set(j, "from", json_texts(p->from, p->from_count));
		json_set(j, "nodes", json_texts(p->nodes, p->count));
		emit_send(r, j);
	} else {
		struct buf text = BUF_INIT;
		add_names(&text, p->nodes, p->count);
		buf_addstr(&text, " of ");
		add_names(&text, p->from, p->from_count);
		diag("picked %s (seed %llu)", text.data, (unsigned long long)p->seed);
		buf_release(&text);
	}
}
