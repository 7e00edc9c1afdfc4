/* The host of a URL in one spelling, so that two spellings of one host are equal as texts, and each
 * engine sends the same bytes. */
#ifndef URL_URL_HOST_H
#define URL_URL_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* Rewrites a host in place: an IPv4 address as four decimal numbers ("127.1", "0x7f000001"), an
 * IPv6 address in its short form, localhost without a dot at its end, an internationalised name,
 * which is in lower case, in ASCII (RFC 3492, "xn--…"). The zone of an IPv6 address goes to zone.
 * Returns -1 if it is no host. */
int url_host_normalise(char *host, size_t size, char *zone, size_t zone_size);

/* "localhost" and all names below it, which are the loopback interface (RFC 6761, section 6.3). */
bool url_host_is_localhost(const char *host);

/* Whether it is an address of the loopback interface or a name of it. The unspecified address
 * counts: connecting to it reaches this machine. */
bool url_host_is_loopback(const char *host);

/* An address for hosts that are one: 127.0.0.1 for localhost, ::1 and the unspecified addresses, an
 * IPv4 address for the IPv6 address that it is mapped to. Any other host is itself. */
const char *url_host_plain(const char *host);

#endif
