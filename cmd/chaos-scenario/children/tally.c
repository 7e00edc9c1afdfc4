#include "children/tally.h"

#include "base/units.h"
#include "csv/csv.h"
#include "url/url.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static const int64_t read_every_ns = 200 * NS_PER_MS;

void tally_init(struct tally *t, int fd, int64_t now_ns)
{
	*t = (struct tally){.fd = fd, .counted_ns = now_ns};
	buf_init(&t->text);
	hist_init(&t->normal);
	hist_init(&t->recent);
	hist_init(&t->last);
}

void tally_release(struct tally *t)
{
	buf_release(&t->text);
	*t = (struct tally){.fd = -1};
}

/* Puts the new whole lines behind the header. A failed read counts as no new lines: the analysis
 * reports it. */
static void read_new(struct tally *t)
{
	t->text.len = t->header;
	for (;;) {
		buf_grow(&t->text, CHUNK);
		ssize_t n = pread(t->fd, t->text.data + t->text.len, CHUNK, t->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		t->text.len += (size_t)n;
		t->at += n;
	}
	const char *end = memrchr(t->text.data, '\n', t->text.len);
	size_t whole = end ? (size_t)(end - t->text.data) + 1 : 0;
	t->at -= (off_t)(t->text.len - whole);
	t->text.len = whole;
}

static void note_failure(struct tally *t, const struct csv_row *row)
{
	char what[sizeof t->kinds[0].what], answer[48];
	const char *class = error_class_name(row->error);
	size_t i = 0;
	if (!row->status_code)
		snprintf(answer, sizeof answer, "%s", class);
	else if (row->status_code >= 400)
		snprintf(answer, sizeof answer, "%d", row->status_code);
	else /* the status is no failure: the answer is not what was expected */
		snprintf(answer, sizeof answer, "%s (%d)", class, row->status_code);
	snprintf(what, sizeof what, "%s%s%.*s", answer, row->op.len ? " to " : "", (int)row->op.len, row->op.at);
	url_show_braces(what);
	while (i < TALLY_KINDS - 1 && t->kinds[i].count && strcmp(t->kinds[i].what, what) != 0)
		i++;
	if (!t->kinds[i].count++)
		memcpy(t->kinds[i].what, what, sizeof what);
}

static void note_normal(struct tally *t, const struct csv_row *row)
{
	if (row->kind != CSV_REQUEST || row->due_ns < t->normal_from_ns)
		return;
	t->normal_failed += row->failed;
	if (!row->failed)
		hist_record(&t->normal, row->latency_ns);
}

void tally_read(struct tally *t)
{
	struct csv c;
	struct csv_row row;
	struct err ignored;
	read_new(t);
	csv_init_memory(&c, t->text.data, t->text.len, "samples.csv");
	while (csv_next(&c, &row, &ignored) == CSV_ROW) {
		t->ok += row.kind == CSV_REQUEST && !row.failed;
		t->failed += row.kind == CSV_REQUEST && row.failed;
		note_normal(t, &row);
		if (row.kind == CSV_REQUEST && !row.failed)
			hist_record(&t->recent, row.latency_ns);
		if (row.kind == CSV_REQUEST && row.failed)
			note_failure(t, &row);
	}
	csv_release(&c);
	const char *line = memchr(t->text.data, '\n', t->text.len);
	if (!t->header && line)
		t->header = (size_t)(line - t->text.data) + 1;
}

void tally_update(struct tally *t, int64_t now_ns)
{
	double seconds = ns_to_s(now_ns - t->counted_ns);
	if (now_ns - t->read_ns < read_every_ns)
		return;
	t->read_ns = now_ns;
	tally_read(t);
	if (seconds < 1)
		return;
	t->ok_rps = (double)(t->ok - t->counted_ok) / seconds;
	t->failed_rps = (double)(t->failed - t->counted_failed) / seconds;
	t->counted_ok = t->ok;
	t->counted_failed = t->failed;
	t->counted_ns = now_ns;
	t->last = t->recent;
	hist_init(&t->recent);
	t->seconds++;
}

const char *tally_most(const struct tally *t)
{
	const struct tally_kind *most = &t->kinds[0];
	for (size_t i = 1; i < TALLY_KINDS - 1; i++) /* the last one is of all others */
		if (t->kinds[i].count > most->count)
			most = &t->kinds[i];
	return most->what;
}
