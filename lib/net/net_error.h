/* Error classes of socket errors. */
#ifndef NET_ERROR_H
#define NET_ERROR_H

#include "stream/sample.h"

/* The error class of a failed connect, send or receive; ERROR_LOCAL for limits of this machine
 * (descriptors, ports, memory). */
enum sample_error net_error_class(int sys_errno);

#endif
