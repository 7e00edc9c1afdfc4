/* What a libcurl handle is told of a config and of a request. Handles pass as void *. */
#ifndef NET_CURL_PREPARE_H
#define NET_CURL_PREPARE_H

#include "net/http_request.h"

/* What holds for every request to a node. addresses: a curl_slist for CURLOPT_RESOLVE, or NULL;
 * it and the config must outlive the handle. */
void curl_prepare(void *easy, const struct transport_config *c, size_t node, void *addresses);

/* What this request is. headers: from curl_headers. Both must outlive the handle's use. */
void curl_set_request(void *easy, const struct http_request *q, void *headers);

/* The header lines of a request, a curl_slist; the caller frees it. */
void *curl_headers(const struct http_config *c, const struct http_request *q);

/* "host:port:address,address", so that no name of a node is ever looked up again: a curl_slist,
 * NULL if there is nothing to be told. The caller frees it. */
void *curl_addresses(const struct transport_config *c, size_t node);

#endif
