/* Reads the input and writes the plain report, and under it a model's interpretation if one answers. */
#ifndef LLM_RUN_H
#define LLM_RUN_H

#include "base/err.h"
#include "options.h"

/* 0 if a report was written; else -1 with e, whose msg is empty if it was printed already. */
int run(const struct options *o, struct err *e);

#endif
