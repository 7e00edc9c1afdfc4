#include "model/answer.h"

#include <string.h>

enum { ANSWER_TEXT_MAX = 256 << 10 };

int answer_take(void *arg, const char *text, size_t len)
{
	struct buf *answer = arg;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '\r' && text[i])
			buf_addch(answer, text[i]);
	return answer->len > ANSWER_TEXT_MAX ? -1 : 0;
}

const char *answer_text(const struct buf *answer)
{
	static const char open[] = "<think>", close[] = "</think>";
	const char *text = answer->data, *end;
	while ((end = strstr(text, close)))
		text = end + sizeof close - 1;
	text += strspn(text, " \n");
	return strncmp(text, open, sizeof open - 1) == 0 ? "" : text;
}
