#include "hosts/relay.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "events/interrupt.h"
#include "faults/exec/exec_fault.h"
#include "front/describing.h"
#include "front/input.h"
#include "hosts/peer.h"
#include "hosts/relook.h"
#include "hosts/split.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

struct relay {
	const struct config *config;
	const struct options *options;
	const struct cli_rest *rest;
	struct emitter *emitter;
	struct peer *peers; /* the first is that of this machine */
	struct args *parts; /* what each has to do; none: nothing */
	size_t count, next, running, ready, awaited; /* the next is to be opened */
	struct peer_calls calls;
	struct input input;
	struct fleet faults; /* of no nodes: those that are programs, as they describe themselves */
	struct describing describing;
	int64_t start_ns; /* UNIX; of all of them */
	size_t line;	  /* that is passed on just now */
	int64_t at_ns;
	bool open, ending;
	int signo;
};

/* --- the end ------------------------------------------------------------------------ */

static void end_relay(struct relay *r, bool at_once)
{
	r->ending = true;
	input_stop(&r->input);
	for (size_t i = 0; i < r->count; i++)
		peer_close(&r->peers[i], at_once);
}

static void not_done(void *arg, size_t line, const struct err *e)
{
	struct relay *r = arg;
	emit_error(r->emitter, NULL, line, e);
	r->emitter->code = exit_worse(r->emitter->code, e->code);
}

/* broken: a fault may be left where nobody says any more what becomes of it. */
static void lost(struct relay *r, const struct peer *p, bool broken)
{
	struct err e;
	err_runtime(&e, "the link to %s%s%s %s%s", p->host ? "'" : "", p->host ? p->host : "the nodes of this machine",
		    p->host ? "'" : "", broken || r->open ? "is lost" : "could not be made",
		    broken ? ": what is broken there is put back there, at the end of its input or at its deadline" : "");
	not_done(r, 0, &e);
}

static void idle_or_over(struct relay *r)
{
	if (r->awaited && !--r->awaited)
		end_relay(r, false);
}

/* That of this machine too ends only with the others, unless it never began. */
static void session_over(struct relay *r, struct peer *p)
{
	int code = p->code > 128 ? EXIT_RUNTIME : p->code; /* it was ended from outside */
	if (p->awaited)
		idle_or_over(r);
	r->emitter->code = exit_worse(r->emitter->code, code);
	/* What is wrong with its input it has said itself. */
	if (p->active_count || (!r->ending && code != EXIT_USAGE))
		lost(r, p, p->active_count > 0);
	if (!r->ending && (!p->host || !r->open))
		end_relay(r, true);
}

/* One after the other: what each says belongs together. */
static bool is_in_turn(const struct relay *r)
{
	return !r->options->control && (r->options->dry_run || !r->options->injects);
}

static void command_over(struct relay *r, const struct peer *p)
{
	bool ended = r->ending && (p->lost || p->code > 128); /* that its input has ended is our doing */
	r->emitter->code = exit_worse(r->emitter->code, ended ? EXIT_OK : p->lost ? EXIT_RUNTIME : p->code);
	/* One that has not begun has not been told what to do. */
	bool broken = p->lost && p->host && p->begun && !is_in_turn(r) && (!r->ending || p->cut);
	if (broken)
		lost(r, p, true);
	if (broken && p->cut)
		r->emitter->code = exit_worse(r->emitter->code, EXIT_RESIDUE);
}

static void open_next(struct relay *r);

static void peer_over(void *arg, struct peer *p)
{
	struct relay *r = arg;
	r->options->control ? session_over(r, p) : command_over(r, p);
	r->running--;
	open_next(r);
	if (!r->running)
		loop_stop(r->emitter->loop);
}

static void interrupted(void *arg, int signo)
{
	struct relay *r = arg;
	for (size_t i = 1; r->signo && i < r->count; i++)
		peer_cut(&r->peers[i]); /* once more: who does not end is not waited for */
	if (!r->signo)
		r->signo = signo;
	end_relay(r, true);
}

static void stdout_gone(void *arg)
{
	end_relay(arg, true);
}

/* The commands of a file are carried out first, on all hosts. */
static void input_over(void *arg)
{
	struct relay *r = arg;
	if (!r->open && r->input.lines.text.len) {
		emit_warning(r->emitter, NULL, "the input ended before the links to the hosts were made: its commands are dropped");
		r->emitter->code = exit_worse(r->emitter->code, EXIT_RUNTIME);
	}
	if (!r->input.is_file || r->options->check) {
		end_relay(r, false);
		return;
	}
	for (size_t i = 0; i < r->count; i++)
		if (!r->peers[i].over) {
			r->awaited++;
			peer_ask_idle(&r->peers[i]);
		}
}

