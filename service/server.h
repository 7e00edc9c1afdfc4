/* The HTTP side of the node. */
#ifndef SERVICE_SERVER_H
#define SERVICE_SERVER_H

#include "base/err.h"
#include "options.h"

struct server;

/* Takes connections on the listening socket, which becomes the server's, in
 * threads of its own, until the process ends. o must outlive it. NULL on error. */
struct server *server_start(const struct options *o, int listen_fd, struct err *e);

#endif
