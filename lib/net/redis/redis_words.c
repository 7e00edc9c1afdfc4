#include "net/redis/redis_words.h"

#include "base/buf.h"
#include "base/num.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DIGITS = 20 }; /* of any number */

/* Returns where they begin. */
static char *digits(uint64_t n, char out[static DIGITS])
{
	char *at = out + DIGITS;
	do
		*--at = (char)('0' + n % 10);
	while (n /= 10);
	return at;
}

static void put(struct redis_command *c, const char *text, size_t len)
{
	if (c->len + len > c->alloc) {
		c->alloc = 2 * (c->len + len);
		c->text = mem_realloc(c->text, c->alloc, 1);
	}
	memcpy(c->text + c->len, text, len);
	c->len += len;
}

static void put_line(struct redis_command *c, char mark, uint64_t n)
{
	char line[1 + DIGITS + 2], *at = digits(n, line + 1);
	*--at = mark;
	memcpy(line + 1 + DIGITS, "\r\n", 2);
	put(c, at, (size_t)(line + sizeof line - at));
}

void redis_command_begin(struct redis_command *c, size_t words)
{
	put_line(c, '*', words);
	c->count++;
}

void redis_command_word(struct redis_command *c, const char *text, size_t len)
{
	put_line(c, '$', len);
	put(c, text, len);
	put(c, "\r\n", 2);
}

void redis_command_number(struct redis_command *c, uint64_t n)
{
	char text[DIGITS], *at = digits(n, text);
	redis_command_word(c, at, (size_t)(text + DIGITS - at));
}

void redis_command_add(struct redis_command *c, int words, const char **texts)
{
	redis_command_begin(c, (size_t)words);
	for (int i = 0; i < words; i++)
		redis_command_word(c, texts[i], strlen(texts[i]));
}

void redis_command_reset(struct redis_command *c)
{
	c->len = 0;
	c->count = c->before = 0;
}

void redis_command_init(struct redis_command *c, int words, const char **texts)
{
	*c = (struct redis_command){0};
	redis_command_add(c, words, texts);
}

void redis_command_release(struct redis_command *c)
{
	free(c->text);
	*c = (struct redis_command){0};
}

int redis_handshake_init(struct redis_command *c, const struct url *u, struct err *e)
{
	const char *db = u->path + (u->path[0] == '/');
	int64_t n;
	if (strstr(u->scheme, "+sentinel")) {
		db += strcspn(db, "/");
		db += *db == '/';
	}
	*c = (struct redis_command){0};
	if (*db && num_i64(db, 0, 1 << 20, &n))
		return err_usage(e, "'%s' is no number of a Redis database: redis://HOST:PORT/0",
				 db);
	if (*u->password && *u->user)
		redis_command_add(c, 3, (const char *[]){"AUTH", u->user, u->password});
	else if (*u->password)
		redis_command_add(c, 2, (const char *[]){"AUTH", u->password});
	if (*db)
		redis_command_add(c, 2, (const char *[]){"SELECT", db});
	return 0;
}

int redis_announced(const struct url *by, const char *host, int port, struct url *out)
{
	struct err e;
	bool six = strchr(host, ':');
	char *text = mem_printf("redis%s://%s%s%s:%d", url_is_tls(by) ? "s" : "", six ? "[" : "", host, six ? "]" : "", port);
	int rc = url_parse(text, out, &e);
	free(text);
	return rc;
}

char *redis_mark_key(const char *prefix, uint64_t piece)
{
	return mem_printf("%s:{%llu}", prefix, (unsigned long long)piece);
}

int redis_key_slot(const char *key, size_t len)
{
	/* CRC-16 with the polynomial 0x1021, four bits at a time. */
	static const uint16_t steps[16] = {0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
					   0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef};
	const char *open = memchr(key, '{', len);
	const char *close = open ? memchr(open, '}', len - (size_t)(open - key)) : NULL;
	unsigned crc = 0;
	if (close && close > open + 1) {
		key = open + 1;
		len = (size_t)(close - key);
	}
	for (size_t i = 0; i < len; i++) {
		unsigned byte = (unsigned char)key[i];
		crc = (crc << 4 ^ steps[(crc >> 12 ^ byte >> 4) & 15]) & 0xffff;
		crc = (crc << 4 ^ steps[(crc >> 12 ^ byte) & 15]) & 0xffff;
	}
	return (int)(crc & 16383);
}

enum redis_answer redis_verb_answer(const char *verb)
{
	return strcasecmp(verb, "INCR") == 0  ? REDIS_ANSWER_NUMBER
	       : strcasecmp(verb, "GET") == 0 ? REDIS_ANSWER_TEXT
					      : REDIS_ANSWER_ANY;
}

