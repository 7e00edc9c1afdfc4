/* One stream connection to a node, to the first of its addresses that accepts: the socket and its
 * watch in the event loop. The owner reads and writes it. */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/resolve.h"
#include "stream/sample.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* State shared by the links of one loop. A socket whose connect was refused is reused for the next
 * attempt, which halves the cost of an attempt while a node is down. */
struct net_dialer {
	struct loop *loop;
	int64_t connect_timeout_ns; /* for all addresses together; 0: no limit */
	int spare_fd;		    /* -1: none */
	int spare_family;
	const struct net_addr *said_of; /* the address of the cached failure text */
	int said_errno;
	char said[SAMPLE_DETAIL_MAX + 1];
};

void net_dialer_init(struct net_dialer *d, struct loop *l, int64_t connect_timeout_ns);
void net_dialer_release(struct net_dialer *d);

struct net_link_events {
	void (*connected)(void *arg);
	/* No address accepted. error and detail are of the first failure that is not a local limit.
	 * The link is closed. */
	void (*failed)(void *arg, enum sample_error error, const char *detail);
	/* The connected socket is ready for enum loop_events. */
	void (*ready)(void *arg, int events);
};

struct net_link {
	int fd; /* non-blocking; -1: closed */
	bool connected;

	/* Private. */
	struct net_dialer *dialer;
	const struct net_addrs *addrs;
	const struct net_link_events *events;
	void *arg;
	struct loop_fd *watch;		  /* NULL until something is watched for */
	int watched;			  /* events as last set */
	struct loop_timer *connect_timer; /* NULL: not running */
	size_t addr;			  /* index of the address being tried, or connected to */
	enum sample_error error;
	char detail[SAMPLE_DETAIL_MAX + 1];
};

/* Initialises a closed link. The pointers must outlive it; addrs is not empty. */
void net_link_init(struct net_link *l, struct net_dialer *d, const struct net_addrs *addrs,
		   const struct net_link_events *events, void *arg);

/* Connects to each address in turn until one accepts. Calls connected or failed, perhaps before it
 * returns, unless net_link_close comes first. net_link_close is allowed in every callback. */
void net_link_open(struct net_link *l);
void net_link_close(struct net_link *l);

/* Sets the events to watch for on the connected socket. Returns -1 if the event loop cannot watch
 * it. */
int net_link_watch(struct net_link *l, int events);

#endif
