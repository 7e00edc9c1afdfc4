#include "rows/rows.h"

#include "base/buf.h"
#include "csv/csv_seen.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Classes of rows whose write was never made: the server refused it, or it was never sent. Of all
 * others nobody knows. */
static const bool refused[ERROR_COUNT] = {
	[ERROR_REFUSED] = true,	       [ERROR_DNS] = true,
	[ERROR_NOT_SENT] = true,       [ERROR_REDIS_READONLY] = true,
	[ERROR_REDIS_LOADING] = true,  [ERROR_REDIS_CLUSTERDOWN] = true,
	[ERROR_REDIS_OOM] = true,      [ERROR_REDIS_AUTH] = true,
	[ERROR_REDIS_MOVED] = true,    [ERROR_REDIS_ASK] = true,
	[ERROR_REDIS_TRYAGAIN] = true, [ERROR_REDIS_NOREPLICAS] = true,
	[ERROR_REDIS_MISCONF] = true,
};

static enum answer answer_of(const struct csv_row *row)
{
	if (!row->failed)
		return ANSWER_YES;
	return row->error < ERROR_COUNT && refused[row->error] ? ANSWER_NO : ANSWER_NONE;
}

int64_t row_end_ns(const struct csv_row *row)
{
	return row->due_ns + (row->latency_ns > 0 ? row->latency_ns : 0);
}

static bool has(struct csv_text text, const char *part)
{
	return memmem(text.at, text.len, part, strlen(part));
}

static bool is_op(const char *op, struct csv_text text)
{
	return strlen(op) == text.len && memcmp(text.at, op, text.len) == 0;
}

static bool writes_slot(struct csv_text op)
{
	static const char *const reading[] = {"GET ", "HEAD ", "OPTIONS ", "TRACE "};
	for (size_t i = 0; i < ARRAY_LEN(reading); i++)
		if (op.len > strlen(reading[i]) &&
		    memcmp(op.at, reading[i], strlen(reading[i])) == 0)
			return false;
	return has(op, " /") && (has(op, "{slot}") || has(op, "{slot%20"));
}

static void find_op(struct rows *r, struct csv_text op)
{
	if (!writes_slot(op) || r->second || (r->found && is_op(r->found, op)))
		return;
	char **to = r->found ? &r->second : &r->found;
	*to = mem_printf("%.*s", (int)op.len, op.at);
	if (to == &r->found) {
		r->op = r->found;
		r->op_len = op.len;
	}
}

static bool is_audited(struct rows *r, const struct csv_row *row)
{
	if (row->kind != CSV_REQUEST && row->kind != CSV_ABORTED)
		return false;
	if (!r->op || r->found)
		find_op(r, row->op);
	return r->op && r->op_len == row->op.len && memcmp(row->op.at, r->op, r->op_len) == 0;
}

static bool is_again(struct rows *r, const struct csv_row *row)
{
	uint64_t contradictory = 0;
	return row->slot != SAMPLE_NO_SLOT && csv_seen_before(r->others, row->slot, row->failed, &contradictory);
}

static void take_row(struct rows *r, const struct csv_row *row, rows_taker *take, void *arg)
{
	r->all++;
	r->lost += row->kind == CSV_LOST ? row->lost : 0;
	if (!is_audited(r, row)) {
		r->duplicate += is_again(r, row);
		return;
	}
	if (row->slot == SAMPLE_NO_SLOT) { /* nobody knows its mark */
		r->bad++;
		return;
	}
	if (!r->audited++ || row->due_ns < r->first_due_ns)
		r->first_due_ns = row->due_ns;
	take(arg, row, answer_of(row));
}

int rows_each(struct rows *r, rows_taker *take, void *arg, struct err *e)
{
	bool is_stdin = strcmp(r->path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : file_open(r->path, e);
	if (fd < 0)
		return -1;
	struct csv c;
	const struct csv_row *row;
	size_t count;
	enum csv_result got;
	r->op_len = r->op ? strlen(r->op) : 0;
	r->others = mem_alloc(CSV_SEEN_PARTS * sizeof *r->others);
	csv_init(&c, fd, is_stdin ? "stdin" : r->path);
	c.wants_duplicates = true; /* the one that was acknowledged may be the second */
	while ((got = csv_next_rows(&c, &row, &count, e)) == CSV_ROW)
		for (size_t i = 0; i < count; i++)
			take_row(r, row + i, take, arg);
	r->bad += c.bad;
	r->torn += c.torn;
	csv_release(&c);
	if (!is_stdin)
		close(fd);
	return got == CSV_ERROR ? -1 : 0;
}

void rows_release(struct rows *r)
{
	free(r->found);
	free(r->second);
	free(r->others);
}
