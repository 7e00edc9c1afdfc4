/* A command as each host concerned is to have it. */
#ifndef FAULT_HOSTS_SPLIT_H
#define FAULT_HOSTS_SPLIT_H

#include "conf/config.h"
#include "node/fleet.h"
#include "sys/args.h"

/* The verb, then nodes and parameters, or UIDs; from names_end on what each host gets as it is. */
struct split {
	const struct config *config;
	const struct fleet *faults; /* that knows those that are programs; borrowed */
	char *const *words; /* borrowed */
	size_t count, names_end;
	bool picks, all_down;
	const char *allows; /* how the user says the latter */
	/* Called for every host concerned; host NULL: this machine. What names nothing that is there is for this machine,
	 * whose chaos-fault says so. */
	void (*each)(void *arg, const char *host, const struct args *words);
	void *arg;
};

/* -1 with EXIT_USAGE for what hosts cannot do together. */
int split_words(const struct split *s, struct err *e);

/* The same of a control line, whose words point into line; s needs config, faults, each and arg. *at_ns is its time after the
 * start, or negative. */
int split_line(struct split *s, char *line, int64_t *at_ns, struct err *e);

#endif
