#include "relay/protocol/dialog.h"

#include "net/http1/http1_parse.h"
#include "relay/protocol/answer.h"
#include "relay/protocol/request.h"

#include <stdlib.h>
#include <string.h>

/* A request whose answer is still to come. */
struct pending {
	bool head_only; /* the answer has no body */
	bool complete;	/* all of the request is in */
	bool last;	/* the connection ends with its answer */
	uint32_t match;
	char *answer; /* owned; ours; NULL: the server's */
};

struct dialog {
	enum toxic_protocol protocol;
	struct dialog_calls calls;
	enum { JOINING, READING, OTHER } state;
	bool deaf; /* nothing more of the client goes to the server */
	bool multi; /* Redis: between MULTI and EXEC */
	enum toxic_stream last;
	struct request request;
	uint32_t match; /* of the request under way */
	bool ours, known;
	char verb[REQUEST_WORD_MAX];
	uint64_t number;
	struct pending *queue; /* owned; the oldest first */
	size_t first, count, alloc;
	struct http1_parse http;
	bool answer_begun;
	struct redis_answers redis;
};

struct dialog *dialog_new(enum toxic_protocol protocol, bool silent, enum toxic_stream last,
			  const struct dialog_calls *calls)
{
	struct dialog *d = mem_alloc(sizeof *d);
	d->protocol = protocol;
	d->calls = *calls;
	d->state = silent ? READING : JOINING;
	d->last = last;
	request_init(&d->request, protocol);
	return d;
}

void dialog_free(struct dialog *d)
{
	if (!d)
		return;
	for (size_t i = d->first; i < d->first + d->count; i++)
		free(d->queue[i].answer);
	request_release(&d->request);
	free(d->queue);
	free(d);
}

bool dialog_is_other(const struct dialog *d)
{
	return d->state == OTHER;
}

static void emit(struct dialog *d, enum toxic_stream to, const char *data, size_t len, uint32_t match)
{
	if (len)
		d->calls.emit(d->calls.arg, to, data, len, match);
}

/* --- requests that wait for their answers ---------------------------------------------- */

static struct pending *oldest(struct dialog *d)
{
	return d->count ? &d->queue[d->first] : NULL;
}

static struct pending *newest(struct dialog *d)
{
	return &d->queue[d->first + d->count - 1];
}

static void push(struct dialog *d, const struct pending *p)
{
	if (d->first && d->first >= d->count) {
		memmove(d->queue, d->queue + d->first, d->count * sizeof *d->queue);
		d->first = 0;
	}
	d->queue = mem_grow(d->queue, &d->alloc, d->first + d->count, sizeof *d->queue);
	d->queue[d->first + d->count++] = *p;
}

static void pop(struct dialog *d)
{
	free(d->queue[d->first].answer);
	d->first++;
	d->count--;
	d->answer_begun = false;
}

/* Sends answers of our own whose turn it is. */
static void answer_ours(struct dialog *d)
{
	for (struct pending *p; (p = oldest(d)) && p->answer && p->complete; pop(d)) {
		emit(d, DOWNSTREAM, p->answer, strlen(p->answer), p->match);
		if (p->last)
			d->calls.over(d->calls.arg);
	}
}

/* The beginning of a request that is held back goes out. */
static void let_go(struct dialog *d)
{
	if (!d->known)
		emit(d, UPSTREAM, d->request.start.data, d->request.start.len, 0);
	buf_reset(&d->request.start);
}

/* Whatever waits for an answer of ours still gets it. Behind a request that was held back in part, the
 * rest would be another request to the server. */
static void become_other(struct dialog *d)
{
	let_go(d);
	d->state = OTHER;
	d->deaf = d->known && d->ours;
	for (; d->count; pop(d))
		if (oldest(d)->answer)
			emit(d, DOWNSTREAM, oldest(d)->answer, strlen(oldest(d)->answer), 0);
}

/* --- from the client ------------------------------------------------------------------- */

static void request_known(struct dialog *d)
{
	struct dialog_verdict v = {.answer = BUF_INIT};
	const struct request *r = &d->request;
	bool transaction = d->multi || strcmp(r->verb, "MULTI") == 0;
	d->calls.decide(d->calls.arg, r->verb, r->path, d->number++, &v);
	if (d->protocol == PROTOCOL_REDIS && transaction)
		buf_reset(&v.answer); /* an error within would leave half of it done */
	if (d->protocol == PROTOCOL_REDIS)
		d->multi = transaction && strcmp(r->verb, "EXEC") != 0 && strcmp(r->verb, "DISCARD") != 0;
	d->match = v.match;
	d->ours = v.answer.len > 0;
	d->known = true;
	strcpy(d->verb, r->verb);
	push(d, &(struct pending){.head_only = strcmp(r->verb, "HEAD") == 0,
				  .match = v.match,
				  .answer = d->ours ? buf_detach(&v.answer) : NULL});
	if (d->ours && newest(d)->head_only && d->protocol == PROTOCOL_HTTP) {
		char *body = strstr(newest(d)->answer, "\r\n\r\n");
		if (body)
			body[4] = '\0';
	}
	buf_release(&v.answer);
	if (!d->ours)
		emit(d, UPSTREAM, r->start.data, r->start.len, d->match);
}

