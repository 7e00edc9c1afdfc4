/* Placeholders in what is sent, each a function of the slot and the seed alone, so that shards and
 * replays agree:
 *	{slot}		the slot's number
 *	{seed}		the seed, which a scenario draws for each run: keys that no other run has
 *	{slot N} {seed N}	with zeros before it to N digits at least, for keys of one length; N up to 20
 *	{seq N}		the slot's number modulo N
 *	{rand A B}	a whole number from A to B; the same in one slot wherever these bounds stand
 * Every other brace is itself. */
#ifndef NET_PATTERN_H
#define NET_PATTERN_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* The length of the placeholder at text; 0 if there is none. */
size_t pattern_length(const char *text, size_t len);

bool pattern_any(const char *text, size_t len);

/* Whether no two slots have the same: {slot} is in it. */
bool pattern_unique(const char *text, size_t len);

/* Rejects what looks like a misspelt placeholder, or one with bad numbers. */
int pattern_check(const char *text, size_t len, struct err *e);

/* Adds a value from elsewhere to a text with placeholders: braces in it begin none, and at a place within a string of
 * JSON it is written as JSON has it. As a marks_put. */
void pattern_add_value(struct buf *out, const char *value, const char *text, size_t at);

/* Appends text as that slot has it. */
void pattern_write(const char *text, size_t len, uint64_t slot, uint64_t seed, struct buf *out);

#endif
