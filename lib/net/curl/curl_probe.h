/* The probes of HTTP and TCP, on libcurl. */
#ifndef NET_CURL_PROBE_H
#define NET_CURL_PROBE_H

#include "net/prober.h"

/* The second connects, and says nothing. */
extern const struct prober curl_prober, tcp_prober;

#endif
