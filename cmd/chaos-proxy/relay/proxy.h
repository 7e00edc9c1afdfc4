/* Proxies: made from JSON as the API has it, and changed while connections go through them. */
#ifndef PROXY_PROXY_H
#define PROXY_PROXY_H

#include "relay/relay.h"
#include "stream/json.h"

/* A proxy of that relay, with its toxics. NULL: EXIT_USAGE. */
struct proxy *proxy_new(struct relay *r, const struct json *j, struct err *e);
/* Listens, unless "enabled" was false. -1: EXIT_RUNTIME, as it cannot listen or look the upstream up. */
int proxy_start(struct proxy *p, struct err *e);
/* Ends all its connections. */
void proxy_free(struct proxy *p);

struct proxy *proxy_find(struct relay *r, const char *name);

/* Changes "listen", "upstream" and "enabled", whatever of them is there. Any change ends the
 * connections. */
int proxy_update(struct proxy *p, const struct json *j, struct err *e);

struct json *proxy_json(const struct proxy *p);

/* Toxics that are listed in j take the place of those that are there. */
int proxy_read_toxics(struct proxy *p, const struct json *j, struct err *e);
struct toxic *proxy_toxic(const struct proxy *p, const char *name);
/* -1, EXIT_USAGE. The name must not be taken. */
int proxy_add_toxic(struct proxy *p, struct toxic *t, struct err *e); /* takes it over, also on error */
int proxy_update_toxic(struct proxy *p, struct toxic *t, const struct json *j, struct err *e);
/* Nothing waits for it: what it held goes on at once. */
void proxy_remove_toxic(struct proxy *p, struct toxic *t);

/* Enables it and removes all toxics. -1: it cannot listen. */
int proxy_reset(struct proxy *p, struct err *e);

/* All of the relay; frees it. */
void relay_init(struct relay *r, struct evloop *loop, uint64_t seed);
void relay_release(struct relay *r);

#endif
