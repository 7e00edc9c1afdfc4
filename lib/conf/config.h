/* config.yaml: the targets, how each node is run or found, thresholds, models. */
#ifndef CONF_CONFIG_H
#define CONF_CONFIG_H

#include "base/err.h"
#include "conf/loads.h"
#include "conf/mode.h"
#include "url/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The node that is the proxy of all that have 'via', and its API in the folder that it runs in. */
#define VIA_PROXY  "chaos-proxy"
#define VIA_SOCKET "proxy.sock"

/* How a node is run. */
enum node_kind {
	NODE_REMOTE,  /* a URL without an entry: takes load, but no faults */
	NODE_PROCESS, /* a process that chaos-fault starts */
	NODE_CONTAINER, /* a container of an engine on this machine */
	NODE_PROGRAM, /* of a kind that is a program, which alone knows what it is */
};

/* When a node counts as ready. */
enum ready_kind {
	READY_HTTP_GET,	     /* GET ready_path answers below 400 */
	READY_REDIS_PING,    /* PING answers PONG */
	READY_REDIS_REPLICA, /* its link to the master is up */
	READY_TCP,	     /* it accepts a connection */
};

struct node_conf {
	char *name; /* [A-Za-z0-9._-]+ */
	char *url;  /* as written, without user and password, for events and listings */
	char *full_url; /* with user and password, for connections; never printed */
	char *via;	/* HOST:PORT of the proxy before it, or NULL; rows and events keep the URL */
	char *host;	/* where it lives, as ssh knows it; NULL: this machine */
	char *place;	/* where it points, see twins_place */
	struct url at;
	enum conf_mode mode;
	enum node_kind kind;
	char **argv; /* NULL-terminated; NULL unless NODE_PROCESS, as the next three are */
	char *cwd;	/* absolute; NULL: a folder in its state */
	char *env_file; /* absolute, or NULL; lines NAME=VALUE, which only its start reads */
	char **env;	/* variables: name, value, name, …, NULL; or NULL */
	char **needs;	/* names of nodes that are brought up before it; NULL-terminated or NULL */
	/* NODE_CONTAINER: name or id of the container, or its compose service and project;
	 * address of its engine. NULL if not given. */
	char *container, *compose, *project, *engine;
	/* NODE_PROGRAM: the program's name and its keys, name, value, name, …, NULL; where they stand. */
	char *program, **with;
	int program_line, program_column, with_line, with_column;
	char *program_sum; /* the copy of that sum stands for it; NULL: it is found by its name */
	char *signal; /* signal that a kill sends, e.g. "TERM"; NULL: KILL */
	char *stop_signal; /* that a stop sends; NULL: TERM */
	enum ready_kind ready;
	char *ready_path; /* for READY_HTTP_GET */
	bool ready_given; /* given by the user, not a default */
	int64_t ready_within_ns;
	bool in_table;	   /* it has an entry under 'nodes' */
	int line, column; /* position in the file; 0 if derived from a list */
	size_t listed;	  /* place in the user's lists, from 1; 0: only the table has it */
};

struct llm_conf {
	bool enabled;
	char *provider;
	char *model, *base_url, *api_key_file; /* NULL: the provider's own; none */
	char **fallback_models; /* NULL-terminated */
	double temperature;
	int64_t max_words;
	int64_t timeout_ns;
};

struct config {
	char *path; /* the file, or NULL if there is none and these are the defaults */
	char *dir;  /* absolute folder of the file: relative commands start there */
	struct node_conf *nodes; /* those of each mode in the order of the user's list */
	size_t node_count, node_alloc;
	struct twins *twins; /* while the nodes are read */

	double throughput_drop_threshold; /* 0–1 of the baseline's rate */
	double error_rate_threshold;	  /* 0–1 */
	double latency_factor, latency_min_ms; /* a request slower by both is slow */
	double warmup_ignore_s;

	struct load_confs loads;
	int64_t load_timeout_ns; /* of the defaults of loads */

	int64_t fault_deadline_ns; /* deadline of faults without one; 0: none */
	/* names and patterns of nodes that must not be faulted; NULL-terminated or NULL */
	char **protect;

	struct llm_conf llm;
};

/* The defaults of every key, without nodes. */
void config_init(struct config *c);
void config_release(struct config *c);

/* Reads the file over the defaults. -1 with "file:line:column: …" (EXIT_USAGE). */
int config_load(struct config *c, const char *path, struct err *e);
/* The same of its text as it stands on another machine, under that path; folders are relative to dir. */
int config_take(struct config *c, const char *text, size_t len, const char *path, const char *dir, struct err *e);

/* The file named by the user (must exist), else ./config.yaml if there is one, else the defaults.
 */
int config_open(struct config *c, const char *path_or_null, struct err *e);

/* The node of that name, or NULL. */
const struct node_conf *config_node(const struct config *c, const char *name);
/* Like config_node; EXIT_USAGE and the nearest name in e if there is none. */
const struct node_conf *config_need_node(const struct config *c, const char *name, struct err *e);
/* Whether a load may go there by that name: a node, or all_nodes. Else -1 as above. */
int config_check_target(const struct config *c, const char *text, struct err *e);
/* The node at that URL (as url_same_node), or NULL. */
const struct node_conf *config_node_at(const struct config *c, const char *url);
/* Whether all_nodes stands for it: it is in the user's list of its mode, or there is no such list.
 * Others, as Sentinels, are only ever named. */
bool config_in_all(const struct config *c, const struct node_conf *n);
/* The i-th host that nodes live on, from 0, in the order of the nodes; NULL if there are no more. */
const char *config_host(const struct config *c, size_t i);
/* True if that host is its own; NULL: this machine. */
bool config_lives_on(const struct node_conf *n, const char *host);
/* As if on that host (NULL: this machine): what lives elsewhere takes load, and no faults. */
void config_stay_on(struct config *c, const char *host);
/* The i-th node of a mode, from 0, or NULL. */
const struct node_conf *config_nth(const struct config *c, enum conf_mode m, size_t i);

#endif
