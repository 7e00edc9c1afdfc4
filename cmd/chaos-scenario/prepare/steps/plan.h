/* The plan of a run: the steps of a scenario with the loads and nodes of a config. */
#ifndef SCENARIO_PREPARE_PLAN_H
#define SCENARIO_PREPARE_PLAN_H

#include "base/buf.h"
#include "conf/config.h"
#include "conf/scenario.h"

/* Nodes in the order of the config, which owns them; the array is owned. */
struct node_set {
	const struct node_conf **nodes;
	size_t count;
};

enum step_kind { STEP_PHASE, STEP_RATE, STEP_FAULT, STEP_DROPPED };

struct step {
	int64_t at_ns; /* after the start of the run */
	size_t order;  /* in the file; decides between steps of the same time */
	enum step_kind kind;
	const struct scenario_phase *phase;
	const struct scenario_action *action; /* NULL for STEP_PHASE */
	struct node_set nodes; /* STEP_FAULT */
	/* STEP_RATE: of that load, the rate from here on, or a ramp from rps to to_rps. */
	size_t load;
	double rps, to_rps;
	int64_t ramp_ns;
	bool replays;  /* the log of the load begins here; its rate is not known */
	bool goes_on;  /* of a profile that an earlier step began */
	bool sent;     /* the load has been told */
	int64_t late_ns; /* STEP_FAULT: what was drawn of its jitter, in at_ns */
	bool silent; /* STEP_FAULT: it silences its nodes, and a restart lifts it, as chaos-fault says */
	char *command; /* STEP_FAULT: the line for chaos-fault, without newline */
};

/* One of the loads of the run, which goes on from its first action to the end. */
struct plan_load {
	const char *name;	      /* "load" if the action names none */
	const struct load_conf *conf; /* NULL: none is configured, the demo service's requests are sent */
	struct node_set nodes;
	const char **urls; /* of nodes and others, with passwords; the array is owned */
	size_t url_count;
	/* While the plan is made. */
	double last_rps;
	bool started;
	const struct scenario_action *now;
};

struct plan {
	struct scenario *scenario;
	const struct config *config;
	uint64_t seed;
	bool seeded; /* the seed was given, not drawn */
	enum conf_mode mode;
	bool twins; /* a node of the other mode stands for the one of the same number */
	struct step *steps; /* by time, then by the file's order */
	size_t step_count, step_alloc;
	struct plan_load *loads; /* behind them, those that are configured and that no action starts */
	size_t load_count, unused_count;
	struct node_set nodes; /* all that the run needs */
	char **warnings;      /* printed before the run */
	size_t warning_count, warning_alloc;
};

/* Fills the zeroed plan, which borrows scenario and config. -1 with EXIT_USAGE and a position for
 * an unknown node or load, a missing rate. mode NULL: none was asked for. Release in both cases. */
int plan_make(struct plan *p, struct scenario *s, const struct config *c,
	      const enum conf_mode *mode, struct err *e);
void plan_release(struct plan *p);

const struct scenario_phase *plan_phase(const struct plan *p, int64_t at_ns);

/* The end of the first phase that is not fixed and ends after at_ns; INT64_MAX if there is none. */
int64_t plan_open_end(const struct plan *p, int64_t at_ns);
/* The phase, until_recovered, ends at at_ns, before its bound: all that follows comes earlier. */
void plan_end_phase(struct plan *p, const struct scenario_phase *phase, int64_t at_ns);

/* Whether the step breaks something, and when the plan lifts that: after its time, by a later action, or at the end. */
bool plan_is_fault(const struct step *s);
int64_t plan_end_of(const struct plan *p, const struct step *s);

/* "samples.csv" of stem and ending, "samples.LOAD.csv" if there are several loads. The caller frees. */
char *plan_load_file(const struct plan *p, size_t load, const char *stem, const char *ending);

/* The plan as text for people. */
void plan_print(const struct plan *p, struct buf *out);

#endif
