#include "judge/verdict/finding.h"

#include "judge/analysis/sensitivity.h"
#include "base/buf.h"
#include "base/units.h"
#include "cli/diag.h"
#include "url/url.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3)))
static void say(bool tell, const char *fmt, ...)
{
	char text[400];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (tell)
		diag("%s", text);
}

static void warn_of_baseline(const struct finding *f, bool tell)
{
	const struct analysis *a = &f->analysis;
	const struct noise *n = &a->baseline.noise;
	const struct sensitivity s = sensitivity_of(a);
	if (s.baseline_unstable)
		say(tell, "%sthe baseline varies by more than 15 %% over 16 windows: an outage shorter than %.1f s may not be seen",
		    gates_asked(&f->gates) ? "inconclusive: " : "", s.shortest_outage_s);
	if (baseline_unhealthy(&a->baseline, &a->params->detect))
		say(tell, "the baseline is unhealthy: %.3g %% of its requests failed, more than "
			"--error-rate-threshold allows",
		     100 * n->failed / n->tried);
}

/* Shards of the load of which rows or load summaries are not there. */
static int doubt_shards(const struct run_data *r, bool tell)
{
	struct buf slots = BUF_INIT;
	slot_span_tell(&r->missing, &slots);
	if (r->missing.count)
		say(tell, "%s %s in no file: windows in which any were due are not judged", slots.data,
		    r->missing.count == 1 ? "is" : "are");
	if (r->unsent_ns)
		say(tell, "some shards were ended before others: what was due after %.1f s of the run is not judged",
		    ns_to_s(r->unsent_ns - r->grid.t0_ns));
	if (*r->facts.lacking)
		say(tell, "there is no load summary of shard %s: whether its generator was the limit is unknown", r->facts.lacking);
	buf_release(&slots);
	return r->missing.count || *r->facts.lacking ? EXIT_INCONCLUSIVE : EXIT_OK;
}

/* Of the run or a baseline: rows that may be those that failed, events that may have told of faults. */
static int doubt_unread(const struct analysis *a, bool tell)
{
	const struct run_data *rows = sensitivity_much_unread(a), *events = sensitivity_events_unread(a);
	if (rows)
		say(tell, "%" PRIu64 " of %" PRIu64 " rows of %s could not be read or placed in time, more than 1 %%: they may be those "
			"that failed",
		     run_unread(rows), rows->rows + rows->bad, rows == a->own.run ? "the run" : "a baseline");
	if (events)
		say(tell, "more than 1 %% of the lines of the events of %s are no events: they may have told of faults",
		     events == a->own.run ? "the run" : "a baseline");
	return rows || events ? EXIT_INCONCLUSIVE : EXIT_OK;
}

/* Prints each reason why the judgement of a load is weak. EXIT_INCONCLUSIVE if there is one. */
static int doubts(const struct analysis *a, bool tell)
{
	int rc = doubt_shards(a->own.run, tell);
	struct not_judged missing[NOT_JUDGED_MAX];
	size_t n = not_judged_of(a, missing);
	for (size_t i = 0; i < n; i++) {
		say(tell, "%s could not be judged: %s", missing[i].what, missing[i].reason);
		rc = EXIT_INCONCLUSIVE;
	}
	rc = exit_worse(rc, doubt_unread(a, tell));
	uint64_t two = sensitivity_contradictory(a);
	if (two) {
		say(tell, "%" PRIu64 " row%s of a slot that was there before, a success for a failure or the other way round: "
			"which is true is unknown", two, two == 1 ? " is" : "s are");
		rc = EXIT_INCONCLUSIVE;
	}
	if (a->own.run->parts_missed) {
		say(tell, "parts of the log are missing, as said: what they held is unknown");
		rc = EXIT_INCONCLUSIVE;
	}
	if (a->own.run->facts.has_sound && !a->own.run->facts.sound) {
		say(tell, "the load generator was the limit at times: see 'reasons' in the load summary");
		rc = EXIT_INCONCLUSIVE;
	}
	return rc;
}

/* A fault cannot have broken what did not work before it. A gate that failed has failed all the same. */
static int doubt_steady(const struct analysis *a, int code, bool tell)
{
	if (!a->own.faults.unsteady)
		return code;
	say(tell, "%s: nothing can be said of what it did", a->own.faults.unsteady);
	return code == EXIT_OK ? EXIT_INCONCLUSIVE : code;
}

