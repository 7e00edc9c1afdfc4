#include "options.h"

#include "faults/action.h"
#include "base/buf.h"
#include "cli/diag.h"
#include "sys/sig.h"
#include "faults/verb.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const struct opt table[] = {
	{"config", 'c', OPT_STR, "FILE", "the nodes (./config.yaml)",
	 .offset = offsetof(struct options, config)},
	{"for", 'f', OPT_SPAN, "D",
	 "hold kill, stop or pause for so long, then put the nodes back\n(until Ctrl-C)",
	 .offset = offsetof(struct options, for_ns)},
	{"pick", 'p', OPT_STR, "P",
	 "with kill, stop or pause: hit only some of the nodes named, or of\n--mode: one, a "
	 "number, "
	 "30%, all that can take it, primary or\nreplica (asked of Redis at that moment)",
	 .offset = offsetof(struct options, pick_word)},
	{"seed", 's', OPT_INT, "N", "of what --pick draws (drawn, and told)",
	 .offset = offsetof(struct options, seed), .min = 0, .max = 9e15},
	{"all-down", 0, OPT_FLAG, NULL,
	 "faults may leave no node of http or redis up, which is refused\notherwise",
	 .offset = offsetof(struct options, all_down)},
	{"signal", 0, OPT_STR, "NAME", "what kill sends (the config's 'signal', else KILL)",
	 .offset = offsetof(struct options, signal)},
	{"stay-down", 0, OPT_FLAG, NULL, "with kill or stop: leave the nodes down and return",
	 .offset = offsetof(struct options, stay_down)},
	{"detach", 0, OPT_FLAG, NULL,
	 "with kill, stop or pause: return at once; a guard puts the nodes\nback after --for or "
	 "the "
	 "config's deadline",
	 .offset = offsetof(struct options, detach)},
	{"deadline", 0, OPT_SPAN, "D",
	 "with --control: what is held so long after the session's start is\nput back, whatever "
	 "becomes of the session",
	 .offset = offsetof(struct options, deadline_ns)},
	{"dry-run", 'n', OPT_FLAG, NULL,
	 "touch nothing: say for each target what would be done, undone and\nlooked at, and what "
	 "is "
	 "lacking for it",
	 .offset = offsetof(struct options, dry_run)},
	{"all", 0, OPT_FLAG, NULL, "with undo: every active fault",
	 .offset = offsetof(struct options, all)},
	{"mode", 'm', OPT_CHOICE, "MODE",
	 "with up, down, ls and --pick: only the nodes of http or redis",
	 .offset = offsetof(struct options, mode), .choices = "http|redis"},
	{"json", 'j', OPT_FLAG, NULL, "events (with ls: nodes) as JSON Lines on stdout",
	 .offset = offsetof(struct options, json)},
	{"control", 0, OPT_FLAG, NULL,
	 "a session: commands on stdin, events on stdout; all is put back\nat the end of input",
	 .offset = offsetof(struct options, control)},
	{"bring-up", 0, OPT_CHOICE, "MODE",
	 "with --control: start the nodes of http or redis that are not up,\nand stop those at the "
	 "end",
	 .offset = offsetof(struct options, bring_up), .choices = "http|redis"},
	{"check", 0, OPT_FLAG, NULL,
	 "with --control: touch nothing; answer each line by whether it would\nbe obeyed",
	 .offset = offsetof(struct options, check)},
	{"anchor", 0, OPT_INT, "NS", "wall clock minus monotonic clock",
	 .offset = offsetof(struct options, anchor_ns), .min = -9e18, .max = 9e18, .hidden = true},
};

static const struct cli_command commands[] = {
	{"up", "[NODE...]", "start the nodes that are not running; wait until they are ready"},
	{"down", "[NODE...]", "stop the nodes that were started here"},
	{"start", "NODE...", "the same as up, for the nodes named"},
	{"restart", "NODE...", "stop and start again"},
	{"resume", "NODE...", "let paused nodes go on"},
	{"stop", "NODE...", "fault: SIGTERM, held until --for or Ctrl-C, then started again"},
	{"kill", "NODE...", "fault: SIGKILL, held and put back the same way"},
	{"pause", "NODE...", "fault: SIGSTOP, held, then SIGCONT"},
	{"ls", "[NODE...]", "the nodes, their state, and the faults on them"},
	{"doctor", "", "what is left over, and what works on this machine; touches nothing"},
	{"undo", "UID...", "put back faults by their UIDs, whoever holds or left them"},
};

static const char *const uses[] = {
	"[options] up|down|ls [NODE...]",
	"[options] start|restart|resume NODE...",
	"[options] kill|stop|pause NODE... [--pick P] [--for D]",
	"undo UID...|--all",
	"[--config FILE] [--json] doctor",
	"[options] --control [--bring-up MODE] [--check]",
	NULL,
};

static const char *const examples[] = {
	"chaos-fault up --mode http",
	"chaos-fault kill service-node-2 --for 10s",
	"chaos-fault pause --mode redis --pick primary --for 5s",
	"(echo pause redis-node-1; sleep 5) | chaos-fault --control | jq -c .",
	NULL,
};

