/* What the nodes of a run serve: HTTP or Redis; and the proxy before them, which no word of a user names. */
#ifndef CONF_MODE_H
#define CONF_MODE_H

#include "base/err.h"

enum conf_mode { MODE_HTTP, MODE_REDIS, MODE_COUNT, MODE_PROXY = MODE_COUNT };
const char *conf_mode_name(enum conf_mode m); /* "http", "redis", "proxy" */
/* 0, or -1 with a hint. */
int conf_mode_parse(const char *word, enum conf_mode *m, struct err *e);

#endif
