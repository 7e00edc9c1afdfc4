#include "output/json_parts.h"

#include "base/buf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOADS_MAX = 64 }; /* of further ones only the own analysis is told */

struct joining {
	const struct json *all[LOADS_MAX]; /* the analyses */
	const char *names[LOADS_MAX];
	size_t count;
};

static double number_of(const struct json *j, const char *key)
{
	return json_num(json_get(j, key), (double)NAN);
}

static struct json *with_load(const struct json *entry, const char *load)
{
	struct json *j = json_clone(entry);
	json_set_str(j, "load", load);
	return j;
}

/* The lists of all loads, one after the other. */
static struct json *all_of(const struct joining *l, const char *key)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < l->count; i++) {
		const struct json *list = json_get(l->all[i], key);
		for (size_t k = 0; k < json_count(list); k++)
			json_push(all, with_load(json_at(list, k), l->names[i]));
	}
	return all;
}

/* The whole seconds in which any load was anomalous. */
static struct json *anomaly_windows(const struct joining *l)
{
	struct json *every = all_of(l, "anomaly_windows"), *all = json_array_new(), *open = NULL;
	size_t end = 0;
	for (size_t i = 0; i < json_count(every); i++)
		end = (size_t)fmax((double)end, number_of(json_at(every, i), "end_sec") + 2);
	bool *seconds = mem_alloc((end + 1) * sizeof *seconds);
	for (size_t i = 0; i < json_count(every); i++)
		for (double k = number_of(json_at(every, i), "start_sec"); k <= number_of(json_at(every, i), "end_sec"); k++)
			seconds[(size_t)k] = true;
	for (size_t k = 0; k < end; k++) {
		if (seconds[k] && !open) {
			open = json_object_new();
			json_set_int(open, "start_sec", (int64_t)k);
		} else if (!seconds[k] && open) {
			json_set_int(open, "end_sec", (int64_t)k - 1);
			json_push(all, open);
			open = NULL;
		}
	}
	free(seconds);
	json_free(every);
	return all;
}

/* That load had requests while it lasted, and nobody can tell what it noticed. */
static bool unjudged(const struct json *analysis, const struct json *fault)
{
	const struct json *list = json_get(analysis, "not_judged");
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_at(list, i), "what"), "fault") == 0 &&
		    strcmp(json_text(json_at(list, i), "fault"), json_text(fault, "fault")) == 0)
			return true;
	return false;
}

/* How much a load noticed of a fault: first by kind, then by time. */
static double noticed(const struct json *analysis, const struct json *fault)
{
	static const char *const kinds[] = {"", "unaffected", "slowed", "failed"};
	double s = fmax(number_of(fault, "recovery_time_s"), number_of(fault, "recovery_lower_bound_s")), rank = 3;
	if (unjudged(analysis, fault))
		return 1.5; /* more than unaffected */
	while (rank > 0 && strcmp(json_text(fault, "users"), kinds[(size_t)rank]) != 0)
		rank--;
	return rank + (s > 0 ? s / (s + 1) : 0);
}

/* All loads have the same faults. */
static struct json *faults(const struct joining *l)
{
	struct json *all = json_array_new();
	for (size_t i = 0; i < json_count(json_get(l->all[0], "faults")); i++) {
		const struct json *worst = NULL;
		const char *load = NULL;
		double most = 0;
		for (size_t k = 0; k < l->count; k++) {
			const struct json *its = json_at(json_get(l->all[k], "faults"), i);
			double now = noticed(l->all[k], its);
			if (worst && now <= most)
				continue;
			worst = its;
			most = now;
			load = l->names[k];
		}
		json_push(all, with_load(worst, load));
	}
	return all;
}

