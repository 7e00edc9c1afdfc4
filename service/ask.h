/* The node's own health check, for where no other program is: in a container. */
#ifndef SERVICE_ASK_H
#define SERVICE_ASK_H

#include "base/err.h"

/* Asks the node that listens on that numeric address and port for GET /health. Returns 0, or -1
 * (EXIT_NO) if it does not answer 200 within a second. */
int ask_health(const char *address, int port, struct err *e);

#endif
