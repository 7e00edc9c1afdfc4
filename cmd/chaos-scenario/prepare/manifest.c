#include "prepare/manifest.h"

#include "stream/json.h"
#include "sys/file.h"

#include "base/clock.h"
#include "base/units.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

static void set_limit(struct json *limits, const char *key, int resource)
{
	struct rlimit r;
	if (getrlimit(resource, &r) || r.rlim_cur == RLIM_INFINITY)
		json_set_null(limits, key);
	else
		json_set_int(limits, key, (int64_t)r.rlim_cur);
}

static struct json *limits(void)
{
	struct json *j = json_object_new();
	set_limit(j, "open_files", RLIMIT_NOFILE);
	set_limit(j, "processes", RLIMIT_NPROC);
	set_limit(j, "file_size_bytes", RLIMIT_FSIZE);
	json_set_int(j, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	return j;
}

static struct json *machine(void)
{
	struct json *j = json_object_new();
	struct utsname u;
	if (uname(&u) == 0) {
		json_set_str(j, "system", u.sysname);
		json_set_str(j, "kernel", u.release);
		json_set_str(j, "machine", u.machine);
		json_set_str(j, "host", u.nodename);
	}
	return j;
}

/* Each load with its nodes by name, not URL: those may hold passwords. */
static struct json *loads(const struct plan *p)
{
	struct json *all = json_object_new();
	for (size_t i = 0; i < p->load_count; i++) {
		struct json *j = json_array_new();
		for (size_t k = 0; k < p->loads[i].nodes.count; k++)
			json_push_str(j, p->loads[i].nodes.nodes[k]->name);
		json_set(all, p->loads[i].name, j);
	}
	return all;
}

/* What else decides what happens, for --again. */
static struct json *options(const struct options *o)
{
	struct json *j = json_object_new();
	json_set_str(j, "mode", o->mode_name);
	json_set(j, "set", json_texts(o->set.items, o->set.count));
	json_set_bool(j, "without_faults", o->without_faults);
	json_set_bool(j, "unsteady", o->unsteady);
	json_set_num(j, "shorten", o->shorten);
	return j;
}

static struct json *describe(const struct rundir *d, const struct plan *p, const struct options *o, int argc,
			     char **argv)
{
	struct json *j = json_object_new();
	struct anchor now = anchor_now();
	char cwd[PATH_MAX];
	json_set_str(j, "schema", "chaos-manifest/1");
	json_set_str(j, "run_id", d->id);
	json_set_round(j, "created_epoch_s", anchor_unix_s(&now, mono_ns()), 3);
	json_set(j, "argv", json_texts((const char *const *)argv, (size_t)argc));
	json_set(j, "options", options(o));
	json_set_str(j, "folder", getcwd(cwd, sizeof cwd));
	json_set_str(j, "version", CHAOS_VERSION);
	json_set_int(j, "seed", (int64_t)p->seed);
	json_set_str(j, "mode", conf_mode_name(p->mode));
	json_set_str(j, "scenario", p->scenario->name);
	json_set_str(j, "scenario_file", p->scenario->path);
	json_set_str(j, "config_file", p->config->path);
	json_set_round(j, "duration_s", ns_to_s(p->scenario->duration_ns), 9);
	json_set(j, "loads", loads(p));
	json_set(j, "machine", machine());
	json_set(j, "limits", limits());
	return j;
}

/* A run's folder is handed on as evidence: the copies have no user and password in their URLs. What else
 * they may hold of them, in headers, environments, arguments of a process, is for their owner alone. */
static int copy_into(const struct rundir *d, const char *from, const char *name, struct err *e)
{
	struct buf text = BUF_INIT;
	if (file_read(from, &text, e))
		return -1;
	char *shown = url_public_all(text.data), *to = rundir_file(d, name);
	int rc = file_replace(to, shown, strlen(shown), 0600, e);
	free(shown);
	free(to);
	buf_release(&text);
	return rc;
}

int manifest_write(const struct rundir *d, const struct plan *p, const struct options *o, int argc,
		   char **argv, struct err *e)
{
	if (copy_into(d, p->scenario->path, "scenario.yaml", e) ||
	    (p->config->path && copy_into(d, p->config->path, "config.yaml", e)))
		return -1;
	struct json *j = describe(d, p, o, argc, argv);
	int rc = rundir_write_json(d, "manifest.json", j, e);
	json_free(j);
	return rc;
}