/* The verdict of the load with the worst one; NULL if no load has one. */
static struct json *verdict(const struct joining *l)
{
	static const char *const results[] = {"fail", "inconclusive", "pass"};
	for (size_t i = 0; i < ARRAY_LEN(results); i++)
		for (size_t k = 0; k < l->count; k++)
			if (strcmp(json_text(l->all[k], "verdict.result"), results[i]) == 0)
				return with_load(json_get(l->all[k], "verdict"), l->names[k]);
	return NULL;
}

/* The load ended before a fault was lifted from which it had not recovered. */
static bool recovery_unseen(const struct json *analysis)
{
	const struct json *list = json_get(analysis, "not_judged");
	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_at(list, i), "what"), "recovery") == 0)
			return true;
	return false;
}

/* What was read: that of the load that went on the longest, but for the counts of rows and slots, which are sums. */
static struct json *input_of(const struct joining *l)
{
	static const char *const counts[] = {"rows", "rows_bad", "rows_torn", "rows_duplicate", "rows_outside", "lost",
					     "rows_aborted", "slots_missing", "parts_missed", "rows_contradict"};
	const struct json *longest = json_get(l->all[0], "input");
	for (size_t i = 1; i < l->count; i++)
		if (number_of(json_get(l->all[i], "input"), "duration_s") > number_of(longest, "duration_s"))
			longest = json_get(l->all[i], "input");
	struct json *input = json_clone(longest);
	for (size_t k = 0; k < ARRAY_LEN(counts); k++) {
		double sum = 0;
		for (size_t i = 0; i < l->count; i++)
			sum += number_of(json_get(l->all[i], "input"), counts[k]);
		json_set_int(input, counts[k], (int64_t)sum);
	}
	return input;
}

static void set_figures(struct json *j, const struct joining *l)
{
	struct json *input = input_of(l);
	double recovery_s = (double)NAN;
	bool censored = false, seen = false;
	for (size_t i = 0; i < l->count; i++)
		seen = seen || !recovery_unseen(l->all[i]);
	for (size_t i = 0; i < l->count; i++) {
		const struct json *a = l->all[i];
		if (!json_bool(json_get(a, "input.load_sound"), true))
			json_set_bool(input, "load_sound", false);
		if (seen && recovery_unseen(a))
			continue;
		/* fmax ignores NaN */
		recovery_s = fmax(recovery_s, fmax(number_of(a, "recovery_time_sec"), number_of(a, "recovery_lower_bound_s")));
		censored = censored || json_bool(json_get(a, "censored"), false);
	}
	json_set_round(j, "recovery_time_sec", censored ? (double)NAN : recovery_s, 3);
	json_set_bool(j, "censored", censored);
	json_set_round(j, "recovery_lower_bound_s", censored ? recovery_s : (double)NAN, 3);
	json_set(j, "input", input);
}

struct json *join_json(struct json *loads)
{
	static const char *const same[] = {"schema", "run_id", "baseline_id", "params"};
	static const char *const of_one[] = {"run_summary", "baseline_summary", "throughput_drop_pct", "availability",
					     "baseline", "sensitivity", "comparison", "shared"};
	static const char *const lists[] = {"intervals", "nodes", "ops", "not_judged"};
	static const char *const none[] = {"compare", "baselines", "phases"};
	struct json *j = json_object_new();
	struct joining l = {0};
	void *iter = NULL;
	while (l.count < LOADS_MAX && json_next(loads, &iter, &l.names[l.count], &l.all[l.count]))
		l.count++;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		json_set(j, same[i], json_clone(json_get(l.all[0], same[i])));
	for (size_t i = 0; i < ARRAY_LEN(of_one); i++)
		json_set_null(j, of_one[i]);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		json_set(j, lists[i], all_of(&l, lists[i]));
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		json_set(j, none[i], json_array_new());
	json_set(j, "anomaly_windows", anomaly_windows(&l));
	json_set(j, "faults", faults(&l));
	json_set(j, "verdict", verdict(&l));
	set_figures(j, &l);
	json_set(j, "loads", loads);
	return j;
}