static void peer_idle(void *arg, struct peer *p)
{
	(void)p;
	idle_or_over(arg);
}

/* --- lines ---------------------------------------------------------------------------- */

static void open_input(struct relay *r)
{
	int64_t now = mono_ns();
	r->open = true;
	r->start_ns = anchor_wall_ns(&r->emitter->sink.anchor, now);
	if (!r->options->check)
		emit_session_start(r->emitter, now);
	input_start(&r->input);
}

static void peer_ready(void *arg, struct peer *p)
{
	struct relay *r = arg;
	(void)p;
	if (++r->ready == r->count && !r->ending)
		open_input(r);
}

static size_t peer_of(const struct relay *r, const char *host)
{
	size_t i = 0;
	while (host && (!i || !is(r->peers[i].host, host)))
		i++;
	return i;
}

/* The session there began earlier than ours: what is due at a time since our start is due later, by the difference, since its start. */
static void pass_on(void *arg, const char *host, const struct args *words)
{
	struct relay *r = arg;
	struct peer *p = &r->peers[peer_of(r, host)];
	struct buf line = BUF_INIT;
	int64_t at_ns = r->at_ns + (r->options->check ? 0 : r->start_ns - p->start_ns);
	at_ns = at_ns > 0 ? at_ns : 0; /* the offset of its clock is an estimate */
	if (r->at_ns >= 0)
		buf_addf(&line, "@%" PRId64 ".%09" PRId64, at_ns / NS_PER_S, at_ns % NS_PER_S);
	for (size_t i = 0; i < words->count; i++)
		buf_addf(&line, "%s%s", line.len ? " " : "", words->words[i]);
	if (p->over) {
		struct err e;
		err_runtime(&e, "the link to '%s' is lost: the command was not carried out", p->host ? p->host : "this machine");
		not_done(r, r->line, &e);
	} else {
		peer_send(p, line.data, r->line);
	}
	buf_release(&line);
}

static void obey(void *arg, const struct line *line)
{
	struct relay *r = arg;
	struct split s = {.config = r->config, .faults = &r->faults, .each = pass_on, .arg = r};
	struct err e = {0};
	if (r->ending)
		return;
	r->line = line->number;
	if (line->text ? split_line(&s, line->text, &r->at_ns, &e) : err_usage(&e, "%s", line->wrong))
		not_done(r, line->number, &e);
}

/* What came before the links were made is dropped. */
static void line_came(void *arg, const struct line *line)
{
	struct relay *r = arg;
	r->open ? describing_line(&r->describing, line) : obey(r, line);
}

/* As they were given. */
static void add_options(const struct relay *r, struct args *a)
{
	const struct cli_rest *rest = r->rest;
	int next = 0;
	for (char *const *word = r->options->argv + 1; *word; word++)
		if (next < rest->count && rest->items[next] == *word)
			next++;
		else if (!is(*word, "--"))
			args_add(a, "%s", *word);
}

/* --- a command alone ------------------------------------------------------------------- */

static void text_came(void *arg, struct peer *p, const struct json *j, const char *line, size_t len)
{
	struct relay *r = arg;
	(void)p;
	(void)j;
	emit_words(r->emitter, line, len);
}

static void take_part(void *arg, const char *host, const struct args *words)
{
	struct relay *r = arg;
	struct args *part = &r->parts[peer_of(r, host)];
	add_options(r, part);
	for (size_t i = 0; i < words->count; i++)
		args_add(part, "%s", words->words[i]);
}

/* Of a command that names no node. */
static bool has_part(const struct relay *r, const char *host)
{
	const char *verb = r->rest->items[0], *mode = r->options->mode;
	bool found = is(verb, "doctor") || is(verb, "undo");
	for (size_t i = 0; i < r->config->node_count; i++) {
		const struct node_conf *n = &r->config->nodes[i];
		found = found || (config_lives_on(n, host) && (!mode || is(mode, conf_mode_name(n->mode))) &&
				  (n->kind != NODE_REMOTE || is(verb, "ls")));
	}
	return found;
}

static int share_out(struct relay *r, struct err *e)
{
	const struct args words = {.words = (char **)(uintptr_t)r->rest->items, .count = (size_t)r->rest->count};
	size_t hosts = 0;
	bool named = false;
	for (size_t i = 1; i < words.count; i++)
		named = named || is(words.words[0], "undo") || !strchr(words.words[i], '=');
	if (r->options->injects && exec_fault_load(&r->faults, words.words[0], e))
		return -1;
	if (named)
		return split_words(&(struct split){.config = r->config, .faults = &r->faults, .words = words.words,
						   .count = words.count, .names_end = words.count,
						   .picks = r->options->pick_word, .all_down = r->options->all_down,
						   .allows = "--all-down", .each = take_part, .arg = r}, e);
	for (size_t i = 0; i < r->count; i++)
		if (has_part(r, r->peers[i].host)) {
			take_part(r, r->peers[i].host, &words);
			hosts++;
		}
	if (!hosts)
		take_part(r, NULL, &words);
	return hosts > 1 && r->options->pick_word
		       ? err_usage(e, "%s: a pick is drawn among the nodes of one host", words.words[0]) : 0;
}

