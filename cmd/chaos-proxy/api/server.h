/* The HTTP server of the API, on the relay's loop. */
#ifndef PROXY_SERVER_H
#define PROXY_SERVER_H

#include "relay/relay.h"

struct api_server;

/* Takes calls on a listening socket, which becomes its own. NULL: EXIT_RUNTIME. */
struct api_server *api_server_new(struct relay *r, int listen_fd, struct err *e);
void api_server_free(struct api_server *s); /* accepts NULL */

#endif
