#include "options.h"

#include "faults/built_in.h"
#include "base/buf.h"
#include "base/signame.h"
#include "base/suggest.h"
#include "cli/diag.h"
#include "sys/sig.h"
#include "faults/exec/exec_fault.h"
#include "faults/verb.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct options, field)

static const struct opt table[] = {
	{"config", 'c', OPT_STR, "FILE", "the nodes (./config.yaml)", AT(config)},
	{"for", 'f', OPT_SPAN, "D",
	 "hold a fault for so long, then put the nodes back (until Ctrl-C);\nnot where the node heals by itself",
	 AT(for_ns)},
	{"pick", 'p', OPT_STR, "P",
	 "with a fault: hit only some of the nodes named, or of --mode: one,\na number, 30%, "
	 "all that can take it, primary or replica\n(asked of Redis at that moment)", AT(pick_word)},
	{"seed", 's', OPT_INT, "N", "of what --pick draws (drawn, and told)",
	 AT(seed), .min = 0, .max = 9e15},
	{"all-down", 0, OPT_FLAG, NULL,
	 "faults may leave no node of http or redis up, which is refused\notherwise", AT(all_down)},
	{"signal", 0, OPT_STR, "NAME", "what kill sends (the config's 'signal', else KILL)",
	 AT(signal)},
	{"stay-down", 0, OPT_FLAG, NULL, "with kill or stop: leave the nodes down and return",
	 AT(stay_down)},
	{"detach", 0, OPT_FLAG, NULL,
	 "with a fault: return at once; a guard puts the nodes back after\n--for or the "
	 "config's deadline; not where the node heals by itself", AT(detach)},
	{"deadline", 0, OPT_SPAN, "D",
	 "with --control: what is held so long after the session's start is\nput back, "
	 "whatever becomes of the session", AT(deadline_ns)},
	{"dry-run", 'n', OPT_FLAG, NULL,
	 "touch nothing: say for each target what would be done, undone and\nlooked at, and "
	 "what is lacking for it", AT(dry_run)},
	{"all", 0, OPT_FLAG, NULL, "with undo: every active fault", AT(all)},
	{"forget", 0, OPT_FLAG, NULL, "with undo: give the faults up, put nothing back", AT(forget)},
	{"mode", 'm', OPT_CHOICE, "MODE",
	 "with up, down, ls and --pick: only the nodes of http or redis",
	 AT(mode), .choices = "http|redis"},
	{"json", 'j', OPT_FLAG, NULL, "events (with ls: nodes) as JSON Lines on stdout", AT(json)},
	{"control", 0, OPT_FLAG, NULL,
	 "a session: commands on stdin, events on stdout; all is put back\nat the end of input",
	 AT(control)},
	{"bring-up", 0, OPT_STR, "MODE|NODE,...",
	 "with --control: start the nodes of http or redis, or those named,\nthat are not up, and "
	 "stop them at the end", AT(bring_up)},
	{"check", 0, OPT_FLAG, NULL,
	 "with --control: touch nothing; answer each line by whether it would\nbe obeyed",
	 AT(check)},
	{"there", 0, OPT_STR, "HOST", "on that host: its nodes alone, of a config on stdin",
	 AT(there), .hidden = true},
	{"here", 0, OPT_FLAG, NULL, "the nodes of this machine alone", AT(here), .hidden = true},
	{"anchor", 0, OPT_INT, "NS", "wall clock minus monotonic clock",
	 AT(anchor_ns), .min = -9e18, .max = 9e18, .hidden = true},
};

#define ENTRY(name, help) {#name, "NODE...", "fault: " help},

static const struct cli_command commands[] = {
	{"up", "[NODE...]", "start the nodes that are not running; wait until they are ready"},
	{"down", "[NODE...]", "stop the nodes that were started here"},
	{"start", "NODE...", "the same as up, for the nodes named"},
	{"restart", "NODE...", "stop and start again"},
	{"resume", "NODE...", "let paused nodes go on"},
	BUILT_IN_FAULTS(ENTRY)
	{"ls", "[NODE...]", "the nodes, their state, and the faults on them"},
	{"faults", "", "what can be broken, with its parameters"},
	{"doctor", "", "what is left over, and what works on this machine; touches nothing"},
	{"push", "HOST...", "bring what nodes on that host need there, by ssh"},
	{"undo", "UID...", "put back faults by their UIDs, whoever holds or left them"},
};

