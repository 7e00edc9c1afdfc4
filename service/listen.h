/* The node's listening socket. */
#ifndef SERVICE_LISTEN_H
#define SERVICE_LISTEN_H

#include "base/err.h"

/* Binds a numeric address and a port (0: any) and listens; *port becomes the real one. Returns
 * the descriptor, or -1: EXIT_USAGE for a bad address, EXIT_RUNTIME when the port is taken. */
int listen_on(const char *address, int *port, struct err *e);

#endif
