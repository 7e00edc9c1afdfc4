#include "sending/engine.h"

#include "base/buf.h"
#include "base/units.h"
#include "net/opening.h"
#include "sending/jobs.h"

#include <stdlib.h>

struct engine_node {
	struct job *head, *tail;	/* queued, oldest first */
	int64_t active, places;		/* submitted, and how many may be */
	int64_t taken;			/* of the places, by connections that get no more */
	struct opening opening;		/* where that is gradual */
	int64_t inflight, max_inflight; /* queued and submitted */
	bool feeding;
};

struct engine {
	const struct engine_config *config;
	struct transport *transport;
	struct engine_node *nodes;
	size_t node_count; /* that the bounds are shared out among */
	struct jobs jobs;
	struct loop_timer *timeout; /* armed no later than the oldest job's */
	bool armed, finishing, aborting, gradual;
	char timeout_text[SPAN_MAX];
	struct engine_counts counts;
	struct waits waits;
};

static void emit(struct engine *g, const struct request *r, int64_t due, int64_t wait_ns,
		 int64_t now)
{
	const struct engine_config *c = g->config;
	struct sample s = {
		.due_wall_ns = anchor_wall_ns(&c->anchor, due),
		.latency_ns = now - due,
		.wait_ns = wait_ns,
		.service_ns = r->sent_ns ? now - r->sent_ns : -1,
		.columns = c->columns,
		.replicas = r->replicas,
		.slot = r->slot,
		.bytes = r->bytes,
		.status_code = r->status,
		.error = r->error,
		.node = csv_text_of(c->node_names[r->node]),
		.op = csv_text_of(c->transport->op_name(g->transport, r->node, r->op)),
		.detail = r->detail,
	};
	if (r->error == ERROR_NONE) {
		g->counts.ok++;
		hist_record(&g->counts.latency, s.latency_ns);
	} else {
		g->counts.errors[r->error]++;
	}
	c->sample(c->arg, &s);
}

/* Writes the sample of a finished job and recycles the job. */
static void end_job(struct engine *g, struct job *j, int64_t now)
{
	struct engine_node *n = j->home;
	jobs_unlink(&g->jobs, j);
	g->counts.inflight--;
	n->inflight--;
	if (j->submitted)
		n->active--;
	emit(g, &j->request, j->due, j->wait_ns, now);
	jobs_spare(&g->jobs, j);
}

static void waited(struct engine *g, struct job *j, int64_t now)
{
	j->wait_ns += now;
	waits_add(&g->waits, j->due, j->wait_ns);
}

static void submit(struct engine *g, struct engine_node *n, struct job *j)
{
	j->submitted = true;
	n->active++;
	g->counts.sent++;
	g->config->transport->submit(g->transport, &j->request);
}

static bool has_place(const struct engine *g, const struct engine_node *n)
{
	int64_t used = n->active + n->taken;
	return used < n->places && (!g->gradual || opening_has_room(&n->opening, used));
}

/* Submits queued jobs while the node has free connections. A submit may end at once and re-enter;
 * the outermost call continues. */
static void feed(struct engine *g, struct engine_node *n, int64_t now)
{
	if (!n->head || n->feeding)
		return;
	n->feeding = true;
	while (n->head && has_place(g, n)) {
		struct job *j = n->head;
		n->head = j->next;
		if (!n->head)
			n->tail = NULL;
		jobs_prefetch(n->head);
		j->hopeless = opening_is_hopeless(&n->opening, n->active + n->taken, j->due, g->config->timeout_ns, now);
		if (j->hopeless)
			continue;
		waited(g, j, now);
		submit(g, n, j);
	}
	n->feeding = false;
}

static void taken(void *arg, size_t node, int places)
{
	struct engine *g = arg;
	g->nodes[node].taken += places;
	if (places < 0 && !g->aborting)
		feed(g, &g->nodes[node], mono_ns());
}

static void opened(void *arg, size_t node, int places)
{
	struct engine *g = arg;
	g->nodes[node].opening.open += places;
	if (places > 0 && !g->aborting)
		feed(g, &g->nodes[node], mono_ns());
}

static void check_idle(struct engine *g)
{
	if (!g->finishing || g->counts.inflight)
		return;
	g->finishing = false;
	waits_finish(&g->waits);
	g->config->idle(g->config->arg);
}

static void done(void *arg, struct request *r)
{
	struct engine *g = arg;
	struct job *j = job_of(r);
	struct engine_node *n = j->home;
	if (r->status && !r->ended_ns)
		r->ended_ns = mono_ns();
	opening_answered(&n->opening, r->sent_ns, r->ended_ns);
	int64_t now = r->ended_ns ? r->ended_ns : mono_ns();
	end_job(g, j, now);
	feed(g, n, now);
	check_idle(g);
}

static void drop_from_queue(struct engine_node *n, struct job *j)
{
	struct job **at = &n->head, *before = NULL;
	while (*at != j) {
		before = *at;
		at = &(*at)->next;
	}
	*at = j->next;
	if (n->tail == j)
		n->tail = before;
}

/* Ends a job before its answer. */
static void give_up(struct engine *g, struct job *j, enum error_class error)
{
	struct request *r = &j->request;
	struct engine_node *n = j->home;
	int64_t now = mono_ns();
	if (j->submitted)
		g->config->transport->cancel(g->transport, r);
	else if (!j->hopeless)
		drop_from_queue(n, j);
	if (!j->submitted)
		waited(g, j, now);
	r->error = error;
	r->status = 0;
	if (error == ERROR_TIMEOUT)
		request_failf(r, error, "%s within %s",
			      r->sent_ns     ? "no answer"
			      : j->submitted ? "no connection"
					     : "no free connection",
			      g->timeout_text);
	end_job(g, j, now);
	if (!g->aborting)
		feed(g, n, now);
}

