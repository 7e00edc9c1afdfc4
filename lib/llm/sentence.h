/* One sentence of a model's text: checked, and filled in. Part of prose. */
#ifndef LLM_SENTENCE_H
#define LLM_SENTENCE_H

#include "llm/prose.h"

struct sentence {
	const struct statements *sent, *shown;
	struct buf out;	 /* as the reader gets it; empty if nothing but marks was there */
	struct buf rest; /* the model's own words: for the check */
	char what[48];	 /* the word or character at fault */
};

void sentence_init(struct sentence *s, const struct statements *sent,
		   const struct statements *shown);
void sentence_release(struct sentence *s);

/* Reads len bytes of text into out. A statement at its start gets a capital. */
enum prose_fault sentence_read(struct sentence *s, const char *text, size_t len);

#endif
