/* Whether a fault that is a program was over before its undo, because somebody started its target anew or removed it. */
#ifndef FAULT_FAULTS_EXEC_TARGET_H
#define FAULT_FAULTS_EXEC_TARGET_H

#include "node/task.h"

/* Before anything is undone; it takes at most 2 seconds, by which the bound of the undo is moved. VERDICT_WAIT until it is known; by_other and a note in the task if it was. */
enum verdict exec_target_look(struct task *t, struct err *e);

#endif
