/* The options that are about HTTP, checked by themselves. */
#ifndef LOAD_REQUESTS_HTTP_OPTS_H
#define LOAD_REQUESTS_HTTP_OPTS_H

#include "options.h"

/* Whether the HTTP options go together. */
int http_opts_check(const struct load_opts *o, struct err *e);

#endif
