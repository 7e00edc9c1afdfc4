/* The calls of the program of a fault that has been written down. */
#ifndef FAULT_FAULTS_EXEC_ASK_H
#define FAULT_FAULTS_EXEC_ASK_H

#include "node/task.h"
#include "stream/json.h"

/* The question, of who its target is. */
struct json *exec_question(const struct task *t, const struct identity *who);

/* From the copy of the program; all that it starts has the entry open and locked, by which whoever
 * comes later knows that it has not ended. */
int exec_ask(struct task *t, const char *verb, const struct identity *who, int64_t within_ns, struct err *e);

/* VERDICT_YES when the call is over, with its code. */
enum verdict exec_answered(struct task *t, int *code, struct err *e);

void exec_drop_call(struct task *t);

#endif
