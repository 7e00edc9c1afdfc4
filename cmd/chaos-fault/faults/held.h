/* What a fleet holds, all of it together: faults, nodes brought up, and the guard that puts them
 * back if we cannot. */
#ifndef FAULT_FAULTS_HELD_H
#define FAULT_FAULTS_HELD_H

#include "node/fleet.h"

/* Starts the guard, without which no fault may be injected, and waits until it is ready. When it
 * dies later, another is started. Before a session only (await.h). */
int held_start_guard(struct fleet *f, struct err *e);

/* Starts another guard if this one has died: the begin of a task, whose look is held_guard_ready.
 */
int held_need_guard(struct fleet *f, struct err *e);
enum verdict held_guard_ready(const struct fleet *f, struct err *e);

/* Forgets all and lets the guard go; before fleet_release. */
void held_release(struct fleet *f);

/* True while a fault is held whose undo has not failed. */
bool held_any(const struct fleet *f);

/* True while a fault with a deadline is held. */
bool held_timed(const struct fleet *f);

/* Ends the waits for nodes that have been started but are not ready yet. */
void held_cut_waits(struct fleet *f, const char *why);

/* True while anything of ours is still on a node: a fault, or a node brought up. */
bool held_residue(const struct fleet *f);

/* Queues the undo of every fault, also of those that are just being injected. */
void held_revert_all(struct fleet *f, const char *why);

#endif
