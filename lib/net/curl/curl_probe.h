/* The HTTP probe, on libcurl. */
#ifndef NET_CURL_PROBE_H
#define NET_CURL_PROBE_H

#include "net/prober.h"

extern const struct prober curl_prober;

#endif
