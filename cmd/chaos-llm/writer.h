/* Takes a model's text as it comes, holds it back by paragraphs, and lets out what holds. */
#ifndef LLM_WRITER_H
#define LLM_WRITER_H

#include "llm/check.h"
#include "key.h"
#include "prompt.h"

struct writer {
	struct buf head;     /* goes before the first paragraph */
	struct buf accepted; /* paragraphs that held, as the model wrote them */
	struct buf refused;  /* the one that did not */
	bool rejected;	     /* a check did not hold: why says which */
	bool gone;	     /* whoever reads has seen enough */
	size_t count;	     /* placeholders or numbers in what was let out */
	char why[CLAIM_WHY_MAX];

	/* Private. */
	const struct claims *seen, *shown;
	const struct prompt *prompt;
	const struct key *key;
	struct buf *out;
	int fd;
	struct buf pending;
	size_t words;
	bool begun;
};

/* All is borrowed. fd: where paragraphs go at once; negative: into out. */
void writer_init(struct writer *w, const struct claims *seen, const struct claims *shown,
		 const struct prompt *prompt, const struct key *key, struct buf *out, int fd);
void writer_release(struct writer *w);

/* For another answer that goes on behind what was accepted. */
void writer_restart(struct writer *w);

/* A piece of text; for chat_init. -1 when no more is wanted. */
int writer_text(void *arg, const char *text, size_t len);

/* The answer was whole: its last paragraph. -1 if it does not hold. */
int writer_end(struct writer *w);

void writer_put(struct writer *w, const char *text, size_t len);

#endif
