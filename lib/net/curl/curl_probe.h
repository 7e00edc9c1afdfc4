/* The HTTP probe, on libcurl. See net/probe.h for how attempts go. */
#ifndef NET_CURL_PROBE_H
#define NET_CURL_PROBE_H

#include "net/probe.h"

#include <stdbool.h>

struct curl_probe;

struct curl_probe *curl_probe_new(const struct url *at, const char *path);
void curl_probe_free(struct curl_probe *p);
void curl_probe_start(struct curl_probe *p, int64_t timeout_ns);
enum probe_answer curl_probe_step(struct curl_probe *p);
const char *curl_probe_why(const struct curl_probe *p);
bool curl_probe_heard(const struct curl_probe *p);

#endif
