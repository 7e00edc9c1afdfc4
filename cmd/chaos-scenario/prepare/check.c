#include "prepare/check.h"

#include "children/child.h"

#include "cli/diag.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Whether the nodes can be brought up as they are: ports, faults of others. chaos-fault says by
 * itself what is in the way. 0, or the exit code; -1 with e if that cannot be seen. */
static int look(const struct prepared *p, const struct options *o, struct err *e)
{
	struct args a = {0};
	struct child c;
	char *path = proc_sibling("chaos-fault");
	args_add(&a, "%s", path);
	args_add(&a, "--control");
	args_add(&a, "--check");
	args_add(&a, "--bring-up");
	args_add(&a, "%s", conf_mode_name(o->mode));
	if (p->config.path) {
		args_add(&a, "--config");
		args_add(&a, "%s", p->config.path);
	}
	const struct child_how how = {.out = -1, .keep_fd = -1, .die_with_us = true};
	int rc = child_start(&c, "chaos-fault", &a, &how, e);
	if (!rc)
		child_wait(&c);
	args_release(&a);
	free(path);
	return rc ? rc : child_code(&c);
}

int check_only(const struct options *o, const struct prepared *p)
{
	struct buf text = BUF_INIT;
	struct err e = {0};
	int rc = look(p, o, &e);
	if (rc)
		return rc < 0 ? diag_err(&e) : rc;
	plan_print(&p->plan, &text);
	rc = write_all(STDOUT_FILENO, text.data, text.len, &e);
	buf_release(&text);
	if (!rc || e.sys_errno == EPIPE)
		return EXIT_OK;
	err_prefix(&e, "standard output");
	return diag_err(&e);
}
