#include "run.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "cli/diag.h"
#include "conf/config.h"
#include "front/catalog.h"
#include "front/doctor.h"
#include "front/dryrun.h"
#include "faults/held.h"
#include "node/fleet.h"
#include "front/list.h"
#include "front/oneshot.h"
#include "recover/orphans.h"
#include "events/report.h"
#include "front/session.h"
#include "sys/own_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Drawn from two clocks, and short enough to be typed. */
static uint64_t seed_of(const struct options *o, const struct anchor *clock)
{
	if (o->seed >= 0)
		return (uint64_t)o->seed;
	return rng_at((uint64_t)clock->offset_ns, (uint64_t)mono_ns()) >> 33;
}

static int run_on_loop(struct fleet *f, struct report *r, const struct options *o,
		       const struct cli_rest *rest)
{
	f->all_down = o->all_down;
	f->seed = seed_of(o, &r->sink.anchor);
	int rc = o->control ? session_run(f, r, o) : oneshot_run(f, r, o, rest);
	rc = exit_worse(rc, report_end(r));
	return held_residue(f) ? exit_worse(rc, EXIT_RESIDUE) : rc;
}

static int run_config(const struct config *c, const struct options *o, const struct cli_rest *rest,
		      const char *state)
{
	struct report r = {.events = o->json || o->control,
			   .sink = {.fd = STDOUT_FILENO},
			   .waiting = BUF_INIT};
	struct fleet f = {0};
	struct err e = {0};
	int rc;
	r.sink.anchor = o->anchor_ns != INT64_MIN ? (struct anchor){o->anchor_ns} : anchor_now();
	bool list = !o->control && strcmp(rest->items[0], "ls") == 0;
	struct loop *loop = r.loop = loop_new(&e);
	if (!loop || fleet_init(&f, c, state, loop, &r, &e))
		rc = diag_err(&e);
	else if (list)
		rc = list_run(&f, o, rest, &r.sink.anchor);
	else
		rc = run_on_loop(&f, &r, o, rest);
	held_release(&f);
	fleet_release(&f);
	loop_free(loop);
	return rc;
}

/* What one fault on one node opens and sets aside, measured; every fault more sets its own aside. */
enum { DESCRIPTORS_NEEDED = 26 };

static int check_descriptors(struct err *e)
{
	int fds[DESCRIPTORS_NEEDED], count = 0;
	while (count < DESCRIPTORS_NEEDED && (fds[count] = dup(STDERR_FILENO)) >= 0)
		count++;
	for (int i = 0; i < count; i++)
		close(fds[i]);
	if (count == DESCRIPTORS_NEEDED)
		return 0;
	return err_runtime(e, "%d free descriptors are needed, and there are %d: raise 'ulimit -n'",
			   DESCRIPTORS_NEEDED, count);
}

/* Whoever may write there decides what is run. */
static int check_state(const char *state, struct err *e)
{
	static const char *const folders[] = {"faults", "nodes", "programs"};
	int rc = own_folder(state, true, e);
	for (size_t i = 0; !rc && i < ARRAY_LEN(folders); i++) {
		char *path = mem_printf("%s/%s", state, folders[i]);
		rc = own_folder(path, false, e);
		free(path);
	}
	return rc;
}

int run(const struct options *o, const struct cli_rest *rest, const char *state)
{
	struct config c;
	struct err e = {0};
	if (check_descriptors(&e) || check_state(state, &e))
		return diag_err(&e);
	if (!o->control && strcmp(rest->items[0], "faults") == 0)
		return catalog_run(o->json);
	bool doctor = !o->control && strcmp(rest->items[0], "doctor") == 0;
	if (!o->control && strcmp(rest->items[0], "undo") == 0)
		return o->dry_run  ? dryrun_undo(state, rest, o)
		       : o->forget ? undo_forget(state, rest, o->all)
				   : undo_run(state, rest, o->all);
	int left = o->check || o->dry_run || doctor ? 0 : orphans_restore(state);
	config_init(&c);
	int rc = config_open(&c, o->config, &e) ? diag_err(&e)
		 : doctor			? doctor_run(state, &c, o->json)
						: run_config(&c, o, rest, state);
	config_release(&c);
	return left ? exit_worse(left, rc) : rc;
}