static int conclude(const struct finding *f, bool tell)
{
	const struct analysis *a = &f->analysis;
	if (a->own.detection.judged) {
		warn_of_baseline(f, tell);
		if (tell)
			gates_tell(&f->gates, a, &f->judgements);
		return doubt_steady(a, exit_worse(gates_code(&f->gates, a, &f->judgements), doubts(a, tell)), tell);
	}
	doubt_shards(a->own.run, tell);
	if (grid_requests(&a->own.run->grid) == 0)
		say(tell, "the samples contain no request, so there is no result");
	else
		say(tell, "no second could be judged: of %g s, the first %g are the warm-up (--warmup-ignore-sec)",
		     (double)a->own.run->grid.count * ns_to_s(a->own.run->grid.window_ns), a->params->detect.warmup_s);
	return EXIT_INCONCLUSIVE;
}

static bool goes_to(const struct finding *f, const char *url)
{
	const struct nodes *n = &f->analysis.own.run->nodes;
	for (size_t i = 0; url && i < n->count; i++)
		if (url_same_node(n->all[i]->node, url))
			return true;
	return false;
}

/* Nearly all requests that began and ended while the fault acted got their answer from the very node
 * that was running and silent to whoever asked anew: where it is down, another answers in its place.
 * What waited for the fault's end does not count. */
static bool answered_all_the_same(const struct finding *f, const struct judged_fault *x)
{
	const struct records *rows = &f->analysis.own.run->records;
	const struct nodes *nodes = &f->analysis.own.run->nodes;
	double lifted = isnan(x->revert_requested) ? x->reverted : x->revert_requested;
	size_t due = 0, ok = 0;
	bool to_it[NODES_MAX + 1] = {false}, silent = x->effect && strcmp(x->effect, "silent") == 0;
	if (!silent || !x->was_up || x->by_other || rows->exceeded || f->analysis.own.run->counts)
		return false;
	for (size_t i = 0; i < nodes->count; i++)
		to_it[nodes->all[i]->number] = url_same_node(nodes->all[i]->node, x->url);
	for (size_t i = 0; i < rows->count; i++) {
		const struct record *row = &rows->all[i];
		double due_s = ns_to_s(record_due_ns(row));
		if (!(due_s >= x->injected) || due_s >= lifted || !to_it[row->node])
			continue;
		due++;
		ok += !row->failed && !(ns_to_s(record_end_ns(row)) > lifted);
	}
	return ok && ok * 10 >= due * 9;
}

/* What acts on new connections alone is not borne by a load that opened none. */
static void find_kept_connections(struct finding *all, size_t count, size_t which)
{
	const char *url = all[0].analysis.own.faults.all[which].url;
	for (size_t i = 0; i < count; i++)
		if (!url || all[i].analysis.own.faults.all[which].after.affected)
			return;
	for (size_t i = 0; i < count; i++) {
		struct judged *j = &all[i].analysis.own;
		struct judged_fault *x = &j->faults.all[which];
		if (!x->judged || !answered_all_the_same(&all[i], x))
			continue;
		x->judged = false;
		x->unjudged = strncmp(url, "http", 4) == 0
				      ? "the load kept connections that were open before the fault; keep_alive: false would show it"
				      : "the load kept connections that were open before the fault";
		analysis_find_recovery(j, all[i].params.detect.healthy_windows);
	}
}

/* Most of its requests were slow, for longer than a stall, and yet that is no anomaly: the normal varies too
 * much, or the requests are too few. */
static void find_slow(struct finding *f, size_t which)
{
	const double stall_s = 3;
	struct judged_fault *x = &f->analysis.own.faults.all[which];
	const struct tally *own = &x->shares[SHARE_OWN], *shared = &x->shares[SHARE_SHARED];
	uint64_t slow = own->slow + shared->slow, ok = own->due + shared->due - own->err - shared->err;
	if (!x->counted || !x->judged || x->after.affected || slow < 3 || 2 * slow <= ok ||
	    x->reverted - fault_start(x) < stall_s)
		return;
	x->judged = false;
	x->unjudged = "most requests were slow while it lasted, too few to tell that from chance";
	analysis_find_recovery(&f->analysis.own, f->params.detect.healthy_windows);
}

