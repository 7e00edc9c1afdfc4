/* Words that carry a quantity, a comparison or an act, whatever the sentence. English, with the
 * numerals of a few more languages. */
#ifndef LLM_LEXICON_H
#define LLM_LEXICON_H

#include <stdbool.h>
#include <stddef.h>

enum word_class {
	WORD_PLAIN,
	WORD_QUANTITY, /* three, forty, half, twice, percent, seconds, ms */
	WORD_COMPARE,  /* rose, less, unchanged, worse, than */
	WORD_ACT,      /* killed, restarted: what is done to a node */
	WORD_STATE,    /* crashed, unavailable: what becomes of it */
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

/* The token at p, without the blanks before it: a word of Latin letters, a run of digits, one sign, or a
 * character that has no place in English prose (digits of any other script are among these). */
struct token lexicon_token(const char *p);

/* The first "all", "most", "no" and the like that soon comes upon what is counted ("requests", "nodes");
 * of length 0 if there is none. */
struct token lexicon_sweeping(const char *flat);

/* A copy without the marks of emphasis, with the dashes and blanks of typography made plain; the
 * caller frees. */
char *lexicon_flat(const char *text);

/* How many bytes at p are that name: in any case, '-', '_' and a blank being one, and not within a
 * longer word; 0 if they are not. Of a name like node-A, the letter's case counts. */
size_t lexicon_name(const char *p, const char *start, const char *name);

#endif
