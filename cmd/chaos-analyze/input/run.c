#include "input/run.h"

#include "base/units.h"
#include "sys/file.h"
#include "sys/pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 };

static void add_counts(struct run *r, const struct csv_row *row)
{
	const struct csv_counts *n = &row->counts;
	const struct grid_counts counts = {
		.from_ns = row->due_ns,
		.length_ns = n->length_ns,
		.ok = n->ok,
		.err = n->err,
		.p50_ns = n->p50_ns,
		.p95_ns = n->p95_ns,
		.p99_ns = n->p99_ns,
		.error = ERROR_COUNT,
		.node = nodes_add_counts(&r->nodes, row),
	};
	grid_add_counts(&r->grid, &counts);
	r->counts++;
	r->counts_timed += csv_counts_have_latency(n);
}

/* What a request counts for beside its window and its node. */
static void add_outcome(struct run *r, const struct csv_row *row, unsigned node, unsigned bucket)
{
	unsigned op = RECORD_NO_OP;
	if (row->op.len) {
		struct node_count *c = nodes_find(&r->ops, row->op);
		node_count_row(c, row, bucket);
		op = c->number;
	}
	if (row->error == ERROR_TIMEOUT && row->latency_ns > r->waited_ns)
		r->waited_ns = row->latency_ns;
	if (r->records.wanted)
		records_add(&r->records, row, node, op);
}

void run_add(struct run *r, const struct csv_row *row)
{
	if (r->until_ns && row->kind != CSV_LOST && row->due_ns >= r->until_ns) {
		r->grid.outside++;
		return;
	}
	if (row->kind == CSV_COUNTS) {
		add_counts(r, row);
		return;
	}
	if (row->kind == CSV_LOST) {
		grid_add_lost(&r->grid, row->lost, row->lost_from_ns, row->lost_to_ns);
		return;
	}
	if (row->kind == CSV_ABORTED) {
		nodes_find(&r->nodes, row->node); /* list the node, even without an answer */
		grid_add_unjudged(&r->grid, row->due_ns, row->error);
		return;
	}
	unsigned node = nodes_add(&r->nodes, row);
	add_outcome(r, row, node, hist_bucket(row->latency_ns));
	grid_add(&r->grid, row->due_ns, row->latency_ns, row->failed ? row->error : ERROR_NONE, node);
}

void run_note_source(struct run *r, const struct csv *c, bool several)
{
	r->rows += c->rows;
	if (!r->bad && c->bad)
		snprintf(r->first_bad, sizeof r->first_bad, "%s%s%sline %llu: %s",
			 several ? "'" : "", several ? c->name : "", several ? "' " : "",
			 (unsigned long long)c->first_bad, c->bad_reason);
	r->bad += c->bad;
	r->torn += c->torn;
	r->duplicate += c->duplicate;
}

uint64_t run_unread(const struct run *r)
{
	return r->bad + r->grid.overfull + r->grid.far;
}

bool run_much_unread(const struct run *r)
{
	return run_unread(r) * 100 > r->rows + r->bad;
}

/* Collects requests so that the grid takes them in batches. */
static void add_rows(struct run *r, const struct csv_row *rows, size_t count)
{
	struct grid_row requests[CSV_BATCH];
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct csv_row *row = &rows[i];
		if (row->kind != CSV_REQUEST || r->until_ns) {
			grid_add_rows(&r->grid, requests, n);
			n = 0;
			run_add(r, row);
			continue;
		}
		struct node_count *c = nodes_find(&r->nodes, row->node);
		int64_t latency_ns = row->latency_ns < 0 ? 0 : row->latency_ns;
		unsigned bucket = hist_bucket(latency_ns);
		node_count_row(c, row, bucket);
		add_outcome(r, row, c->number, bucket);
		requests[n++] = (struct grid_row){row->due_ns, latency_ns, (uint8_t)row->error,
						  grid_part(c->number), (uint16_t)bucket};
	}
	grid_add_rows(&r->grid, requests, n);
}

static int scan(struct run *r, int fd, const char *name, bool several, struct err *e)
{
	struct csv c;
	const struct csv_row *rows;
	size_t count;
	enum csv_result got;
	csv_init(&c, fd, name);
	while ((got = csv_next_rows(&c, &rows, &count, e)) == CSV_ROW)
		add_rows(r, rows, count);
	run_note_source(r, &c, several);
	csv_release(&c);
	if (got == CSV_AGAIN)
		return err_sys(e, EAGAIN, "cannot read '%s'", name);
	return got == CSV_ERROR ? -1 : 0;
}

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int read_samples(struct run *r, const char *path, bool several, struct err *e)
{
	if (is_stdin(path)) {
		pipe_widen(STDIN_FILENO, PIPE_BYTES);
		return scan(r, STDIN_FILENO, "stdin", several, e);
	}
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	pipe_widen(fd, PIPE_BYTES);
	int rc = scan(r, fd, path, several, e);
	close(fd);
	return rc ? file_err_named(e) : 0;
}

static int read_facts(struct run *r, const struct run_source *s, struct err *e)
{
	return run_facts_read(&r->facts, s->load_summary, s->events, e);
}

void run_init(struct run *r, int64_t window_ns)
{
	*r = (struct run){0};
	nodes_init(&r->nodes);
	nodes_init(&r->ops);
	grid_init(&r->grid, window_ns, 0);
}

/* Initialises the grid with the start that is known before the first row. */
static void begin(struct run *r, const struct run_source *s)
{
	bool exact;
	int64_t window_ns = s->window_ns ? s->window_ns : NS_PER_S;
	int64_t start_ns = run_facts_start_ns(&r->facts, &exact);
	if (s->start_ns || exact || !start_ns) {
		grid_init(&r->grid, window_ns, s->start_ns ? s->start_ns : start_ns);
		return;
	}
	grid_init(&r->grid, window_ns, 0);
	grid_expect(&r->grid, start_ns);
}

static bool tells_a_fault(const struct event_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		if (log->events[i].fault)
			return true;
	return false;
}

int run_read(struct run *r, const struct run_source *s, struct err *e)
{
	bool from_stdin = false;
	*r = (struct run){0};
	nodes_init(&r->nodes);
	nodes_init(&r->ops);
	for (char **p = s->samples; *p; p++)
		from_stdin = from_stdin || is_stdin(*p);
	if (!from_stdin && read_facts(r, s, e))
		return -1;
	r->records.wanted = s->faulted || (from_stdin ? s->events != NULL : tells_a_fault(&r->facts.log));
	r->until_ns = s->end_ns;
	begin(r, s);
	for (char **p = s->samples; *p; p++)
		if (read_samples(r, *p, s->samples[1], e))
			return -1;
	if (from_stdin && read_facts(r, s, e))
		return -1;
	grid_finish(&r->grid, s->end_ns ? s->end_ns : r->facts.end_ns);
	nodes_sort(&r->nodes);
	nodes_sort(&r->ops);
	r->planned = run_facts_planned(&r->facts, &r->grid);
	return 0;
}

void run_widen(struct run *r, int64_t window_ns)
{
	if (window_ns <= r->grid.window_ns)
		return;
	grid_widen(&r->grid, (unsigned)(window_ns / r->grid.window_ns));
	free(r->planned);
	r->planned = run_facts_planned(&r->facts, &r->grid);
}

void run_release(struct run *r)
{
	run_facts_release(&r->facts);
	grid_release(&r->grid);
	nodes_release(&r->nodes);
	nodes_release(&r->ops);
	records_release(&r->records);
	free(r->planned);
	*r = (struct run){0};
}
