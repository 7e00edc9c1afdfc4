/* Nodes that are containers: which one it is at this moment, and what its engine is asked. The
 * steps on them are kind_container. */
#ifndef FAULT_KINDS_CONTAINER_H
#define FAULT_KINDS_CONTAINER_H

#include "node/fleet.h"
#include "node/kind.h"
#include "net/curl/curl_engine.h"
#include "node_kinds/backend/backend.h"
#include "node_kinds/container/inspect.h"

enum { CONTAINER_ANSWERS_WITHIN_S = 30 }; /* an act; a stop waits for the server */

/* What a node that is a container knows of it. One call to the engine is under way at a time. */
struct container {
	struct asking asking;
	char at[ENGINE_MAX]; /* its engine; "" until that has been found */
	struct loop *loop;   /* brings the answers; borrowed */
	struct engine_call *call;
	bool calling, acting; /* it is under way; it is an act, no look */
	int64_t acted_ns;     /* when the last act was asked for */
	/* An act without an answer when its task ended: nothing else is done before it has one. */
	struct engine_call *late;
	/* What has come of the last act since its node was last to be broken or brought up. */
	enum { ASKED_NOTHING, ASKED_DONE, ASKED_REFUSED, ASKED_LOST } asked;
	enum { FIND_BEGIN, FIND_LIST, FIND_LOOK, FOUND } find;
	char found[CONTAINER_ID_MAX];
	bool several;	   /* are in the list, of which none is meant */
	struct view view;  /* as looked at last; its id is "" if it is not there */
	struct view other; /* the container with its name, if it is not the one that was broken */
};

static inline struct container *container_of(const struct node *n)
{
	return n->own;
}

/* Finds out which container it is and how it is, anew: a task's begin and look. The look says
 * VERDICT_YES also when there is none. */
int container_survey_begin(struct task *t, struct err *e);
enum verdict container_survey(struct task *t, struct err *e);

/* In words: container_words.c. */
void container_show(const struct identity *id, struct shown *out);
void container_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen);
/* That the undo of a fault on that one does nothing, and why; and what is lacking. */
void container_tell_gone(const struct node *n, const struct identity *was, struct buf *gone,
			 struct err *lacking);

bool container_health(const struct node *n, char *why, size_t size);
int container_refuse_down(const struct node *n, const char *fault, struct err *e);
bool container_warn_down(const struct node *n, enum act does, char *out, size_t size);
bool container_remake(const struct node *n, const char *uid, char *out, size_t size);
void container_release(struct node *n);

/* Notes what the view shows. */
void container_identify(struct node *n);

/* The undo first finds the container that is the node now: container_undo.c. */
int container_undo(struct task *t, struct err *e);
enum verdict container_settle(struct task *t, struct err *e);
void container_came_back(struct task *t);
/* While an undo that asks its engine for nothing waits for its URL: true, with the reason, once it has
 * been removed. */
bool container_removed(struct task *t, struct err *e);
/* For an undo that is told: waits for the engine. */
void container_look_back(struct node *n, const struct identity *was, enum act undoes, struct buf *gone,
			 struct err *lacking);

/* Steps the call that is under way, or starts this one; ENGINE_PENDING until it has an answer. what
 * stands behind "/containers/" in the path. */
enum engine_answer container_ask(struct container *c, const char *method, const char *what);

/* Gives up the call that is under way; but an act goes on as c->late. */
void container_leave_call(struct container *c);

/* Notes what has come of an act. */
void container_note_answer(struct container *c, const struct engine_call *call,
			   enum engine_answer a);

/* True while an act of an earlier task is without an answer: it may be done at any moment. */
bool container_busy(struct node *n);

/* Identifies the first process of the container of that full id, if its pid means the same here as to
 * the engine; else *out stays zero. */
void container_process(const char *id, pid_t pid, struct proc_id *out);

/* The engine that the config says, else the one of this user; -1 if it cannot be used, or there is none. */
int container_engine_of(const struct node_conf *n, char *out, size_t size, struct err *e);

/* Finds its engine, unless that has been done. */
int container_open(struct node *n, struct err *e);

/* An answer that is none of those expected. */
void container_odd_answer(const struct container *c, struct err *e);

#define SHORT "%.12s" /* of an id, as engines' own tools print it */

#endif
