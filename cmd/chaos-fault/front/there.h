/* The far end of what is done on another host by ssh. Standard input has, before the commands,
 *	config BYTES PATH	and the text of the config of the machine that asks
 *	clock			answered by an event "clock"
 *	go			the commands follow */
#ifndef FAULT_FRONT_THERE_H
#define FAULT_FRONT_THERE_H

#include "conf/config.h"
#include "events/emit.h"

/* Reads up to "go". Folders are relative to that of the login. -1 with EXIT_USAGE for a wrong config. */
int there_open(struct config *c, struct emitter *r, struct err *e);

#endif