static const struct cli cli = {
	.program = "chaos-fault",
	.summary = "starts, stops and breaks nodes, and always puts them back",
	.uses = {
		"[options] up|down|ls [NODE...]",
		"[options] start|restart|resume NODE...",
		"[options] FAULT NODE... [PARAM=VALUE...] [--pick P] [--for D]",
		"undo [--forget] UID...|--all",
		"[--config FILE] [--json] doctor",
		"[--json] faults",
		"push HOST...",
		"[options] --control [--bring-up MODE] [--check]",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.commands = commands, .command_count = ARRAY_LEN(commands),
	.examples = {
		"chaos-fault up --mode http",
		"chaos-fault kill service-node-2 --for 10s",
		"chaos-fault pause --mode redis --pick primary --for 5s",
		"(echo pause redis-node-1; sleep 5) | chaos-fault --control | jq -c .",
	},
	/* chaos-fault itself would put back what is left over. */
	.completes = "$(awk -F \"[ :]+\" \"/^[^ #]/{on=/^nodes:/;w=0}on&&match(\\$0,/^ +[A-Za-z0-9._-]+:/)"
		     "{n=match(\\$0,/[^ ]/);if(!w)w=n;if(n==w)print \\$2}\" config.yaml 2>/dev/null)",
};

/* --- what goes with what --------------------------------------------------------- */

/* What a command is, for the options that it takes. */
enum {
	INJECTS = 1 << 0, /* a fault */
	STAYS = 1 << 1,	  /* a fault that --stay-down can let go */
	SIGNALS = 1 << 2, /* a fault that sends --signal */
	WHOLE = 1 << 3, /* all nodes if none is named */
	ACTS = 1 << 4,
	UNDOES = 1 << 5,
	PUSHES = 1 << 7, /* to hosts, whose names are none of nodes */
	SESSION = 1 << 6, /* --control, which takes the place of a command */
};

static unsigned fault_bits(const struct action *a)
{
	return ACTS | INJECTS | (a->can_stay ? STAYS : 0) | (a->takes_signal ? SIGNALS : 0);
}

static unsigned command_bits(const char *word)
{
	static const struct {
		const char *word;
		unsigned bits;
	} known[] = {{"up", WHOLE | ACTS}, {"down", WHOLE | ACTS}, {"ls", WHOLE},
		     {"doctor", 0},	   {"faults", 0},
		     {"undo", UNDOES | ACTS},
		     {"push", PUSHES}};
	const struct verb *v = verb_find(word);
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].word, word) == 0)
			return known[i].bits;
	return v && v->action ? fault_bits(v->action) : ACTS;
}

/* words: of what the option goes with; NULL: it is of the built-in faults with one of those bits. */
static int err_option(const char *option, const char *words, unsigned with, const char *word, struct err *e)
{
	struct buf faults = BUF_INIT;
	for (size_t i = 0; action_at(i); i++)
		if (fault_bits(action_at(i)) & with)
			buf_addf(&faults, "%s%s", faults.len ? " and " : "", action_at(i)->name);
	err_usage(e, "--%s goes with %s, not with %s", option, words ? words : faults.data, word);
	buf_release(&faults);
	return -1;
}

