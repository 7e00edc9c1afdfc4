/* One stream connection to a node, by the first of its addresses that takes it: the socket, and
 * what is watched for on it. What is said over it is its owner's. */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/resolve.h"
#include "stream/sample.h"
#include "sys/loop.h"

#include <stdbool.h>
#include <stdint.h>

/* What the links of one loop share. A socket whose connect was refused can be used for the next
 * attempt: while a node is dead that saves half of what an attempt costs. */
struct net_dialer {
	struct loop *loop;
	int64_t connect_timeout_ns; /* that a connect may take, over all addresses; 0: for ever */
	int spare_fd;		    /* -1: none */
	int spare_family;
	const struct net_addr *said_of; /* what is said of its failure, and for which */
	int said_errno;
	char said[SAMPLE_DETAIL_MAX + 1];
};

void net_dialer_init(struct net_dialer *d, struct loop *l, int64_t connect_timeout_ns);
void net_dialer_release(struct net_dialer *d);

struct net_link_events {
	void (*connected)(void *arg);
	/* No address would have us: why not, of the first whose failure is not our own limit. The
	 * link is closed. */
	void (*failed)(void *arg, enum sample_error error, const char *detail);
	/* The connected socket is ready for enum loop_events. */
	void (*ready)(void *arg, int events);
};

struct net_link {
	int fd; /* non-blocking; -1: closed */
	bool connected;

	/* Its own. */
	struct net_dialer *dialer;
	const struct net_addrs *addrs;
	const struct net_link_events *events;
	void *arg;
	struct loop_fd *watch;		  /* NULL until something is watched for */
	int watched;			  /* events as last set */
	struct loop_timer *connect_timer; /* NULL: not running */
	size_t addr;			  /* the one being tried, or connected to */
	enum sample_error error;
	char detail[SAMPLE_DETAIL_MAX + 1];
};

/* A closed link. All that is pointed to must outlive it; addrs is not empty. */
void net_link_init(struct net_link *l, struct net_dialer *d, const struct net_addrs *addrs,
		   const struct net_link_events *events, void *arg);

/* Connects to each address in turn until one takes it. Ends in connected or failed, perhaps before
 * it returns, or in net_link_close, which is allowed in every event. */
void net_link_open(struct net_link *l);
void net_link_close(struct net_link *l);

/* Watches the connected socket for these events alone. Returns -1 if there is no room in the loop.
 */
int net_link_watch(struct net_link *l, int events);

#endif
