#include "output/summary.h"

#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "net/redis/redis_words.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Fewer late slots are noise of the machine, even in a short run. */
	FAR_LATE_MIN = 3,
};

/* Converts a list of due times to a rate per second, with one step for each change. */
static void fill_seconds(struct load_summary *s, const struct schedule *plan)
{
	int64_t end_s = (plan->end_ns + NS_PER_S - 1) / NS_PER_S;
	double last = -1;
	for (int64_t second = 0, i = 0; second < end_s; second++) {
		int64_t first = i;
		while ((size_t)i < plan->list_count && plan->list_at_ns + plan->list[i] < (second + 1) * NS_PER_S)
			i++;
		double rate = (double)(i - first);
		if (rate > last || rate < last)
			load_summary_add_step(s, &(struct load_profile_step){.at_s = (double)second,
									     .rate_rps = rate,
									     .to_rps = rate});
		last = rate;
	}
}

static void fill_profile(struct load_summary *s, const struct schedule *plan)
{
	if (plan->list) {
		fill_seconds(s, plan);
		return;
	}
	for (size_t i = 0; i < plan->count && plan->pieces[i].at_ns < plan->end_ns; i++) {
		const struct schedule_piece *p = &plan->pieces[i];
		load_summary_add_step(s,
				      &(struct load_profile_step){.at_s = ns_to_s(p->at_ns),
								  .rate_rps = p->from,
								  .to_rps = p->to,
								  .ramp_s = ns_to_s(p->ramp_ns)});
	}
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void fill_measures(struct load_summary *s, const struct hist *latency,
			  const struct hist *pacing)
{
	struct rusage used;
	if (latency->total) {
		s->p50_latency_ms = ns_to_ms(hist_quantile_ns(latency, 0.5));
		s->p95_latency_ms = ns_to_ms(hist_quantile_ns(latency, 0.95));
		s->p99_latency_ms = ns_to_ms(hist_quantile_ns(latency, 0.99));
		s->max_latency_ms = ns_to_ms(latency->max_ns);
	}
	if (pacing->total) {
		s->p50_pacing_ms = ns_to_ms(hist_quantile_ns(pacing, 0.5));
		s->p99_pacing_ms = ns_to_ms(hist_quantile_ns(pacing, 0.99));
		s->max_pacing_ms = ns_to_ms(pacing->max_ns);
	}
	getrusage(RUSAGE_SELF, &used);
	s->cpu_user_s = seconds(used.ru_utime);
	s->cpu_system_s = seconds(used.ru_stime);
}

/* Why rows are missing. */
static void judge_output(struct load_summary *s)
{
	unsigned long long lost = s->lost;
	if (!lost)
		return;
	if (strcmp(s->ended, "output_error") == 0)
		load_summary_add_reason(s, "%llu rows were lost: they could not be written", lost);
	else if (strcmp(s->ended, "closed_output") == 0)
		load_summary_add_reason(s, "%llu rows were lost: the reader of the samples left",
					lost);
	else
		load_summary_add_reason(s,
					"%llu rows were lost: the reader of the samples (or the "
					"disk) was too slow, and kept the output waiting for "
					"%.1f s",
					lost, s->output_blocked_s);
}

static void judge_cluster(struct load_summary *s, const struct target *t)
{
	unsigned long long elsewhere =
		s->errors[ERROR_REDIS_MOVED] + s->errors[ERROR_REDIS_ASK];
	if (elsewhere && !t->seed_count)
		load_summary_add_reason(s,
					"the nodes are a Redis Cluster: %llu commands were for another "
					"node; a URL of redis+cluster:// follows them",
					elsewhere);
}

/* What a wait for a free connection needs, in a buffer of the caller. */
static const char *remedy(const struct load_opts *o, char text[static 80])
{
	if (!o->connections_given)
		return "raise the limit of descriptors (ulimit -n)";
	snprintf(text, 80, "give more than --connections %lld, or leave it away",
		 (long long)o->connections);
	return text;
}

/* Few short waits do not change what is measured. */
static void judge_waits(struct load_summary *s, const struct load_opts *o, const struct waits *w)
{
	char text[80];
	s->wait_s = ns_to_s(w->sum_ns);
	s->max_wait_ms = ns_to_ms(w->max_ns);
	if (w->seconds)
		load_summary_add_reason(
			s,
			"in %llu second%s more than 1 %% of the requests waited on this side for a "
			"free connection, %llu in all, up to %.3f s, which is in their latency: %s",
			(unsigned long long)w->seconds, w->seconds == 1 ? "" : "s",
			(unsigned long long)w->waited, ns_to_s(w->max_ns), remedy(o, text));
	else if (w->count && !o->quiet)
		diag("%llu requests waited for a free connection, up to %.1f ms; %s",
		     (unsigned long long)w->count, ns_to_ms(w->max_ns), remedy(o, text));
}

/* A run is not sound if the generator delayed more than 1 % of the slots: fewer do not affect the
 * p99. */
static void judge(struct load_summary *s, const struct target *t, const struct pacer *p,
		  const struct cpu_saturation *cpu)
{
	double bound_ms = ns_to_ms(p->slack_ns + PACER_FAR_LATE_NS);
	if (p->far_late >= FAR_LATE_MIN && s->p99_pacing_ms > bound_ms)
		load_summary_add_reason(s,
					"requests were sent late: the pacing error's p99 is "
					"%.1f ms, more than %.1f ms; on a busy machine --pace-slack "
					"(load: pace_slack in a config) allows more",
					s->p99_pacing_ms, bound_ms);
	if (cpu->due_saturated > s->due / 100)
		load_summary_add_reason(s,
					"%llu of %llu requests were due in seconds (%llu) in which "
					"this side had no CPU time to spare",
					(unsigned long long)cpu->due_saturated,
					(unsigned long long)s->due,
					(unsigned long long)cpu->saturated_seconds);
	judge_output(s);
	judge_cluster(s, t);
	if (s->errors[ERROR_LOCAL])
		load_summary_add_reason(s,
					"%llu requests failed for want of descriptors, ports or "
					"memory on this side",
					(unsigned long long)s->errors[ERROR_LOCAL]);
}

void summary_fill(struct load_summary *s, const struct load_opts *o, const struct target *t,
		  const struct engine *g, const struct output *out, const struct pacer *p,
		  const struct cpu_saturation *cpu, const struct anchor *a, const char *ended)
{
	const struct engine_counts *c = engine_counts(g);
	load_summary_init(s);
	s->ended = ended;
	s->start_t = anchor_unix_s(a, p->t0);
	s->duration_s = ns_to_s(p->schedule.end_ns);
	fill_profile(s, &p->schedule);
	s->timeout_s = ns_to_s(o->timeout_ns);
	s->pace_slack_ms = ns_to_ms(o->pace_slack_ns);
	s->seed = o->seed;
	s->arrivals = o->replay ? "replay" : o->arrivals;
	s->engine = t->transport->name;
	s->audit_prefix = o->audit && !t->audit_op ? mem_strdup(o->audit) : NULL;
	s->audit_op = mem_strdup(t->audit_op);
	s->audit_read = mem_strdup(t->audit_read);
	s->audit_piece_bits = REDIS_MARK_PIECE;
	s->audit_wait = o->wait_replicas;
	s->shard = o->shard_text;
	s->slots = pacer_slots(p);
	s->skipped = p->skipped;
	for (size_t i = 0; i < t->count; i++)
		load_summary_add_node(s, t->names[i]);
	s->due = c->due;
	s->sent = c->sent;
	s->ok = c->ok;
	for (int i = 0; i < ERROR_COUNT; i++)
		s->errors[i] = c->errors[i];
	s->rows = output_rows(out);
	s->lost = output_lost(out);
	s->output_blocked_s = ns_to_s(output_blocked_ns(out));
	s->peak_inflight = c->peak_inflight;
	fill_measures(s, &c->latency, &p->error);
	judge(s, t, p, cpu);
	judge_waits(s, o, engine_waits(g));
}

int summary_write(const struct load_summary *s, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	struct stat st;
	int rc;
	if (!path)
		return 0;
	load_summary_write(s, &text);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		rc = fd < 0 ? err_sys(e, errno, "cannot open it")
			    : write_all(fd, text.data, text.len, e);
		if (fd >= 0)
			close(fd);
		if (rc)
			err_prefix(e, "--summary '%s'", path);
	} else {
		rc = file_replace(path, text.data, text.len, 0644, e);
	}
	buf_release(&text);
	return rc;
}

/* Without any success the cause is often a missing option. */
static void say_hint(const struct load_summary *s, const struct load_opts *o)
{
	if (s->ok)
		return;
	if (s->errors[ERROR_TLS] && !o->insecure)
		diag("no TLS connection succeeded; a certificate that no known authority signed needs "
		     "--cacert FILE, or -k");
	if (o->http2 && (s->errors[ERROR_RESET] || s->errors[ERROR_CLOSED]))
		diag("the nodes close connections; perhaps they do not support HTTP/2 without TLS, "
		     "which --http2 uses without asking (prior knowledge)");
}

void summary_say(const struct load_summary *s, const struct load_opts *o)
{
	struct buf line = BUF_INIT;
	if (!o->quiet && strcmp(o->progress, "json") != 0) {
		load_summary_line(s, &line);
		diag("%s", line.data);
		if (s->audit_prefix)
			diag("the marks are under '%s'; chaos-audit --prefix '%s' reads them back", s->audit_prefix,
			     s->audit_prefix);
		say_hint(s, o);
	}
	for (size_t i = 0; i + s->remark_count < s->reason_count; i++)
		diag("not sound: %s", s->reasons[i]);
	buf_release(&line);
}
