#include "input/run.h"

#include "base/units.h"
#include "sys/file.h"
#include "sys/pipe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_counts(struct run_data *r, const struct csv_row *row)
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
	};
	nodes_add_counts(&r->nodes, row);
	grid_add_counts(&r->grid, &counts);
	r->counts++;
	r->counts_timed += csv_counts_have_latency(n);
}

static inline uint32_t late_us(const struct csv_row *row)
{
	return row->late_ns < 0 ? 0 : (uint32_t)(row->late_ns / NS_PER_US < UINT32_MAX ? row->late_ns / NS_PER_US + 1 : UINT32_MAX);
}

/* op: NULL if it has none. */
static struct grid_row failure(struct run_data *r, const struct csv_row *row, struct node_count *c,
			       struct node_count *op)
{
	int64_t latency_ns = row->latency_ns < 0 ? 0 : row->latency_ns;
	c->err++;
	if (op)
		op->err++;
	if (row->error == ERROR_TIMEOUT && latency_ns > r->waited_ns)
		r->waited_ns = latency_ns;
	return (struct grid_row){row->due_ns, latency_ns, late_us(row), (uint8_t)row->error, 0};
}

/* Counts what is not of a window. */
static inline struct grid_row count_request(struct run_data *r, const struct csv_row *row)
{
	struct node_count *c = nodes_find_fast(&r->nodes, row->node), *op = NULL;
	if (row->op.len) {
		op = r->last_op; /* mostly it is the only one */
		if (!op || !node_is(op, row->op, nodes_key(row->op)))
			op = r->last_op = nodes_find_fast(&r->ops, row->op);
	}
	if (r->records.wanted)
		records_add(&r->records, row, c->number, op ? op->number : RECORD_NO_OP);
	if (row->failed)
		return failure(r, row, c, op);
	unsigned bucket = hist_bucket(row->latency_ns);
	node_count_ok(c, bucket, row->latency_ns);
	if (op)
		node_count_ok(op, bucket, row->latency_ns);
	return (struct grid_row){row->due_ns, row->latency_ns, late_us(row), ERROR_NONE, (uint16_t)bucket};
}

/* within: it is due in the run. */
static void add_other(struct run_data *r, const struct csv_row *row, bool within)
{
	if (row->kind == CSV_LOST) {
		grid_add_lost(&r->grid, row->lost, row->lost_from_ns, row->lost_to_ns);
	} else if (!within) {
		r->grid.outside++;
	} else if (row->kind == CSV_COUNTS) {
		add_counts(r, row);
	} else {
		nodes_find(&r->nodes, row->node); /* list the node, even without an answer */
		grid_add_unjudged(&r->grid, row->due_ns, row->error);
	}
}

/* Collects requests so that the grid takes them in batches. What is due outside of the run counts nowhere else; the start
 * that was told may be rounded otherwise than the rows. */
static void add_rows(struct run_data *r, const struct csv_row *rows, size_t count)
{
	struct grid_row requests[CSV_BATCH];
	const int64_t after_ns = r->grid.declared ? r->grid.t0_ns - NS_PER_MS : INT64_MIN;
	const int64_t until_ns = r->until_ns ? r->until_ns : INT64_MAX;
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		bool within = rows[i].due_ns > after_ns && rows[i].due_ns < until_ns;
		if (rows[i].kind == CSV_REQUEST && within) {
			requests[n++] = count_request(r, &rows[i]);
			continue;
		}
		grid_add_rows(&r->grid, requests, n);
		n = 0;
		add_other(r, &rows[i], within);
	}
	grid_add_rows(&r->grid, requests, n);
}

void run_add(struct run_data *r, const struct csv_row *row)
{
	add_rows(r, row, 1);
}

void run_note_lacks(struct run_data *r, const struct csv *c)
{
	r->grid.no_failures |= c->no_failures;
	r->grid.no_unanswered |= c->no_unanswered;
	r->closed_loop |= c->closed_loop;
	r->no_end |= c->no_end;
}

void run_note_source(struct run_data *r, const struct csv *c, bool several)
{
	r->rows += c->rows;
	run_note_lacks(r, c);
	if (!r->bad && c->bad)
		snprintf(r->first_bad, sizeof r->first_bad, "%s%s%sline %llu: %s",
			 several ? "'" : "", several ? c->name : "", several ? "' " : "",
			 (unsigned long long)c->first_bad, c->bad_reason);
	r->bad += c->bad;
	r->torn += c->torn;
	r->duplicate += c->duplicate;
	r->contradictory += c->contradictory;
}

