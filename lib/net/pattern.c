#include "net/pattern.h"

#include "base/rng.h"
#include "base/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LENGTH_MAX = 64 };
enum kind { NONE, SLOT, SEED, SEQ, RAND, BRACE };
enum { DIGITS_MAX = 20 };

/* Stands for a brace that begins no placeholder; nobody writes it. */
static const char brace[] = "{\177}";

/* Separates these random numbers from those of arrivals and of the mix. */
static const uint64_t salt = 0x70617474;

struct placeholder {
	char text[LENGTH_MAX]; /* with its braces; "" if there is none in sight */
	size_t len;
	int64_t a, b;
};

/* Reads "{word …}" at text, whatever its word is. */
static enum kind read(const char *text, size_t len, struct placeholder *p)
{
	size_t most = len < LENGTH_MAX ? len : LENGTH_MAX - 1;
	const char *end = len && *text == '{' ? memchr(text, '}', most) : NULL;
	int used = 0;
	p->a = p->b = 0;
	p->len = end ? (size_t)(end - text) + 1 : 0;
	memcpy(p->text, text, p->len);
	p->text[p->len] = '\0';
	if (strcmp(p->text, brace) == 0)
		return BRACE;
	if (strcmp(p->text, "{slot}") == 0)
		return SLOT;
	if (strcmp(p->text, "{seed}") == 0)
		return SEED;
	if (sscanf(p->text, "{s%*[loted] %2" SCNd64 "}%n", &p->a, &used) == 1 && used && p->a > 0 && p->a <= DIGITS_MAX)
		return strncmp(p->text, "{slot ", 6) == 0 ? SLOT : strncmp(p->text, "{seed ", 6) == 0 ? SEED : NONE;
	if (sscanf(p->text, "{seq %18" SCNd64 "}%n", &p->a, &used) == 1 && used && p->a > 0)
		return SEQ;
	if (sscanf(p->text, "{rand %18" SCNd64 " %18" SCNd64 "}%n", &p->a, &p->b, &used) == 2 && used &&
	    p->a <= p->b)
		return RAND;
	return NONE;
}

size_t pattern_length(const char *text, size_t len)
{
	struct placeholder p;
	return read(text, len, &p) ? p.len : 0;
}

bool pattern_any(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (pattern_length(text + i, len - i))
			return true;
	return false;
}

bool pattern_unique(const char *text, size_t len)
{
	struct placeholder p;
	for (size_t i = 0; i < len; i++)
		if (read(text + i, len - i, &p) == SLOT)
			return true;
	return false;
}

int pattern_check(const char *text, size_t len, struct err *e)
{
	static const char *const words[] = {"slot", "seed", "seq", "rand"}, *const after[] = {"", "", " N", " A B"};
	struct placeholder p;
	for (size_t i = 0; i < len; i++) {
		const char *near = NULL;
		if (read(text + i, len - i, &p) || !p.len)
			continue;
		p.text[1 + strcspn(p.text + 1, " }")] = '\0';
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			suggest(p.text + 1, words[k], &near);
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			if (near == words[k])
				return err_usage(e, "'%.*s' is no placeholder; did you mean '{%s%s}'?",
						 (int)p.len, text + i, near, after[k]);
	}
	return 0;
}

void pattern_write(const char *text, size_t len, uint64_t slot, uint64_t seed, struct buf *out)
{
	struct placeholder p;
	for (size_t i = 0; i < len;) {
		const char *next = memchr(text + i, '{', len - i);
		size_t plain = next ? (size_t)(next - text) - i : len - i;
		buf_add(out, text + i, plain);
		i += plain;
		if (!next)
			break;
		enum kind k = read(next, len - i, &p);
		uint64_t drawn = rng_at(seed ^ salt ^ ((uint64_t)p.a << 32) ^ (uint64_t)p.b, slot);
		if (k == RAND)
			buf_addf(out, "%" PRId64,
				 p.a + (int64_t)(drawn % (uint64_t)(p.b - p.a + 1)));
		else if (k == SEQ)
			buf_addf(out, "%" PRIu64, slot % (uint64_t)p.a);
		else if (k == SLOT || k == SEED)
			buf_addf(out, "%0*" PRIu64, (int)p.a, k == SLOT ? slot : seed);
		else
			buf_addch(out, '{');
		i += k ? p.len : 1;
	}
}

/* Whether that place of the text is in a string of JSON. */
static bool in_string(const char *text, size_t at)
{
	static const char blanks[] = " \t\r\n";
	const char *first = text + strspn(text, blanks), *end = first + 1;
	bool in = false;
	while (*first == '"' && *end && *end != '"')
		end += 1 + (*end == '\\' && end[1]);
	bool alone = *first == '"' && *end && !end[1 + strspn(end + 1, blanks)];
	for (size_t i = 0; i < at && (alone || *first == '{' || *first == '['); i++) {
		in ^= text[i] == '"';
		i += in && text[i] == '\\';
	}
	return in;
}

void pattern_add_value(struct buf *out, const char *value, const char *text, size_t at)
{
	bool json = in_string(text, at);
	for (const char *c = value; *c; c++) {
		if (*c == '{')
			buf_addstr(out, brace);
		else if (json && (unsigned char)*c < ' ')
			buf_addf(out, "\\u%04x", (unsigned)*c);
		else if (json && (*c == '"' || *c == '\\'))
			buf_addf(out, "\\%c", *c);
		else
			buf_addch(out, *c);
	}
}
