/* What a user may write of HTTP: methods, names of headers, statuses, files with a secret. */
#ifndef NET_HTTP_WORDS_H
#define NET_HTTP_WORDS_H

#include "base/buf.h"
#include "net/transport.h"

/* A token of RFC 9110: a method or the name of a header. */
bool http_is_token(const char *s);

/* Any token, but none that looks like a misspelt common method. */
int http_check_method(const char *text, struct err *e);

/* A GET or HEAD with a body is a mistake. method may be NULL. */
int http_check_body(const char *method, bool has_body, struct err *e);

/* "200-299,304": which statuses are successes. */
int http_expect_parse(const char *text, struct http_expect *x, struct err *e);

/* Appends the Authorization header line of --user-file or --bearer-file, nothing without them (NULL).
 * Error messages never contain the file's content. */
int http_read_secret(const char *user_file, const char *bearer_file, struct buf *line, struct err *e);

#endif
