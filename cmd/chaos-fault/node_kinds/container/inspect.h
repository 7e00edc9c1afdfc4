/* What a container engine says about its containers, read from its answers. */
#ifndef FAULT_KINDS_CONTAINER_INSPECT_H
#define FAULT_KINDS_CONTAINER_INSPECT_H

#include "base/err.h"
#include "conf/config.h"
#include "node/identity.h"

#include <stdbool.h>
#include <sys/types.h>

struct json;

/* One container, as the engine's inspection shows it. */
struct view {
	char id[CONTAINER_ID_MAX]; /* "": there is none */
	char project[PROJECT_MAX]; /* of compose; "" for none */
	char started[STARTED_MAX]; /* when it was started last; tells one life from the next */
	bool running, paused, restarting;
	bool removes_itself; /* nothing of it stays when it ends */
	char policy[24];     /* for restarts: "", "no", "always", "unless-stopped", "on-failure" */
	char stop_signal[24]; /* "SIGQUIT", "3"; "": the usual one */
	char health[16];     /* "healthy", "unhealthy", "starting"; "" if it has no check */
	int exit_code;	     /* of its last life */
	pid_t pid; /* of its first process, in the engine's own count; 0: it does not run */
	int restarts;	     /* by its policy, so far */
};

/* From the body of GET /containers/ID/json. -1 (EXIT_RUNTIME) if it cannot be understood. */
int view_read(struct view *v, const char *body, struct err *e);

/* The container that the config means by c, out of the body of GET /containers/json?all=1, by name or
 * by compose's labels; of several services of that name, the one that was made in the config's
 * folder. Its full id goes to id. -1: EXIT_USAGE when there is none, with the nearest name that is no
 * other node, more than one, or a task of Swarm; EXIT_RUNTIME if the body cannot be understood. id is then
 * "", but of more than one that of the first. */
int view_find(char id[static CONTAINER_ID_MAX], const struct node_conf *c,
	      const struct config *config, const char *engine, const char *body, struct err *e);

/* The engine's own words for a refusal: {"message":…}; out is "" if there are none. */
void view_message(const char *body, char *out, size_t size);

#endif
