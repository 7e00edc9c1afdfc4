/* The relay: proxies, their connections, and the two directions of each. */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include "relay/protocol/dialog.h"
#include "toxics/dose.h"
#include "wire/endpoint.h"
#include "wire/evloop.h"

struct conn;
struct proxy;

enum { RELAY_READ_MAX = 32 * 1024 };

struct relay {
	struct evloop *loop;
	uint64_t seed;
	struct decisions decisions;
	struct proxy *proxies, **last_proxy;
	size_t queued; /* bytes that wait in all links */
	char *room;    /* RELAY_READ_MAX bytes, in use for the length of one read */
};

/* One socket of a connection. Descriptor -1: not there (yet). */
struct peer {
	struct evloop_watch watch; /* first */
	struct conn *conn;
	bool readable, writable, ended;
};

/* One direction. */
struct link {
	struct evloop_timer timer; /* first */
	struct conn *conn;
	struct peer *from, *to;
	enum toxic_stream stream;
	struct piece *first, **last; /* that wait; owned */
	struct piece **unplanned;    /* of them, the first that is due at no known time yet */
	size_t planned;		     /* how many are before it */
	size_t queued, pieces;	     /* their bytes, and how many they are */
	uint64_t at;		     /* stream position behind them */
	int64_t last_due_ns, now_ns;
	struct dose *doses; /* owned, in the order of the proxy's toxics; NULL: none */
	uint16_t dose_count;
	bool eof;    /* from has ended */
	bool broken; /* by an error: to is to be reset */
	bool done;   /* to has been told, or cannot be */
	int64_t eof_ns;
};

struct conn {
	struct proxy *proxy;
	struct conn *next, **prev;
	uint64_t number, base;
	struct peer_address from; /* the client's */
	struct peer client, server;
	struct link up, down;
	struct dialog *dialog; /* owned; NULL: no toxic has asked for one */
	size_t address;	       /* of the upstream that is tried */
	bool open;	       /* the server is connected */
	bool dead;	       /* it will be freed at the end of this turn */
	bool silent;	       /* nothing has been read yet */
	enum toxic_stream spoke; /* last */
};

struct proxy {
	struct evloop_watch watch; /* first; of the listening socket */
	struct relay *relay;
	struct proxy *next;
	char *name;	       /* owned */
	const char *kept_name; /* as long as the decisions are */
	struct endpoint listen, upstream;
	bool wanted;  /* it is to be enabled */
	bool enabled; /* it listens, or would but for a toxic */
	bool refuses;	/* a toxic refuses all connections */
	int parked_fd;	/* the listening socket while nothing is accepted; -1: watch has it */
	struct evloop_timer again; /* when descriptors have run out */
	struct evloop_timer ttl;   /* of the toxic that ends next */
	struct toxic *toxics;
	struct conn *conns;
	uint64_t key, next_number;
	/* What the metrics tell; [2] by stream. */
	uint64_t connections, open, refused, dial_failed, not_protocol, errors_sent;
	uint64_t received[2], sent[2];
	uint64_t resets;
};

struct dose_context conn_context(const struct conn *c, bool tell);

#endif
