#include "after/verdict.h"

#include "prepare/rules.h"
#include "report/finding/finding.h"
#include "stream/json.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

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
	/* Whoever wants a page makes it: it needs the run alone, and a run should not take half a second longer. */
	if (text.len) {
		buf_addstr(&text, "; as one page: chaos-report");
		if (strcmp(d->runs_dir, "runs") != 0) {
			buf_addstr(&text, " --runs-dir ");
			buf_addword(&text, d->runs_dir);
		}
		progress_say(p, "look at '%s':%s --run-id %s > report.html", d->path, text.data, d->id);
	}
	buf_release(&text);
}

/* NULL if there is none. */
static struct json *read_analysis(const struct rundir *d)
{
	struct err e;
	struct buf text = BUF_INIT;
	struct json *a = NULL;
	char *path = rundir_file(d, "analysis.json");
	if (file_exists(path) && file_read(path, &text, &e) == 0)
		a = json_parse(text.data, text.len, path, &e);
	free(path);
	buf_release(&text);
	return a;
}

/* What was expected of a run that nobody analysed. */
static struct json *unjudged(const struct plan *plan, const char *why)
{
	struct json *list = json_array_new(), *all = rules_expectations(plan);
	for (size_t i = 0; i < json_count(all); i++) {
		static const char *const unknown[] = {"fault", "load", "value", "bound"};
		struct json *j = json_object_new();
		json_set(j, "text", json_clone(json_get(json_at(all, i), "text")));
		json_set(j, "phase", json_clone(json_get(json_at(all, i), "phase")));
		json_set_str(j, "result", "inconclusive");
		for (size_t k = 0; k < ARRAY_LEN(unknown); k++)
			json_set_null(j, unknown[k]);
		json_set_str(j, "reason", *why ? why : "the run was not analysed");
		json_push(list, j);
	}
	json_free(all);
	return list;
}

/* An analysis cannot know what happened behind it. */
static void bring_up_to_date(struct json *a, const struct ending *how)
{
	const char *word = report_outcome(how->exit);
	if (strcmp(json_text(a, "outcome"), word) == 0)
		return;
	struct json *end = json_object_new();
	json_set_str(end, "message", *how->why ? how->why : NULL);
	if (how->signo)
		json_set_int(end, "signal", how->signo);
	json_set_str(a, "outcome", word);
	json_set(a, "run_end", end);
}

static struct json *faults(const struct json *analysis)
{
	static const char *const keys[] = {"fault", "users", "absorbed"};
	const struct json *all = json_get(analysis, "faults");
	struct json *list = json_array_new();
	for (size_t i = 0; i < json_count(all); i++) {
		struct json *j = json_object_new();
		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			json_set(j, keys[k], json_clone(json_get(json_at(all, i), keys[k])));
		json_push(list, j);
	}
	return list;
}

static int write_file(const struct rundir *d, const struct json *a, const char *line, int code, struct err *e)
{
	struct json *j = json_object_new();
	json_set_str(j, "schema", "chaos-verdict/1");
	json_set_str(j, "verdict", report_outcome(code));
	json_set_int(j, "exit", code);
	json_set_str(j, "line", line);
	json_set(j, "expectations", json_clone(json_get(a, "expectations")));
	json_set(j, "faults", faults(a));
	const struct json *audit = json_get(a, "audit");
	bool known = !json_is_null(audit) && strcmp(json_text(audit, "verdict"), "undecidable") != 0;
	json_set(j, "lost_writes", known ? json_clone(json_get(audit, "lost")) : NULL);
	json_set(j, "unreplicated_writes", json_is_null(audit) ? NULL : json_clone(json_get(audit, "unreplicated")));
	int rc = rundir_write_json(d, "verdict.json", j, e);
	json_free(j);
	return rc;
}

int verdict_write(const struct rundir *d, const struct plan *plan, const struct ending *how, struct progress *p,
		  struct err *e)
{
	struct json *a = read_analysis(d);
	bool analysed = a != NULL;
	if (!a) {
		a = json_object_new();
		json_set(a, "expectations", unjudged(plan, how->why));
	}
	bring_up_to_date(a, how);
	char *line = report_line(a);
	if (analysed || !how->said)
		progress_say(p, "%s", line);
	int rc = write_file(d, a, line, how->exit, e);
	free(line);
	json_free(a);
	say_files(d, p);
	return rc;
}
