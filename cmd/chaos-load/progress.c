#include "progress.h"

#include "base/buf.h"
#include "base/units.h"
#include "stream/json.h"
#include "sys/nonblock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_DEFAULT = 80 };

static const char erase_line[] = "\r\033[K";

struct progress {
	const struct progress_config *config;
	struct loop_timer *timer;
	struct nonblock to; /* a terminal that is held up drops lines, not requests */
	bool terminal, json;
	int64_t second;		     /* of the schedule, to be told next */
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

static void add_ms(struct buf *line, const char *name, const struct hist *h, double q)
{
	if (h->total)
		buf_addf(line, "%s %.2f ms", name, ns_to_ms(hist_quantile_ns(h, q)));
	else
		buf_addf(line, "%s -", name);
}

static void tell_line(struct progress *p, struct buf *line)
{
	const struct engine_counts *n = p->config->counts, *b = &p->before;
	buf_addf(line, "%llds  due %llu/s  sent %llu/s  ok %llu/s", (long long)p->second,
		 (unsigned long long)(n->due - b->due), (unsigned long long)(n->sent - b->sent),
		 (unsigned long long)(n->ok - b->ok));
	for (int i = 0; i < ERROR_COUNT; i++)
		if (n->errors[i] > b->errors[i])
			buf_addf(line, "  %s %llu/s", sample_error_name((enum sample_error)i),
				 (unsigned long long)(n->errors[i] - b->errors[i]));
	hist_since(&n->latency, &b->latency, &p->span);
	add_ms(line, "  p50", &p->span, 0.5);
	add_ms(line, "  p99", &p->span, 0.99);
	buf_addf(line, "  in flight %llu", (unsigned long long)n->inflight);
	hist_since(&p->config->pacer->error, &p->pacing_before, &p->span);
	add_ms(line, "  pacing p99", &p->span, 0.99);
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
			json_set_int(errors, sample_error_name((enum sample_error)i),
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

static size_t width(const struct progress *p)
{
	struct winsize size;
	if (ioctl(p->config->fd, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH_DEFAULT - 1;
	return size.ws_col - 1U;
}

static void put(const struct progress *p, const struct buf *line)
{
	ssize_t n = nonblock_write(&p->to, line->data, line->len);
	(void)n; /* what does not get out is told no more */
}

static void tell(struct progress *p)
{
	struct buf line = BUF_INIT, out = BUF_INIT;
	if (p->json)
		tell_json(p, &line);
	else
		tell_line(p, &line);
	buf_addstr(&out, p->terminal ? erase_line : "");
	buf_add(&out, line.data, p->terminal && line.len > width(p) ? width(p) : line.len);
	buf_addstr(&out, p->terminal ? "" : "\n");
	put(p, &out);
	buf_release(&line);
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
	p->second = since / NS_PER_S; /* held up for seconds: they are told as one */
	arm(p);
}

struct progress *progress_new(const struct progress_config *c, const char *style, struct err *e)
{
	bool automatic = strcmp(style, "auto") == 0;
	*e = (struct err){.code = EXIT_OK};
	if (strcmp(style, "none") == 0 || (automatic && !isatty(c->fd)))
		return NULL;
	struct progress *p = mem_alloc(sizeof *p);
	p->config = c;
	p->terminal = automatic;
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
	if (p->terminal) {
		struct buf line = BUF_INIT;
		buf_addstr(&line, erase_line);
		put(p, &line);
		buf_release(&line);
	}
	nonblock_release(&p->to);
	loop_timer_free(p->timer);
	free(p);
}