static void arm(struct engine *g)
{
	if (g->armed || !g->jobs.oldest)
		return;
	g->armed = true;
	loop_timer_at(g->timeout, g->jobs.oldest->due + g->config->timeout_ns);
}

static void timed_out(void *arg)
{
	struct engine *g = arg;
	g->armed = false;
	while (g->jobs.oldest && g->jobs.oldest->due + g->config->timeout_ns <= mono_ns())
		give_up(g, g->jobs.oldest, ERROR_TIMEOUT);
	arm(g);
	check_idle(g);
}

/* Ends a slot that gets no job. */
static void refuse(struct engine *g, struct request *r, int64_t due, enum error_class error)
{
	request_fail(r, error, error == ERROR_NOT_SENT ? "--max-inflight reached" : "");
	emit(g, r, due, 0, mono_ns());
}

static void queue(struct engine_node *n, struct job *j, int64_t now)
{
	j->wait_ns = -now;
	j->next = NULL;
	if (n->tail)
		n->tail->next = j;
	else
		n->head = j;
	n->tail = j;
}

/* Share i of n of a total; the first shares get the remainder, and each one at least. */
static int64_t share(int64_t total, size_t i, size_t n)
{
	int64_t part = total / (int64_t)n + ((int64_t)i < total % (int64_t)n);
	return part ? part : 1;
}

static void share_out(struct engine *g, size_t count)
{
	const struct engine_config *c = g->config;
	g->node_count = count;
	for (size_t i = 0; i < count; i++) {
		int64_t connections = c->connections_each ? c->connections : share(c->connections, i, count);
		g->nodes[i].places = connections * (c->transport_config->pipeline > 1 ? c->transport_config->pipeline : 1);
		opening_init(&g->nodes[i].opening, g->nodes[i].places, c->transport_config->pipeline);
		g->nodes[i].max_inflight =
			c->max_inflight_each ? c->max_inflight : share(c->max_inflight, i, count);
	}
}

void engine_due(struct engine *g, uint64_t slot, int64_t due, int64_t now)
{
	struct job *j = jobs_take(&g->jobs);
	struct request *r = &j->request;
	g->counts.due++;
	waits_due(&g->waits, due);
	request_begin(r, slot);
	g->config->transport->route(g->transport, r);
	struct engine_node *n = &g->nodes[r->node];
	if (r->node >= g->node_count)
		share_out(g, r->node + 1);
	if (g->aborting || n->inflight >= n->max_inflight) {
		refuse(g, r, due, g->aborting ? ERROR_ABORTED : ERROR_NOT_SENT);
		jobs_spare(&g->jobs, j);
		return;
	}
	j->home = n;
	j->due = due;
	j->wait_ns = 0;
	j->submitted = j->hopeless = false;
	jobs_link(&g->jobs, j);
	n->inflight++;
	if (++g->counts.inflight > g->counts.peak_inflight)
		g->counts.peak_inflight = g->counts.inflight;
	arm(g);
	if (g->gradual)
		opening_due(&n->opening, due, now);
	if (n->head || !has_place(g, n))
		queue(n, j, now);
	else
		submit(g, n, j);
	feed(g, n, now);
}

void engine_finish(struct engine *g)
{
	g->finishing = true;
	check_idle(g);
}

void engine_abort(struct engine *g)
{
	g->aborting = true;
	while (g->jobs.oldest)
		give_up(g, g->jobs.oldest, ERROR_ABORTED);
	check_idle(g);
}

const struct engine_counts *engine_counts(const struct engine *g)
{
	return &g->counts;
}

const struct waits *engine_waits(const struct engine *g)
{
	return &g->waits;
}

struct engine *engine_new(const struct engine_config *c, struct err *e)
{
	struct engine *g = mem_alloc(sizeof *g);
	const struct transport_config *t = c->transport_config;
	g->config = c;
	hist_init(&g->counts.latency);
	waits_init(&g->waits, c->timeout_ns);
	span_format(c->timeout_ns, g->timeout_text);
	jobs_init(&g->jobs, c->max_inflight);
	g->nodes = mem_alloc((t->node_room ? t->node_room : t->node_count) * sizeof *g->nodes);
	share_out(g, t->node_count);
	c->transport_config->done = done;
	c->transport_config->taken = taken;
	c->transport_config->opened = opened;
	g->gradual = c->transport->gradual && c->transport->gradual(t);
	c->transport_config->ready = c->ready;
	c->transport_config->note = c->note;
	c->transport_config->ready_arg = c->arg;
	c->transport_config->arg = g;
	g->timeout = loop_timer_new(c->loop, timed_out, g, e);
	if (g->timeout)
		g->transport = c->transport->open(c->transport_config, e);
	if (!g->transport) {
		engine_free(g);
		return NULL;
	}
	return g;
}

void engine_free(struct engine *g)
{
	if (!g)
		return;
	if (g->transport)
		g->config->transport->close(g->transport);
	jobs_release(&g->jobs);
	waits_release(&g->waits);
	loop_timer_free(g->timeout);
	free(g->nodes);
	free(g);
}
