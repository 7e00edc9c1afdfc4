/* The options of chaos-node. */
#ifndef SERVICE_OPTIONS_H
#define SERVICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	int64_t port; /* 0: any free one */
	int64_t workers;
	int64_t seed; /* negative: drawn at the start */
	const char *name, *bind, *delay, *port_file;
	bool check; /* run the health check instead of a node */
	int64_t delay_min_ns, delay_max_ns; /* from delay */
};

/* Returns CLI_RUN, or the exit code to leave with. All text points into argv. */
int options_parse(struct options *o, int argc, char **argv);

#endif
