#include "net/net_error.h"

#include <errno.h>

enum error_class net_error_class(int sys_errno)
{
	switch (sys_errno) {
	case ECONNREFUSED:
	case ENOENT: /* the path of a Unix socket does not exist */
		return ERROR_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case EACCES: /* a firewall's "prohibited" */
	case EPERM:
		return ERROR_UNREACHABLE;
	case ETIMEDOUT:
		return ERROR_TIMEOUT;
	case EPIPE:
	case ECONNRESET:
	case ECONNABORTED:
	case ENOTCONN:
		return ERROR_RESET;
	case EMFILE:
	case ENFILE:
	case EADDRNOTAVAIL:
	case EADDRINUSE:
	case EAGAIN: /* connect: no free local port */
	case ENOBUFS:
	case ENOMEM:
	case EAFNOSUPPORT:
		return ERROR_LOCAL;
	default:
		return ERROR_CLOSED;
	}
}
