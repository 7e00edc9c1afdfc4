/* Redis commands and the meaning of replies. */
#ifndef NET_REDIS_WORDS_H
#define NET_REDIS_WORDS_H

#include "base/err.h"
#include "base/redis_verb.h"
#include "base/error_class.h"
#include "url/url.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redisReply;

/* A command in the wire's form. */
struct redis_command {
	char *text; /* owned; may hold several commands */
	size_t len, alloc;
	int count;  /* answers that it brings */
	int before; /* of these, the first ones that say nothing */
	bool lenient; /* a handshake whose errors do not matter */
};

void redis_command_init(struct redis_command *c, int words, const char **texts);
void redis_command_add(struct redis_command *c, int words, const char **texts); /* another behind it */
/* The same word by word: exactly words of them follow; a number is a word, too. */
void redis_command_begin(struct redis_command *c, size_t words);
void redis_command_word(struct redis_command *c, const char *text, size_t len);
void redis_command_number(struct redis_command *c, uint64_t n);
void redis_command_reset(struct redis_command *c); /* empty, with its memory */
void redis_command_release(struct redis_command *c); /* accepts a zeroed one */

/* The handshake of a connection: AUTH and SELECT by the URL (redis://user:password@host/2), or
 * nothing. In a redis+sentinel:// URL the database stands behind the name: /NAME/2. Returns 0, or -1 with
 * EXIT_USAGE if the path is no database number. */
int redis_handshake_init(struct redis_command *c, const struct url *u, struct err *e);

/* The URL of a node that sentinels or a cluster name, without user and password, with TLS where by, their URL, has it.
 * -1: it is no address. */
int redis_announced(const struct url *by, const char *host, int port, struct url *out);

/* Marks, one bit a slot: the key of a piece of REDIS_MARK_PIECE slots. The caller frees. */
enum { REDIS_MARK_PIECE = 1 << 18 };
char *redis_mark_key(const char *prefix, uint64_t piece);

/* The slot of a key in a cluster: of what is in its first {braces}, if there is something, else of all of it. */
int redis_key_slot(const char *key, size_t len);

/* What a command is answered by, unless by an error. */
enum redis_answer {
	REDIS_ANSWER_ANY,
	REDIS_ANSWER_NUMBER,
	REDIS_ANSWER_TEXT, /* or none */
	REDIS_ANSWER_MARK, /* 0: the bit was not set before */
};

enum redis_answer redis_verb_answer(const char *verb);

/* An answer that is whole, and the first in data: a number, a line or a string. Sets what *out has of it, its text in
 * data with a NUL where the line ended. Returns its length; 0: it is none of these. */
size_t redis_reply_short(char *data, size_t len, struct redisReply *out);

/* The error class of a reply, which is ERROR_PROTOCOL for one of another type. *detail is what is to be said of it, the
 * reply's own text if it is an error; "" without one. */
enum error_class redis_reply_class(const struct redisReply *reply, enum redis_answer expected, const char **detail);

enum redis_role { REDIS_ROLE_UNKNOWN, REDIS_ROLE_MASTER, REDIS_ROLE_REPLICA };

/* The role in an answer to ROLE. */
enum redis_role redis_reply_role(const struct redisReply *reply);

#endif
