/* HTTP and HTTPS on libcurl's multi interface. */
#ifndef NET_CURL_HTTP_H
#define NET_CURL_HTTP_H

#include "net/transport.h"

extern const struct transport_ops curl_http_transport;

#endif
