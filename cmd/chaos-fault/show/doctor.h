/* chaos-fault doctor: the faults left over in this user's and root's state folder, and which
 * actions work on this machine. Read-only: it restores nothing. */
#ifndef FAULT_SHOW_DOCTOR_H
#define FAULT_SHOW_DOCTOR_H

#include "conf/config.h"

#include <stdbool.h>

/* Prints to stdout. EXIT_RESIDUE if something is left over; 1 if what the config's nodes need does
 * not work; else EXIT_OK. */
int doctor_run(const char *state, const struct config *c, bool json);

#endif
