#include "cli/diag.h"
#include "facts.h"
#include "input.h"
#include "options.h"
#include "report.h"
#include "sys/file.h"
#include "sys/sig.h"

#include <errno.h>
#include <unistd.h>

static int print(const struct options *o, const struct buf *text, struct err *e)
{
	if (o->output)
		return file_replace(o->output, text->data, text->len, 0644, e);
	if (write_all(STDOUT_FILENO, text->data, text->len, e))
		return e->sys_errno == EPIPE ? 0 : -1; /* whoever read has seen enough */
	return close_checked(STDOUT_FILENO, "stdout", e);
}

/* Facts first, then words: a model would write from the same facts. */
static int write_report(const struct options *o, const struct input *in, struct err *e)
{
	struct facts facts;
	struct buf text = BUF_INIT;
	facts_collect(&facts, in->analysis);
	report_write(&(struct report){&text, in->analysis, &facts, &in->events});
	int rc = print(o, &text, e);
	facts_release(&facts);
	buf_release(&text);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o;
	struct input in;
	struct err e = {0};
	sig_no_pipe_death();
	diag_program("chaos-llm");
	int rc = options_parse(&o, argc, argv);
	if (rc != CLI_RUN)
		return rc;
	rc = input_read(&in, &o, &e);
	if (!rc)
		rc = write_report(&o, &in, &e);
	input_release(&in);
	if (!rc)
		return EXIT_OK;
	return e.msg[0] ? diag_err(&e) : (int)e.code; /* chaos-analyze has told its own errors */
}
