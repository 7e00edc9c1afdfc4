#include "model/model.h"

#include "model/query.h"
#include "base/clock.h"
#include "run/run.h"
#include "report/report.h"
#include "model/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2 };

/* All that goes into the requests. */
struct question {
	struct aliases aliases;
	struct statements sent, shown;
	struct error_texts error_texts;
	struct prompt prompt;
};

static void question_init(struct question *g, const struct model_job *j)
{
	*g = (struct question){.prompt = {j->settings, &g->sent, &g->error_texts}};
	aliases_init(&g->aliases, j->analysis);
	statements_build(&g->sent, j->analysis, j->facts, &g->aliases, j->o->redact);
	statements_build(&g->shown, j->analysis, j->facts, &g->aliases, false);
	if (j->o->run_id) {
		char *path = run_path(j->o->runs_dir, j->o->run_id, "samples.csv");
		error_texts_read(&g->error_texts, path, &g->aliases, j->o->redact);
		free(path);
	}
}

static void question_release(struct question *g)
{
	aliases_release(&g->aliases);
	statements_release(&g->sent);
	statements_release(&g->shown);
}

void model_prompt(const struct model_job *j, struct buf *out)
{
	struct question g;
	question_init(&g, j);
	prompt_write(&g.prompt, j->settings->models[0], NULL, out);
	question_release(&g);
}

static void write_title(struct writer *w, const struct json *analysis)
{
	buf_addstr(&w->head, "# Report on ");
	report_text(&w->head, json_str(json_get(analysis, "run_id"), "a run"));
	buf_addstr(&w->head, "\n\n");
}

/* Quotes the answer so far, and says why its last paragraph was rejected. */
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

static enum chat_end attempt(struct query *q, struct writer *w, char why[static CHAT_WHY_MAX],
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
	enum chat_end end = query_models(q, again ? &retry : NULL, writer_text, w, why, name);
	if (end == CHAT_DONE && writer_end(w))
		end = CHAT_STOPPED;
	buf_release(&answer);
	buf_release(&request);
	return end;
}

static void finish(struct writer *w, const struct query *q, const char *name)
{
	struct buf text = BUF_INIT;
	buf_addf(&text, "*Written by the model ");
	report_text(&text, name);
	buf_addstr(&text, " at ");
	report_text(&text, q->prompt->settings->host);
	buf_addf(&text,
		 ". %zu of %zu statements with numbers or names in it were put in from the "
		 "analysis.*\n",
		 w->count, w->count);
	writer_put(w, text.data, text.len);
	buf_release(&text);
}

static int fail(struct writer *w, const struct query *q, enum chat_end end, const char *why,
		struct err *e)
{
	static const char broken_off[] =
		"*The model's text ends here: it was incomplete, or failed a check. The plain "
		"report follows.*\n\n";
	if (w->accepted.len)
		writer_put(w, broken_off, sizeof broken_off - 1);
	if (end == CHAT_STOPPED)
		return err_runtime(e, "the model's text was rejected: %s", w->why);
	if (*q->gone && end == CHAT_RETIRED)
		return err_runtime(e, "%s; set llm.model or llm.fallback_models", q->gone);
	return err_runtime(e, "no report from %s: %s", q->prompt->settings->host, why);
}

static void say_note(const struct query *q, char note[static 512])
{
	note[0] = '\0';
	if (*q->gone)
		snprintf(note, 512, "%.380s; '%.80s' answered: set llm.model", q->gone,
			 q->prompt->settings->models[q->model]);
}

int model_report(const struct model_job *j, char note[static 512], struct err *e)
{
	struct question g;
	struct writer w;
	char why[CHAT_WHY_MAX] = "", name[CHAT_MODEL_MAX] = "";
	enum chat_end end = CHAT_STOPPED;
	question_init(&g, j);
	struct query q = {.prompt = &g.prompt,
			.key = j->key,
			.insecure_loopback = j->o->insecure_loopback,
			.deadline_ns = mono_ns() + j->settings->timeout_ns};
	writer_init(&w, &g.prompt, &g.shown, j->key, j->out, j->live_fd);
	write_title(&w, j->analysis);
	for (int i = 0; i < TRIES && (i == 0 || w.rejected) && end == CHAT_STOPPED; i++)
		end = attempt(&q, &w, why, name);
	if (end == CHAT_DONE)
		finish(&w, &q, name);
	int rc = end == CHAT_DONE || w.gone ? 0 : fail(&w, &q, end, why, e);
	say_note(&q, note);
	writer_release(&w);
	question_release(&g);
	return rc;
}
