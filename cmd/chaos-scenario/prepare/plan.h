/* The plan of a run: the steps of a scenario with the nodes of a config in one mode. */
#ifndef SCENARIO_PREPARE_PLAN_H
#define SCENARIO_PREPARE_PLAN_H

#include "base/buf.h"
#include "conf/config.h"
#include "conf/scenario.h"

/* Nodes of one mode in the order of the config, which owns them; the array is owned. */
struct node_set {
	const struct node_conf **nodes;
	size_t count;
};

enum step_kind { STEP_PHASE, STEP_RATE, STEP_FAULT };

struct step {
	int64_t at_ns; /* after the start of the run */
	size_t order;  /* in the file; decides between steps of the same time */
	enum step_kind kind;
	const struct scenario_phase *phase;
	const struct scenario_action *action; /* NULL for STEP_PHASE */
	struct node_set nodes;
	double rps;    /* STEP_RATE: the rate from here on */
	char *command; /* STEP_FAULT: the line for chaos-fault, without newline */
};

struct plan {
	const struct scenario *scenario;
	const struct config *config;
	enum conf_mode mode;
	struct step *steps; /* by time, then by the file's order */
	size_t step_count, step_alloc;
	struct node_set load; /* targets of the load */
	char **warnings;      /* printed before the run */
	size_t warning_count, warning_alloc;
};

/* Fills the zeroed plan, which borrows scenario and config. -1 with EXIT_USAGE and a position for
 * an unknown node, loads with different targets, a missing rate. Release in both cases. */
int plan_make(struct plan *p, const struct scenario *s, const struct config *c,
	      enum conf_mode mode, struct err *e);
void plan_release(struct plan *p);

/* The rate planned at a time of the run. */
double plan_rate(const struct plan *p, int64_t at_ns);
const struct scenario_phase *plan_phase(const struct plan *p, int64_t at_ns);

/* The plan as text for people. */
void plan_print(const struct plan *p, struct buf *out);

#endif
