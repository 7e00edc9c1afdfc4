/* What became of faults on hosts whose link was lost: seen there, or not known. */
#ifndef FAULT_HOSTS_RELOOK_H
#define FAULT_HOSTS_RELOOK_H

#include "hosts/peer.h"

/* Asks for the nodes once more where a fault of these peers has not been put back, within a bound. Where none is left
 * each is reported as put back, by somebody else; else EXIT_RESIDUE. */
void relook(const struct peer *peers, size_t count, const struct config *c, struct emitter *r);

#endif