static const struct {
	const char *word; /* that an error answer begins with */
	enum error_class error;
} classes[] = {
	{"READONLY", ERROR_REDIS_READONLY},
	{"LOADING", ERROR_REDIS_LOADING},
	{"CLUSTERDOWN", ERROR_REDIS_CLUSTERDOWN},
	{"MOVED", ERROR_REDIS_MOVED},
	{"ASK", ERROR_REDIS_ASK},
	{"TRYAGAIN", ERROR_REDIS_TRYAGAIN},
	{"NOREPLICAS", ERROR_REDIS_NOREPLICAS},
	{"MISCONF", ERROR_REDIS_MISCONF},
	{"OOM", ERROR_REDIS_OOM},
	{"NOAUTH", ERROR_REDIS_AUTH},
	{"WRONGPASS", ERROR_REDIS_AUTH},
	{"NOPERM", ERROR_REDIS_AUTH},
	{"ERR invalid password", ERROR_REDIS_AUTH},
	{"ERR AUTH", ERROR_REDIS_AUTH},
};

static bool fits(const struct redisReply *reply, enum redis_answer expected)
{
	if (expected == REDIS_ANSWER_NUMBER || expected == REDIS_ANSWER_MARK)
		return reply->type == REDIS_REPLY_INTEGER;
	return expected == REDIS_ANSWER_ANY || reply->type == REDIS_REPLY_STRING ||
	       reply->type == REDIS_REPLY_NIL;
}

enum error_class redis_reply_class(const struct redisReply *reply, enum redis_answer expected, const char **detail)
{
	*detail = "";
	if (expected == REDIS_ANSWER_MARK && reply->type == REDIS_REPLY_INTEGER && reply->integer) {
		*detail = "the mark was there before: its prefix was used twice";
		return ERROR_PROTOCOL;
	}
	if (reply->type != REDIS_REPLY_ERROR && fits(reply, expected))
		return ERROR_NONE;
	if (reply->type != REDIS_REPLY_ERROR) {
		*detail = "an answer of another type than the command has";
		return ERROR_PROTOCOL;
	}
	*detail = reply->str;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (strncmp(reply->str, classes[i].word, strlen(classes[i].word)) == 0)
			return classes[i].error;
	return ERROR_REDIS_OTHER;
}

/* Digits and the end of their line. Returns their length; 0: they are not there, or too many. */
static size_t take_digits(const char *at, size_t len, long long *n)
{
	enum { DIGITS_MAX = 18 };
	size_t sign = len && *at == '-', i = sign, end = len < sign + DIGITS_MAX ? len : sign + DIGITS_MAX;
	unsigned digit;
	for (*n = 0; i < end && (digit = (unsigned char)at[i] - '0') <= 9; i++)
		*n = *n * 10 + digit;
	if (i == sign || i + 2 > len || at[i] != '\r' || at[i + 1] != '\n')
		return 0;
	*n = sign ? -*n : *n;
	return i + 2;
}

static size_t take_text(char *data, size_t head, size_t len, int type, struct redisReply *out)
{
	data[head + len] = '\0';
	*out = (struct redisReply){.type = type, .str = data + head, .len = len};
	return head + len + 2;
}

size_t redis_reply_short(char *data, size_t len, struct redisReply *out)
{
	long long n;
	bool line = len && (*data == '+' || *data == '-');
	const char *end = line ? memchr(data, '\r', len - 1) : NULL;
	if (line)
		return !end || end[1] != '\n' ? 0
					      : take_text(data, 1, (size_t)(end - data) - 1,
							  *data == '+' ? REDIS_REPLY_STATUS : REDIS_REPLY_ERROR, out);
	size_t head = len && (*data == ':' || *data == '$') ? take_digits(data + 1, len - 1, &n) + 1 : 1;
	if (head == 1)
		return 0;
	if (*data == ':' || n == -1) {
		*out = (struct redisReply){.type = *data == ':' ? REDIS_REPLY_INTEGER : REDIS_REPLY_NIL, .integer = n};
		return head;
	}
	if (n < 0 || (size_t)n > len || head + (size_t)n + 2 > len || memcmp(data + head + n, "\r\n", 2) != 0)
		return 0;
	return take_text(data, head, (size_t)n, REDIS_REPLY_STRING, out);
}

enum redis_role redis_reply_role(const struct redisReply *reply)
{
	if (reply->type != REDIS_REPLY_ARRAY || !reply->elements ||
	    reply->element[0]->type != REDIS_REPLY_STRING)
		return REDIS_ROLE_UNKNOWN;
	if (strcmp(reply->element[0]->str, "master") == 0)
		return REDIS_ROLE_MASTER;
	return strcmp(reply->element[0]->str, "slave") == 0 ? REDIS_ROLE_REPLICA
							    : REDIS_ROLE_UNKNOWN;
}
