#include "after/summary.h"

#include "stream/json.h"
#include "sys/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The analysis has end_sec inclusive; the text has the end of that second. */
static void add_windows(const struct json *windows, struct buf *out)
{
	size_t n = json_count(windows), shown = n < 4 ? n : 4;
	for (size_t i = 0; i < shown; i++)
		buf_addf(out, "%s%.6g-%.6g s", i ? ", " : "",
			 json_num(json_get(json_at(windows, i), "start_sec"), NAN),
			 json_num(json_get(json_at(windows, i), "end_sec"), NAN) + 1);
	if (n > shown)
		buf_addf(out, " and %zu more", n - shown);
}

static void add_recovery(const struct json *a, struct buf *out)
{
	const struct json *recovery = json_get(a, "recovery_time_sec");
	double bound = json_num(json_get(a, "recovery_lower_bound_s"), NAN);
	if (json_is_number(recovery))
		buf_addf(out, "; recovery after %.4g s", json_num(recovery, NAN));
	else if (isnan(bound))
		buf_addstr(out, "; not recovered when the run ended");
	else
		buf_addf(out, "; not recovered for at least %.4g s", bound);
}

static void say_findings(struct progress *p, const struct json *a)
{
	const struct json *windows = json_get(a, "anomaly_windows");
	struct buf text = BUF_INIT;
	if (!json_is_number(json_get(a, "run_summary.throughput_rps"))) {
		progress_say(p, "the run was too short: no second after the warm-up");
		return;
	}
	buf_addf(&text, "%.4g successes/s", json_num(json_get(a, "run_summary.throughput_rps"), NAN));
	double error_rate = json_num(json_get(a, "run_summary.error_rate"), NAN);
	double p95_ms = json_num(json_get(a, "run_summary.p95_latency_ms"), NAN);
	if (!isnan(error_rate))
		buf_addf(&text, ", %.3g %% errors", 100 * error_rate);
	if (!isnan(p95_ms)) /* there is none where nothing succeeded */
		buf_addf(&text, ", p95 %.4g ms", p95_ms);
	buf_addstr(&text, "; ");
	if (json_count(windows) == 0) {
		buf_addstr(&text, "no anomaly");
	} else {
		buf_addstr(&text, json_count(windows) == 1 ? "anomaly " : "anomalies ");
		add_windows(windows, &text);
		add_recovery(a, &text);
	}
	progress_say(p, "%s", text.data);
	buf_release(&text);
}

static void say_files(const struct rundir *d, struct progress *p)
{
	static const char *const names[] = {"report.md", "throughput.png", "compare.png",
					    "analysis.json"};
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = rundir_file(d, names[i]);
		if (file_exists(path))
			buf_addf(&text, " %s", names[i]);
		free(path);
	}
	if (text.len)
		progress_say(p, "look at '%s':%s", d->path, text.data);
	buf_release(&text);
}

void findings_print(const struct rundir *d, struct progress *p)
{
	struct err e;
	struct buf text = BUF_INIT;
	char *path = rundir_file(d, "analysis.json");
	if (file_exists(path) && file_read(path, &text, &e) == 0) {
		struct json *a = json_parse(text.data, text.len, path, &e);
		if (a)
			say_findings(p, a);
		json_free(a);
	}
	free(path);
	buf_release(&text);
	say_files(d, p);
}
