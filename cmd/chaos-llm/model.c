#include "model.h"

#include "ask.h"
#include "base/clock.h"
#include "run/run.h"
#include "report/report.h"
#include "report/statements.h"
#include "writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2 };

/* All that is made for a question. */
struct stage {
	struct cast cast;
	struct claims seen, shown;
	struct exemplars exemplars;
	struct prompt prompt;
};

static void stage_init(struct stage *g, const struct model_job *j)
{
	const struct json *analysis = j->in->analysis;
	*g = (struct stage){0};
	cast_init(&g->cast, analysis);
	said_build(&g->seen, analysis, j->facts, &g->cast, j->o->redact);
	said_build(&g->shown, analysis, j->facts, &g->cast, false);
	if (j->o->run_id) {
		char *path = run_path(j->o->runs_dir, j->o->run_id, "samples.csv");
		exemplars_read(&g->exemplars, path, &g->cast, j->o->redact);
		free(path);
	}
	g->prompt = (struct prompt){j->settings, &g->seen, &g->exemplars,
				    strcmp(j->o->numbers, "checked") == 0};
}

static void stage_release(struct stage *g)
{
	cast_release(&g->cast);
	claims_release(&g->seen);
	claims_release(&g->shown);
}

void model_prompt(const struct model_job *j, struct buf *out)
{
	struct stage g;
	stage_init(&g, j);
	prompt_write(&g.prompt, j->settings->models[0], NULL, out);
	stage_release(&g);
}

static void write_title(struct writer *w, const struct json *analysis)
{
	buf_addstr(&w->head, "# Report on ");
	report_text(&w->head, json_str(json_get(analysis, "run_id"), "a run"));
	buf_addstr(&w->head, "\n\n");
}

/* What was accepted stays; the model is told why the next paragraph was not. */
static void write_request(const struct writer *w, struct buf *answer, struct buf *request)
{
	buf_addstr(answer, w->accepted.data);
	buf_addstr(answer, w->refused.data);
	if (w->accepted.len)
		buf_addf(request,
			 "Your text was accepted up to its last paragraph, which was rejected: %s. "
			 "Go on in its place, without repeating what was accepted.",
			 w->why);
	else
		buf_addf(request, "This was rejected: %s. Write the report again, by the rules.",
			 w->why);
}

static enum chat_end attempt(struct ask *a, struct writer *w, char why[static CHAT_WHY_MAX],
			     char name[static CHAT_MODEL_MAX])
{
	struct buf answer = BUF_INIT, request = BUF_INIT;
	struct prompt_retry retry = {0};
	bool again = w->rejected;
	if (again) {
		write_request(w, &answer, &request);
		retry = (struct prompt_retry){answer.data, request.data};
	}
	writer_restart(w);
	enum chat_end end = ask_model(a, again ? &retry : NULL, writer_text, w, why, name);
	if (end == CHAT_DONE && writer_end(w))
		end = CHAT_STOPPED;
	buf_release(&answer);
	buf_release(&request);
	return end;
}

static void finish(struct writer *w, const struct ask *a, const char *name)
{
	struct buf text = BUF_INIT;
	buf_addf(&text, "*Written by the model ");
	report_text(&text, name);
	buf_addstr(&text, " at ");
	report_text(&text, a->prompt->settings->host);
	if (a->prompt->checked)
		buf_addf(&text, ". %zu of %zu numbers in it were checked against the analysis.*\n",
			 w->count, w->count);
	else
		buf_addf(&text,
			 ". %zu of %zu statements with numbers or names in it were put in from the "
			 "analysis.*\n",
			 w->count, w->count);
	writer_put(w, text.data, text.len);
	buf_release(&text);
}

static int fail(struct writer *w, const struct ask *a, enum chat_end end, const char *why,
		struct err *e)
{
	static const char broken_off[] =
		"*The model's text ends here: it was not whole, or a check did not hold. What "
		"follows is the plain report.*\n\n";
	if (w->accepted.len)
		writer_put(w, broken_off, sizeof broken_off - 1);
	if (end == CHAT_STOPPED)
		return err_runtime(e, "the model's text did not hold: %s", w->why);
	if (*a->gone && end == CHAT_RETIRED)
		return err_runtime(e, "%s; set llm.model or llm.fallback_models", a->gone);
	return err_runtime(e, "no report from %s: %s", a->prompt->settings->host, why);
}

static void say_note(const struct ask *a, char note[static 512])
{
	note[0] = '\0';
	if (*a->gone)
		snprintf(note, 512, "%.380s; '%.80s' answered: set llm.model", a->gone,
			 a->prompt->settings->models[a->model]);
}

int model_report(const struct model_job *j, char note[static 512], struct err *e)
{
	struct stage g;
	struct writer w;
	char why[CHAT_WHY_MAX] = "", name[CHAT_MODEL_MAX] = "";
	enum chat_end end = CHAT_STOPPED;
	stage_init(&g, j);
	struct ask a = {.prompt = &g.prompt,
			.key = j->key,
			.insecure_loopback = j->o->insecure_loopback,
			.deadline_ns = mono_ns() + j->settings->timeout_ns};
	writer_init(&w, &g.seen, &g.shown, &g.prompt, j->key, j->out, j->live_fd);
	write_title(&w, j->in->analysis);
	for (int i = 0; i < TRIES && (i == 0 || w.rejected) && end == CHAT_STOPPED; i++)
		end = attempt(&a, &w, why, name);
	if (end == CHAT_DONE)
		finish(&w, &a, name);
	int rc = end == CHAT_DONE || w.gone ? 0 : fail(&w, &a, end, why, e);
	say_note(&a, note);
	writer_release(&w);
	stage_release(&g);
	return rc;
}
