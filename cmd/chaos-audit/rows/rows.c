#include "rows/rows.h"

#include "base/buf.h"
#include "sys/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Classes of rows whose write was never made: the server refused it, or it was never sent. Of all
 * others nobody knows. */
static const bool refused[ERROR_COUNT] = {
	[ERROR_REFUSED] = true,		  [ERROR_DNS] = true,
	[ERROR_NOT_SENT] = true,	  [ERROR_REDIS_READONLY] = true,
	[ERROR_REDIS_LOADING] = true,	  [ERROR_REDIS_CLUSTERDOWN] = true,
	[ERROR_REDIS_OOM] = true,	  [ERROR_REDIS_AUTH] = true,
	[ERROR_REDIS_MOVED] = true,	  [ERROR_REDIS_ASK] = true,
	[ERROR_REDIS_TRYAGAIN] = true,	  [ERROR_REDIS_NOREPLICAS] = true,
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
		if (op.len > strlen(reading[i]) && memcmp(op.at, reading[i], strlen(reading[i])) == 0)
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

/* A pipe can be read but once: its bytes go to a file without a name. */
static int keep_stdin(struct rows *r, struct err *e)
{
	char part[1 << 16];
	if (lseek(STDIN_FILENO, 0, SEEK_CUR) >= 0) {
		r->stdin_fd = dup(STDIN_FILENO);
		return 0;
	}
	FILE *f = tmpfile();
	r->stdin_fd = f ? dup(fileno(f)) : -1;
	if (f)
		fclose(f);
	if (r->stdin_fd < 0)
		return err_sys(e, errno, "no temporary file for the rows from a pipe");
	for (ssize_t n; (n = read(STDIN_FILENO, part, sizeof part)) != 0;)
		if (n < 0 && errno != EINTR)
			return err_sys(e, errno, "cannot read standard input");
		else if (n > 0 && write_all(r->stdin_fd, part, (size_t)n, e))
			return err_prefix(e, "temporary file for the rows from a pipe");
	return 0;
}

static int open_rows(struct rows *r, const char *path, struct err *e)
{
	if (strcmp(path, "-") != 0)
		return file_open(path, e);
	if (r->stdin_fd < 0 && keep_stdin(r, e))
		return -1;
	if (lseek(r->stdin_fd, 0, SEEK_SET) < 0)
		return err_sys(e, errno, "cannot read standard input");
	return dup(r->stdin_fd);
}

static void note(struct rows *r, const struct csv *c)
{
	r->bad += c->bad;
	r->torn += c->torn;
	r->duplicate += c->duplicate;
}

int rows_each(struct rows *r, void (*take)(void *arg, const struct csv_row *row, enum answer a), void *arg,
	      struct err *e)
{
	bool first = !r->all && !r->lost;
	r->op_len = r->op ? strlen(r->op) : 0;
	for (char *const *path = r->paths; *path; path++) {
		int fd = open_rows(r, *path, e);
		if (fd < 0)
			return -1;
		struct csv c;
		const struct csv_row *row;
		size_t count;
		enum csv_result got;
		csv_init(&c, fd, *path);
		while ((got = csv_next_rows(&c, &row, &count, e)) == CSV_ROW)
			for (size_t i = 0; i < count; i++, row++) {
				r->all += first;
				r->lost += first && row->kind == CSV_LOST ? row->lost : 0;
				if (!is_audited(r, row))
					continue;
				if (row->slot == SAMPLE_NO_SLOT) { /* nobody knows its mark */
					r->bad += first;
					continue;
				}
				if (first && (!r->audited++ || row->due_ns < r->first_due_ns))
					r->first_due_ns = row->due_ns;
				take(arg, row, answer_of(row));
			}
		if (first)
			note(r, &c);
		csv_release(&c);
		close(fd);
		if (got == CSV_ERROR)
			return -1;
	}
	return 0;
}

void rows_release(struct rows *r)
{
	if (r->stdin_fd >= 0)
		close(r->stdin_fd);
	r->stdin_fd = -1;
	free(r->found);
	free(r->second);
}
