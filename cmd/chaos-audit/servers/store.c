#include "servers/store.h"

#include "base/clock.h"
#include "base/units.h"
#include "net/http_words.h"
#include "net/read_back.h"
#include "servers/saved.h"
#include "sys/secret.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	FLIGHTS = 32,
	SILENT_MAX = 2 * FLIGHTS, /* reads in a row that told nothing: the node is left alone for this round */
};
static const int64_t tick_ns = 5 * NS_PER_MS, answer_ns = 2 * NS_PER_S;
static const int64_t still_ns = 100 * NS_PER_MS; /* between two ticks; what is longer was no wait for servers */
#ifndef CHAOS_BOUND_DIVISOR
#define CHAOS_BOUND_DIVISOR 1 /* more in builds for tests */
#endif
static const int64_t apart_ns = NS_PER_S / CHAOS_BOUND_DIVISOR; /* what is absent is so twice, so far apart at least */

/* Of a write, by a node; in two bits. */
enum told { UNTOLD, PRESENT, ABSENT_ONCE, ABSENT };

struct flight {
	struct request request; /* first */
	int64_t deadline_ns;
	bool under_way;
};

struct reading {
	const struct store *store;
	const struct slots *rows;
	struct read_back read;
	struct buf authorization;
	struct transport_node *nodes;
	char **names;	       /* of the nodes, without a password */
	struct slots *told;    /* of each node; one slot more than there are rows, whose write nobody made */
	unsigned *silent;      /* of each node: reads in a row that told nothing */
	struct transport_config config;
	const struct transport_ops *ops;
	struct transport *transport;
	struct loop *loop;
	struct loop_timer *timer;
	struct flight flights[FLIGHTS];
	size_t busy, node;
	uint64_t slot, found; /* the next one; writes that were found, by any node */
	int64_t ticked_ns, asked_ns, started_ns, told_ns, round_ns; /* round_ns: when the next round begins; 0: one is under way */
	double may;	      /* reads that the rate allows by now */
	char why[440];	      /* the last one that told nothing */
};

/* --- which to ask for ---------------------------------------------------------- */

static bool is_open(const struct reading *r, size_t node, uint64_t slot)
{
	unsigned told = slots_get(&r->told[node], slot);
	if (slot == r->rows->count)
		return told == UNTOLD;
	return slots_get(r->rows, slot) != SLOT_EMPTY && (told == UNTOLD || told == ABSENT_ONCE);
}

/* The next one of this round, from the present place on. */
static bool next(struct reading *r)
{
	for (; r->node < r->store->url_count; r->node++, r->slot = 0)
		for (; r->slot <= r->rows->count && r->silent[r->node] < SILENT_MAX; r->slot++)
			if (is_open(r, r->node, r->slot))
				return true;
	return false;
}

static uint64_t count_open(const struct reading *r)
{
	uint64_t n = 0;
	for (size_t i = 0; i < r->store->url_count; i++)
		for (uint64_t slot = 0; slot <= r->rows->count; slot++)
			n += is_open(r, i, slot);
	return n;
}

/* --- what was told ------------------------------------------------------------- */

static void take(struct reading *r, const struct request *q)
{
	bool present = q->error == ERROR_NONE, absent = q->status == 404 || q->error == ERROR_HTTP_CONTENT;
	unsigned before = slots_get(&r->told[q->node], q->slot);
	if (!present && !absent) {
		r->silent[q->node]++;
		char status[24];
		snprintf(status, sizeof status, "status %d", q->status);
		snprintf(r->why, sizeof r->why, "'%s' of slot %" PRIu64 ": %s", r->names[q->node], q->slot,
			 q->status ? status : q->detail);
		return;
	}
	r->silent[q->node] = 0;
	r->told_ns = mono_ns();
	r->found += present;
	slots_put(&r->told[q->node], q->slot, present ? PRESENT : before == UNTOLD ? ABSENT_ONCE : ABSENT);
}

static void done(void *arg, struct request *q)
{
	struct reading *r = arg;
	((struct flight *)(void *)q)->under_way = false;
	r->busy--;
	take(r, q);
}

static void give_up(struct reading *r, int64_t before_ns)
{
	for (size_t i = 0; i < FLIGHTS; i++) {
		struct flight *f = &r->flights[i];
		if (!f->under_way || f->deadline_ns > before_ns)
			continue;
		r->ops->cancel(r->transport, &f->request);
		f->request.status = 0;
		request_fail(&f->request, ERROR_TIMEOUT, "no answer within 2 s");
		done(r, &f->request);
	}
}

