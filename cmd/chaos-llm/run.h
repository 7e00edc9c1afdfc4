/* The whole job: by a model where one is to be had, else the plain report. */
#ifndef LLM_RUN_H
#define LLM_RUN_H

#include "base/err.h"
#include "options.h"

/* 0 when a report was written; else -1 with e, whose msg is empty if the user has been told. */
int run(const struct options *o, struct err *e);

#endif