void run_end_counts(struct run_data *r)
{
	nodes_sort(&r->nodes);
	nodes_sort(&r->ops);
}

uint64_t run_unread(const struct run_data *r)
{
	return r->bad + r->grid.overfull + r->grid.far;
}

bool run_much_unread(const struct run_data *r)
{
	return run_unread(r) * 100 > r->rows + r->bad;
}

/* Rows of one header are one part of the slots. */
static int note_slots(struct slotmap *s, unsigned *header, const struct csv *c, const struct csv_row *rows, size_t count,
		      struct err *e)
{
	if (*header != c->headers) {
		if (s->part && slotmap_end(s, e))
			return -1;
		slotmap_begin(s, c->name);
		*header = c->headers;
	}
	slotmap_add(s, rows, count);
	return 0;
}

/* slots: NULL if nobody asks for them. */
static int scan(struct run_data *r, int fd, const char *name, struct slotmap *slots, struct err *e)
{
	struct csv c;
	const struct csv_row *rows;
	size_t count;
	unsigned header = 0;
	int rc = 0;
	enum csv_result got;
	csv_init(&c, fd, name);
	c.wants_late = r->source->wants_late;
	while (rc == 0 && (got = csv_next_rows(&c, &rows, &count, e)) == CSV_ROW) {
		add_rows(r, rows, count);
		if (slots)
			rc = note_slots(slots, &header, &c, rows, count, e);
	}
	run_note_source(r, &c, r->source->samples[1]);
	csv_release(&c);
	if (rc || (slots && slots->part && slotmap_end(slots, e)))
		return -1;
	if (got == CSV_AGAIN)
		return err_sys(e, EAGAIN, "cannot read '%s'", name);
	return got == CSV_ERROR ? -1 : 0;
}