/* --- asking --------------------------------------------------------------------- */

static void submit(struct reading *r, struct flight *f, int64_t now)
{
	*f = (struct flight){.request = {.slot = r->slot++, .node = (uint32_t)r->node}, .deadline_ns = now + answer_ns, .under_way = true};
	r->busy++;
	r->ops->submit(r->transport, &f->request);
}

static void ask(struct reading *r, int64_t now)
{
	r->may += (double)(now - r->asked_ns) / NS_PER_S * (double)r->store->rps;
	r->may = r->may < FLIGHTS ? r->may : FLIGHTS;
	r->asked_ns = now;
	for (size_t i = 0; i < FLIGHTS && r->may >= 1; i++)
		if (!r->flights[i].under_way && next(r)) {
			r->may--;
			submit(r, &r->flights[i], now);
		}
}

static void begin_round(struct reading *r)
{
	r->round_ns = 0;
	r->node = r->slot = 0;
	memset(r->silent, 0, r->store->url_count * sizeof *r->silent);
}

/* A process that was stopped, or did not get its turn, is no server that was silent for that time. */
static void excuse(struct reading *r, int64_t now)
{
	int64_t still = now - r->ticked_ns - still_ns;
	r->ticked_ns = now;
	if (still <= 0)
		return;
	r->told_ns = r->told_ns + still < now ? r->told_ns + still : now;
	for (size_t i = 0; i < FLIGHTS; i++)
		r->flights[i].deadline_ns += still;
}

static void tick(void *arg)
{
	struct reading *r = arg;
	int64_t now = mono_ns();
	excuse(r, now);
	give_up(r, now);
	if (r->round_ns && now >= r->round_ns)
		begin_round(r);
	if (!r->round_ns)
		ask(r, now);
	if (!r->round_ns && !r->busy && !next(r))
		r->round_ns = now + apart_ns;
	if (now - r->told_ns > r->store->timeout_ns || (r->round_ns && !r->busy && !count_open(r))) {
		give_up(r, INT64_MAX);
		loop_stop(r->loop);
		return;
	}
	loop_timer_at(r->timer, now + tick_ns);
}

/* --- what is kept --------------------------------------------------------------- */

static int put_pieces(FILE *to, const struct reading *r, struct err *e)
{
	int rc = 0;
	for (uint64_t first = 0; first < r->rows->count && !rc; first += PIECE_SLOTS)
		for (size_t node = 0; node < r->store->url_count && !rc; node++) {
			struct saved_piece p = {.server = node, .number = first / PIECE_SLOTS};
			for (size_t i = 0; i < PIECE_SLOTS && first + i < r->rows->count; i++) {
				unsigned char bit = (unsigned char)(0x80u >> i % 8);
				if (slots_get(&r->told[node], first + i) == PRESENT)
					p.bits[i / 8] |= bit;
				if (is_open(r, node, first + i))
					p.unread[i / 8] |= bit;
			}
			rc = saved_put_piece(to, &p, e);
		}
	return rc;
}

/* How it is known, or what keeps from knowing. */
static bool judge(const struct reading *r, char how[static 512])
{
	uint64_t open = count_open(r);
	size_t liar = 0;
	while (liar < r->store->url_count && slots_get(&r->told[liar], r->rows->count) != PRESENT)
		liar++;
	if (liar < r->store->url_count)
		snprintf(how, 512, "'%s' has slot %" PRIu64 " as well, which no row tells of: its answer tells nothing, rows are "
			 "missing, or the store has writes of another load", r->names[liar], r->rows->count);
	else if (open)
		snprintf(how, 512, "reads without a usable answer: %" PRIu64 ", the last from %s", open, r->why);
	else if (!r->found)
		snprintf(how, 512, "no read found anything: nothing shows that '%s' can",
			 r->ops->op_name(r->transport, 0, 0)); /* its headers may be a secret */
	else
		snprintf(how, 512, "%zu node%s told of every write; what was absent was so twice, %.0f s apart",
			 r->store->url_count, r->store->url_count == 1 ? "" : "s", ns_to_s(apart_ns));
	return liar == r->store->url_count && (open || r->found);
}

static int save(FILE *to, const struct reading *r, struct err *e)
{
	struct saved_header h = {.op = r->store->op, .read = r->ops->op_name(r->transport, 0, 0),
				 .waited_s = ns_to_s(mono_ns() - r->started_ns),
				 .servers = json_array_new()};
	bool credible = judge(r, h.how);
	h.quiet = credible && !count_open(r);
	for (size_t i = 0; i < r->store->url_count; i++) {
		struct json *j = json_object_new();
		json_set_str(j, "node", r->names[i]);
		json_set_str(j, "role", "store");
		json_push(h.servers, j);
	}
	return saved_put_header(to, &h, e) ? -1 : credible ? put_pieces(to, r, e) : 0;
}

