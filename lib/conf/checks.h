/* What is asked of the system while a scenario runs: its steady state, and its stop conditions. */
#ifndef CONF_CHECKS_H
#define CONF_CHECKS_H

#include "conf/loads.h"
#include "url/url.h"

enum check_kind { CHECK_RULE, CHECK_FILE, CHECK_HTTP, CHECK_REDIS, CHECK_PROCESS };

/* When the steady state must be seen; a set. */
enum check_when {
	CHECK_START = 1,  /* at the first fault, or the end of the run */
	CHECK_END = 2,	  /* at the end of the run */
	CHECK_FAULTS = 4, /* while a fault is there */
	CHECK_ALWAYS = 8,
};

struct scenario_check {
	enum check_kind kind;
	struct placed what; /* rule, path, URL without a password, or the program's name */
	struct url url;	    /* of CHECK_HTTP, CHECK_REDIS */
	char **argv;	    /* of CHECK_PROCESS; else one word, if it has a mark */
	int64_t status;	    /* of CHECK_HTTP; 0: any below 400 */
	int64_t timeout_ns;
	bool stop;	    /* a stop condition: a file that is there or a probe that fails ends the run */
	unsigned when;	    /* of enum check_when, else */
};

struct scenario_checks {
	struct scenario_check *all;
	size_t count;
	bool steady; /* there is a steady state */
};

/* "error_rate < 0.01", "http http://a/": a rule, or a kind and what it asks. */
void check_describe(const struct scenario_check *c, char *out, size_t size);
const char *check_mode(const struct scenario_check *c); /* as it is written: "SoT" */

/* Adds those of a list. -1 with a position. Release in either case. */
int checks_read(struct scenario_checks *c, struct ynode list, bool stop, struct err *e);
/* Fills in the marks of probes in the file of that path, in url and argv alone. value_of is getenv. -1 with a position. */
int checks_fill(struct scenario_checks *all, const char *path, char *(*value_of)(const char *name), struct err *e);
void checks_release(struct scenario_checks *c); /* accepts a zeroed one */

#endif
