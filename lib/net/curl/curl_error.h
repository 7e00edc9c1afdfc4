/* Error classes of CURLcodes. */
#ifndef NET_CURL_ERROR_H
#define NET_CURL_ERROR_H

#include "base/error_class.h"

/* os_errno: of the last failed connect, send or receive; 0 if unknown. */
enum error_class curl_error_class(int curl_code, int os_errno);

#endif
