/* One HTTP exchange at a time on libcurl and the loop, each on a connection of its own, so that
 * none is ever sent twice. Redirects, .netrc and proxies are not used unless the owner sets them on
 * the easy handle. Easy handles pass as void *. */
#ifndef NET_CURL_CALL_H
#define NET_CURL_CALL_H

#include "base/error_class.h"
#include "net/curl/curl_loop.h"
#include "net/resolve.h"
#include "url/url.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CURL_CALL_MESSAGE = 256 };

struct curl_call {
	struct curl_transfer transfer;
	struct loop *loop;
	struct curl_loop *curl; /* NULL until first started */
	void *easy;
	void *connect_to; /* of a URL with via; owned */
	void *addresses;  /* of its host; owned */
	bool under_way;
	int code;     /* the CURLcode of the end; an error before the first start */
	int os_errno; /* of a failed connect; 0 if unknown */
	char message[CURL_CALL_MESSAGE];    /* the reason of a failure; "" if code says it */
	void (*ended)(struct curl_call *c); /* NULL: the owner looks at under_way */
};

/* take: libcurl's write function, called with arg. The loop must outlive the call. */
void curl_call_init(struct curl_call *c, struct loop *l,
		    size_t (*take)(char *data, size_t size, size_t count, void *arg), void *arg);
void curl_call_release(struct curl_call *c);

/* The exchange is a GET of that path; NULL: it only connects, and its end gives the socket to the
 * owner, in transfer.fd. No certificate is checked. Once for a call. */
void curl_call_to(struct curl_call *c, const struct url *at, const char *path);

/* It only connects, over TLS, and the connection stays the call's until it is stopped: curl_call_read and
 * curl_call_write use it, and transfer.fd tells when. Certificates are checked, against the system's authorities or
 * those of the file, unless insecure. addrs: of the host; NULL: libcurl looks it up. Behind curl_call_to. */
void curl_call_tls(struct curl_call *c, const struct url *at, const struct net_addrs *addrs, const char *cacert,
		   bool insecure);
/* It connects to that Unix socket, whatever the host. */
void curl_call_unix(struct curl_call *c, const char *path);

/* As send and recv that never wait. -1: *error and *why (of the call) are set; ERROR_NONE: not now. */
ssize_t curl_call_write(struct curl_call *c, const char *data, size_t len, enum error_class *error, const char **why);
ssize_t curl_call_read(struct curl_call *c, char *data, size_t size, enum error_class *error, const char **why);

/* Starts an exchange as the easy handle is set up, and gives up one that is under way. It
 * ends within timeout_ns (0: the owner watches the time), perhaps before this returns. -1: it could not be started, and ended
 * is not called. */
int curl_call_start(struct curl_call *c, int64_t timeout_ns);
void curl_call_stop(struct curl_call *c);

/* Whether a server has accepted the connection of an exchange that is under way. */
bool curl_call_accepted(const struct curl_call *c);
/* The HTTP status of the answer; 0 without one. */
int curl_call_status(const struct curl_call *c);
/* The class of the failure. */
enum error_class curl_call_class(const struct curl_call *c);
/* True if it failed for want of descriptors, ports or memory here. */
bool curl_call_local(const struct curl_call *c);
/* Why it failed, as a phrase: "Connection refused". */
const char *curl_call_why(const struct curl_call *c);

#endif
