/* The table of kinds of nodes: how a node of that kind is looked at, started, broken and put back.
 * Actions, verbs, journal, guard and undo know nodes only through it. */
#ifndef FAULT_NODE_KIND_H
#define FAULT_NODE_KIND_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/config.h"
#include "node/task.h"

#include <stdbool.h>

struct backend;
struct node;
struct shown;

enum node_state {
	NODE_DOWN,    /* it does not run, and nothing else has its place */
	NODE_UP,      /* it runs, ready or not */
	NODE_PAUSED,  /* it exists, but its processes are frozen */
	NODE_FOREIGN, /* another process or container has its place */
	NODE_UNKNOWN, /* its engine or program is unreachable, or does not know it */
};

/* Capabilities of the machine. */
enum need {
	NEED_STATE,    /* the state folder is writable, and fsync works there */
	NEED_GUARD,    /* a guard starts */
	NEED_PIDFD,    /* processes are signalled through pidfds */
	NEED_SIGNALS,  /* SIGSTOP, SIGCONT and SIGKILL take effect */
	NEED_PROC,     /* /proc shows processes and the boot */
	NEED_PORTS,    /* the process behind a listening port can be found */
	NEED_PROGRAMS, /* the programs of the config's nodes are there */
	NEED_ENGINE,   /* a container engine answers */
	NEED_VIA,      /* faults through the proxy before a node; no kind needs it */
	NEED_COUNT
};
#define NEED_BIT(need) (1U << (need))

/* The acts on a node. */
enum act { ACT_KILL, ACT_TERM, ACT_PAUSE, ACT_RESUME, ACT_START };
enum { ACT_COUNT = ACT_START + 1 };

/* Steps are idempotent, and none waits. One on a server that is gone is no error: its look finds
 * out. */
struct kind {
	const char *name; /* as ls shows it and the journal keeps it */
	bool ours;	  /* it can be started and broken; if not, the rest is NULL */
	unsigned needs;	  /* the capabilities it uses: a set of NEED_BIT */
	/* Its nodes do not survive a reboot; neither do faults on them. */
	bool ends_with_boot;
	bool logs; /* what its nodes write is in the file "log" of their folders of state */
	/* Upper bound on the backend's reply to an act; 0 if acts are synchronous. */
	int64_t answers_within_ns;
	/* How long an act itself may take where it is a call that others answer, before it shows. */
	int64_t act_within_ns;

	/* Where inspecting takes time: a task that does it, and look then gives its result. NULL: look
	 * itself inspects. */
	struct step survey;
	/* The node's state; sets n->id. */
	enum node_state (*look)(struct node *n);
	/* -1 with the reason if the node is NODE_UNKNOWN; else 0. May be NULL. */
	int (*unknown)(const struct node *n, struct err *e);
	/* True if a state that refuses an act now may be over in a moment. May be NULL. */
	bool (*settling)(struct node *n);
	/* True if a check of its own says whether it is ready, so that any answer at its URL does; why
	 * not goes to why, "" if it is. May be NULL. */
	bool (*health)(const struct node *n, char *why, size_t size);
	/* Names what has the node's place, with EXIT_USAGE. Returns -1. NULL if no node of the
	 * kind is ever NODE_FOREIGN. */
	int (*err_foreign)(const struct node *n, struct err *e);
	/* The same, for lists. */
	void (*show_foreign)(const struct node *n, struct shown *out);
	/* A fault of that name, which takes the node down, could not be undone: EXIT_USAGE; or it
	 * may not last. May be NULL. */
	int (*refuse_down)(const struct node *n, const char *fault, struct err *e);
	bool (*warn_down)(const struct node *n, enum act does, char *out, size_t size);
	/* Where reading the log takes time: a task that fetches it, and log_tail then gives its result. NULL: log_tail
	 * itself reads. */
	struct step log;
	/* Adds the last of what its start has said, from where its log began. May be NULL. */
	void (*log_tail)(const struct node *n, off_t from, struct buf *out);
	/* The engine at which a node of the config is looked for; -1 if there is none that can be used. NULL: the kind has
	 * none. */
	int (*engine_of)(const struct node_conf *n, char *out, size_t size, struct err *e);
	/* The address of the engine that keeps what its nodes write. May be NULL. */
	const char *(*engine)(const struct node *n);
	/* True if it has been removed, and cannot be made again from here: what does, or gives the
	 * fault up. May be NULL. */
	bool (*remake)(const struct node *n, const char *uid, char *out, size_t size);
	/* True, with the reason, if it is not there any more while an undo waits for its answer. May be
	 * NULL. */
	bool (*removed)(struct task *t, struct err *e);
	/* Looks at the node for an undo that is told and not done, by that act, of a fault on that server: n->id is
	 * what the act would be on. If the undo would do nothing: adds why to gone, with what is lacking. May wait.
	 * NULL: survey and look do. */
	void (*look_back)(struct node *n, const struct identity *was, enum act undoes, struct buf *gone,
			  struct err *lacking);
	/* That server, on which there was a fault, is the node: should what is known of it be lost. May
	 * be NULL. */
	void (*remember)(struct node *n, const struct identity *id);
	/* True if somebody starts its nodes again when they are taken down. May be NULL. */
	bool (*heals)(const struct node *n);
	/* The node has been stopped for good. May be NULL. */
	void (*forget)(struct node *n);
	/* Frees what look keeps. May be NULL. */
	void (*release)(struct node *n);

	/* An identity, for events and lists. */
	void (*show)(const struct identity *id, struct shown *out);
	/* Describes the act and its verification, for the node as last inspected. */
	void (*tell)(const struct node *n, enum act act, struct buf *does, struct buf *seen);
	/* -1 if this user may not do it, with the reason. May be NULL. */
	int (*may)(const struct node *n, struct err *e);
	/* EXIT_USAGE if what would start it is not there, with what and why. May be NULL. */
	int (*startable)(const struct config *c, const struct node_conf *n, struct err *e);

	struct step steps[ACT_COUNT]; /* START undoes kill and stop too: t->reverting */
	const struct backend *backend; /* of node_kinds/backend; NULL: acts are immediate */
};

extern const struct kind kind_process, kind_container, kind_program;

/* The kind of a node of the config. */
const struct kind *kind_of(enum node_kind k);

/* The i-th that can be broken, or NULL. */
const struct kind *kind_at(size_t i);

/* The kind of that name in the journal, or NULL; "" is a process, from before there were others. */
const struct kind *kind_named(const char *name);

#endif
