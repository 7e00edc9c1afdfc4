#include "hosts/relay.h"

#include "base/clock.h"
#include "base/units.h"
#include "cli/diag.h"
#include "events/interrupt.h"
#include "front/input.h"
#include "hosts/peer.h"
#include "hosts/relook.h"
#include "hosts/split.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct relay {
	const struct config *config;
	const struct options *options;
	struct report *report;
	struct peer *peers; /* the first is that of this machine */
	size_t count, ready, over, awaited;
	struct peer_calls calls;
	struct input input;
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

static void not_done(struct relay *r, size_t line, const struct err *e)
{
	report_error(r->report, NULL, line, e);
	r->report->code = exit_worse(r->report->code, e->code);
}

static void lost(struct relay *r, const struct peer *p)
{
	struct err e;
	err_runtime(&e, "the link to %s%s%s %s%s", p->host ? "'" : "", p->host ? p->host : "the nodes of this machine",
		    p->host ? "'" : "", r->open ? "is lost" : "could not be made",
		    p->active_count ? ": what is broken there is put back there, at the end of its input or at its deadline"
				    : "");
	not_done(r, 0, &e);
}

static void idle_or_over(struct relay *r)
{
	if (r->awaited && !--r->awaited)
		end_relay(r, false);
}

/* That of this machine too ends only with the others, unless it never began. */
static void peer_over(void *arg, struct peer *p)
{
	struct relay *r = arg;
	r->over++;
	if (p->awaited)
		idle_or_over(r);
	r->report->code = exit_worse(r->report->code, p->code);
	/* What is wrong with its input it has said itself. */
	if (p->active_count || (!r->ending && p->code != EXIT_USAGE))
		lost(r, p);
	if (!r->ending && (!p->host || !r->open))
		end_relay(r, true);
	if (r->over == r->count)
		loop_stop(r->report->loop);
}

/* Nothing is said to be put back that was not seen. */
static void look_again(struct relay *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct peer *p = &r->peers[i];
		if (!p->active_count || relook(p, r->config))
			continue;
		diag("a fault on '%s' may still be active: 'chaos-fault ls' asks there",
		     p->host ? p->host : "this machine");
		r->report->code = exit_worse(r->report->code, EXIT_RESIDUE);
	}
}

static void interrupted(void *arg, int signo)
{
	struct relay *r = arg;
	for (size_t i = 0; r->signo && i < r->count; i++)
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
		report_warning(r->report, NULL, "the input ended before the links to the hosts were made: its commands are dropped");
		r->report->code = exit_worse(r->report->code, EXIT_RUNTIME);
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
	r->start_ns = anchor_wall_ns(&r->report->sink.anchor, now);
	if (!r->options->check)
		report_session_start(r->report, now);
	input_start(&r->input);
}

static void peer_ready(void *arg, struct peer *p)
{
	struct relay *r = arg;
	(void)p;
	if (++r->ready == r->count && !r->ending)
		open_input(r);
}

/* What is due so long after our start is due so much longer after the start there, which was before. */
static void pass_on(void *arg, const char *host, const char *text)
{
	struct relay *r = arg;
	struct peer *p = r->peers;
	struct buf line = BUF_INIT;
	while (host && (!p->host || strcmp(p->host, host) != 0))
		p++;
	int64_t at_ns = r->at_ns + (r->options->check ? 0 : r->start_ns - p->start_ns);
	at_ns = at_ns > 0 ? at_ns : 0; /* how far its clock is off is known only so well */
	if (r->at_ns >= 0)
		buf_addf(&line, "@%" PRId64 ".%09" PRId64 " ", at_ns / NS_PER_S, at_ns % NS_PER_S);
	buf_addstr(&line, text);
	if (p->over) {
		struct err e;
		err_runtime(&e, "the link to '%s' is lost: not done", p->host ? p->host : "this machine");
		not_done(r, r->line, &e);
	} else {
		peer_send(p, line.data, r->line);
	}
	buf_release(&line);
}

static void line_came(void *arg, const struct line *line)
{
	struct relay *r = arg;
	struct err e = {0};
	r->line = line->number;
	int rc = line->text ? split_line(r->config, line->text, &r->at_ns, pass_on, r, &e)
			    : err_usage(&e, "%s", line->wrong);
	if (!rc)
		return;
	not_done(r, line->number, &e);
}

/* --- the peers -------------------------------------------------------------------------- */

/* Of the names to bring up, those of the host; a mode is for all. */
static void add_bring_up(struct words *w, const struct relay *r, const char *host)
{
	struct buf names = BUF_INIT;
	char *list = mem_strdup(r->options->bring_up ? r->options->bring_up : ""), *save = NULL;
	for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		const struct node_conf *n = config_node(r->config, name);
		bool its = n ? strcmp(n->host ? n->host : "", host ? host : "") == 0
			     : !host || !strcmp(name, "http") || !strcmp(name, "redis");
		if (its)
			buf_addf(&names, "%s%s", names.len ? "," : "", name);
	}
	if (names.len)
		words_add(w, "--bring-up=%s", names.data);
	buf_release(&names);
	free(list);
}

static int open_peer(struct relay *r, struct peer *p, const char *host, struct err *e)
{
	struct words args = {0};
	far_options(&args, r->options);
	if (!host)
		words_add(&args, "--anchor=%" PRId64, r->report->sink.anchor.offset_ns);
	add_bring_up(&args, r, host);
	int rc = peer_open(p, host, r->config, &args, r->report->loop, r->report, &r->calls, e);
	words_release(&args);
	return rc;
}

static int open_peers(struct relay *r, struct err *e)
{
	size_t hosts = 0;
	while (config_host(r->config, hosts))
		hosts++;
	r->peers = mem_alloc((hosts + 1) * sizeof *r->peers);
	for (size_t i = 0; i <= hosts; i++) {
		r->count++;
		if (open_peer(r, &r->peers[i], i ? config_host(r->config, i - 1) : NULL, e))
			return -1;
	}
	return 0;
}

int relay_run(const struct config *c, struct report *report, const struct options *o)
{
	struct relay r = {.config = c, .options = o, .report = report};
	struct interrupt signals = {0};
	struct err e = {0};
	r.calls = (struct peer_calls){peer_ready, peer_idle, peer_over, &r};
	report->session = true;
	report->on_gone = stdout_gone;
	report->arg = &r;
	interrupt_hold();
	if (interrupt_init(&signals, report->loop, interrupted, &r, &e) ||
	    input_init(&r.input, report->loop, line_came, input_over, &r, &e) || open_peers(&r, &e)) {
		report->code = diag_err(&e);
	} else {
		if (o->check)
			open_input(&r);
		loop_run(report->loop);
		look_again(&r);
	}
	for (size_t i = 0; i < r.count; i++)
		peer_release(&r.peers[i]);
	free(r.peers);
	input_release(&r.input);
	interrupt_release(&signals);
	if (r.signo)
		report->code = exit_worse(report->code, 128 + r.signo);
	return report->code;
}
