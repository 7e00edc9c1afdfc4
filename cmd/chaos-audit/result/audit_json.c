#include "result/audit_json.h"

#include "base/units.h"
#include "report/facts/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Lost writes closer than this are one span of the list. */
static const int64_t gap_ns = NS_PER_S;
enum { SPANS_MAX = 1000, PHANTOMS_MAX = 9 /* by which nobody takes the marks for another run's */ };

static const char *const window_names[WINDOWS] = {"before", "during", "after_promotion", "after_heal"};

/* --- reasons ------------------------------------------------------------------- */

static void add_reason(struct json *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add_reason(struct json *list, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	json_push_str(list, b.data);
	buf_release(&b);
}

static uint64_t duplicates(const struct findings *f)
{
	return f->rows->duplicate + f->fates->duplicate;
}

/* What keeps from saying that nothing else was lost. */
static struct json *reasons(const struct findings *f)
{
	struct json *list = json_array_new();
	const struct json *h = f->saved->header;
	const struct rows *r = f->rows;
	uint64_t told = r->all - duplicates(f) + r->lost; /* slots */
	uint64_t unreadable = r->bad + r->torn + f->fates->too_high;
	bool store = !json_is_null(json_get(h, "read"));
	const char *against = json_str(json_get(h, "against"), NULL);
	if (against)
		add_reason(list, "%s", against);
	else if (!json_bool(json_get(h, "quiet"), false))
		add_reason(list, "%s%s", store ? "" : "the servers did not come to rest: ",
			   json_str(json_get(h, "how"), "the reason is unknown"));
	else if (f->fates->total[IN_DOUBT] > f->saved->disputed)
		add_reason(list, "%" PRIu64 " writes were not read back", f->fates->total[IN_DOUBT] - f->saved->disputed);
	if (f->saved->disputed)
		add_reason(list, store ? "%" PRIu64 " writes are there by one node and not by another"
				       : "%" PRIu64 " marks are on a replica and not on its primary", f->saved->disputed);
	if (store && f->fates->total[PHANTOM])
		add_reason(list, "%" PRIu64 " writes that were never sent are there: the store has those of another load, from "
				 "which {seed} in the path keeps them apart", f->fates->total[PHANTOM]);
	if (!store && f->fates->total[PHANTOM] > PHANTOMS_MAX && f->fates->total[PHANTOM] * 2 > f->fates->refused)
		add_reason(list, "%" PRIu64 " writes that were refused or never sent are there: the marks are another run's",
			   f->fates->total[PHANTOM]);
	if (f->saved->strays)
		add_reason(list, "%" PRIu64 " marks have no row: rows are missing, or the prefix was used twice",
			   f->saved->strays);
	if (r->lost)
		add_reason(list, "%" PRIu64 " rows are missing: their reader was too slow", r->lost);
	if (f->due > told)
		add_reason(list, "%" PRIu64 " rows are missing: %" PRIu64 " were due, as the load summary says",
			   f->due - told, f->due);
	if (unreadable)
		add_reason(list, "%" PRIu64 " rows cannot be read", unreadable);
	if (!f->fates->total[ACKNOWLEDGED])
		add_reason(list, "no write was acknowledged");
	return list;
}

/* --- parts --------------------------------------------------------------------- */

static void set_counts(struct json *j, const uint64_t counts[static FATES])
{
	for (size_t i = 0; i < FATES; i++)
		json_set_int(j, fate_names[i], (int64_t)counts[i]);
}

static struct json *span(int64_t first_ns, int64_t last_ns)
{
	struct json *j = json_object_new();
	json_set_round(j, "first_t", ns_to_s(first_ns), 6);
	json_set_round(j, "last_t", ns_to_s(last_ns), 6);
	return j;
}

static struct json *spans(const struct fates *t)
{
	struct json *j = json_object_new();
	for (size_t i = 0; i < FATES; i++)
		if (t->total[i])
			json_set(j, fate_names[i], span(t->first_ns[i], t->last_ns[i]));
	return j;
}

static struct json *windows(const struct fates *t)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < WINDOWS && t->times.known; i++) {
		struct json *j = json_object_new();
		json_set_str(j, "window", window_names[i]);
		set_counts(j, t->windows[i]);
		json_push(list, j);
	}
	return list;
}

