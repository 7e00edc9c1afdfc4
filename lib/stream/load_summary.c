#include "stream/load_summary.h"

#include "base/buf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double START_MAX_S = 7258118400;	/* the year 2200 */
static const double DURATION_MAX_S = 315360000; /* ten years, as for every time span */

void load_summary_init(struct load_summary *s)
{
	*s = (struct load_summary){
		.ended = "duration",
		.sound = true,
		.p50_latency_ms = NAN,
		.p95_latency_ms = NAN,
		.p99_latency_ms = NAN,
		.max_latency_ms = NAN,
		.p50_pacing_ms = NAN,
		.p99_pacing_ms = NAN,
		.max_pacing_ms = NAN,
	};
}

void load_summary_release(struct load_summary *s)
{
	free(s->profile);
	mem_free_texts(s->nodes, s->node_count);
	mem_free_texts(s->reasons, s->reason_count);
	free(s->audit_prefix);
	free(s->audit_op);
	free(s->audit_read);
	*s = (struct load_summary){0};
}

void load_summary_add_step(struct load_summary *s, const struct load_profile_step *step)
{
	s->profile = mem_grow(s->profile, &s->profile_alloc, s->profile_count, sizeof *s->profile);
	s->profile[s->profile_count++] = *step;
}

void load_summary_add_node(struct load_summary *s, const char *url)
{
	s->nodes = mem_grow(s->nodes, &s->node_alloc, s->node_count, sizeof *s->nodes);
	s->nodes[s->node_count++] = mem_strdup(url);
}

void load_summary_add_reason(struct load_summary *s, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	load_summary_add_remark(s, b.data);
	s->remark_count--;
	buf_release(&b);
	s->sound = false;
}

void load_summary_add_remark(struct load_summary *s, const char *text)
{
	s->remark_count++;
	s->reasons = mem_grow(s->reasons, &s->reason_alloc, s->reason_count, sizeof *s->reasons);
	s->reasons[s->reason_count++] = mem_strdup(text);
}

static struct json *profile_json(const struct load_summary *s)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < s->profile_count; i++) {
		const struct load_profile_step *p = &s->profile[i];
		struct json *j = json_object_new();
		json_set_round(j, "at_s", p->at_s, 6);
		json_set_num(j, "rate_rps", p->rate_rps);
		if (p->ramp_s > 0) {
			json_set_num(j, "to_rps", p->to_rps);
			json_set_round(j, "ramp_s", p->ramp_s, 6);
		}
		json_push(list, j);
	}
	return list;
}

static struct json *errors_json(const struct load_summary *s)
{
	struct json *j = json_object_new();
	for (int i = 0; i < ERROR_COUNT; i++)
		if (s->errors[i])
			json_set_int(j, error_class_name((enum error_class)i),
				     (int64_t)s->errors[i]);
	return j;
}

/* Numbers that are written rounded to 6 decimals and read back, by key. */
static const struct {
	const char *key;
	size_t offset;
} measures[] = {
	{"p50_latency_ms", offsetof(struct load_summary, p50_latency_ms)},
	{"p95_latency_ms", offsetof(struct load_summary, p95_latency_ms)},
	{"p99_latency_ms", offsetof(struct load_summary, p99_latency_ms)},
	{"max_latency_ms", offsetof(struct load_summary, max_latency_ms)},
	{"p50_pacing_ms", offsetof(struct load_summary, p50_pacing_ms)},
	{"p99_pacing_ms", offsetof(struct load_summary, p99_pacing_ms)},
	{"max_pacing_ms", offsetof(struct load_summary, max_pacing_ms)},
	{"wait_s", offsetof(struct load_summary, wait_s)},
	{"max_wait_ms", offsetof(struct load_summary, max_wait_ms)},
	{"output_blocked_s", offsetof(struct load_summary, output_blocked_s)},
	{"cpu_user_s", offsetof(struct load_summary, cpu_user_s)},
	{"cpu_system_s", offsetof(struct load_summary, cpu_system_s)},
};

static double *measure(struct load_summary *s, size_t i)
{
	return (double *)(void *)((char *)s + measures[i].offset);
}

