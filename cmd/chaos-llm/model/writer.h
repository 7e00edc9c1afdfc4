/* Takes a model's text in pieces, checks it paragraph by paragraph, and writes the paragraphs that
 * pass. */
#ifndef LLM_WRITER_H
#define LLM_WRITER_H

#include "llm/fill.h"
#include "model/key.h"
#include "model/prompt.h"

struct writer {
	struct buf head;     /* written before the first paragraph */
	struct buf accepted; /* paragraphs that passed, as the model wrote them */
	struct buf refused;  /* the paragraph that did not */
	bool rejected;	     /* a check failed: why says which */
	bool gone;	     /* the reader has closed its end */
	size_t count;	     /* placeholders in what was written */
	char why[FILL_WHY_MAX];

	/* Private. */
	const struct statements *shown;
	const struct prompt *prompt;
	const struct key *key;
	struct buf *out;
	int fd;
	struct buf pending;
	size_t words;
	bool begun;
};

/* Borrows all. Paragraphs are written to fd, or appended to out if fd is negative. */
void writer_init(struct writer *w, const struct prompt *prompt, const struct statements *shown,
		 const struct key *key, struct buf *out, int fd);
void writer_release(struct writer *w);

/* Prepares for another answer, which continues what was accepted. */
void writer_restart(struct writer *w);

/* Takes a piece of text; for chat_init. -1 stops the answer. */
int writer_text(void *arg, const char *text, size_t len);

/* Takes the last paragraph of a complete answer. -1 if the answer fails. */
int writer_end(struct writer *w);

void writer_put(struct writer *w, const char *text, size_t len);

#endif
