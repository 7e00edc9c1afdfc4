#include "events/interrupt.h"

#include "sys/sig.h"

#include <signal.h>
#include <stddef.h>

static const int signals[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

void interrupt_block(void)
{
	for (size_t k = 0; k < INTERRUPT_SIGNALS; k++)
		sig_block(signals[k]);
}

int interrupt_init(struct interrupt *i, struct loop *loop, void (*cb)(void *arg, int signo),
		   void *arg, struct err *e)
{
	*i = (struct interrupt){0};
	for (size_t k = 0; k < INTERRUPT_SIGNALS; k++) {
		i->watch[k] = loop_signal_new(loop, signals[k], cb, arg, e);
		if (!i->watch[k])
			return -1;
		sig_unblock(signals[k]);
	}
	return 0;
}

void interrupt_release(struct interrupt *i)
{
	for (size_t k = 0; k < INTERRUPT_SIGNALS; k++)
		loop_signal_free(i->watch[k]);
	*i = (struct interrupt){0};
}
