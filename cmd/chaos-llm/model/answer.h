/* A model's answer: its text, without the reasoning that some models write first. */
#ifndef LLM_ANSWER_H
#define LLM_ANSWER_H

#include "base/buf.h"

/* Takes a piece of text into the struct buf arg; for chat_init. -1 stops an answer that is longer
 * than any reader wants. */
int answer_take(void *arg, const char *text, size_t len);

/* The text behind "</think>", or all of it; "" while a "<think>" at its start is open. */
const char *answer_text(const struct buf *answer);

#endif
