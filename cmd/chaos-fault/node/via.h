/* The proxy before a node with 'via', which is a node as well. */
#ifndef FAULT_NODE_VIA_H
#define FAULT_NODE_VIA_H

#include "node/fleet.h"

/* NULL: the node has none. */
struct node *via_proxy(const struct node *n);

/* The folder of its API's socket. The caller frees. */
char *via_folder(const struct node *proxy);

/* What is wrong with its proxy, in words that follow "its proxy", or NULL. */
const char *via_trouble(const struct node *n);

/* True while work on its proxy is under way, which may be its start. */
bool via_busy(const struct node *n);

/* Its process, as last written down; pid 0: none. */
struct proc_id via_process(const struct node *n);

#endif
