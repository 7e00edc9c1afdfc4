/* Nodes that are containers: which one it is at this moment, and what its engine is asked. The
 * steps on them are kind_container. */
#ifndef FAULT_KINDS_CONTAINER_H
#define FAULT_KINDS_CONTAINER_H

#include "node/fleet.h"
#include "node/kind.h"
#include "net/curl/curl_engine.h"
#include "kinds/container/inspect.h"

enum { CONTAINER_ANSWERS_WITHIN_S = 30 }; /* an act; a stop waits for the server */

/* What a node that is a container knows of it. One call to the engine is under way at a time. */
struct container {
	char at[ENGINE_MAX]; /* its engine; "" until that has been found */
	struct loop *loop;   /* brings the answers; borrowed */
	struct engine_call *call;
	bool calling, acting; /* it is under way; it is an act, no look */
	/* An act without an answer when its task ended: nothing else is done before it has one. */
	struct engine_call *late;
	/* What has come of the last act since its node was last to be broken or brought up. */
	enum { ASKED_NOTHING, ASKED_DONE, ASKED_REFUSED, ASKED_LOST } asked;
	enum { FIND_LIST, FIND_LOOK, FOUND } find;
	struct err why;		       /* the last survey did not find it; code 0: it did */
	struct view view;	       /* as looked at last; its id is "" if it is not there */
	char target[CONTAINER_ID_MAX]; /* which one is acted on and looked at */
	/* What the task has still to ask for, in this order; then it looks. */
	char acts[2][32];
	size_t act_count, act_at;
	char refused[200]; /* the engine's words when it would not; "" if it did */
	char reason[200];  /* for which the task waits */
	bool looked;	   /* the target has been looked at since the acts */
	int64_t look_ns;   /* when it is looked at next, CLOCK_MONOTONIC */
	/* An undo first finds the container that is the node now. */
	enum { SETTLE_FIND, SETTLE_LOOK, SETTLED } settle;
	struct view other; /* the container with its name, if it is not the one that was broken */
	bool ending;	   /* the aim is a stopped container, from whatever state */
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
void container_identity_json(const struct identity *id, struct json *out);
void container_identity_read(struct identity *id, const struct json *j);
void container_how_json(const struct node_conf *c, struct json *out);
int container_how_read(struct node_conf *c, const struct json *how, const struct json *identity);
void container_show(const struct identity *id, struct shown *out);
void container_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen);

/* By the last survey. */
enum node_state container_look(struct node *n);
int container_unknown(const struct node *n, struct err *e);

bool container_health(const struct node *n, char *why, size_t size);
void container_left_running(const struct node *n, struct err *e);
int container_refuse_down(const struct node *n, const char *fault, struct err *e);
bool container_warn_down(const struct node *n, enum act does, char *out, size_t size);
bool container_remake(const struct node *n, const char *uid, char *out, size_t size);
void container_release(struct node *n);

/* Sets n->id to what the view shows. */
void container_identify(struct node *n);

/* Gives up the call that is under way; but an act goes on as c->late. */
void container_leave_call(struct container *c);

/* Notes what has come of an act. */
void container_note_answer(struct container *c, const struct engine_call *call,
			   enum engine_answer a);

/* True while an act of an earlier task is without an answer: it may be done at any moment. */
bool container_answer_due(struct container *c);

/* Steps the call that is under way, or starts this one; ENGINE_PENDING until it has an answer. what
 * stands behind "/containers/" in the path. */
enum engine_answer container_ask(struct container *c, const char *method, const char *what);

/* --- what steps are made of -------------------------------------------------------- */

#define SHORT "%.12s" /* of an id, as engines' own tools print it */

/* Begins a task that is no undo on the container that the node is now. */
void container_begin(struct task *t);
/* What follows is about the container of that full id, and nothing has been asked for yet. */
void container_aim(struct container *c, const char *id);
/* To be asked for after what was added before: "stop?t=5". */
void container_add_act(struct container *c, const char *act);
/* To be asked for in a moment, in place of all before. */
void container_act_again(struct container *c, const char *act);

/* Goes on with the acts, then with looks. VERDICT_YES: c->view is the target as it is now, with an
 * empty id if it is gone. */
enum verdict container_turn(struct task *t, struct err *e);

/* VERDICT_WAIT, with what e says as the reason; with the last reason; because the engine cannot be
 * reached, which may change. */
enum verdict container_wait(struct container *c, const struct err *e);
enum verdict container_wait_more(const struct container *c, struct err *e);
enum verdict container_silent(struct container *c, struct err *e);

/* The undo of kill, stop and pause: a begin, and a look that is VERDICT_YES when it is known what
 * has to be done, and c aims at the container that is the node. */
int container_undo(struct task *t, struct err *e);
enum verdict container_settle(struct task *t, struct err *e);

/* The steps of the kind. */
int container_kill(struct task *t, struct err *e);
int container_term(struct task *t, struct err *e);
int container_pause(struct task *t, struct err *e);
int container_resume(struct task *t, struct err *e);
int container_start(struct task *t, struct err *e);
enum verdict container_seen_gone(struct task *t, struct err *e);
enum verdict container_seen_paused(struct task *t, struct err *e);
enum verdict container_seen_ready(struct task *t, struct err *e);

/* True if the act's answer is lost: its client died, or the engine gave none. The act may have
 * taken effect, or may still do so. */
bool container_unfinished(const struct task *t);

#endif