static void find_unseen(struct finding *all, size_t count, size_t which)
{
	const char *url = all[0].analysis.own.faults.all[which].url;
	bool any = false, seen = false;
	for (size_t i = 0; i < count; i++) {
		const struct judged_fault *x = &all[i].analysis.own.faults.all[which];
		bool goes = goes_to(&all[i], url);
		any = any || goes;
		seen = seen || x->after.affected || (goes && x->judged);
	}
	for (size_t i = 0; any && !seen && i < count; i++) {
		struct judged *j = &all[i].analysis.own;
		j->faults.all[which].judged = false;
		if (goes_to(&all[i], url) && !j->faults.all[which].unjudged)
			j->faults.all[which].unjudged = "no request of a load that goes to its node was due while it lasted";
		analysis_find_recovery(j, all[i].params.detect.healthy_windows);
	}
}

void findings_find_unseen(struct finding *all, size_t count)
{
	for (size_t i = 0; i < all[0].analysis.own.faults.count; i++) {
		find_kept_connections(all, count, i);
		for (size_t k = 0; k < count; k++)
			find_slow(&all[k], i);
		if (count > 1)
			find_unseen(all, count, i);
	}
}

/* What any of the loads showed of a fault: what one bore, another may not have. */
struct effects_seen {
	bool any; /* some load could be judged at all */
	bool affected, judged, failed, unsteady;
	bool seen, unseen; /* affected by it until its end; its end was not seen */
	bool due;	   /* requests were due while it lasted */
	const char *why;   /* it could not be judged; or NULL */
};

static struct effects_seen what_showed(const struct finding *all, size_t count, size_t which)
{
	struct effects_seen by = {0};
	for (size_t i = 0; i < count; i++) {
		const struct judged_fault *x = &all[i].analysis.own.faults.all[which];
		by.any |= all[i].analysis.own.detection.judged;
		by.affected |= x->after.affected;
		by.unseen |= x->unseen;
		by.seen |= x->after.affected && !x->unseen;
		by.judged |= x->judged;
		by.failed |= fault_mostly_failed(x);
		by.unsteady |= all[i].analysis.own.faults.unsteady != NULL;
		by.due |= x->shares[SHARE_OWN].due + x->shares[SHARE_SHARED].due > 0;
		by.why = by.why ? by.why : x->unjudged;
	}
	return by;
}

/* A fault that no load noticed is the system's success if it was verified, and some load was there to
 * notice. */
static int doubt_fault(const struct finding *all, size_t count, size_t which, bool tell)
{
	const struct judged_fault *f = &all[0].analysis.own.faults.all[which];
	const struct effects_seen by = what_showed(all, count, which);
	double warmup_s = all[0].params.detect.warmup_s;
	if (f->by_other)
		say(tell, "the fault '%s' was over before chaos-fault undid it: what followed is no recovery of the system's own",
		     f->uid);
	else if (by.unsteady)
		return EXIT_OK; /* said */
	else if (by.unseen && !by.seen)
		say(tell, "the fault '%s' was lifted after its load had ended: nothing can be said of the recovery", f->uid);
	else if (by.affected || isnan(f->injected) || !by.any)
		return EXIT_OK;
	else if (!by.judged && f->at_s < warmup_s)
		say(tell, "the fault '%s' at %.1f s lies in the warm-up of %g s, which is not judged "
		     "(--warmup-ignore-sec)",
		     f->uid, f->at_s, warmup_s);
	else if (!by.judged || by.why)
		say(tell, "the fault '%s' could not be judged: %s", f->uid,
		     by.why   ? by.why
		     : by.due ? "no window in which it acted was whole enough to be judged"
			      : "no request was due while it lasted");
	else if (by.failed)
		say(tell, "most requests failed while the fault '%s' lasted, too few for an anomaly", f->uid);
	else if (!f->verified)
		say(tell, "the fault '%s' had no visible effect, and was not verified at its target", f->uid);
	else
		return EXIT_OK;
	return EXIT_INCONCLUSIVE;
}

int findings_conclude(const struct finding *all, size_t count, bool tell)
{
	int rc = EXIT_OK;
	for (size_t i = 0; i < count; i++) {
		diag_about(all[i].load);
		rc = exit_worse(rc, conclude(&all[i], tell));
	}
	diag_about(NULL);
	if (event_log_cut_off(&all[0].analysis.own.run->facts.log)) {
		say(tell, "the run was cut off, or goes on: its events have no run_end");
		rc = exit_worse(rc, EXIT_INCONCLUSIVE);
	}
	for (size_t i = 0; i < all[0].analysis.own.faults.count; i++)
		rc = exit_worse(rc, doubt_fault(all, count, i, tell));
	return rc;
}
