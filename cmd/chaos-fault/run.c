#include "run.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "base/rng.h"
#include "cli/diag.h"
#include "conf/config.h"
#include "show/catalog.h"
#include "show/doctor.h"
#include "front/dryrun.h"
#include "faults/held.h"
#include "node/fleet.h"
#include "node/record.h"
#include "show/list.h"
#include "front/oneshot.h"
#include "recover/orphans.h"
#include "events/emit.h"
#include "front/session.h"
#include "front/there.h"
#include "hosts/far.h"
#include "hosts/relay.h"
#include "sys/file.h"
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

static int run_on_loop(struct fleet *f, struct emitter *r, const struct options *o,
		       const struct cli_rest *rest)
{
	f->all_down = o->all_down;
	f->seed = seed_of(o, &r->sink.anchor);
	int rc = o->control ? session_run(f, r, o) : oneshot_run(f, r, o, rest);
	rc = exit_worse(rc, emit_end(r));
	return held_residue(f) ? exit_worse(rc, EXIT_RESIDUE) : rc;
}

static int run_config(const struct config *c, const struct options *o, const struct cli_rest *rest,
		      const char *state, struct emitter *r)
{
	struct fleet f = {0};
	struct err e = {0};
	int rc;
	bool list = !o->control && strcmp(rest->items[0], "ls") == 0;
	struct loop *loop = r->loop = loop_new(&e);
	if (!loop || fleet_init(&f, c, state, loop, r, &e))
		rc = diag_err(&e);
	else if ((f.there = o->there), list)
		rc = list_run(&f, o, rest, &r->sink.anchor);
	else
		rc = run_on_loop(&f, r, o, rest);
	held_release(&f);
	fleet_release(&f);
	loop_free(loop);
	return rc;
}

/* Nodes of several hosts. */
static int run_hosts(const struct config *c, const struct options *o, const struct cli_rest *rest, struct emitter *r)
{
	struct err e = {0};
	struct loop *loop = r->loop = loop_new(&e);
	int rc = loop ? relay_run(c, r, o, rest) : diag_err(&e);
	rc = exit_worse(rc, emit_end(r));
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

/* UIDs are those of the host, which the user's have before them. */
static int run_undo(const char *state, const struct options *o, const struct cli_rest *rest)
{
	diag_about(o->there);
	return o->dry_run ? dryrun_undo(state, rest, o)
	       : o->forget ? undo_forget(state, rest, o->all)
			   : undo_run(state, rest, o->all);
}

/* An undo needs none: it says only whether there are other hosts. */
static int open_config(struct config *c, const struct options *o, bool undo, struct emitter *r, struct err *e)
{
	if (o->there)
		return there_open(c, r, e);
	if (!undo)
		return config_open(c, o->config, e);
	if (!o->here && (o->config || file_exists("config.yaml")) && config_open(c, o->config, e)) {
		config_release(c);
		config_init(c);
	}
	return 0;
}

/* No node of the config has 'via' any more, and the proxy of those that had it still runs: it is a node still,
 * so that it can be seen and stopped. */
static void add_left_proxy(struct config *c, const char *state, const char *command)
{
	char world[PROC_WORLD_MAX];
	struct err ignored;
	char name[] = VIA_PROXY;
	struct node_conf p = {.name = name};
	char *dir = config_node(c, VIA_PROXY) ? NULL : record_dir(state, c, &p);
	struct proc_id id = {0};
	if (dir && proc_world(world, &ignored) == 0)
		id = record_load(dir, world);
	if (proc_alive(&id) && record_node(dir, &p)) {
		p.mode = MODE_PROXY;
		p.ready = READY_TCP;
		p.ready_within_ns = 20 * NS_PER_S;
		c->nodes = mem_realloc(c->nodes, c->node_count + 1, sizeof *c->nodes);
		c->nodes[c->node_count++] = p;
		if (strcmp(command, "down") != 0)
			diag("'" VIA_PROXY "' (process %d) still runs, and no node has 'via' any more: 'chaos-fault down "
			     VIA_PROXY "' stops it", (int)id.pid);
	}
	free(dir);
}

int run(const struct options *o, const struct cli_rest *rest, const char *state)
{
	struct emitter r = {.events = o->json || o->control,
			    .sink = {.fd = STDOUT_FILENO},
			    .waiting = BUF_INIT};
	struct config c;
	struct err e = {0};
	if (check_descriptors(&e) || check_state(state, &e))
		return diag_err(&e);
	const char *verb = o->control ? "" : rest->items[0];
	bool doctor = strcmp(verb, "doctor") == 0, undo = strcmp(verb, "undo") == 0;
	if (strcmp(verb, "push") == 0)
		return far_push(rest);
	if (strcmp(verb, "faults") == 0)
		return catalog_run(o->json);
	r.sink.anchor = o->anchor_ns != INT64_MIN && !o->there ? (struct anchor){o->anchor_ns} : anchor_now();
	int rc, left = undo || o->check || o->dry_run || doctor ? 0 : orphans_restore(state);
	config_init(&c);
	if (open_config(&c, o, undo, &r, &e)) {
		rc = diag_err(&e);
	} else if (!o->there && !o->here && config_host(&c, 0)) {
		rc = run_hosts(&c, o, rest, &r);
	} else {
		config_stay_on(&c, o->there);
		if (!undo && !o->there)
			add_left_proxy(&c, state, verb);
		rc = undo     ? run_undo(state, o, rest)
		     : doctor ? doctor_run(state, &c, o->json)
			      : run_config(&c, o, rest, state, &r);
	}
	config_release(&c);
	buf_release(&r.waiting);
	return left ? exit_worse(left, rc) : rc;
}
