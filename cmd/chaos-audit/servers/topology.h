/* The Redis servers whose marks are read: which are primaries, and whether they have come to rest. */
#ifndef AUDIT_SERVERS_TOPOLOGY_H
#define AUDIT_SERVERS_TOPOLOGY_H

#include "base/err.h"
#include "net/redis/redis_ask.h"
#include "url/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server {
	struct url url;
	char *name; /* as in a row's node; owned */
	struct redis_ask *conn; /* NULL: not connected */
	/* Of the last look. */
	bool primary, cluster, link_up;
	char history[2][48]; /* replication ids, the present one first */
	char process[48];    /* run id: another one was started in between */
	int64_t offset, replicas;
};

struct topology {
	struct server *all; /* owned */
	size_t count, alloc;
	struct url whole; /* that stands for them; else zeroed */
	int64_t shards;	 /* primaries that there are to be; of a cluster it says so itself */
	int64_t wait_ns; /* for any answer */
	const char *cacert; /* TLS: whom to trust; NULL: the system's authorities */
	bool insecure;	    /* TLS: anybody */
	void (*waits)(const char *how, int64_t left_ns); /* called once, if they are not at rest soon; or NULL */
	bool hasty;	 /* for tests: the first look is believed, at rest or not */
	char how[512];	 /* how rest was seen, or what is against it */
	int turned_away; /* looks in a row at which a certificate or password was wrong */
};

/* wait_ns, cacert and insecure are set. -1: what is no URL of Redis (EXIT_USAGE), or a name that the sentinels do not know. Sentinels or a
 * cluster that do not answer are asked again by topology_rest. */
int topology_init(struct topology *t, const char *const *urls, size_t count, struct err *e);
void topology_release(struct topology *t); /* accepts a zeroed one */

/* Waits until deadline (monotonic) for rest: as many primaries as shards, every replica at its
 * primary's offset, all slots of a cluster covered, and the same in two looks. False: how says what was
 * against it; sooner, where a certificate or password stays wrong. */
bool topology_rest(struct topology *t, int64_t deadline);

/* Whether since then nothing has changed who is primary of what, or started anew. */
bool topology_same(struct topology *t);

/* A command to one of them, as redis_ask, which says whose answer it was. Connects where needed. */
int topology_ask(struct topology *t, struct server *s, int words, const char *const *texts, struct buf *answer,
		 bool *refused, struct err *e);

#endif
