/* The steady state and the stop conditions while the run goes on. */
#ifndef SCENARIO_CONDUCT_CHECKS_H
#define SCENARIO_CONDUCT_CHECKS_H

#include "conduct/run.h"

/* With the loads: starts what watches the rules of stop conditions, and the probes. */
int checks_begin(struct run *r, struct err *e);
/* Takes what they have told; ends the run if a stop condition holds. */
void checks_look(struct run *r);
/* Before the first fault, or at the end of the plan: ends the run unless it was steady. */
void checks_steady(struct run *r);
/* The plan was over at end_ns: whether the probes that are for the end have been asked since, and have answered. */
bool checks_await_end(struct run *r, int64_t end_ns);
/* The plan is over: the last answers are those of the end. */
void checks_end(struct run *r);
/* Each load has been well, in the live analysis, for five windows in a row since then (after slot 0), and is. */
bool checks_well_since(const struct run *r, int64_t since_ns);
/* What came of the probes of EoT, Edge, Continuous and OnChaos: a list of text and result. */
struct json *checks_results(const struct run *r);
void checks_release_all(struct run *r);

#endif
