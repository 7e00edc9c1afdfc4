/* What a fleet holds, all of it together: faults, nodes brought up, and the guard that puts them
 * back if we cannot. */
#ifndef FAULT_FAULTS_HELD_H
#define FAULT_FAULTS_HELD_H

#include "node/fleet.h"

/* Starts the guard, without which nothing may be broken, and waits until it is ready: before a
 * session. Another is started when it dies. */
int held_start_guard(struct fleet *f, struct err *e);

/* Starts another guard if there is none any more: a task's begin; held_guard_ready is its look. */
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
