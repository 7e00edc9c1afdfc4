/* 'via': nodes behind a proxy, and the proxy of a config, which is a node of its own. */
#ifndef CONF_VIA_H
#define CONF_VIA_H

#include "conf/config.h"
#include "conf/yaml.h"

int via_load(struct ynode via, struct node_conf *n, struct err *e);

/* Fills in the proxy of all nodes with 'via', which is from now on the first of their 'needs'; it has no
 * name if there are none. table is 'nodes', whose order c->nodes has. */
int via_proxy_of(struct config *c, struct ynode table, struct node_conf *proxy, struct err *e);

/* The setting by which a Redis replica or cluster node behind a proxy would announce that proxy, and its
 * command line does not, so that who learns of it from others goes round it; NULL: none is missing, or
 * nobody can tell, as where settings are in a file. */
const char *via_unannounced(const struct node_conf *n);

#endif
