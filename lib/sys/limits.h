/* Limits of this process. */
#ifndef SYS_LIMITS_H
#define SYS_LIMITS_H

#include <stdint.h>

/* Raises the soft limit of open descriptors so that so many sockets fit beside what a program
 * needs anyway, as far as the hard limit allows. Returns how many sockets that leaves room for. */
uint64_t limit_descriptors(uint64_t sockets);

#endif
