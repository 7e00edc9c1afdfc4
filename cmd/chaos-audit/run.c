#include "run.h"

#include "base/units.h"
#include "cli/diag.h"
#include "net/urls.h"
#include "result/audit_json.h"
#include "servers/store.h"
#include "run/loads.h"
#include "run/run.h"
#include "stream/event.h"
#include "stream/load_summary.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audit {
	const struct options *o;
	struct load_summary summary; /* of the run, else empty */
	char *path, *events;	     /* owned */
	char *saved_op;		     /* of --from; owned */
	struct rows rows;
	struct topology servers;
	struct urls urls;
	struct store store; /* its request is NULL if the marks are on Redis */
	struct fates fates;
	struct saved saved;
	FILE *marks;
};

/* --- the files of a run ----------------------------------------------------------- */

static int read_summary(struct audit *a, const char *load, bool *audited, struct err *e)
{
	struct buf text = BUF_INIT;
	char *path = run_load_path(a->o->runs_dir, a->o->run_id, "load", load, ".json");
	load_summary_release(&a->summary);
	int rc = file_exists(path) ? file_read(path, &text, e) : 1;
	if (!rc)
		rc = load_summary_parse(&a->summary, text.data, text.len, path, e);
	*audited = !rc && (a->summary.audit_prefix || a->summary.audit_op);
	buf_release(&text);
	free(path);
	return rc < 0 ? -1 : 0;
}

/* The load that was audited. */
static int find_load(struct audit *a, struct err *e)
{
	struct run_loads loads;
	const struct options *o = a->o;
	const char *chosen = NULL;
	size_t count = 0;
	bool audited = false;
	int rc;
	run_loads_find(&loads, o->runs_dir, o->run_id);
	rc = run_loads_check(&loads, e);
	for (size_t i = 0; i < loads.count && !rc; i++) {
		const char *name = loads.names[i];
		if (o->load && (!name || strcmp(name, o->load) != 0))
			continue;
		rc = read_summary(a, name, &audited, e);
		if (audited && ++count == 1)
			chosen = name;
		else if (audited)
			rc = err_usage(e, "the run '%s' has several audited loads, '%s' and '%s': --load NAME chooses one", o->run_id,
				       chosen, name);
	}
	if (!rc && !count)
		rc = err_usage(e, "the run '%s' has no audited load%s%s%s; 'chaos-load --audit' makes one", o->run_id, o->load ? " '" : "",
			       o->load ? o->load : "", o->load ? "'" : "");
	if (!rc)
		rc = read_summary(a, chosen, &audited, e);
	a->path = run_load_path(o->runs_dir, o->run_id, "samples", chosen, ".csv");
	run_loads_release(&loads);
	return rc;
}

static int find_files(struct audit *a, struct err *e)
{
	const struct options *o = a->o;
	if (!o->run_id) {
		a->path = mem_strdup("-");
		a->events = mem_strdup(o->events);
		return 0;
	}
	char *dir = run_path(o->runs_dir, o->run_id, NULL), *events = run_path(o->runs_dir, o->run_id, "events.jsonl");
	int rc = file_exists(dir) ? find_load(a, e) : run_err_none(o->runs_dir, o->run_id, e);
	a->events = o->events ? mem_strdup(o->events) : file_exists(events) ? mem_strdup(events) : NULL;
	free(events);
	free(dir);
	return rc;
}

/* --- windows ----------------------------------------------------------------------- */

/* When event i, which confirms a fault, was asked for: it acts from there on, and a failover is confirmed
 * long after the writes have gone elsewhere. */
static int64_t requested_ns(const struct event_log *log, size_t i)
{
	const char *fault = log->events[i].fault;
	for (size_t k = i; fault && k-- > 0;) {
		const struct event *e = &log->events[k];
		if (e->kind == EVENT_FAULT_REQUESTED && e->fault && strcmp(e->fault, fault) == 0)
			return s_to_ns(e->t);
	}
	return s_to_ns(log->events[i].t);
}