/* --- the peers -------------------------------------------------------------------------- */

static int check_bring_up(const struct config *c, const char *which, struct err *e)
{
	enum conf_mode mode;
	struct err no_mode;
	if (!which || conf_mode_parse(which, &mode, &no_mode) == 0)
		return 0;
	char *names = mem_strdup(which), *save = NULL;
	int rc = 0;
	for (char *name = strtok_r(names, ",", &save); name && !rc; name = strtok_r(NULL, ",", &save))
		rc = config_need_node(c, name, e) ? 0 : err_prefix(e, "--bring-up");
	free(names);
	return rc;
}

static int share_session(struct relay *r, struct err *e)
{
	for (size_t i = 0; i < r->count; i++)
		add_options(r, &r->parts[i]);
	args_add(&r->parts[0], "--anchor=%" PRId64, r->emitter->sink.anchor.offset_ns);
	return check_bring_up(r->config, r->options->bring_up, e);
}

/* What is a list of its own is headed by the host. */
static int open_one(struct relay *r, size_t i, struct err *e)
{
	const char *verb = r->options->control ? "" : r->rest->items[0];
	struct peer *p = &r->peers[i];
	if ((is(verb, "ls") || is(verb, "doctor") || r->options->dry_run) && p->host && !r->options->json) {
		char *head = mem_printf("on %s:\n", p->host);
		emit_words(r->emitter, head, strlen(head));
		free(head);
	}
	return peer_open(p, p->host, r->config, &r->parts[i], !is_in_turn(r), r->emitter, &r->calls, e);
}

static void open_next(struct relay *r)
{
	struct err e;
	while (r->next < r->count && !r->ending && !(r->running && is_in_turn(r))) {
		size_t i = r->next++;
		bool failed = r->parts[i].count && open_one(r, i, &e);
		r->running += r->parts[i].count && !failed;
		if (failed) {
			r->emitter->code = exit_worse(r->emitter->code, diag_err(&e));
			end_relay(r, true);
		}
	}
}

static int relay_init(struct relay *r, struct interrupt *signals, struct err *e)
{
	while (config_host(r->config, r->count++))
		;
	r->peers = mem_alloc(r->count * sizeof *r->peers);
	r->parts = mem_alloc(r->count * sizeof *r->parts);
	for (size_t i = 1; i < r->count; i++)
		r->peers[i].host = config_host(r->config, i - 1);
	if (r->options->control ? share_session(r, e) : share_out(r, e))
		return -1;
	interrupt_block();
	if (interrupt_init(signals, r->emitter->loop, interrupted, r, e))
		return -1;
	return r->options->control ? input_init(&r->input, r->emitter->loop, line_came, input_over, r, e) : 0;
}

int relay_run(const struct config *c, struct emitter *emitter, const struct options *o, const struct cli_rest *rest)
{
	struct relay r = {.config = c, .options = o, .rest = rest, .emitter = emitter};
	struct interrupt signals = {0};
	struct err e = {0};
	r.calls = (struct peer_calls){peer_ready, peer_idle, o->control ? NULL : text_came, peer_over, &r};
	r.faults = (struct fleet){.config = c, .loop = emitter->loop};
	r.describing = (struct describing){.fleet = &r.faults, .input = &r.input, .obey = obey, .failed = not_done, .arg = &r};
	emitter->session = true;
	emitter->on_gone = stdout_gone;
	emitter->arg = &r;
	if (relay_init(&r, &signals, &e)) {
		emitter->code = exit_worse(emitter->code, diag_err(&e));
	} else {
		open_next(&r);
		if (o->check && !r.ending)
			open_input(&r);
	}
	if (r.running)
		loop_run(emitter->loop);
	if (o->control)
		relook(r.peers, r.count, c, emitter);
	for (size_t i = 0; i < r.count; i++) {
		peer_release(&r.peers[i]);
		args_release(&r.parts[i]);
	}
	free(r.peers);
	free(r.parts);
	describing_release(&r.describing);
	input_release(&r.input);
	fleet_release(&r.faults);
	interrupt_release(&signals);
	if (r.signo)
		emitter->code = exit_worse(emitter->code, 128 + r.signo);
	return emitter->code;
}
