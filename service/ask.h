/* The health check built into chaos-node, for containers without curl. */
#ifndef SERVICE_ASK_H
#define SERVICE_ASK_H

#include "base/err.h"

/* Sends GET /health to the node on a numeric address and port. Returns 0, or -1 (EXIT_NO) without a
 * 200 within a second. */
int ask_health(const char *address, int port, struct err *e);

#endif
