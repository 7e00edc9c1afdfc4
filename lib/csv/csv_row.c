#include "csv/csv_row.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/units.h"

#include <limits.h>
#include <string.h>

/* What the columns of a row hold; empty where the file has no such column. */
struct fields {
	struct csv_text of[CSV_COLUMN_COUNT];
};

/* Returns SCAN_BAD because of that column; of a column that there is none, because of the row's form. */
static enum csv_scan bad(struct csv *c, enum csv_column column, const struct fields *f)
{
	c->wrong = column;
	if (column != CSV_SKIPPED)
		c->wrong_text = f->of[column];
	return SCAN_BAD;
}

int csv_replicas(struct csv_text t)
{
	uint64_t n;
	return csv_whole(t, &n) || n > INT_MAX ? -1 : (int)n;
}

static enum csv_scan take_request(struct csv *c, struct csv_row *row, const struct fields *f)
{
	int64_t v;
	const struct csv_outcome o = {.status = f->of[CSV_STATUS_CODE],
				      .error = f->of[CSV_ERROR_TEXT],
				      .error_code = f->of[CSV_ERROR_CODE],
				      .success = f->of[CSV_SUCCESS],
				      .detail = f->of[CSV_DETAIL]};
	row->status_code = csv_status(o.status);
	if (csv_whole(f->of[CSV_SLOT], &row->slot))
		row->slot = SAMPLE_NO_SLOT;
	row->op = f->of[CSV_OP];
	row->replicas = csv_replicas(f->of[CSV_REPLICA_COUNT]);
	enum csv_column wrong = csv_take_outcome(c, row, &o);
	if (wrong != CSV_SKIPPED)
		return bad(c, wrong, f);
	bool known = csv_fixed(f->of[CSV_LATENCY_MS], 6, &v) == 0 && v <= CSV_LATENCY_MAX_NS;
	if (!known && !row->failed)
		return bad(c, CSV_LATENCY_MS, f);
	row->latency_ns = known ? v : -1;
	row->late_ns = known && csv_fixed(f->of[CSV_SERVICE_MS], 6, &v) == 0 && v <= row->latency_ns ? row->latency_ns - v : -1;
	return SCAN_ROW;
}

/* --- counts -------------------------------------------------------------- */

enum { RESTS = 256 };

/* What was rounded off one node's counts, in 1e-9 requests; from -0.5 to 0.5. Nodes that share one
 * are still right in sum. */
struct csv_rest {
	int64_t ok, err;
};

static struct csv_rest *rest_of(struct csv *c, struct csv_text node)
{
	if (!c->rests)
		c->rests = mem_alloc(RESTS * sizeof *c->rests);
	return &c->rests[hash_fnv1a(HASH_FNV1A_START, node.at, node.len) % RESTS];
}

/* The next whole number of requests, so that all of them are right in sum. */
static uint32_t to_whole(int64_t *rest, int64_t nano)
{
	int64_t sum = *rest + nano, whole = (sum + NS_PER_S / 2) / NS_PER_S;
	*rest = sum - whole * NS_PER_S;
	return (uint32_t)whole;
}

static int take_number(struct csv_text t, int64_t *nano)
{
	return csv_fixed(t, 9, nano) || *nano > CSV_COUNT_MAX * NS_PER_S ? -1 : 0;
}

static int take_quantile(struct csv_text t, int64_t *ns)
{
	*ns = -1;
	return t.len && (csv_fixed(t, 6, ns) || *ns > CSV_LATENCY_MAX_NS) ? -1 : 0;
}

static enum csv_scan take_counts(struct csv *c, struct csv_row *row, const struct fields *f)
{
	struct csv_counts *n = &row->counts;
	struct csv_text length = f->of[CSV_LENGTH_S];
	int64_t ok, err = 0;
	row->kind = CSV_COUNTS;
	*n = (struct csv_counts){0};
	if (take_number(f->of[CSV_OK], &ok))
		return bad(c, CSV_OK, f);
	if (!f->of[CSV_ERR].len)
		c->no_failures = true;
	else if (take_number(f->of[CSV_ERR], &err))
		return bad(c, CSV_ERR, f);
	if (length.len && (csv_fixed(length, 9, &n->length_ns) || n->length_ns == 0 ||
			   n->length_ns > CSV_LENGTH_MAX_NS))
		return bad(c, CSV_LENGTH_S, f);
	if (take_quantile(f->of[CSV_P50_MS], &n->p50_ns))
		return bad(c, CSV_P50_MS, f);
	if (take_quantile(f->of[CSV_P95_MS], &n->p95_ns) ||
	    (n->p95_ns >= 0 && n->p50_ns > n->p95_ns))
		return bad(c, CSV_P95_MS, f);
	if (take_quantile(f->of[CSV_P99_MS], &n->p99_ns) ||
	    (n->p99_ns >= 0 && n->p95_ns > n->p99_ns))
		return bad(c, CSV_P99_MS, f);
	struct csv_rest *rest = rest_of(c, row->node);
	n->ok = to_whole(&rest->ok, ok);
	n->err = to_whole(&rest->err, err);
	return SCAN_ROW;
}

static enum csv_scan finish(struct csv *c, struct csv_row *row, const struct fields *f)
{
	*row = (struct csv_row){.slot = SAMPLE_NO_SLOT, .node = f->of[CSV_NODE], .op = {"", 0},
				.detail = {"", 0}};
	if (csv_unix_time(f->of[CSV_TIMESTAMP], &row->due_ns))
		return bad(c, CSV_TIMESTAMP, f);
	if (c->times_only) {
		row->kind = csv_text_is(f->of[CSV_OP], "output") ? CSV_LOST : CSV_REQUEST;
		return SCAN_ROW;
	}
	return c->counts ? take_counts(c, row, f) : take_request(c, row, f);
}

enum csv_scan csv_scan_row(struct csv *c, const char *p, const char *end, struct csv_row *row,
			   const char **next)
{
	struct fields f;
	struct csv_text t = {p, 0};
	bool odd = false;
	const char *start = p;
	size_t column = 0;
	c->wrong = CSV_SKIPPED;
	for (size_t i = 0; i < CSV_COLUMN_COUNT; i++)
		f.of[i] = (struct csv_text){"", 0};
	for (;;) {
		p = csv_scan_field(p, end, &t, &odd);
		if (!p)
			return SCAN_PART;
		if (column < c->column_count)
			f.of[c->columns[column]] = t;
		column++;
		if (*p++ == '\n')
			break;
	}
	*next = p;
	if (column == 1 && t.len == 0 && *start != '"')
		return SCAN_BLANK;
	if (odd || column < c->column_count || csv_is_too_long(c, column, t))
		return SCAN_BAD;
	return finish(c, row, &f);
}