/* The first fault begins and the last one ends; what happens between several is during. */
static int read_events(struct times *w, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	struct event_log log = {0};
	*w = (struct times){.begun_ns = INT64_MAX, .promoted_ns = INT64_MAX, .healed_ns = INT64_MAX};
	if (!path)
		return 0;
	int rc = file_read(path, &text, e);
	event_log_parse(&log, text.data, text.len);
	w->known = !rc;
	for (size_t i = 0; i < log.count; i++) {
		int64_t ns = s_to_ns(log.events[i].t);
		if (log.events[i].kind == EVENT_FAULT_INJECTED) {
			int64_t begun_ns = requested_ns(&log, i);
			w->begun_ns = begun_ns < w->begun_ns ? begun_ns : w->begun_ns;
			w->healed_ns = INT64_MAX;
		}
		if (log.events[i].kind == EVENT_REVERTED)
			w->healed_ns = ns;
	}
	event_log_release(&log);
	buf_release(&text);
	return rc;
}

/* --- the marks --------------------------------------------------------------------- */

static int open_store(struct audit *a, const char *const *urls, size_t count, struct err *e)
{
	const struct options *o = a->o;
	a->store = (struct store){
		.request = o->audit_http ? o->audit_http : a->summary.audit_read,
		.urls = urls,
		.url_count = count,
		.user_file = o->user_file,
		.bearer_file = o->bearer_file,
		.cacert = o->cacert,
		.insecure = o->insecure,
		.seed = (uint64_t)(o->seed >= 0 ? o->seed : o->run_id ? a->summary.seed : 1),
		.rps = o->rps,
		.timeout_ns = o->timeout_ns,
	};
	if (!a->store.request)
		return err_usage(e, "--audit-http is missing: that of the load has headers, which its summary does not keep");
	return store_check(&a->store, e);
}

/* For somebody who sees nothing happen. */
static void say_waiting(const char *how, int64_t left_ns)
{
	diag("waiting up to %.0f s more for the servers to come to rest (--timeout): %s", ns_to_s(left_ns), how);
}

static int open_servers(struct audit *a, struct err *e)
{
	const struct options *o = a->o;
	if (urls_read(&a->urls, o->rest.items, (size_t)o->rest.count, o->urls, e))
		return -1;
	bool own = !a->urls.count; /* as the load had them */
	const char *const *urls = own ? (const char *const *)a->summary.nodes : a->urls.items;
	size_t count = own ? a->summary.node_count : a->urls.count;
	a->servers.shards = o->shards;
	a->servers.wait_ns = 2 * NS_PER_S;
	a->servers.cacert = o->cacert;
	a->servers.insecure = o->insecure;
	a->servers.waits = isatty(STDERR_FILENO) ? say_waiting : NULL;
	if (o->audit_http || a->summary.audit_op)
		return open_store(a, urls, count, e);
	return topology_init(&a->servers, urls, count, e);
}

/* The word of --prefix is the one that is known, or that with the end that its keys have. */
static int check_prefix(const struct audit *a, const char *known, const char *whose, struct err *e)
{
	const char *typed = a->o->prefix;
	size_t len = known ? strlen(known) : 0;
	const char *end = typed && known && strncmp(typed, known, len) == 0 ? typed + len : "?";
	if (!typed || !known || !*end || strcmp(end, ":") == 0 || strcmp(end, ":*") == 0)
		return 0;
	return err_usage(e, "--prefix '%s': the marks of %s are under '%s'", typed, whose, known);
}

static int write_marks(struct audit *a, struct err *e)
{
	const struct options *o = a->o;
	const char *known = a->summary.audit_prefix;
	const struct saved_what what = {.prefix = known ? known : o->prefix,
					.typed = !known && o->prefix,
					.unproved = a->fates.total[ACKNOWLEDGED] && (!known || o->rest.count),
					.first_due_ns = a->rows.first_due_ns,
					/* and one in which there should be nothing */
					.pieces = a->fates.marks.count / PIECE_SLOTS + 2};
	a->store.op = a->rows.op;
	return a->store.request ? store_save(a->marks, &a->store, &a->fates.marks, e)
				: saved_write(a->marks, &a->servers, &what, o->timeout_ns, e);
}

static int read_back(struct audit *a, struct err *e)
{
	const struct options *o = a->o;
	a->marks = o->from ? fopen(o->from, "re") : o->save ? fopen(o->save, "w+e") : tmpfile();
	if (!a->marks)
		return o->from ? err_usage(e, "cannot open '%s': %s", o->from, strerror(errno))
			       : err_sys(e, errno, "cannot open '%s'", o->save ? o->save : "a temporary file");
	if (!o->from && write_marks(a, e))
		return -1;
	if (fflush(a->marks))
		return err_sys(e, errno, "cannot write the marks");
	if (saved_read(&a->saved, a->marks, o->from ? o->from : "the marks", &a->fates.marks, e))
		return -1;
	return o->from ? check_prefix(a, json_str(json_get(a->saved.header, "prefix"), NULL), "--from", e) : 0;
}

