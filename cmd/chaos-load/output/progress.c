#include "output/progress.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "stream/json.h"
#include "sys/nonblock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char erase_line[] = "\r\033[K";

struct progress {
	const struct progress_config *config;
	struct loop_timer *timer;
	struct nonblock to; /* a blocked terminal loses progress lines, never delays requests */
	bool terminal; /* it is shown on one */
	bool rewritten; /* as one line that is rewritten */
	bool json;
	int64_t second;		     /* of the schedule, to be shown next */
	struct engine_counts before; /* as told last */
	struct hist pacing_before;
	struct hist span; /* what was recorded since */
};

/* What was recorded in now since it was before. The extremes are those of the buckets. */
static void hist_since(const struct hist *now, const struct hist *before, struct hist *out)
{
	hist_init(out);
	for (unsigned i = 0; i < HIST_BUCKETS; i++)
		if (now->counts[i] > before->counts[i])
			hist_record_n(out, hist_bucket_ns(i), now->counts[i] - before->counts[i]);
}

struct progress_line {
	struct buf text;
	size_t room;
};

/* Appends a part, unless a narrow terminal has no room for it. */
__attribute__((format(printf, 2, 3))) static void add(struct progress_line *l, const char *fmt, ...)
{
	struct buf part = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&part, fmt, ap);
	va_end(ap);
	if (l->text.len + part.len <= l->room)
		buf_add(&l->text, part.data, part.len);
	buf_release(&part);
}

static void add_ms(struct progress_line *l, const char *name, const struct hist *h, double q)
{
	if (h->total)
		add(l, "  %s %.2f ms", name, ns_to_ms(hist_quantile_ns(h, q)));
	else
		add(l, "  %s -", name);
}

static void add_rate(struct progress_line *l, const char *name, uint64_t now, uint64_t before)
{
	add(l, "  %s %llu/s", name, (unsigned long long)(now - before));
}

/* The most telling parts come first. */
static void tell_line(struct progress *p, struct progress_line *l)
{
	const struct engine_counts *n = p->config->counts, *b = &p->before;
	add(l, "%llds", (long long)p->second);
	add_rate(l, "due", n->due, b->due);
	add_rate(l, "ok", n->ok, b->ok);
	for (int i = 0; i < ERROR_COUNT; i++)
		if (n->errors[i] > b->errors[i])
			add_rate(l, error_class_name((enum error_class)i), n->errors[i],
				 b->errors[i]);
	hist_since(&n->latency, &b->latency, &p->span);
	add_ms(l, "p50", &p->span, 0.5);
	add_ms(l, "p99", &p->span, 0.99);
	add_rate(l, "sent", n->sent, b->sent);
	add(l, "  in flight %llu", (unsigned long long)n->inflight);
	hist_since(&p->config->pacer->error, &p->pacing_before, &p->span);
	add_ms(l, "pacing p99", &p->span, 0.99);
}

static void set_ms(struct json *j, const char *key, const struct hist *h, double q)
{
	if (h->total)
		json_set_round(j, key, ns_to_ms(hist_quantile_ns(h, q)), 6);
	else
		json_set_null(j, key);
}

static void tell_json(struct progress *p, struct buf *line)
{
	const struct engine_counts *n = p->config->counts, *b = &p->before;
	struct json *j = json_object_new(), *errors = json_object_new();
	json_set_round(j, "t", anchor_unix_s(p->config->anchor, mono_ns()), 6);
	json_set_int(j, "second", p->second);
	json_set_int(j, "due", (int64_t)(n->due - b->due));
	json_set_int(j, "sent", (int64_t)(n->sent - b->sent));
	json_set_int(j, "ok", (int64_t)(n->ok - b->ok));
	for (int i = 0; i < ERROR_COUNT; i++)
		if (n->errors[i] > b->errors[i])
			json_set_int(errors, error_class_name((enum error_class)i),
				     (int64_t)(n->errors[i] - b->errors[i]));
	json_set(j, "errors", errors);
	hist_since(&n->latency, &b->latency, &p->span);
	set_ms(j, "p50_latency_ms", &p->span, 0.5);
	set_ms(j, "p99_latency_ms", &p->span, 0.99);
	json_set_int(j, "inflight", (int64_t)n->inflight);
	hist_since(&p->config->pacer->error, &p->pacing_before, &p->span);
	set_ms(j, "p99_pacing_ms", &p->span, 0.99);
	json_write(j, false, line);
	json_free(j);
}

static void put(const struct progress *p, const struct buf *line)
{
	ssize_t n = nonblock_write(&p->to, line->data, line->len);
	(void)n; /* a line that cannot be written is dropped */
}

static void tell(struct progress *p)
{
	struct progress_line line = {.text = BUF_INIT, .room = p->terminal ? diag_columns(80) - 1 : SIZE_MAX};
	struct buf out = BUF_INIT;
	if (p->json)
		tell_json(p, &line.text);
	else
		tell_line(p, &line);
	buf_addstr(&out, p->rewritten ? erase_line : "");
	buf_add(&out, line.text.data, line.text.len);
	/* What others write there overwrites it; see diag. */
	buf_addstr(&out, p->rewritten ? "\r" : "\n");
	put(p, &out);
	buf_release(&line.text);
	buf_release(&out);
	p->before = *p->config->counts;
	p->pacing_before = p->config->pacer->error;
}

static void arm(struct progress *p)
{
	loop_timer_at(p->timer, p->config->pacer->t0 + (p->second + 1) * NS_PER_S);
}

static void second_over(void *arg)
{
	struct progress *p = arg;
	int64_t since = mono_ns() - p->config->pacer->t0;
	tell(p);
	p->second = since / NS_PER_S; /* after a delay of several seconds, one line covers them */
	arm(p);
}

/* Another program, which may write to the same terminal and would run into a line without an end. */
static bool has_reader(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

struct progress *progress_new(const struct progress_config *c, const char *style, struct err *e)
{
	bool automatic = strcmp(style, "auto") == 0;
	*e = (struct err){.code = EXIT_OK};
	if (strcmp(style, "none") == 0 || (automatic && (!isatty(c->fd) || isatty(c->rows_fd))))
		return NULL;
	struct progress *p = mem_alloc(sizeof *p);
	p->config = c;
	p->terminal = automatic;
	p->rewritten = automatic && !has_reader(c->rows_fd);
	p->json = strcmp(style, "json") == 0;
	p->before = *c->counts;
	p->pacing_before = c->pacer->error;
	p->timer = loop_timer_new(c->loop, second_over, p, e);
	if (!p->timer) {
		free(p);
		return NULL;
	}
	nonblock_init(&p->to, c->fd);
	arm(p);
	return p;
}

void progress_free(struct progress *p)
{
	if (!p)
		return;
	if (p->rewritten) {
		struct buf line = BUF_INIT;
		buf_addstr(&line, erase_line);
		put(p, &line);
		buf_release(&line);
	}
	nonblock_release(&p->to);
	loop_timer_free(p->timer);
	free(p);
}
