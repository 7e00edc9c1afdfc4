#include "net/pattern.h"

#include "base/num.h"
#include "base/rng.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <string.h>

enum { WORDS_MAX = 4, LENGTH_MAX = 64 };

/* Separates these random numbers from those of arrivals and of the mix. */
static const uint64_t salt = 0x70617474;

struct placeholder {
	char text[LENGTH_MAX]; /* cut into words */
	char *words[WORDS_MAX];
	int count;
	int64_t a, b;
	size_t len; /* with its braces */
};

static const struct {
	const char *word;
	int count; /* of words, with this one */
} kinds[] = {{"slot", 1}, {"seq", 2}, {"rand", 3}};

/* A brace, words separated by blanks, a brace; false if it is something else. */
static bool cut(const char *text, size_t len, struct placeholder *p)
{
	size_t most = len < LENGTH_MAX ? len : LENGTH_MAX;
	const char *end = len && *text == '{' ? memchr(text, '}', most) : NULL;
	char *save = NULL;
	if (!end)
		return false;
	*p = (struct placeholder){0};
	memcpy(p->text, text + 1, (size_t)(end - text - 1));
	p->len = (size_t)(end - text) + 1;
	for (char *w = strtok_r(p->text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		if (p->count == WORDS_MAX)
			return false;
		p->words[p->count++] = w;
	}
	return p->count > 0;
}

/* The kind's index; -1 if it is none. */
static int read(struct placeholder *p)
{
	for (int k = 0; k < (int)ARRAY_LEN(kinds); k++) {
		if (strcmp(p->words[0], kinds[k].word) != 0 || p->count != kinds[k].count)
			continue;
		if (k == 1 && num_i64(p->words[1], 1, INT64_MAX, &p->a))
			return -1;
		if (k == 2 && (num_i64(p->words[1], INT64_MIN / 2, INT64_MAX / 2, &p->a) ||
			       num_i64(p->words[2], p->a, INT64_MAX / 2, &p->b)))
			return -1;
		return k;
	}
	return -1;
}

size_t pattern_length(const char *text, size_t len)
{
	struct placeholder p;
	return cut(text, len, &p) && read(&p) >= 0 ? p.len : 0;
}

bool pattern_any(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (pattern_length(text + i, len - i))
			return true;
	return false;
}

int pattern_check(const char *text, size_t len, struct err *e)
{
	struct placeholder p;
	for (size_t i = 0; i < len; i++) {
		const char *near = NULL;
		if (!cut(text + i, len - i, &p) || read(&p) >= 0)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			suggest(p.words[0], kinds[k].word, &near);
		if (near)
			return err_usage(e, "'%.*s' is no placeholder; did you mean '%s'?",
					 (int)p.len, text + i,
					 *near == 'r'	       ? "{rand A B}"
					 : strcmp(near, "seq") ? "{slot}"
							       : "{seq N}");
	}
	return 0;
}

void pattern_write(const char *text, size_t len, uint64_t slot, uint64_t seed, struct buf *out)
{
	struct placeholder p;
	for (size_t i = 0; i < len;) {
		const char *brace = memchr(text + i, '{', len - i);
		size_t plain = brace ? (size_t)(brace - text) - i : len - i;
		buf_add(out, text + i, plain);
		i += plain;
		if (!brace)
			break;
		int kind = cut(brace, len - i, &p) ? read(&p) : -1;
		if (kind == 0)
			buf_addf(out, "%" PRIu64, slot);
		else if (kind == 1)
			buf_addf(out, "%" PRIu64, slot % (uint64_t)p.a);
		else if (kind == 2)
			buf_addf(out, "%" PRId64,
				 p.a + (int64_t)(rng_at(seed ^ salt ^ ((uint64_t)p.a << 32) ^
								(uint64_t)p.b,
							slot) %
						 (uint64_t)(p.b - p.a + 1)));
		else
			buf_addch(out, '{');
		i += kind < 0 ? 1 : p.len;
	}
}
