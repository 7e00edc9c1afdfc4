/* Classifies words that state a quantity, a comparison or an action. English, and the numerals of a
 * few more languages. */
#ifndef LLM_LEXICON_H
#define LLM_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

enum word_class {
	WORD_PLAIN,
	WORD_QUANTITY, /* three, forty, half, twice, percent, seconds, ms */
	WORD_COMPARE,  /* rose, less, unchanged, worse, than */
	WORD_ACT,      /* killed, restarted: an action on a node */
	WORD_STATE,    /* crashed, unavailable: the state of a node */
	WORD_NOT,
};

/* The class of a word, in any case. */
enum word_class lexicon_class(const char *word, size_t len);

/* One token of a text. */
struct token {
	const char *at;
	size_t len;
	enum { TOKEN_END, TOKEN_WORD, TOKEN_DIGITS, TOKEN_SIGN, TOKEN_STRANGE } kind;
};

/* The token at p, after blanks: a word of Latin letters, a run of digits, one sign, or a character
 * that English prose does not use, such as a digit of another script. */
struct token lexicon_token(const char *p);

/* The first quantifier ("all", "most", "no") within four words before a counted noun ("requests",
 * "nodes"); of length 0 if there is none. */
struct token lexicon_quantifier(const char *flat);

/* A copy without emphasis marks, with ASCII for typographic dashes and blanks; the caller frees
 * it. */
char *lexicon_flat(const char *text);

/* The length of name at p, 0 if it is not there. Ignores case, except for the letter of "node-A";
 * '-', '_' and a blank are equal; a part of a longer word does not count. */
size_t lexicon_name(const char *p, const char *start, const char *name);

#endif