/* Commands behind which answers are no more one each. */
static bool changes_all(const struct dialog *d)
{
	static const char *const words[] = {"SUBSCRIBE",   "PSUBSCRIBE",   "SSUBSCRIBE", "UNSUBSCRIBE",
					    "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR",	 "SYNC",
					    "PSYNC"};
	if (d->protocol == PROTOCOL_HTTP)
		return strcmp(d->verb, "CONNECT") == 0;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(d->verb, words[i]) == 0)
			return true;
	return strcmp(d->verb, "CLIENT") == 0 && strcmp(d->request.second, "REPLY") == 0;
}

static void request_ended(struct dialog *d)
{
	newest(d)->complete = true;
	newest(d)->last = d->request.last;
	d->known = false;
	if (!d->ours && changes_all(d))
		become_other(d);
	answer_ours(d);
}

static void continue_100(struct dialog *d)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct pending *p = oldest(d);
	if (d->known && d->ours && d->request.expects && p && p == newest(d)) {
		d->request.expects = false;
		emit(d, DOWNSTREAM, text, sizeof text - 1, p->match);
	}
}

static void take_requests(struct dialog *d, const char *data, size_t len)
{
	while (d->state == READING) {
		size_t used;
		bool was_known = d->known;
		enum request_step step = request_take(&d->request, data, len, &used);
		if (was_known && !d->ours)
			emit(d, UPSTREAM, data, used, d->match);
		data += used;
		len -= used;
		if (step == REQUEST_KNOWN)
			request_known(d);
		else if (step == REQUEST_END)
			request_ended(d);
		else if (step == REQUEST_OTHER)
			become_other(d);
		else if (!len)
			break;
	}
	if (d->protocol == PROTOCOL_HTTP && d->state == READING)
		continue_100(d);
	if (d->state == OTHER && !d->deaf)
		emit(d, UPSTREAM, data, len, 0);
}

/* --- from the server ------------------------------------------------------------------- */

/* How much of it belongs to the oldest request's answer; *done: that ends there. */
static size_t take_http(struct dialog *d, const char *data, size_t len, bool *done)
{
	if (!d->answer_begun)
		http1_parse_start(&d->http, oldest(d)->head_only);
	d->answer_begun = true;
	size_t used = http1_parse(&d->http, data, len);
	*done = d->http.state == HTTP1_DONE;
	if (d->http.state == HTTP1_BAD)
		become_other(d);
	return used;
}

static size_t take_redis(struct dialog *d, const char *data, size_t len, bool *done)
{
	size_t used;
	enum answer_step step = redis_answer_take(&d->redis, data, len, &used);
	*done = step == ANSWER_END;
	if (step == ANSWER_OTHER)
		become_other(d);
	return used;
}

static void take_answers(struct dialog *d, const char *data, size_t len)
{
	while (len && d->state == READING && d->count && !oldest(d)->answer) {
		bool done;
		uint32_t match = oldest(d)->match;
		size_t used = d->protocol == PROTOCOL_HTTP ? take_http(d, data, len, &done)
							   : take_redis(d, data, len, &done);
		emit(d, DOWNSTREAM, data, used, match);
		data += used;
		len -= used;
		if (d->state == READING && done) {
			pop(d);
			answer_ours(d);
		}
	}
	emit(d, DOWNSTREAM, data, len, 0); /* nobody asked for it */
}

/* --- both ------------------------------------------------------------------------------ */

/* Whether a request begins with these bytes, as far as a look without taking any can tell. */
static bool begins(const struct dialog *d, const char *data, size_t len)
{
	struct request look;
	size_t used, at = 0;
	enum request_step step = REQUEST_MORE;
	request_init(&look, d->protocol);
	while (step == REQUEST_MORE && at < len) {
		step = request_take(&look, data + at, len - at, &used);
		at += used;
	}
	request_release(&look);
	return step == REQUEST_KNOWN;
}

void dialog_take(struct dialog *d, enum toxic_stream from, const char *data, size_t len)
{
	if (d->state == JOINING && from == UPSTREAM && d->last == DOWNSTREAM && begins(d, data, len))
		d->state = READING;
	d->last = from;
	if (from == UPSTREAM && d->deaf)
		return;
	if (d->state != READING)
		emit(d, from, data, len, 0);
	else if (from == UPSTREAM)
		take_requests(d, data, len);
	else
		take_answers(d, data, len);
}

void dialog_ended(struct dialog *d, enum toxic_stream from)
{
	if (from == UPSTREAM && d->state == READING)
		let_go(d);
}
