#include "rows.h"

#include "base/buf.h"
#include "base/units.h"
#include "fuzz.h"
#include "grid/grid.h"
#include "grid/summary.h"
#include "csv/csv.h"

#include <inttypes.h>
#include <string.h>

enum { REACH_S = 2000, LENGTH_S = 100 }; /* rows further apart, or longer, would only take time */

static void put_row(struct buf *out, const struct csv_row *r)
{
	const struct csv_counts *n = &r->counts;
	if (r->kind == CSV_LOST)
		buf_addf(out, "lost %" PRIu64 " %" PRId64 " %" PRId64 "\n", r->lost,
			 r->lost_from_ns, r->lost_to_ns);
	else if (r->kind == CSV_COUNTS)
		buf_addf(out,
			 "counts %" PRId64 " %" PRId64 " %u %u %" PRId64 " %" PRId64 " %" PRId64
			 " ",
			 r->due_ns, n->length_ns, n->ok, n->err, n->p50_ns, n->p95_ns, n->p99_ns);
	else
		buf_addf(out, "%" PRId64 " %" PRId64 " %d %d %d %" PRIu64 " ", r->due_ns,
			 r->latency_ns, r->status_code, r->failed, (int)r->error, r->slot);
	if (r->kind != CSV_LOST)
		buf_add(out, r->node.at, r->node.len);
	if (r->kind == CSV_REQUEST)
		buf_add(out, r->op.at, r->op.len);
}

static void put_end(struct buf *out, const struct csv *c, enum csv_result got, const struct err *e)
{
	MUST(got == CSV_END || got == CSV_ERROR);
	MUST((c->bad == 0) == (c->first_bad == 0));
	buf_addf(out, "bad %" PRIu64 " torn %" PRIu64 " duplicate %" PRIu64 " rows %" PRIu64 " %s",
		 c->bad, c->torn, c->duplicate, c->rows, got == CSV_ERROR ? e->msg : "");
	buf_addf(out, "first %" PRIu64 " %s", c->first_bad, c->bad_reason);
}

/* Scanned in place: the last rows with care, for nothing behind them may be read. */
static void scan_whole(const char *text, size_t len, struct buf *out)
{
	struct csv c;
	struct csv_row row;
	struct err e;
	enum csv_result got;
	csv_init_memory(&c, text, len, "x");
	while ((got = csv_next(&c, &row, &e)) == CSV_ROW)
		put_row(out, &row);
	put_end(out, &c, got, &e);
	csv_release(&c);
}

static void scan_pieces(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct csv c;
	struct err e;
	const struct csv_row *rows;
	size_t count, at = 0;
	enum csv_result got;
	csv_init_fed(&c, "x");
	while ((got = csv_next_rows(&c, &rows, &count, &e)) == CSV_ROW || got == CSV_AGAIN) {
		for (size_t i = 0; i < count; i++)
			put_row(out, &rows[i]);
		if (got == CSV_ROW)
			continue;
		size_t room, n = len - at < piece ? len - at : piece;
		char *to = csv_room(&c, &room);
		MUST(room > 0);
		n = n < room ? n : room;
		memcpy(to, text + at, n);
		csv_fed(&c, n);
		at += n;
	}
	put_end(out, &c, got, &e);
	csv_release(&c);
}

static void add(struct grid *g, const struct csv_row *r)
{
	const struct csv_counts *n = &r->counts;
	if (r->kind == CSV_REQUEST) {
		grid_add(g, r->due_ns, r->latency_ns, r->failed ? r->error : ERROR_NONE);
	} else if (r->kind == CSV_ABORTED) {
		grid_add_unjudged(g, r->due_ns, r->error);
	} else if (r->kind == CSV_COUNTS) {
		if (n->length_ns > LENGTH_S * NS_PER_S)
			return;
		const struct grid_counts counts = {r->due_ns, n->length_ns, n->ok,
						   n->err,    n->p50_ns,    n->p95_ns,
						   n->p99_ns, ERROR_COUNT};
		grid_add_counts(g, &counts);
	} else if (r->lost_to_ns - r->lost_from_ns < REACH_S * NS_PER_S) {
		grid_add_lost(g, r->lost, r->lost_from_ns, r->lost_to_ns);
	}
}

static void check(struct grid *g)
{
	uint64_t due = 0;
	struct summary s;
	struct hist *h = mem_alloc(sizeof *h);
	grid_finish(g, 0);
	for (size_t k = 0; k < g->count; k++) {
		const struct grid_window *w = &g->windows[k];
		MUST(w->due == w->ok + w->err);
		grid_latency(g, k, h);
		MUST(h->total <= w->ok);
		due += w->due;
	}
	MUST(due == g->rows);
	summarize(&s, g, NULL, 0, NS_PER_S);
	MUST(s.due <= due); /* without what is unmeasured */
	free(h);
}

static void count(const char *text, size_t len)
{
	struct csv c;
	struct csv_row row;
	struct err e;
	struct grid g;
	int64_t first_ns = -1;
	csv_init_memory(&c, text, len, "x");
	grid_init(&g, NS_PER_S, 0);
	while (csv_next(&c, &row, &e) == CSV_ROW) {
		int64_t at_ns = row.kind == CSV_LOST ? row.lost_from_ns : row.due_ns;
		if (first_ns < 0)
			first_ns = at_ns;
		if (llabs(at_ns - first_ns) < REACH_S * NS_PER_S)
			add(&g, &row);
	}
	check(&g);
	grid_release(&g);
	csv_release(&c);
}

void fuzz_rows(const char *text, size_t len, size_t piece)
{
	struct buf whole = BUF_INIT, parts = BUF_INIT;
	scan_whole(text, len, &whole);
	scan_pieces(text, len, piece, &parts);
	MUST(whole.len == parts.len && memcmp(whole.data, parts.data, whole.len) == 0);
	count(text, len);
	buf_release(&whole);
	buf_release(&parts);
}
