/* A log of requests as a schedule: slot i is due when its i-th row, by time, says, counted from the
 * first. */
#ifndef LOAD_REQUESTS_REPLAY_H
#define LOAD_REQUESTS_REPLAY_H

#include "csv/times.h"

/* Reads a file; speed: how many times as fast as it was. Rows that the log itself lost are told on
 * stderr. Returns 0, or -1 with file and line in e. Release t in either case. */
int replay_read(struct times *t, const char *path, double speed, struct err *e);

#endif
