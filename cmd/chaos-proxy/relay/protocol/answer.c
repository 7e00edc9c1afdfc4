#include "relay/protocol/answer.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX (UINT64_C(1) << 40)

static enum answer_step item_ended(struct redis_answers *a)
{
	if (--a->items)
		return ANSWER_MORE;
	bool push = a->push;
	*a = (struct redis_answers){0};
	return push ? ANSWER_PUSH_END : ANSWER_END;
}

/* A line with a type and perhaps a count; long ones are texts, whose beginning will do. */
static enum answer_step answer_line_ended(struct redis_answers *a)
{
	char type = *a->line, *end;
	long long n = strtoll(a->line + 1, &end, 10);
	bool counted = strchr("$=!*~%|>", type) != NULL;
	a->line[a->line_bytes] = '\0';
	a->line_bytes = 0;
	if (!type || !strchr("+-:_,#($=!*~%|>", type) ||
	    (counted && (*end || end == a->line + 1 || n < -1 || n > INT64_C(1) << 36)))
		return ANSWER_OTHER;
	if (!a->items) {
		a->items = 1;
		a->push = type == '>';
	}
	if (!counted || n < 0)
		return item_ended(a);
	if (strchr("$=!", type)) {
		a->left = (uint64_t)n + 2;
		return ANSWER_MORE;
	}
	a->items += (uint64_t)n * (type == '%' || type == '|' ? 2 : 1) + (type == '|');
	return a->items > ITEMS_MAX ? ANSWER_OTHER : item_ended(a);
}

static enum answer_step take_answer_line(struct redis_answers *a, const char *data, size_t len, size_t *used)
{
	while (*used < len) {
		char c = data[(*used)++];
		if (c == '\n') {
			a->line[a->line_bytes] = '\0';
			return answer_line_ended(a);
		}
		if (c != '\r' && a->line_bytes < sizeof a->line - 1)
			a->line[a->line_bytes++] = c;
	}
	return ANSWER_MORE;
}

enum answer_step redis_answer_take(struct redis_answers *a, const char *data, size_t len, size_t *used)
{
	enum answer_step step = ANSWER_MORE;
	for (*used = 0; *used < len && step == ANSWER_MORE;) {
		if (!a->left) {
			step = take_answer_line(a, data, len, used);
			continue;
		}
		size_t n = a->left < len - *used ? (size_t)a->left : len - *used;
		*used += n;
		a->left -= n;
		if (!a->left)
			step = item_ended(a);
	}
	return step;
}
