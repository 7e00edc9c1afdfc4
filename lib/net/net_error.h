/* Error classes of socket errors. */
#ifndef NET_ERROR_H
#define NET_ERROR_H

#include "base/error_class.h"

/* The error class of a failed connect, send or receive; ERROR_LOCAL for limits of this machine
 * (descriptors, ports, memory). */
enum error_class net_error_class(int sys_errno);

#endif
