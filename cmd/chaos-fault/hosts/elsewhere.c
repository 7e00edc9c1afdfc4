#include "hosts/elsewhere.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "events/interrupt.h"
#include "hosts/far.h"
#include "hosts/split.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one host has to do. */
struct part {
	struct elsewhere *all;
	const char *host; /* NULL: this machine */
	struct words names;
	bool wanted, cut;
	pid_t pid;
	int in, pidfd;
	struct buf unsent;
	struct loop_fd *writer, *end;
};

struct elsewhere {
	const struct config *config;
	struct options options;
	const struct cli_rest *rest;
	struct part *parts; /* the first is that of this machine */
	size_t count, running;
	struct loop *loop;
	int code, signo;
};

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* --- who has to do what --------------------------------------------------------------- */

static struct part *part_of(struct elsewhere *w, const char *host)
{
	for (size_t i = 1; host && i < w->count; i++)
		if (is(w->parts[i].host, host))
			return &w->parts[i];
	return &w->parts[0];
}

static void give(struct part *p, const char *name)
{
	words_add(&p->names, "%s", name);
	p->wanted = true;
}

static void give_uid(struct elsewhere *w, const char *uid)
{
	const char *colon = strrchr(uid, ':');
	char *host = mem_printf("%.*s", (int)(colon ? colon - uid : 0), uid);
	struct part *p = part_of(w, host);
	give(p, p->host ? colon + 1 : uid);
	free(host);
}

static bool in_mode(const struct elsewhere *w, const struct node_conf *n)
{
	return !w->options.mode || is(w->options.mode, conf_mode_name(n->mode));
}

/* Every node of the mode: by name where the command is for nodes that can only be asked as well. */
static void give_all(struct elsewhere *w, bool by_name)
{
	for (size_t i = 0; i < w->config->node_count; i++) {
		const struct node_conf *n = &w->config->nodes[i];
		struct part *p = part_of(w, n->host);
		if (!in_mode(w, n))
			continue;
		if (by_name)
			give(p, n->name);
		p->wanted = p->wanted || n->kind != NODE_REMOTE;
	}
	if (by_name)
		w->options.mode = NULL;
}

static bool give_named(struct elsewhere *w, const char *name)
{
	bool found = false;
	for (size_t i = 0; i < w->config->node_count; i++)
		if (fnmatch(name, w->config->nodes[i].name, 0) == 0) {
			give(part_of(w, w->config->nodes[i].host), w->config->nodes[i].name);
			found = true;
		}
	return found;
}

/* One name is none: nothing is done anywhere, and this machine says why. */
static void give_back(struct elsewhere *w)
{
	for (size_t i = 0; i < w->count; i++) {
		words_release(&w->parts[i].names);
		w->parts[i].wanted = i == 0;
	}
	for (int i = 1; i < w->rest->count; i++)
		give(&w->parts[0], w->rest->items[i]);
}

static void distribute(struct elsewhere *w)
{
	const char *verb = w->rest->items[0];
	bool named = false, known = true, undo = is(verb, "undo");
	for (int i = 1; i < w->rest->count; i++) {
		const char *item = w->rest->items[i];
		named = named || undo || !strchr(item, '=');
		if (undo)
			give_uid(w, item);
		else if (!strchr(item, '='))
			known = give_named(w, item) && known;
	}
	for (size_t i = 0; i < w->count && (is(verb, "doctor") || (undo && !named)); i++)
		w->parts[i].wanted = true;
	if (!named && !undo && !is(verb, "doctor"))
		give_all(w, is(verb, "ls"));
	if (!known)
		give_back(w);
	for (size_t i = 0; known && i < w->count; i++)
		for (int k = 1; k < w->rest->count && !undo && w->parts[i].wanted; k++)
			if (strchr(w->rest->items[k], '='))
				words_add(&w->parts[i].names, "%s", w->rest->items[k]);
}

/* --- doing it --------------------------------------------------------------------------- */

static void shut(struct part *p)
{
	loop_fd_free(p->writer);
	p->writer = NULL;
	if (p->in >= 0)
		close(p->in);
	p->in = -1;
}

static void feed(void *arg, int events)
{
	struct part *p = arg;
	(void)events;
	if (far_feed(p->in, &p->unsent)) /* its end is seen all the same */
		buf_reset(&p->unsent);
	if (!p->unsent.len)
		loop_fd_set(p->writer, 0);
}

static bool is_in_turn(const struct elsewhere *w)
{
	static const char *const verbs[] = {"ls", "doctor", "undo", "up", "down", "start", "restart", "resume"};
	bool found = w->options.dry_run;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		found = found || is(w->rest->items[0], verbs[i]);
	return found;
}

/* A fault may be left where nobody says any more what becomes of it. */
static void tell_lost(struct part *p)
{
	struct elsewhere *w = p->all;
	if (!p->host || is_in_turn(w) || (w->signo && !p->cut))
		return;
	if (p->cut)
		w->code = EXIT_RESIDUE;
	diag("the link to '%s' has ended: what is broken there is put back there, at the end of its input or at its "
	     "deadline; 'chaos-fault ls' asks there", p->host);
}