static struct json *audit_json(const struct load_summary *s)
{
	struct json *j = json_object_new();
	if (s->audit_op) {
		json_set_str(j, "op", s->audit_op);
		json_set_str(j, "read", s->audit_read);
		return j;
	}
	json_set_str(j, "prefix", s->audit_prefix);
	json_set_int(j, "piece_bits", s->audit_piece_bits);
	json_set_int(j, "wait", s->audit_wait);
	return j;
}

void load_summary_write(const struct load_summary *s, struct buf *out)
{
	struct load_summary copy = *s; /* only to read numbers by offset */
	struct json *j = json_object_new();
	json_set_str(j, "schema", LOAD_SUMMARY_SCHEMA);
	json_set_round(j, "start_t", s->start_t, 6);
	json_set_round(j, "duration_s", s->duration_s, 6);
	json_set(j, "profile", profile_json(s));
	json_set_num(j, "timeout_s", s->timeout_s);
	json_set_num(j, "pace_slack_ms", s->pace_slack_ms);
	json_set_int(j, "seed", s->seed);
	json_set_str(j, "arrivals", s->arrivals ? s->arrivals : "constant");
	if (s->engine)
		json_set_str(j, "engine", s->engine);
	if (s->shard)
		json_set_str(j, "shard", s->shard);
	else
		json_set_null(j, "shard");
	if (s->audit_prefix || s->audit_op)
		json_set(j, "audit", audit_json(s));
	json_set(j, "nodes", json_texts((const char *const *)s->nodes, s->node_count));
	json_set_str(j, "ended", s->ended);
	json_set_int(j, "slots", (int64_t)s->slots);
	json_set_int(j, "due", (int64_t)s->due);
	if (s->skipped)
		json_set_int(j, "skipped", (int64_t)s->skipped);
	json_set_int(j, "sent", (int64_t)s->sent);
	json_set_int(j, "ok", (int64_t)s->ok);
	json_set(j, "errors", errors_json(s));
	json_set_int(j, "rows", (int64_t)s->rows);
	json_set_int(j, "lost", (int64_t)s->lost);
	for (size_t i = 0; i < ARRAY_LEN(measures); i++)
		json_set_round(j, measures[i].key, *measure(&copy, i), 6);
	json_set_int(j, "peak_inflight", (int64_t)s->peak_inflight);
	json_set_bool(j, "sound", s->sound);
	json_set(j, "reasons", json_texts((const char *const *)s->reasons, s->reason_count));
	json_write(j, true, out);
	buf_addch(out, '\n');
	json_free(j);
}

static uint64_t count_of(const struct json *j, const char *key)
{
	double v = json_num(json_get(j, key), 0);
	return v > 0 && v < 0x1p63 ? (uint64_t)v : 0;
}

static const char *ended_of(const char *word)
{
	static const char *const words[] = {"duration", "stop",		 "end_of_input",
					    "signal",	"closed_output", "output_error"};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], word) == 0)
			return words[i];
	return "duration";
}

static void read_lists(struct load_summary *s, const struct json *j)
{
	const struct json *list = json_get(j, "profile");
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *p = json_at(list, i);
		double rate = json_num(json_get(p, "rate_rps"), 0);
		load_summary_add_step(
			s, &(struct load_profile_step){json_num(json_get(p, "at_s"), 0), rate,
						       json_num(json_get(p, "to_rps"), rate),
						       json_num(json_get(p, "ramp_s"), 0)});
	}
	list = json_get(j, "nodes");
	for (size_t i = 0; i < json_count(list); i++)
		load_summary_add_node(s, json_str(json_at(list, i), ""));
	list = json_get(j, "reasons");
	for (size_t i = 0; i < json_count(list); i++)
		load_summary_add_remark(s, json_str(json_at(list, i), ""));
	s->sound = json_bool(json_get(j, "sound"), !s->reason_count);
}

