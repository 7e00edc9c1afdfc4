/* SIGINT, SIGTERM and SIGHUP as calls in the loop. */
#ifndef FAULT_EVENTS_INTERRUPT_H
#define FAULT_EVENTS_INTERRUPT_H

#include "sys/loop.h"

enum { INTERRUPT_SIGNALS = 3 };

struct interrupt {
	struct loop_signal *watch[INTERRUPT_SIGNALS];
};

/* Makes the signals wait for interrupt_init: none may end us while the guard starts, which would
 * then outlive us. */
void interrupt_block(void);

/* A SIGHUP that is ignored (nohup) stays ignored. */
int interrupt_init(struct interrupt *i, struct loop *loop, void (*cb)(void *arg, int signo),
		   void *arg, struct err *e);
void interrupt_release(struct interrupt *i);

#endif
