/* A transfer of the libcurl engine, and what has become of its request. */
#ifndef NET_CURL_OUTCOME_H
#define NET_CURL_OUTCOME_H

#include "net/curl/curl_loop.h"
#include "net/http1/http1_parse.h"
#include "net/http_plan.h"
#include "net/transport.h"

/* One prepared easy handle; reused for later requests to the same node. */
struct transfer {
	struct curl_transfer on_loop; /* first: its done gets it */
	struct transport *owner;
	void *easy;
	struct transfer *next; /* in the node's list of free ones */
	struct request *request;
	const struct http_request *asked; /* the request that the handle is set up for */
	struct http_request own;	  /* as this slot has it, if it varies */
	struct http_find find;
	bool sent;			  /* the request of this hop */
	bool bare;			  /* the handle sends no header of the user's */
	long hop;			  /* redirects followed so far */
	long connects;			  /* opened so far, over TLS */
	bool again;			  /* libcurl wanted to send a request a second time */
	int resend;			  /* the redirect that would have sent the body again */
	struct http1_parse answer;	  /* as far as its header goes; not over HTTP/2 */
	int64_t bytes;
	char message[256];		  /* of CURL_ERROR_SIZE */
};

/* Writes status, class and detail of the request, by the CURLcode with which its transfer has ended. os_errno: of the last
 * failed connect, send or receive; 0 if unknown. */
void curl_outcome(struct request *r, const struct transfer *x, const struct transport_config *c, int code, int os_errno);

#endif
