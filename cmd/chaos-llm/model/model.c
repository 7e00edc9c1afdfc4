#include "model/model.h"

#include "model/query.h"
#include "base/clock.h"
#include "run/loads.h"
#include "llm/prose.h"
#include "model/answer.h"
#include "report/facts/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	struct run_loads loads = {0};
	if (j->o->run_id)
		run_loads_find(&loads, j->o->runs_dir, j->o->run_id);
	for (size_t i = 0; i < loads.count; i++) {
		char *path = run_load_path(j->o->runs_dir, j->o->run_id, "samples", loads.names[i], ".csv");
		error_texts_read(&g->error_texts, path, &g->aliases, j->o->redact);
		free(path);
	}
	run_loads_release(&loads);
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

/* Names all that was left out, so that one more answer can do without it. */
static void write_request(const struct prose *p, struct buf *request)
{
	buf_addf(request,
		 "These sentences break the rules and were left out:\n%s"
		 "Write all three parts again without such things, by the rules.",
		 p->reasons.data);
}

/* One answer, read into p. -1 with the reason in e, and p empty. */
static int ask_once(struct query *q, const struct question *g, const struct prompt_retry *retry,
		    struct buf *answer, struct prose *p, char name[static CHAT_MODEL_MAX], struct err *e)
{
	char why[CHAT_WHY_MAX] = "";
	const struct settings *s = q->prompt->settings;
	enum chat_end end = query_models(q, retry, answer_take, answer, why, name);
	if (end == CHAT_DONE && q->key->text && strstr(answer->data, q->key->text))
		return err_runtime(e, "the answer from %s contains the key", s->host);
	if (end == CHAT_DONE) {
		prose_read(p, &g->sent, &g->shown, answer_text(answer), s->max_words * 3 / 2 + 50);
		return 0;
	}
	if (*q->gone && end == CHAT_RETIRED)
		return err_runtime(e, "%s; set llm.model or llm.fallback_models", q->gone);
	if (end == CHAT_STOPPED)
		return err_runtime(e, "the answer from %s is far too long", s->host);
	return err_runtime(e, "no interpretation from %s: %s", s->host, why);
}

/* Asks, and once more if more than a quarter of the sentences had to be left out; the answer of
 * which a larger share can be shown counts. */
static int ask(struct query *q, const struct question *g, struct prose *p,
	       char name[static CHAT_MODEL_MAX], struct err *e)
{
	struct buf first = BUF_INIT, second = BUF_INIT, request = BUF_INIT;
	struct prose again;
	char again_name[CHAT_MODEL_MAX];
	struct err ignored;
	int rc = ask_once(q, g, NULL, &first, p, name, e);
	if (!rc && (!p->shown || prose_left_out(p) * 3 > p->shown)) {
		write_request(p, &request);
		struct prompt_retry retry = {first.data, request.data};
		if (!ask_once(q, g, &retry, &second, &again, again_name, &ignored)) {
			bool better = again.shown * (p->shown + prose_left_out(p)) >
				      p->shown * (again.shown + prose_left_out(&again));
			struct prose worse = better ? *p : again;
			if (better) {
				*p = again;
				snprintf(name, CHAT_MODEL_MAX, "%s", again_name);
			}
			prose_release(&worse);
		}
	}
	if (!rc && !p->shown) {
		rc = err_runtime(e, "no sentence of the answer from %s may be shown%s%s",
				 q->prompt->settings->host, p->reasons.len ? ": " : "", p->reasons.data);
		e->msg[strcspn(e->msg, "\n")] = '\0';
		prose_release(p);
	}
	buf_release(&first);
	buf_release(&second);
	buf_release(&request);
	return rc;
}

static void write_parts(const struct prose *p, struct buf *out)
{
	static const char *const headings[PROSE_PARTS] = {"What happened", "What may explain it",
							  "What to try next"};
	for (int i = 0; i < PROSE_PARTS; i++)
		if (p->parts[i].len)
			buf_addf(out, "### %s\n\n%s\n", headings[i], p->parts[i].data);
}

/* "3 of 14 sentences were left out: 2 with a number or unit, 1 with a link, address or markup" */
static void write_footer(const struct prose *p, struct buf *out)
{
	size_t left = prose_left_out(p);
	const char *before = ": ";
	buf_addf(out, "*End of the interpretation; %zu of %zu sentences were left out", left, left + p->shown);
	for (int i = 0; i < PROSE_FAULTS; i++) {
		if (!p->left_out[i])
			continue;
		buf_addf(out, "%s%zu with %s", before, p->left_out[i], prose_fault_words((enum prose_fault)i));
		before = ", ";
	}
	buf_addstr(out, ".*\n");
}

static void write_interpretation(const struct prose *p, const struct settings *s, const char *name,
				 struct buf *out)
{
	buf_addstr(out, "\n## Interpretation by a model\n\n*Interpretation by ");
	report_text(out, name);
	buf_addstr(out, " at ");
	report_text(out, s->host);
	buf_addstr(out, "; its numbers were filled in by chaos-llm, its words are its own.*\n\n");
	write_parts(p, out);
	write_footer(p, out);
}

static void say_note(const struct query *q, char note[static 512])
{
	note[0] = '\0';
	if (*q->gone)
		snprintf(note, 512, "%.380s; '%.80s' answered: set llm.model", q->gone,
			 q->prompt->settings->models[q->model]);
}

int model_interpret(const struct model_job *j, char note[static 512], struct err *e)
{
	struct question g;
	struct prose prose;
	char name[CHAT_MODEL_MAX] = "";
	question_init(&g, j);
	struct query q = {.prompt = &g.prompt,
			  .key = j->key,
			  .insecure_loopback = j->o->insecure_loopback,
			  .deadline_ns = mono_ns() + j->settings->timeout_ns};
	int rc = ask(&q, &g, &prose, name, e);
	if (!rc) {
		write_interpretation(&prose, j->settings, name, j->out);
		prose_release(&prose);
	}
	say_note(&q, note);
	question_release(&g);
	return rc;
}
