/* Metrics of the relay as OpenMetrics text. */
#ifndef PROXY_METRICS_H
#define PROXY_METRICS_H

#include "relay/relay.h"

void metrics_write(const struct relay *r, struct buf *out);

#endif
