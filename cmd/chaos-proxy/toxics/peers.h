/* Which clients: a list of addresses and networks, "192.0.2.7,2001:db8::/32". */
#ifndef PROXY_PEERS_H
#define PROXY_PEERS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* As IPv6 has it; IPv4 mapped into it. */
struct peer_address {
	unsigned char byte[16];
	bool known;
};

struct peer_net {
	struct peer_address at;
	unsigned bits;
};

struct peers {
	struct peer_net *nets; /* owned */
	size_t count;
};

/* Of the text, which is not empty. -1 with EXIT_USAGE and nothing to release. */
int peers_read(struct peers *p, const char *text, struct err *e);
void peers_release(struct peers *p);

/* No net has one that is not known, as of a Unix socket. */
bool peers_have(const struct peers *p, const struct peer_address *a);

/* Of the other end of a socket. */
struct peer_address peer_address_of(int fd);

#endif
