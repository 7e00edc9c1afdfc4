/* Sets the options of easy handles for a config and for a request. Handles pass as void *. */
#ifndef NET_CURL_PREPARE_H
#define NET_CURL_PREPARE_H

#include "net/http_request.h"

/* Options that are the same for all requests to a node. addresses: a curl_slist for
 * CURLOPT_RESOLVE, or NULL; it and the config must outlive the handle. */
void curl_prepare(void *easy, const struct transport_config *c, size_t node, void *addresses);

/* Options of one request. headers: from curl_headers. Both must outlive the transfer. */
void curl_set_request(void *easy, const struct http_request *q, void *headers);

/* Whom to trust: the authorities in that PEM file, NULL: the system's; insecure: anybody. */
void curl_set_trust(void *easy, const char *cacert, bool insecure);

/* The header lines of a request, a curl_slist; the caller frees it. bare: without what the user
 * gave, which may be a secret under any name. */
void *curl_headers(const struct http_config *c, const struct http_request *q, bool bare);

/* Whether a redirect has led to another scheme, host or port than the node's. Of the user's headers
 * libcurl keeps Authorization and Cookie alone from there. */
bool curl_is_elsewhere(void *easy, const struct transport_config *c, size_t node);

/* "host:port:address,address" for CURLOPT_RESOLVE, so that libcurl looks up no name: a curl_slist,
 * or NULL if the URL has an address. The address that worked comes first. The caller frees it. */
void *curl_addresses(const struct url *u, const struct net_addrs *a);
/* Marks the address that a finished transfer connected to, so that it comes first in such a list.
 * Returns whether that makes a list that was made before another one. */
bool curl_address_worked(void *easy, const struct net_addrs *a);

#endif
