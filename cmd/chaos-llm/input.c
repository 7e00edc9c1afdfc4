#include "input.h"

#include "base/buf.h"
#include "run/ask.h"
#include "run/run.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int analyze(const struct options *o, struct buf *text, struct err *e)
{
	struct ask a = {.in_fd = -1, .err_fd = STDERR_FILENO};
	ask_option(&a, "--run-id", o->run_id);
	ask_option(&a, "--runs-dir", o->runs_dir);
	ask_option(&a, "--baseline-id", o->baseline_id);
	ask_option(&a, "--config", o->config);
	return ask_analyze(&a, text, NULL, e);
}

static bool blank(const struct buf *text)
{
	return strspn(text->data, " \t\r\n") == text->len;
}

/* Whether the text is samples, with a header such as "timestamp,latency_ms". */
static bool are_samples(const struct buf *text)
{
	const char *at = text->data + strspn(text->data, " \t\r\n");
	const char *word = strstr(at, "timestamp"), *end = strchr(at, '\n');
	return *at != '{' && *at != '[' && word && end && word < end;
}

static int parse(struct report_input *in, const struct buf *text, const char *name, struct err *e)
{
	if (blank(text))
		return err_usage(e, "'%s' is empty: an analysis is one JSON object", name);
	if (are_samples(text))
		return err_usage(e,
				 "'%s' holds samples, not an analysis: pass it to chaos-analyze first",
				 name);
	in->analysis = analysis_parse(text, name, e);
	return in->analysis ? 0 : -1;
}

static int read_analysis(struct report_input *in, const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	const char *name = o->run_id ? "chaos-analyze" : o->file ? o->file : "stdin";
	int rc;
	if (o->run_id)
		rc = analyze(o, &text, e);
	else if (!o->file || strcmp(o->file, "-") == 0)
		rc = fd_read_all(STDIN_FILENO, name = "stdin", &text, e);
	else
		rc = file_read(o->file, &text, e);
	if (!rc)
		rc = parse(in, &text, name, e);
	buf_release(&text);
	return rc;
}

static int read_events(struct report_input *in, const struct options *o, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = o->events	 ? mem_strdup(o->events)
		     : o->run_id ? run_path(o->runs_dir, o->run_id, "events.jsonl")
				 : NULL;
	int rc = 0;
	if (path && (o->events || file_exists(path)))
		rc = file_read(path, &text, e);
	if (!rc)
		event_log_parse(&in->events, text.data, text.len);
	buf_release(&text);
	free(path);
	return rc;
}

int report_input_read(struct report_input *in, const struct options *o, struct err *e)
{
	*in = (struct report_input){0};
	if (o->run_id && run_id_check_read(o->run_id, e))
		return -1;
	if (o->baseline_id && run_id_check_read(o->baseline_id, e))
		return -1;
	if (read_analysis(in, o, e))
		return -1;
	return read_events(in, o, e);
}

void report_input_release(struct report_input *in)
{
	json_free(in->analysis);
	event_log_release(&in->events);
	*in = (struct report_input){0};
}
