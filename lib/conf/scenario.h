/* Scenarios: named phases of a run, each with the load and the faults that begin in it.
 * The format is described in chaos-scenario(5) and read here alone. */
#ifndef CONF_SCENARIO_H
#define CONF_SCENARIO_H

#include "base/err.h"
#include "conf/checks.h"
#include "conf/loads.h"
#include "conf/pick.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum action_kind {
	ACTION_LOAD,	  /* sets the rate: rps, or with continue_load the rate before the pause */
	ACTION_LOAD_STOP, /* rate 0 */
	ACTION_NODE,	  /* a verb of chaos-fault on nodes */
};

/* One word of the action table. */
struct action_type {
	const char *name; /* as in the scenario: "kill_node" */
	enum action_kind kind;
	const char *verb, *undo; /* of chaos-fault, for ACTION_NODE; without an undo it lifts faults */
	bool needs_rps, takes_rps;
};

struct scenario_action {
	const struct action_type *type; /* of a fault program: kind ACTION_NODE, without a name */
	const char *verb;   /* of chaos-fault, also a program's name; NULL for a load */
	char *program;	    /* its name if it is a program; owned */
	char *params;	    /* of the program, " name=value" for each; NULL if there are none */
	struct conf_place place, type_place;
	int64_t at_ns;	/* after the start of its phase */
	int64_t every_ns, times; /* a fault: so often, in that rhythm; times is 1 or more */
	int64_t jitter_ns;	 /* each time later by at most this */
	int64_t for_ns; /* 0: until it is lifted, or the run ends */
	double rps;	/* negative if not given */
	struct pick pick; /* among the targets, at that moment; PICK_NONE: all of them */
	bool all_down;	  /* the fault may leave no node of its mode up */
	char *load;	  /* name of the load; NULL: not given */
	struct conf_place load_place;
	struct placed *targets; /* nodes or SCENARIO_ALL_NODES; at least one */
	size_t target_count;
	struct placed *expect; /* of a fault: rules that must be true of it; unchecked */
	size_t expect_count;
};

struct scenario_phase {
	char *name;
	struct conf_place place;
	int64_t start_ns; /* after the start of the run */
	int64_t duration_ns;
	bool until_recovered; /* it ends when the system has recovered: duration_ns is its bound */
	struct conf_place until_place;
	struct scenario_action *actions;
	size_t action_count;
	struct placed *expect; /* rules that must be true of it; unchecked */
	size_t expect_count;
};

struct scenario {
	char *path;	   /* as given, for messages */
	char *name;	   /* never NULL */
	char *description; /* or NULL */
	struct scenario_phase *phases; /* at least one */
	size_t phase_count;
	int64_t duration_ns; /* of all phases */
	struct load_confs loads;
	struct scenario_checks checks;
	int64_t seed; /* negative: not given */
};

#define SCENARIO_ALL_NODES "all_nodes"

/* Reads a scenario into zeroed or released storage. Returns 0, or -1 with "file:line:column: …"
 * (EXIT_USAGE) or EXIT_RUNTIME if the file cannot be read. Release in both cases. */
int scenario_load(struct scenario *s, const char *path, struct err *e);
/* The same from text; path stands for it in messages. */
int scenario_parse(struct scenario *s, const char *text, size_t len, const char *path,
		   struct err *e);
void scenario_action_release(struct scenario_action *a);
void scenario_release(struct scenario *s); /* accepts a zeroed one */

/* There is no such program. Names the nearest action, else near, the nearest program (or NULL).
 * Returns -1. */
int scenario_unknown(const struct scenario *s, const struct scenario_action *a, const char *near,
		     struct err *e);

#endif