/* Numbers that are added to other times, which must not overflow; absent ones stay 0. */
static int read_times(struct load_summary *s, const struct json *j, const char *name,
		      struct err *e)
{
	const struct {
		const char *key;
		double *to, max;
	} times[] = {
		{"start_t", &s->start_t, START_MAX_S},
		{"duration_s", &s->duration_s, DURATION_MAX_S},
		{"timeout_s", &s->timeout_s, DURATION_MAX_S},
	};
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		double v = json_num(json_get(j, times[i].key), 0);
		if (!(v >= 0 && v <= times[i].max))
			return err_usage(e, "'%s' is no load summary: its %s is %g, not 0 to %.0f", name,
					 times[i].key, v, times[i].max);
		*times[i].to = v;
	}
	return 0;
}

static int read_shard(struct load_summary *s, const struct json *j, const char *name, struct err *e)
{
	const char *text = json_str(json_get(j, "shard"), NULL);
	char rest;
	if (text && (sscanf(text, "%7u/%7u%c", &s->shard_index, &s->shard_count, &rest) != 2 || !s->shard_index ||
		     s->shard_index > s->shard_count))
		return err_usage(e, "'%s' is no load summary: its 'shard' is '%.80s', not INDEX/COUNT, as 2/3", name, text);
	return 0;
}

int load_summary_parse(struct load_summary *s, const char *text, size_t len, const char *name,
		       struct err *e)
{
	load_summary_init(s);
	struct json *j = json_parse(text, len, name, e);
	if (!j)
		return -1;
	if (strcmp(json_text(j, "schema"), LOAD_SUMMARY_SCHEMA) != 0) {
		json_free(j);
		return err_usage(e, "'%s' is no load summary: its schema is not '%s'", name,
				 LOAD_SUMMARY_SCHEMA);
	}
	read_lists(s, j);
	if (read_times(s, j, name, e) || read_shard(s, j, name, e)) {
		json_free(j);
		return -1;
	}
	s->pace_slack_ms = json_num(json_get(j, "pace_slack_ms"), 0);
	s->seed = (int64_t)count_of(j, "seed");
	s->audit_prefix = json_text_dup(j, "audit.prefix");
	s->audit_op = json_text_dup(j, "audit.op");
	s->audit_read = json_text_dup(j, "audit.read");
	s->audit_piece_bits = (int64_t)count_of(j, "audit.piece_bits");
	s->audit_wait = (int64_t)count_of(j, "audit.wait");
	s->ended = ended_of(json_str(json_get(j, "ended"), "duration"));
	s->slots = count_of(j, "slots");
	s->due = count_of(j, "due");
	s->sent = count_of(j, "sent");
	s->ok = count_of(j, "ok");
	s->rows = count_of(j, "rows");
	s->lost = count_of(j, "lost");
	s->peak_inflight = count_of(j, "peak_inflight");
	for (int i = 1; i < ERROR_COUNT; i++)
		s->errors[i] =
			count_of(json_get(j, "errors"), error_class_name((enum error_class)i));
	for (size_t i = 0; i < ARRAY_LEN(measures); i++)
		*measure(s, i) = json_num(json_get(j, measures[i].key), *measure(s, i));
	json_free(j);
	return 0;
}

static void add_ms(struct buf *out, const char *label, double ms)
{
	if (!isnan(ms))
		buf_addf(out, ", %s %.*f ms", label, ms < 10 ? 2 : 1, ms);
}

void load_summary_line(const struct load_summary *s, struct buf *out)
{
	uint64_t failed = 0;
	for (int i = 0; i < ERROR_COUNT; i++)
		failed += s->errors[i];
	buf_addf(out, "due %llu, sent %llu, ok %llu, errors %llu", (unsigned long long)s->due,
		 (unsigned long long)s->sent, (unsigned long long)s->ok,
		 (unsigned long long)failed);
	const char *before = " (";
	for (int i = 0; i < ERROR_COUNT; i++) {
		if (!s->errors[i])
			continue;
		buf_addf(out, "%s%s %llu", before, error_class_name((enum error_class)i),
			 (unsigned long long)s->errors[i]);
		before = ", ";
	}
	if (failed)
		buf_addch(out, ')');
	if (s->lost)
		buf_addf(out, ", rows lost %llu", (unsigned long long)s->lost);
	add_ms(out, "p50", s->p50_latency_ms);
	add_ms(out, "p99", s->p99_latency_ms);
	add_ms(out, "pacing p99", s->p99_pacing_ms);
}