/* --- the whole --------------------------------------------------------------------- */

static int open_list(struct audit *a, struct err *e)
{
	if (!a->o->list)
		return 0;
	a->fates.list = fopen(a->o->list, "we");
	if (!a->fates.list || fputs("slot,t,node,fate\n", a->fates.list) < 0)
		return err_sys(e, errno, "--list '%s'", a->o->list);
	return 0;
}

static int close_list(struct audit *a, struct err *e)
{
	FILE *f = a->fates.list;
	a->fates.list = NULL;
	return f && (ferror(f) | fclose(f)) ? err_sys(e, errno, "--list '%s'", a->o->list) : 0;
}

static int read_rows(struct audit *a, struct err *e)
{
	a->fates.wait = a->o->wait ? a->o->wait : a->summary.audit_wait;
	a->rows.path = a->path;
	return rows_each(&a->rows, fates_note, &a->fates, e);
}

static int no_writes(const struct audit *a, struct err *e)
{
	unsigned long long all = a->rows.all;
	if (!a->rows.op)
		return err_usage(e, "none of %llu rows writes {slot} in its path; --op says which are the writes", all);
	return err_usage(e, "none of %llu rows is of an audited write (op %s)%s", all, a->rows.op,
			 a->store.request ? "" : "; 'chaos-load --audit' writes them");
}

/* Which rows are audited; those of --from are as those of the load, or of the marks that were saved. */
static int choose_op(struct audit *a, struct err *e)
{
	const struct options *o = a->o;
	a->saved_op = o->from ? saved_op(o->from) : NULL;
	bool http = a->store.request || a->summary.audit_op || a->saved_op;
	a->rows.op = o->op ? o->op : a->summary.audit_op ? a->summary.audit_op : a->saved_op;
	if (!a->rows.op && !http)
		a->rows.op = "AUDIT";
	return o->op && !http ? err_usage(e, "--op is for --audit-http; on Redis it is AUDIT") : 0;
}

static int audit(struct audit *a, struct err *e)
{
	if (find_files(a, e) || check_prefix(a, a->summary.audit_prefix, "the run", e) || read_events(&a->fates.times, a->events, e) || (!a->o->from && open_servers(a, e)) ||
	    choose_op(a, e) || read_rows(a, e))
		return -1;
	if (a->rows.second)
		return err_usage(e, "the operations '%s' and '%s' both write {slot}: --op chooses one", a->rows.found, a->rows.second);
	if (!a->rows.audited)
		return no_writes(a, e);
	fates_find_promotion(&a->fates);
	if (read_back(a, e) || open_list(a, e))
		return -1;
	bool more = a->saved.notable || a->fates.times.known;
	if (more && fates_count(&a->fates, e))
		return -1;
	fates_find_holes(&a->fates);
	return close_list(a, e);
}

/* The servers of a run are often down when it is asked again, and its own audit had them. */
static void name_own(const struct options *o)
{
	char *own = o->run_id ? run_path(o->runs_dir, o->run_id, "audit.json") : NULL;
	if (own && file_exists(own))
		diag("the audit at the end of the run '%s' is in '%s'", o->run_id, own);
	free(own);
}

int run(const struct options *o, struct buf *out, struct err *e)
{
	struct audit a = {.o = o};
	struct buf line = BUF_INIT, object = BUF_INIT;
	load_summary_init(&a.summary);
#ifdef CHAOS_MUTANTS
	a.fates.mutant = getenv("CHAOS_MUTANT");
	a.servers.hasty = a.fates.mutant && strcmp(a.fates.mutant, "early") == 0;
#endif
	int rc = audit(&a, e);
	if (!rc) {
		const struct findings f = {o->run_id, a.summary.due, &a.rows, &a.fates, &a.saved};
		rc = audit_write(&f, &object, &line);
		buf_addf(out, "%s%s", o->text ? line.data : object.data, o->text ? "\n" : "");
	}
	if (rc == EXIT_INCONCLUSIVE)
		name_own(o);
	if (a.marks)
		fclose(a.marks);
	rows_release(&a.rows);
	fates_release(&a.fates);
	saved_release(&a.saved);
	topology_release(&a.servers);
	urls_release(&a.urls);
	load_summary_release(&a.summary);
	free(a.path);
	free(a.events);
	free(a.saved_op);
	buf_release(&line);
	buf_release(&object);
	return rc;
}