static bool is_stdin(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int read_samples(struct run_data *r, const char *path, struct slotmap *slots, struct err *e)
{
	if (is_stdin(path)) {
		pipe_widen(STDIN_FILENO);
		return scan(r, STDIN_FILENO, "stdin", slots, e);
	}
	int fd = file_open(path, e);
	if (fd < 0)
		return -1;
	pipe_widen(fd);
	int rc = scan(r, fd, path, slots, e);
	close(fd);
	return rc ? file_err_named(e) : 0;
}

void run_init(struct run_data *r, int64_t window_ns)
{
	*r = (struct run_data){0};
	nodes_init(&r->nodes);
	nodes_init(&r->ops);
	grid_init(&r->grid, window_ns, 0);
}

/* Initialises the grid with the start that is known before the first row. */
static void begin(struct run_data *r, const struct run_source *s)
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

static int read_audit(struct run_data *r, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	if (!path)
		return 0;
	int rc = file_read(path, &text, e);
	r->audit = rc ? NULL : json_parse(text.data, text.len, path, e);
	if (!rc && r->audit && strcmp(json_text(r->audit, "schema"), "chaos-audit/1") != 0)
		rc = err_usage(e, "'%s' is no audit: its schema is not 'chaos-audit/1'", path);
	buf_release(&text);
	return rc || !r->audit ? -1 : 0;
}

/* Rows that nothing tells of, in the windows in which they were due. */
struct holes {
	const struct grid *grid;
	bool *in; /* each window */
	uint64_t sent; /* those before were sent */
	int64_t unsent_ns; /* when the first behind them was due that was not; 0: none */
	struct slot_span all;
};

/* Where rows were dropped, markers tell of them: then a window around has none, or some in between. */
static void note_hole(void *arg, uint64_t first, uint64_t last, int64_t from_ns, int64_t to_ns, bool ragged)
{
	struct holes *h = arg;
	const struct grid *g = h->grid;
	if (to_ns < g->t0_ns || from_ns >= g->end_ns || (ragged && !h->all.count))
		return;
	if (first >= h->sent) {
		h->unsent_ns = h->unsent_ns ? h->unsent_ns : from_ns;
		return;
	}
	size_t a = from_ns < g->t0_ns ? 0 : (size_t)((from_ns - g->t0_ns) / g->window_ns);
	size_t b = (size_t)((to_ns - g->t0_ns) / g->window_ns), measured = 0;
	a = a < g->count ? a : g->count - 1;
	b = b < g->count ? b : g->count - 1;
	for (size_t k = a; k <= b; k++)
		measured += !g->windows[k].unmeasured;
	if (measured < b - a + 1 && measured <= 1)
		return;
	slot_span_add(&h->all, first, last);
	for (size_t k = a; k <= b; k++)
		h->in[k] = true;
}

/* Where a load, or a shard of it, was not to send: that is neither an outage nor a rest. */
static void leave_out(void *arg, int64_t from_ns, int64_t to_ns)
{
	struct grid *g = arg;
	for (size_t k = from_ns > g->t0_ns ? (size_t)((from_ns - g->t0_ns) / g->window_ns) : 0;
	     k < g->count && g->t0_ns + (int64_t)k * g->window_ns < to_ns; k++)
		g->windows[k].unmeasured = true;
}

/* What is missing is not measured, as what was dropped. A row that is bad, which is told, may have any slot. */
static void take_holes(struct run_data *r, const struct slotmap *slots)
{
	struct grid *g = &r->grid;
	struct holes h = {.grid = g, .sent = r->facts.slots && slots->load_count == 1 ? r->facts.slots : UINT64_MAX, .in = mem_alloc((g->count + 1) * sizeof *h.in)};
	if (g->count)
		slotmap_holes(slots, r->facts.t0_ns, note_hole, &h);
	if (h.all.count > r->bad + r->torn) {
		r->missing = h.all;
		for (size_t k = 0; k < g->count; k++)
			g->windows[k].unmeasured |= h.in[k];
	}
	slotmap_pauses(slots, leave_out, g);
	r->unsent_ns = h.unsent_ns;
	if (h.unsent_ns)
		leave_out(g, h.unsent_ns, g->end_ns);
	free(h.in);
}

int run_check_plan(const struct run_data *r, struct err *e)
{
	const char *const *of = r->facts.rates_of;
	return of[1] ? err_usage(e, "the events tell the rates of several loads ('%.80s', '%.80s'): chaos-analyze --load NAME=FILE tells "
				    "whose the samples are", of[0], of[1])
		     : 0;
}

static int read_facts(struct run_data *r, const struct run_source *s, struct err *e)
{
	int rc = run_facts_read(&r->facts, (const char *const *)s->load_summaries, s->events, s->load, e);
	return rc ? rc : run_check_plan(r, e);
}

static int read_rows(struct run_data *r, const struct run_source *s, bool from_stdin, struct slotmap *slots,
		     struct err *e)
{
	bool wanted = s->samples[1] || r->facts.shard || (from_stdin && s->load_summaries);
	for (char **p = s->samples; *p; p++)
		if (read_samples(r, *p, wanted ? slots : NULL, e))
			return -1;
	if (from_stdin && read_facts(r, s, e))
		return -1;
	wanted = s->samples[1] || r->facts.shard;
	if (wanted && slotmap_finish(slots, e))
		return -1;
	grid_finish(&r->grid, s->end_ns ? s->end_ns : r->facts.end_ns);
	if (wanted)
		take_holes(r, slots);
	return 0;
}

int run_read(struct run_data *r, const struct run_source *s, struct err *e)
{
	struct slotmap slots = {0};
	bool from_stdin = false;
	*r = (struct run_data){.source = s};
	nodes_init(&r->nodes);
	nodes_init(&r->ops);
	if (read_audit(r, s->audit, e))
		return -1;
	for (char **p = s->samples; *p; p++)
		from_stdin = from_stdin || is_stdin(*p);
	if (!from_stdin && read_facts(r, s, e))
		return -1;
	r->records.wanted = s->keep_rows || (from_stdin ? s->events != NULL : tells_a_fault(&r->facts.log));
	r->until_ns = s->end_ns;
	begin(r, s);
	int rc = read_rows(r, s, from_stdin, &slots, e);
	slotmap_release(&slots);
	if (rc)
		return -1;
	run_end_counts(r);
	r->planned = run_facts_planned(&r->facts, &r->grid);
	return 0;
}

void run_widen(struct run_data *r, int64_t window_ns)
{
	if (window_ns <= r->grid.window_ns)
		return;
	grid_widen(&r->grid, (unsigned)(window_ns / r->grid.window_ns));
	free(r->planned);
	r->planned = run_facts_planned(&r->facts, &r->grid);
}

void run_release(struct run_data *r)
{
	run_facts_release(&r->facts);
	grid_release(&r->grid);
	nodes_release(&r->nodes);
	nodes_release(&r->ops);
	records_release(&r->records);
	free(r->planned);
	json_free(r->audit);
	*r = (struct run_data){0};
}
