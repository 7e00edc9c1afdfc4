/* URLs as they stand in options, configs and samples. */
#ifndef URL_URL_H
#define URL_URL_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct url {
	char scheme[16];	      /* lower case: "http", "https", "redis", … */
	char host[256];		      /* as url_host_normalise writes it, without brackets */
	char zone[24];		      /* of an IPv6 address: "eth0"; "" for none */
	int port; /* from the URL, else the scheme's own (http 80, https 443, redis 6379) */
	const char *user, *password;  /* %XX undone; "" for none */
	const char *more; /* the hosts behind the first, ",b:2,c:3", where url_is_topology; "" for none */
	const char *path; /* from the '/' on with the query, no fragment; "" if there is none */
	char *text;	  /* owned: what these four point into */
	const char *via;  /* HOST:PORT to connect to in its place, or NULL; borrowed; url_parse sets none */
};

/* Returns 0, or -1 with EXIT_USAGE and nothing to release: no scheme, unknown scheme, no host, bad
 * port, blanks or control characters. e never holds a password. */
int url_parse(const char *text, struct url *u, struct err *e);
void url_release(struct url *u); /* accepts a zeroed one */

/* A text without what stands from its "://" to the last '@' that lies before end, which is in it. The caller frees. */
char *url_cut_user(const char *text, const char *end);

/* The URL as it may be shown: without user and password. Of a text that is no URL all is left out
 * that may be a password. The caller frees. */
char *url_public(const char *text);

/* A copy of a text, such as a config, with every URL in it as url_public has it. The caller frees.
 */
char *url_public_all(const char *text);

/* A copy of text, such as a word of a command, with *** where the URL's password stands in it, as
 * it is or with bytes as %XX. The caller frees. */
char *url_hide_password(const struct url *u, const char *text);

bool url_is_redis(const struct url *u); /* of any way to run it */
bool url_is_tls(const struct url *u);
/* unix:///path/to.sock?db=2: Redis on a socket. The host is its path, and path the database as elsewhere: "/2". */
bool url_is_unix(const struct url *u);

/* Whether the URL names who knows the nodes, in place of one: redis+sentinel://a,b,c/NAME,
 * redis+cluster://a,b. */
bool url_is_topology(const struct url *u);

/* Host i of such a URL, from 0 on, as a redis:// URL with its port and no user. Returns 0, or -1 when there is
 * none. The caller releases it. */
int url_nth_host(const struct url *u, size_t i, struct url *out);

bool url_is_loopback(const struct url *u); /* see url_host_is_loopback */

/* The host as it stands in a URL, an IPv6 address in brackets. The zone means something on this
 * machine alone: it is for a URL, never for a server. Returns out. */
#define URL_HOST_TEXT 296
const char *url_host_text(const struct url *u, bool with_zone, char out[static URL_HOST_TEXT]);

/* Same scheme, host (as url_host_plain has it), zone and port. */
bool url_same(const struct url *a, const struct url *b);

/* Same scheme, host and port, with hosts that url_host_plain maps to one address taken as one;
 * or the very same text. False if either does not parse. This is how nodes of the
 * config, sample rows and events are joined. */
bool url_same_node(const char *a, const char *b);

/* Writes text with everything a CSV field would have to quote, and blanks and
 * control characters, %-encoded; out has room for 3 * strlen(text) + 1. */
void url_escape_field(const char *text, char *out);

/* Undoes the blanks of that between braces, for people: "{rand%201%209}" was written "{rand 1 9}". */
void url_show_braces(char *text);

#endif
