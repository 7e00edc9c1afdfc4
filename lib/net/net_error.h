/* The class of a socket's failure. */
#ifndef NET_ERROR_H
#define NET_ERROR_H

#include "stream/sample.h"

/* What a failed connect, send or receive with this errno counts as; ERROR_LOCAL
 * for what is the generator's own limit (descriptors, ports, memory). */
enum sample_error net_error_class(int sys_errno);

#endif
