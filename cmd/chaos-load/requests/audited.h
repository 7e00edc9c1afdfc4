/* Which HTTP requests --audit-http audits. */
#ifndef LOAD_REQUESTS_AUDITED_H
#define LOAD_REQUESTS_AUDITED_H

#include "requests/target.h"

/* Sets the target's audit_op, if there is --audit-http: the one request that writes and has {slot} in its path or body. */
int audited_find(struct target *t, const struct load_opts *o, struct err *e);

#endif
