/* Reads the answers of a Redis server: where each ends. RESP2 and RESP3. */
#ifndef PROXY_ANSWER_H
#define PROXY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis_answers {
	uint64_t items; /* that still belong to this answer; 0: between two */
	uint64_t left;	/* bytes of a text, with the line's end */
	bool push;	/* it was not asked for */
	char line[32];
	size_t line_bytes;
};

enum answer_step { ANSWER_MORE, ANSWER_END, ANSWER_PUSH_END, ANSWER_OTHER };

/* Takes in bytes up to the end of an answer; *used of them. Zeroed at first. */
enum answer_step redis_answer_take(struct redis_answers *a, const char *data, size_t len, size_t *used);

#endif
