/* One stream connection to a node, to the first of its addresses that accepts: the socket and its
 * watch in the event loop. The owner reads and writes it. Addresses are tried as RFC 8305 has it:
 * one that is silent is waited for while the next is tried. */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/resolve.h"
#include "base/error_class.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* State shared by the links of one loop. A socket whose connect was refused is reused for the next
 * attempt, which halves the cost of an attempt while a node is down. */
struct net_dialer {
	struct loop *loop;
	int64_t connect_timeout_ns; /* for all addresses together; 0: no limit */
	int64_t next_after_ns;	    /* how long an address may be silent before the next is tried */
	int spare_fd;		    /* -1: none */
	int spare_family;
	const struct net_addr *said_of; /* the address of the cached failure text */
	int said_errno;
	char said[ERROR_DETAIL_MAX + 1];
};

/* within_ns: how long those who wait for a connection do so; 0: unknown. */
void net_dialer_init(struct net_dialer *d, struct loop *l, int64_t connect_timeout_ns,
		     int64_t within_ns);
void net_dialer_release(struct net_dialer *d);

struct net_link_events {
	void (*connected)(void *arg);
	/* No address accepted. error and detail are of the first failure that is not a local limit.
	 * The link is closed. */
	void (*failed)(void *arg, enum error_class error, const char *detail);
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
	int64_t give_up_ns;		  /* when connecting times out; 0: not set */
	size_t first, tried;		  /* index of the address tried first; how many have been */
	size_t addr;			  /* index of the address being tried, or connected to */
	struct {
		int fd; /* -1: none */
		struct loop_fd *watch;
		size_t addr;
	} elder; /* the attempt before it, which has not failed yet */
	enum error_class error;
	char detail[ERROR_DETAIL_MAX + 1];
};

/* Initialises a closed link. The pointers must outlive it; addrs is not empty. */
void net_link_init(struct net_link *l, struct net_dialer *d, const struct net_addrs *addrs,
		   const struct net_link_events *events, void *arg);

/* Connects to the address that worked last, then to each other until one accepts. Calls connected
 * or failed, perhaps before it returns, unless net_link_close comes first. net_link_close is
 * allowed in every callback. */
void net_link_open(struct net_link *l);
void net_link_close(struct net_link *l);

/* Sets the events to watch for on the connected socket. Returns -1 after the link has failed: the
 * event loop cannot watch it. */
int net_link_watch(struct net_link *l, int events);

#endif