static const struct cli cli = {
	.program = "chaos-fault",
	.summary = "starts, stops and breaks nodes, and always puts them back",
	.uses = uses,
	.opts = table,
	.opt_count = ARRAY_LEN(table),
	.commands = commands,
	.command_count = ARRAY_LEN(commands),
	.examples = examples,
};

static int check_session(const struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count)
		return err_usage(e, "unexpected '%s': with --control, commands come on stdin",
				 rest->items[0]);
	if (o->signal)
		return err_usage(e, "--signal does not go with --control; the config's 'signal' does");
	if (o->for_ns >= 0 || o->stay_down || o->mode || o->all || o->detach || o->pick_word ||
	    o->dry_run)
		return err_usage(e, "--%s does not go with --control",
				 o->stay_down	? "stay-down"
				 : o->dry_run	? "dry-run"
				 : o->pick_word ? "pick"
				 : o->all	? "all"
				 : o->detach	? "detach"
				 : o->mode	? "mode"
						: "for");
	return 0;
}

static int check_undo(const struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (o->all && rest->count > 1)
		return err_usage(e, "--all and UIDs do not go together");
	if (!o->all && rest->count < 2)
		return err_usage(e, "undo: which fault? 'chaos-fault ls' names them, --all is all");
	return 0;
}

static int check_doctor(const struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (rest->count > 1)
		return err_usage(e, "doctor looks at all there is; unexpected '%s'",
				 rest->items[1]);
	return o->all ? err_usage(e, "--all goes with undo, not with doctor") : 0;
}

static int check_command(const struct options *o, const struct cli_rest *rest, struct err *e)
{
	if (!rest->count)
		return err_usage(
			e, "a command is missing: up, down, kill, ...; see 'chaos-fault --help'");
	const char *word = rest->items[0];
	if (cli_command(&cli, word, e) < 0)
		return -1;
	const struct verb *v = verb_find(word);
	bool fault = v && v->action;
	bool whole =
		strcmp(word, "up") == 0 || strcmp(word, "down") == 0 || strcmp(word, "ls") == 0;
	if (o->bring_up)
		return err_usage(e, "--bring-up goes with --control only");
	if (o->check)
		return err_usage(e, "--check goes with --control; here it is --dry-run");
	if (o->for_ns >= 0 && !fault)
		return err_usage(e, "--for goes with kill, stop and pause, not with %s", word);
	if (o->deadline_ns >= 0)
		return err_usage(e, "--deadline goes with --control; here it is --for");
	if (o->signal && strcmp(word, "kill") != 0)
		return err_usage(e, "--signal goes with kill, not with %s", word);
	if (o->detach && (!fault || o->stay_down))
		return err_usage(e, "--detach goes with kill, stop and pause, without --stay-down");
	if ((o->pick_word || o->all_down || o->seed >= 0) && !fault)
		return err_usage(e, "--%s goes with kill, stop and pause, not with %s",
				 o->pick_word  ? "pick"
				 : o->all_down ? "all-down"
					       : "seed",
				 word);
	if (o->dry_run && (strcmp(word, "ls") == 0 || strcmp(word, "doctor") == 0))
		return err_usage(e, "%s touches nothing anyway", word);
	if (o->seed >= 0 && !o->pick_word)
		return err_usage(e, "--seed goes with --pick, which draws by it");
	if (o->stay_down && !(fault && v->action->can_stay))
		return err_usage(e, "--stay-down goes with kill and stop, not with %s", word);
	if (o->stay_down && o->for_ns >= 0)
		return err_usage(e, "--stay-down and --for contradict each other");
	if (o->mode && !whole && !o->pick_word)
		return err_usage(e, "--mode goes with up, down, ls and --pick, not with %s", word);
	if (o->mode && rest->count > 1)
		return err_usage(e, "--mode and names of nodes do not go together");
	if (strcmp(word, "undo") == 0)
		return check_undo(o, rest, e);
	if (strcmp(word, "doctor") == 0)
		return check_doctor(o, rest, e);
	if (o->all)
		return err_usage(e, "--all goes with undo, not with %s", word);
	if (!whole && !o->pick_word && rest->count < 2)
		return err_usage(e, "%s: which node? 'chaos-fault ls' names them", word);
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct cli_rest *rest)
{
	struct err e = {0};
	*o = (struct options){.for_ns = -1, .deadline_ns = -1, .seed = -1};
	int rc = cli_parse(&cli, o, argc, argv, rest, STDOUT_FILENO);
	if (rc != CLI_RUN)
		return rc;
	int signo = o->signal ? sig_parse(o->signal, &e) : 0;
	if (signo < 0)
		return diag_err(&e);
	if (signo)
		o->signal = sig_name(signo);
	o->anchor_given = cli_given(&cli, argc, argv, "anchor");
	if (o->pick_word && pick_parse(o->pick_word, &o->pick, &e)) {
		err_prefix(&e, "--pick");
		return diag_err(&e);
	}
	if (o->control ? check_session(o, rest, &e) : check_command(o, rest, &e))
		return diag_err(&e);
	return CLI_RUN;
}
