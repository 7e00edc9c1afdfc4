#include "front/describing.h"

#include "base/buf.h"
#include "faults/exec/exec_fault.h"

#include <stdlib.h>

void describing_release(struct describing *d)
{
	exec_load_free(d->load);
	d->load = NULL;
	free(d->waiting.text);
	d->waiting.text = NULL;
}

static void loaded(void *arg, const struct err *e)
{
	struct describing *d = arg;
	if (e)
		d->failed(d->arg, d->waiting.number, e);
	else
		d->obey(d->arg, &d->waiting);
	describing_release(d);
	input_go_on(d->input);
}

void describing_line(struct describing *d, const struct line *line)
{
	struct err e = {0};
	char name[FAULT_NAME_MAX];
	if (!line->text || !exec_fault_wanted(d->fleet, line->text, name)) {
		d->obey(d->arg, line);
		return;
	}
	d->load = exec_load_new(d->fleet, name, loaded, d, &e);
	if (!d->load) {
		d->failed(d->arg, line->number, &e);
		return;
	}
	d->waiting = (struct line){.text = mem_strdup(line->text), .number = line->number};
	input_suspend(d->input);
}