static int check_options(const struct options *o, unsigned bits, const char *word, struct err *e)
{
	static const char faults[] = "faults";
	const struct {
		const char *option;
		bool given;
		unsigned with;
		const char *words;
	} rules[] = {
		{"for", o->for_ns >= 0, INJECTS, faults},
		{"pick", o->pick_word, INJECTS, faults},
		{"all-down", o->all_down, INJECTS | SESSION, faults},
		{"seed", o->seed >= 0, INJECTS | SESSION, faults},
		{"detach", o->detach, INJECTS, faults},
		{"stay-down", o->stay_down, STAYS, NULL},
		{"signal", o->signal, SIGNALS, NULL},
		{"mode", o->mode && !o->pick_word, WHOLE, "up, down, ls and --pick"},
		{"all", o->all, UNDOES, "undo"},
		{"forget", o->forget, UNDOES, "undo"},
		{"dry-run", o->dry_run, ACTS, "commands that act"},
		{"bring-up", o->bring_up, SESSION, "--control"},
		{"deadline", o->deadline_ns >= 0, SESSION, "--control"},
		{"check", o->check, SESSION, "--control"},
	};
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].given && !(rules[i].with & bits))
			return err_option(rules[i].option, rules[i].words, rules[i].with, word, e);
	if (o->stay_down && (o->detach || o->for_ns >= 0))
		return err_usage(e, "--stay-down and --%s contradict each other",
				 o->detach ? "detach" : "for");
	if (o->forget && o->dry_run)
		return err_usage(e, "--forget and --dry-run do not go together: nothing is undone");
	if (o->seed >= 0 && !o->pick_word && bits != SESSION)
		return err_usage(e, "--seed goes with --pick, which draws by it");
	return 0;
}

static int check_session(const struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count)
		return err_usage(e, "unexpected '%s': with --control, commands come on stdin",
				 rest->items[0]);
	return check_options(o, SESSION, "--control", e);
}

/* What cli_command has said, unless a fault that is a program is nearer. */
static int unknown(const char *word, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		suggest(word, commands[i].name, &near);
	exec_fault_nearest(word, near, e);
	return -1;
}

static int check_command(struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (!rest->count)
		return err_usage(
			e, "a command is missing: up, down, kill, ...; see 'chaos-fault --help'");
	const char *word = rest->items[0];
	bool program = exec_fault_exists(word) && cli_command(&cli, word, e) < 0;
	if (!program && cli_command(&cli, word, e) < 0)
		return unknown(word, e);
	unsigned bits = program ? ACTS | INJECTS : command_bits(word);
	bool named = false;
	o->injects = bits & INJECTS;
	for (int i = 1; i < rest->count; i++) /* NAME=VALUE names no node */
		named = named || !strchr(rest->items[i], '=');
	if (check_options(o, bits, word, e))
		return -1;
	if (named && (o->mode || o->all))
		return err_usage(e, "--%s and names do not go together", o->mode ? "mode" : "all");
	if (!bits && rest->count > 1)
		return err_usage(e, "unexpected '%s': %s takes no names", rest->items[1], word);
	if (bits & UNDOES && !named && !o->all)
		return err_usage(e, "undo needs the UID of a fault, or --all; 'chaos-fault ls' lists the faults");
	if (bits & PUSHES && !named)
		return err_usage(e, "push needs the name of a host");
	if (bits & ACTS && !(bits & (WHOLE | UNDOES)) && !named && !o->pick_word)
		return err_usage(e, "%s needs the name of a node; 'chaos-fault ls' lists the nodes", word);
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct cli_rest *rest)
{
	struct err e = {0};
	*o = (struct options){.for_ns = -1, .deadline_ns = -1, .seed = -1, .anchor_ns = INT64_MIN, .argv = argv};
	int rc = cli_parse(&cli, o, argc, argv, rest, STDOUT_FILENO);
	if (rc != CLI_RUN)
		return rc;
	int signo = o->signal ? sig_parse(o->signal, &e) : 0;
	if (signo < 0)
		return diag_err(&e);
	if (signo)
		o->signal = signal_abbrev(signo);
	if (o->pick_word && pick_parse(o->pick_word, &o->pick, &e)) {
		err_prefix(&e, "--pick");
		return diag_err(&e);
	}
	if (o->control ? check_session(o, rest, &e) : check_command(o, rest, &e))
		return diag_err(&e);
	return CLI_RUN;
}