static struct json *nodes(const struct fates *t)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < t->node_count; i++) {
		struct json *j = json_object_new();
		json_set_str(j, "node", t->nodes[i].name);
		set_counts(j, t->nodes[i].counts);
		json_set_int(j, "holes", (int64_t)t->nodes[i].holes);
		json_push(list, j);
	}
	return list;
}

/* When lost writes had been acknowledged, for a picture. */
static struct json *lost_spans(const struct fates *t)
{
	struct json *list = json_array_new();
	for (size_t i = 0, end; i < t->loss_count; i = end) {
		bool last = json_count(list) + 1 == SPANS_MAX;
		for (end = i + 1; end < t->loss_count; end++)
			if (!last && t->losses[end].end_ns - t->losses[end - 1].end_ns > gap_ns)
				break;
		struct json *j = span(t->losses[i].end_ns, t->losses[end - 1].end_ns);
		json_set_int(j, "lost", (int64_t)(end - i));
		json_push(list, j);
	}
	return list;
}

static struct json *quiet(const struct json *header)
{
	struct json *j = json_object_new();
	json_set(j, "waited_s", json_clone(json_get(header, "waited_s")));
	json_set(j, "how", json_bool(json_get(header, "quiet"), false) ? json_clone(json_get(header, "how")) : NULL);
	json_set(j, "servers", json_clone(json_get(header, "servers")));
	return j;
}

static struct json *input(const struct findings *f)
{
	const struct rows *r = f->rows;
	struct json *j = json_object_new();
	json_set_int(j, "rows", (int64_t)r->all);
	json_set_int(j, "audited", (int64_t)r->audited);
	json_set_int(j, "bad", (int64_t)(r->bad + f->fates->too_high));
	json_set_int(j, "torn", (int64_t)r->torn);
	json_set_int(j, "duplicate", (int64_t)duplicates(f));
	json_set_int(j, "lost", (int64_t)r->lost);
	json_set_int(j, "refused", (int64_t)f->fates->refused);
	json_set_int(j, "unanswered", (int64_t)f->fates->unanswered);
	return j;
}

/* --- words --------------------------------------------------------------------- */

static void write_line(const struct fates *t, const struct json *why, struct buf *line)
{
	char a[WORDS_MAX], b[WORDS_MAX];
	static const enum fate further[] = {PHANTOM, RECOVERED, UNREPLICATED};
	const char *all = words_count(t->total[ACKNOWLEDGED], b);
	if (!t->total[LOST] && json_count(why))
		buf_addf(line, "undecidable whether any of %s acknowledged writes was lost: %s", all,
			 json_str(json_at(why, 0), ""));
	else
		buf_addf(line, "%s of %s acknowledged writes lost", words_count(t->total[LOST], a), all);
	if (t->total[LOST])
		buf_addf(line, ", acknowledged within %.3f s", ns_to_s(t->last_ns[LOST] - t->first_ns[LOST]));
	if (t->total[LOST] && json_count(why))
		buf_addf(line, "; perhaps more: %s", json_str(json_at(why, 0), ""));
	for (size_t i = 0; i < 3; i++)
		if (t->total[further[i]])
			buf_addf(line, "; %s %s", words_count(t->total[further[i]], a), fate_names[further[i]]);
}

int audit_write(const struct findings *f, struct buf *object, struct buf *line)
{
	const struct fates *t = f->fates;
	struct json *j = json_object_new(), *why = reasons(f);
	int code = t->total[LOST] ? EXIT_NO : json_count(why) ? EXIT_INCONCLUSIVE : EXIT_OK;
	write_line(t, why, line);
	json_set_str(j, "schema", "chaos-audit/1");
	json_set_str(j, "run_id", f->run_id);
	json_set(j, "prefix", json_clone(json_get(f->saved->header, "prefix")));
	json_set(j, "read", json_clone(json_get(f->saved->header, "read")));
	json_set_str(j, "verdict", code == EXIT_NO ? "lost" : code == EXIT_OK ? "none" : "undecidable");
	json_set_str(j, "line", line->data);
	set_counts(j, t->total);
	json_set(j, "reasons", why);
	json_set(j, "spans", spans(t));
	json_set(j, "windows", windows(t));
	json_set(j, "nodes", nodes(t));
	json_set(j, "lost_spans", lost_spans(t));
	json_set(j, "quiet", quiet(f->saved->header));
	json_set(j, "input", input(f));
	json_write(j, true, object);
	buf_addch(object, '\n');
	json_free(j);
	return code;
}
