#include "conf/pick.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	enum pick_kind kind;
} words[] = {
	{"one", PICK_COUNT},
	{"all", PICK_ALL},
	{"primary", PICK_PRIMARY},
	{"replica", PICK_REPLICA},
};

static int parse_share(const char *word, size_t len, struct pick *p, struct err *e)
{
	char number[PICK_WORD_MAX];
	snprintf(number, sizeof number, "%.*s", (int)(len - 1), word);
	if (num_double(number, 0, 100, &p->share_pct) || p->share_pct <= 0)
		return err_usage(e, "'%.40s': a share is more than 0%% and at most 100%%", word);
	p->kind = PICK_SHARE;
	return 0;
}

int pick_parse(const char *word, struct pick *p, struct err *e)
{
	const char *near = NULL;
	int64_t count;
	size_t len = strlen(word);
	*p = (struct pick){.count = 1};
	snprintf(p->word, sizeof p->word, "%s", word);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, word) == 0) {
			p->kind = words[i].kind;
			return 0;
		}
		suggest(word, words[i].word, &near);
	}
	if (len > 1 && len < PICK_WORD_MAX && word[len - 1] == '%')
		return parse_share(word, len, p, e);
	if (num_i64(word, 1, 1000000, &count) == 0) {
		p->kind = PICK_COUNT;
		p->count = (size_t)count;
		return 0;
	}
	return err_usage(e, "unknown pick '%.40s'%s%s%s", word,
			 SUGGESTED(near, "; it is one, a number, a share such as 30%, all, primary or replica"));
}

size_t pick_how_many(const struct pick *p, size_t of)
{
	if (p->kind == PICK_ALL)
		return of;
	if (p->kind != PICK_SHARE)
		return p->count;
	size_t share = (size_t)((double)of * p->share_pct / 100 + 0.5);
	return share ? share : 1;
}