static void ended(void *arg, int events)
{
	struct part *p = arg;
	struct elsewhere *w = p->all;
	(void)events;
	loop_fd_free(p->end);
	p->end = NULL;
	bool lost;
	int code = far_wait(p->pid, &lost);
	if (lost)
		tell_lost(p);
	/* That its input has ended is our doing. */
	w->code = exit_worse(w->code, w->signo && (code > 128 || code == EXIT_RUNTIME) ? 128 + w->signo : code);
	shut(p);
	close(p->pidfd);
	if (--w->running == 0)
		loop_stop(w->loop);
}

static int begin(struct part *p, struct err *e)
{
	struct elsewhere *w = p->all;
	struct words args = {0};
	far_options(&args, &w->options);
	words_add(&args, "%s", w->rest->items[0]);
	for (size_t i = 0; i < p->names.count; i++)
		words_add(&args, "%s", p->names.items[i]);
	p->pid = p->host && far_hello(w->config, &p->unsent, e) ? -1 : far_start(p->host, w->config, &args, &p->in, NULL, e);
	words_release(&args);
	if (p->pid < 0)
		return -1;
	buf_addstr(&p->unsent, p->host ? "go\n" : "");
	struct proc_id id = {0};
	struct err ignored;
	/* It may have ended, but has not been waited for: the pid is its own. */
	if (proc_identify(p->pid, &id, &ignored) || (p->pidfd = proc_pidfd(&id, e)) < 0) {
		shut(p);
		w->code = exit_worse(w->code, far_wait(p->pid, NULL));
		return 0;
	}
	p->end = loop_fd_new(w->loop, p->pidfd, ended, p, e);
	p->writer = loop_fd_new(w->loop, p->in, feed, p, e);
	w->running++;
	return p->end && p->writer && !loop_fd_set(p->end, LOOP_READ) ? loop_fd_set(p->writer, LOOP_WRITE) : -1;
}

/* Each ends with its input, and what it holds is put back. Once more: who does not end is not waited for. */
static void interrupted(void *arg, int signo)
{
	struct elsewhere *w = arg;
	for (size_t i = 0; i < w->count; i++) {
		struct part *p = &w->parts[i];
		p->cut = p->end && p->host && w->signo;
		if (p->cut)
			kill(p->pid, SIGTERM); /* our child, which has not been waited for */
		if (p->end)
			shut(p);
	}
	w->signo = w->signo ? w->signo : signo;
}

/* Whose output is a list of its own has it headed by the host. */
static int begin_all(struct elsewhere *w, struct err *e)
{
	const char *verb = w->rest->items[0];
	bool listed = is(verb, "ls") || is(verb, "doctor") || w->options.dry_run;
	for (size_t i = 0; i < w->count && !w->signo; i++) {
		struct part *p = &w->parts[i];
		if (!p->wanted)
			continue;
		struct buf head = BUF_INIT;
		if (listed && p->host && !w->options.json)
			buf_addf(&head, "on %s:\n", p->host);
		int rc = write_all(STDOUT_FILENO, head.data, head.len, e) || begin(p, e) ? -1 : 0;
		buf_release(&head);
		if (rc)
			return -1;
		if (is_in_turn(w) && w->running)
			loop_run(w->loop);
	}
	return 0;
}

static bool names(const struct part *p, const char *name)
{
	for (size_t i = 0; i < p->names.count; i++)
		if (is(p->names.items[i], name))
			return true;
	return false;
}

/* What no host can see by itself. */
static int check_several(struct elsewhere *w, struct err *e)
{
	size_t hosts = 0;
	for (size_t i = 0; i < w->count; i++)
		hosts += w->parts[i].wanted;
	if (hosts > 1 && w->options.pick_word)
		return err_usage(e, "%s: --pick draws among the nodes of one host", w->rest->items[0]);
	if (hosts < 2 || w->options.all_down)
		return 0;
	bool *named = mem_alloc(w->config->node_count + 1);
	for (size_t i = 0; i < w->config->node_count; i++) {
		const struct node_conf *n = &w->config->nodes[i];
		named[i] = names(part_of(w, n->host), n->name);
	}
	int rc = split_check_left(w->config, named, w->rest->items[0], "--all-down", e);
	free(named);
	return rc;
}

int elsewhere_run(const struct config *c, const struct options *o, const struct cli_rest *rest)
{
	struct elsewhere w = {.config = c, .options = *o, .rest = rest, .count = 1};
	struct interrupt signals = {0};
	struct err e = {0};
	while (config_host(c, w.count - 1))
		w.count++;
	w.parts = mem_alloc(w.count * sizeof *w.parts);
	for (size_t i = 0; i < w.count; i++)
		w.parts[i] = (struct part){.all = &w, .host = i ? config_host(c, i - 1) : NULL, .in = -1, .pidfd = -1, .unsent = BUF_INIT};
	distribute(&w);
	w.loop = loop_new(&e);
	if (!w.loop || check_several(&w, &e) || interrupt_init(&signals, w.loop, interrupted, &w, &e) || begin_all(&w, &e))
		w.code = exit_worse(w.code, diag_err(&e));
	if (w.running)
		loop_run(w.loop);
	interrupt_release(&signals);
	loop_free(w.loop);
	for (size_t i = 0; i < w.count; i++) {
		words_release(&w.parts[i].names);
		buf_release(&w.parts[i].unsent);
	}
	free(w.parts);
	return w.code;
}
