#include "children/tally.h"

#include "base/units.h"
#include "csv/csv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 65536 };

void tally_init(struct tally *t, int fd, int64_t now_ns)
{
	*t = (struct tally){.fd = fd, .counted_ns = now_ns};
	buf_init(&t->text);
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

void tally_update(struct tally *t, int64_t now_ns)
{
	uint64_t ok = 0, failed = 0;
	struct csv c;
	struct csv_row row;
	struct err ignored;
	double seconds = ns_to_s(now_ns - t->counted_ns);
	if (seconds < 1)
		return;
	read_new(t);
	csv_init_memory(&c, t->text.data, t->text.len, "samples.csv");
	while (csv_next(&c, &row, &ignored) == CSV_ROW) {
		ok += row.kind == CSV_REQUEST && !row.failed;
		failed += row.kind == CSV_REQUEST && row.failed;
	}
	csv_release(&c);
	const char *line = memchr(t->text.data, '\n', t->text.len);
	if (!t->header && line)
		t->header = (size_t)(line - t->text.data) + 1;
	t->counted_ns = now_ns;
	t->ok_rps = (double)ok / seconds;
	t->failed_rps = (double)failed / seconds;
}