/* --- the whole ------------------------------------------------------------------ */

static void ready(void *arg)
{
	(void)arg;
}

static int add_node(struct reading *r, size_t i, struct err *e)
{
	struct transport_node *n = &r->nodes[i];
	r->names[i] = url_public(r->store->urls[i]);
	if (url_parse(r->store->urls[i], &n->url, e))
		return -1;
	if (*n->url.password)
		secret_guard();
	if (url_is_redis(&n->url))
		return err_usage(e, "--audit-http is for HTTP, and '%s' is not", r->names[i]);
	if (*n->url.path && strcmp(n->url.path, "/") != 0)
		return err_usage(e, "'%s' has a path, and so has --audit-http; give it without", r->names[i]);
	return 0;
}

static int prepare(struct reading *r, struct err *e)
{
	const struct store *s = r->store;
	if (!s->url_count)
		return err_usage(e, "no store is given: name the URLs of the store; see 'chaos-audit --help'");
	r->nodes = mem_alloc(s->url_count * sizeof *r->nodes);
	r->names = mem_alloc(s->url_count * sizeof *r->names);
	if (read_back_init(&r->read, s->request, getenv, e) ||
	    http_read_secret(s->user_file, s->bearer_file, &r->authorization, e))
		return -1;
	for (size_t i = 0; i < s->url_count; i++)
		if (add_node(r, i, e))
			return -1;
	r->config = (struct transport_config){
		.nodes = r->nodes,
		.node_count = s->url_count,
		.connections = FLIGHTS * (int)s->url_count,
		.timeout_ns = answer_ns,
		.seed = s->seed,
		.http = {.templates = &r->read.template,
			 .template_count = 1,
			 .any_count = s->url_count,
			 .authorization = r->authorization.len ? r->authorization.data : NULL,
			 .cacert = s->cacert,
			 .insecure = s->insecure},
		.done = done,
		.arg = r,
		.ready = ready,
	};
	r->ops = transport_for(&r->config, HTTP_ENGINE_AUTO, e);
	return r->ops ? 0 : -1;
}

static void release(struct reading *r)
{
	if (r->transport)
		r->ops->close(r->transport);
	loop_timer_free(r->timer);
	if (r->loop)
		loop_free(r->loop);
	for (size_t i = 0; r->nodes && i < r->store->url_count; i++) {
		url_release(&r->nodes[i].url);
		net_addrs_release(&r->nodes[i].addrs);
		free(r->names[i]);
		if (r->told)
			slots_release(&r->told[i]);
	}
	free(r->nodes);
	free(r->names);
	free(r->told);
	free(r->silent);
	read_back_release(&r->read);
	explicit_bzero(r->authorization.data, r->authorization.alloc);
	buf_release(&r->authorization);
}

int store_check(const struct store *s, struct err *e)
{
	struct reading r = {.store = s, .authorization = BUF_INIT};
	int rc = prepare(&r, e);
	release(&r);
	return rc;
}

static int open_all(struct reading *r, struct err *e)
{
	size_t count = r->store->url_count;
	struct err unknown; /* its reads will fail */
	if (prepare(r, e) || !(r->loop = loop_new(e)) || !(r->timer = loop_timer_new(r->loop, tick, r, e)))
		return -1;
	r->config.loop = r->loop;
	r->told = mem_alloc(count * sizeof *r->told);
	r->silent = mem_alloc(count * sizeof *r->silent);
	for (size_t i = 0; i < count; i++) {
		net_resolve(&r->nodes[i].url, &r->nodes[i].addrs, &unknown);
		r->told[i] = (struct slots){.bytes = mem_alloc((size_t)r->rows->count / 4 + 1), .count = r->rows->count + 1};
	}
	r->transport = r->ops->open(&r->config, e);
	return r->transport ? 0 : -1;
}

int store_save(FILE *to, const struct store *s, const struct slots *rows, struct err *e)
{
	struct reading r = {.store = s, .rows = rows, .authorization = BUF_INIT};
	int rc = open_all(&r, e);
	r.started_ns = r.ticked_ns = r.asked_ns = r.told_ns = mono_ns();
	if (!rc) {
		loop_timer_at(r.timer, r.started_ns);
		loop_run(r.loop);
		rc = save(to, &r, e);
	}
	release(&r);
	return rc;
}
