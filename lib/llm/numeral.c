#include "llm/numeral.h"

#include <string.h>
#include <strings.h>

enum { LONGEST = 64 }; /* what is longer is no word, and may be made to keep us busy */

static bool made_of(const char *w, size_t len, bool number);

static bool begins_with(const char *w, size_t len, const char *const *list, bool number)
{
	for (; *list; list++) {
		size_t n = strlen(*list);
		if (n <= len && strncasecmp(w, *list, n) == 0 && made_of(w + n, len - n, number))
			return true;
	}
	return false;
}

/* Whether w is nothing but numerals, their stems and endings, number: one of them was a numeral. */
static bool made_of(const char *w, size_t len, bool number)
{
	static const char *const numerals[] = {
		"four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifth", "eighth", "ninth",
		"twelf", "thirt", "fift", "twent", "fort", "hundred", "thousand", "million", "billion",
		"trillion", "dozen", "percent", "percentage", NULL,
	};
	static const char *const others[] = {"one", "two", "three", "s", "es", "y", "ty", "ieth", "tieth", "ies", "ties", "th", "fold",
					     "teen", "een", "and", "_", "'", "(", NULL};
	return len ? begins_with(w, len, numerals, true) || begins_with(w, len, others, number) : number;
}

bool numeral_is(const char *w, size_t len)
{
	return len > LONGEST || made_of(w, len, false) || (len > 1 && strspn(w, "IVXLC") >= len);
}
