/* What became of faults on a host whose link was lost: seen there, or not known. */
#ifndef FAULT_HOSTS_RELOOK_H
#define FAULT_HOSTS_RELOOK_H

#include "hosts/peer.h"

/* Asks there once more for the nodes, within a bound. True if none of the link's faults is left; each is then
 * reported as put back, by somebody else. */
bool relook(struct peer *p, const struct config *c);

#endif
