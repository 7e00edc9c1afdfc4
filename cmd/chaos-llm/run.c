#include "run.h"

#include "cli/diag.h"
#include "conf/config.h"
#include "report/facts/facts.h"
#include "input.h"
#include "model/key.h"
#include "model/model.h"
#include "model/provider.h"
#include "report/report.h"
#include "sys/file.h"

#include <errno.h>
#include <unistd.h>

struct job {
	const struct options *o;
	struct config config;
	struct settings settings;
	struct key key;
	struct report_input in;
	struct facts facts;
	struct buf text; /* for the output */
	bool configured, enabled, asked;
};

static int print(const struct job *j, struct err *e)
{
	const struct buf *text = &j->text;
	if (j->o->output)
		return file_replace(j->o->output, text->data, text->len, 0644, e);
	return out_finish(STDOUT_FILENO, text, e);
}

static struct model_job model_job(struct job *j)
{
	return (struct model_job){j->o, &j->settings, &j->key, j->in.analysis, &j->facts, &j->text};
}

static int ask(struct job *j, struct err *e)
{
	char note[512];
	const struct settings *s = &j->settings;
	j->asked = false;
	if (!j->enabled)
		return err_runtime(e, "no model was asked: llm.enabled is false");
	if (s->provider->needs_key && !j->key.text && s->own_host)
		return err_runtime(e, "no model was asked: %s is not set, and there is no "
				      "--api-key-file", s->provider->key_var);
	j->asked = true;
	const struct model_job m = model_job(j);
	int rc = model_interpret(&m, note, e);
	if (!rc && *note)
		diag("%s", note);
	return rc;
}

/* The plain report goes out before a model is asked; a file gets both at once. */
static int report(struct job *j, struct err *e)
{
	struct err model = {0};
	report_markdown(&(struct report){&j->text, j->in.analysis, &j->facts, &j->in.events, NULL});
	if (j->o->no_model)
		return print(j, e);
	if (!j->o->output) {
		if (write_all(STDOUT_FILENO, j->text.data, j->text.len, e))
			return e->sys_errno == EPIPE ? 0 : err_prefix(e, "standard output");
		buf_reset(&j->text);
	}
	int rc = ask(j, &model);
	if (print(j, e))
		return -1;
	if (!rc)
		return 0;
	diag("%s: this is the plain report%s", model.msg,
	     !j->asked && j->enabled ? " (--no-model asks for it)" : "");
	*e = (struct err){.code = EXIT_RUNTIME};
	return j->o->require_llm ? -1 : 0;
}

/* Comes before any child is started, which could inherit the key. */
static int configure(struct job *j, struct err *e)
{
	if (j->o->no_model)
		return 0;
	config_init(&j->config);
	j->configured = true;
	if (config_open(&j->config, j->o->config, e))
		return -1;
	j->enabled = j->config.llm.enabled;
	if (settings_init(&j->settings, j->o, &j->config, e))
		return -1;
	return j->o->show_prompt ? 0 : key_take(&j->key, &j->settings, e);
}

static int work(struct job *j, struct err *e)
{
	if (configure(j, e) || report_input_read(&j->in, j->o, e))
		return -1;
	facts_collect(&j->facts, j->in.analysis);
	if (!j->o->show_prompt)
		return report(j, e);
	const struct model_job m = model_job(j);
	model_prompt(&m, &j->text);
	return print(j, e);
}

int run(const struct options *o, struct err *e)
{
	struct job j = {.o = o, .text = BUF_INIT};
	int rc = work(&j, e);
	facts_release(&j.facts);
	report_input_release(&j.in);
	key_release(&j.key);
	settings_release(&j.settings);
	if (j.configured)
		config_release(&j.config);
	buf_release(&j.text);
	return rc;
}
