#include "servers/saved.h"

#include "base/clock.h"
#include "base/units.h"
#include "net/redis/redis_words.h"
#include "servers/prefix.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char digits[] = "0123456789abcdef";

/* --- writing ------------------------------------------------------------------ */

static int put(FILE *to, struct json *j, struct err *e)
{
	struct buf line = BUF_INIT;
	json_line(j, &line);
	int rc = fwrite(line.data, 1, line.len, to) == line.len ? 0 : err_sys(e, errno, "cannot write the marks");
	buf_release(&line);
	return rc;
}

int saved_put_header(FILE *to, const struct saved_header *h, struct err *e)
{
	struct json *j = json_object_new();
	json_set_str(j, "schema", SAVED_SCHEMA);
	json_set_str(j, "prefix", h->prefix);
	if (h->op) {
		json_set_str(j, "op", h->op);
		json_set_str(j, "read", h->read);
	}
	json_set_int(j, "piece_bits", PIECE_SLOTS);
	json_set_bool(j, "quiet", h->quiet);
	json_set_round(j, "waited_s", h->waited_s, 3);
	json_set_str(j, "how", h->how);
	if (h->against)
		json_set_str(j, "against", h->against);
	json_set(j, "servers", h->servers);
	return put(to, j, e);
}

static int put_header(FILE *to, const struct topology *t, const struct saved_header *from, struct err *e)
{
	struct saved_header h = *from;
	h.servers = json_array_new();
	snprintf(h.how, sizeof h.how, "%s", t->how);
	for (size_t i = 0; i < t->count; i++) {
		struct json *s = json_object_new();
		json_set_str(s, "node", t->all[i].name);
		json_set_str(s, "role", t->all[i].primary ? "primary" : "replica");
		json_set_int(s, "offset", t->all[i].offset);
		json_push(h.servers, s);
	}
	return saved_put_header(to, &h, e);
}

/* Without the zeros at the end. */
static void add_hex(struct buf *hex, const unsigned char *bytes)
{
	size_t len = PIECE_BYTES;
	while (len && !bytes[len - 1])
		len--;
	for (size_t i = 0; i < len; i++) {
		buf_addch(hex, digits[bytes[i] >> 4]);
		buf_addch(hex, digits[bytes[i] & 15]);
	}
}

int saved_put_piece(FILE *to, const struct saved_piece *p, struct err *e)
{
	struct buf line = BUF_INIT;
	buf_addf(&line, "{\"server\":%zu,\"piece\":%" PRIu64 ",\"bits\":\"", p->server, p->number);
	add_hex(&line, p->bits);
	size_t before = line.len;
	buf_addstr(&line, "\",\"unread\":\"");
	size_t behind = line.len;
	add_hex(&line, p->unread);
	if (line.len == behind) /* none */
		line.len = before;
	buf_addstr(&line, "\"}\n");
	int rc = fwrite(line.data, 1, line.len, to) == line.len ? 0 : err_sys(e, errno, "cannot write the marks");
	buf_release(&line);
	return rc;
}

static int put_bits(FILE *to, size_t server, uint64_t number, const struct buf *bits, struct err *e)
{
	struct saved_piece p = {.server = server, .number = number};
	memcpy(p.bits, bits->data, bits->len < PIECE_BYTES ? bits->len : PIECE_BYTES);
	return bits->len > PIECE_BYTES ? err_usage(e, "piece %" PRIu64 " of the marks has %zu bytes, and a piece has %d", number, bits->len, PIECE_BYTES)
				       : saved_put_piece(to, &p, e);
}

/* 1: a server could not be read, as how says. */
static int put_pieces(FILE *to, struct topology *t, const char *prefix, uint64_t pieces, bool *marks, struct err *e)
{
	struct buf bits = BUF_INIT;
	int rc = 0;
	for (uint64_t p = 0; p < pieces && !rc; p++) {
		char *key = redis_mark_key(prefix, p);
		for (size_t i = 0; i < t->count && !rc; i++) {
			bool refused;
			struct err why;
			int failed = topology_ask(t, &t->all[i], 2, (const char *[]){"GET", key}, &bits, &refused, &why);
			if (!failed) {
				rc = put_bits(to, i, p, &bits, e);
				*marks |= bits.len > 0;
			}
			else if (!refused || !strstr(why.msg, ": MOVED ")) /* else the key is another shard's */
				rc = (snprintf(t->how, sizeof t->how, "%s", why.msg), 1);
		}
		free(key);
	}
	buf_release(&bits);
	return rc;
}

static int start_over(FILE *to, struct err *e)
{
	if (fflush(to) || (fseek(to, 0, SEEK_SET) == 0 && ftruncate(fileno(to), 0)))
		return err_sys(e, errno, "cannot write the marks");
	return 0;
}

/* What the servers have under the prefix that somebody typed, if it is of these rows. */
static int put_marks(FILE *to, struct topology *t, const struct saved_what *what, struct saved_header *h, struct err *e)
{
	char *against = what->typed ? prefix_against(t, h->prefix, what->first_due_ns) : NULL;
	bool marks = false;
	int rc = against ? 0 : put_pieces(to, t, h->prefix, what->pieces, &marks, e);
	if (!rc && !marks && what->unproved && !against)
		against = prefix_none(t, h->prefix);
	if (against) {
		h->against = against;
		rc = start_over(to, e) || put_header(to, t, h, e) ? -1 : 0;
		h->against = NULL;
	}
	free(against);
	return rc;
}

int saved_write(FILE *to, struct topology *t, const struct saved_what *what, int64_t timeout_ns, struct err *e)
{
	int64_t start = mono_ns(), deadline = start + timeout_ns;
	char *prefix = what->prefix && !what->typed ? mem_strdup(what->prefix) : NULL;
	struct saved_header h = {0};
	bool rest, done;
	int rc;
	do {
		rest = topology_rest(t, deadline);
		if (!prefix && what->typed && rest)
			prefix = prefix_meant(t, what->prefix);
		rc = rest && !prefix ? prefix_find(t, &prefix, what->first_due_ns, e) : 0;
		done = rc < 0 || !rest;
		h.prefix = prefix ? prefix : what->prefix;
		h.quiet = rest && !rc;
		h.waited_s = ns_to_s(mono_ns() - start);
		if (rc >= 0 && (start_over(to, e) || put_header(to, t, &h, e)))
			rc = -1;
		if (!rc && rest)
			rc = put_marks(to, t, what, &h, e);
		done = done || (!rc && topology_same(t));
	} while (rc >= 0 && !done && mono_ns() < deadline);
	h.quiet = false;
	h.waited_s = ns_to_s(mono_ns() - start);
	if (rc >= 0 && !done)
		rc = start_over(to, e) ? -1 : put_header(to, t, &h, e);
	free(prefix);
	return rc < 0 ? -1 : 0;
}

/* --- reading ------------------------------------------------------------------ */

struct piece {
	uint64_t number;
	bool read;			    /* from a primary, or a store */
	unsigned char primary[PIECE_BYTES]; /* marks that a primary has, or all nodes of a store */
	unsigned char anywhere[PIECE_BYTES];
	unsigned char unread[PIECE_BYTES];  /* of which a node of a store did not tell */
};

static bool bit(const unsigned char *bytes, size_t i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

/* By the answer: acknowledged writes are to be there, others not. */
static enum slot judge(unsigned answered, bool has, bool elsewhere)
{
	if (!has && elsewhere)
		return SLOT_UNREAD;
	return has == (answered == SLOT_ANSWERED + ANSWER_YES) ? SLOT_FINE : SLOT_ODD;
}

/* Sets the slots from the piece before it up to the end of p. Behind the last one with a row there are but strays. */
static void apply(struct saved *s, const struct piece *p, struct slots *m)
{
	uint64_t start = p->number * PIECE_SLOTS, end = start + PIECE_SLOTS;
	for (; s->done < end && s->done < m->count; s->done++) {
		size_t i = s->done % PIECE_SLOTS;
		bool here = p->read && s->done / PIECE_SLOTS == p->number;
		bool told = here && !bit(p->unread, i);
		bool has = told && bit(p->primary, i), elsewhere = told && bit(p->anywhere, i);
		unsigned answered = slots_get(m, s->done);
		enum slot k = told ? judge(answered, has, elsewhere) : SLOT_UNREAD;
		s->strays += has && answered == SLOT_EMPTY;
		if (answered == SLOT_EMPTY)
			continue;
		s->disputed += told && k == SLOT_UNREAD;
		s->notable += k != SLOT_FINE;
		slots_put(m, s->done, k);
	}
	for (size_t i = s->done > start ? s->done - start : 0; p->read && i < PIECE_SLOTS; i += i % 8 || p->primary[i / 8] ? 1 : 8)
		s->strays += bit(p->primary, i) && !bit(p->unread, i);
	s->done = end;
}

static int value(char c)
{
	const char *at = memchr(digits, c, 16);
	return at ? (int)(at - digits) : -1;
}

static int decode(const char *hex, unsigned char out[static PIECE_BYTES])
{
	size_t len = strlen(hex);
	memset(out, 0, PIECE_BYTES);
	for (size_t i = 0; i < len; i++) {
		int v = value(hex[i]);
		if (v < 0 || i / 2 >= PIECE_BYTES)
			return -1;
		out[i / 2] |= (unsigned char)(v << (i % 2 ? 0 : 4));
	}
	return len % 2 ? -1 : 0;
}

static bool is_role(const struct saved *s, int64_t server, const char *role)
{
	const struct json *list = json_get(s->header, "servers");
	return strcmp(json_text(json_at(list, (size_t)server), "role"), role) == 0;
}

/* Adds what a server has to its piece. */
static void add_bits(const struct saved *s, struct piece *p, const struct saved_piece *from)
{
	bool primary = is_role(s, (int64_t)from->server, "primary"), store = is_role(s, (int64_t)from->server, "store");
	for (size_t i = 0; i < PIECE_BYTES; i++) {
		p->anywhere[i] |= from->bits[i];
		p->unread[i] |= from->unread[i];
		if (store && p->read)
			p->primary[i] &= from->bits[i];
		else if (store || primary)
			p->primary[i] |= from->bits[i];
	}
	p->read |= primary || store;
}

/* Primaries come in any order among the servers, so that replicas are compared when all are there. */
static int take_line(struct saved *s, struct piece *p, const struct json *j, struct slots *m, struct err *e)
{
	struct saved_piece from;
	int64_t server = json_int(json_get(j, "server"), -1), number = json_int(json_get(j, "piece"), -1);
	const struct json *unread = json_get(j, "unread");
	bool known = server >= 0 && (size_t)server < json_count(json_get(s->header, "servers"));
	if (!known || number < 0 || number > (int64_t)(MARK_SLOT_MAX / PIECE_SLOTS + 1) ||
	    decode(json_str(json_get(j, "bits"), "?"), from.bits) ||
	    decode(unread ? json_str(unread, "?") : "", from.unread))
		return err_usage(e, "the line is not a piece of marks");
	if ((uint64_t)number < p->number)
		return err_usage(e, "piece %lld follows piece %llu; pieces must ascend", (long long)number, (unsigned long long)p->number);
	if ((uint64_t)number > p->number) {
		apply(s, p, m);
		memset(p, 0, sizeof *p);
		p->number = (uint64_t)number;
	}
	from.server = (size_t)server;
	add_bits(s, p, &from);
	return 0;
}

static int take_header(struct saved *s, struct json *j, struct err *e)
{
	s->header = j;
	if (strcmp(json_text(j, "schema"), SAVED_SCHEMA) != 0)
		return err_usage(e, "the file's schema is not '%s'", SAVED_SCHEMA);
	if (json_int(json_get(j, "piece_bits"), 0) != PIECE_SLOTS)
		return err_usage(e, "the file's pieces do not have %d marks each", PIECE_SLOTS);
	return 0;
}

char *saved_op(const char *path)
{
	char *line = NULL;
	size_t alloc = 0;
	struct err e;
	FILE *f = fopen(path, "re");
	ssize_t len = f ? getline(&line, &alloc, f) : -1;
	struct json *j = len > 0 ? json_parse(line, (size_t)len, path, &e) : NULL;
	char *op = json_text_dup(j, "op");
	json_free(j);
	free(line);
	if (f)
		fclose(f);
	return op;
}

int saved_read(struct saved *s, FILE *from, const char *name, struct slots *m, struct err *e)
{
	struct piece *p = mem_alloc(sizeof *p);
	char *line = NULL;
	size_t alloc = 0;
	int rc = 0, number = 0;
	rewind(from);
	for (ssize_t len; !rc && (len = getline(&line, &alloc, from)) > 0;) {
		struct json *j = json_parse_at(line, (size_t)len, name, ++number, e);
		bool header = !s->header;
		rc = !j ? -1 : header ? take_header(s, j, e) : take_line(s, p, j, m, e);
		if (rc && j)
			err_prefix(e, "%s:%d", name, number);
		if (j && !header)
			json_free(j);
	}
	if (!rc)
		apply(s, p, m);
	for (p->read = false; !rc && s->done < m->count; p->number++)
		apply(s, p, m);
	if (!rc && !s->header)
		rc = err_usage(e, "'%s' is empty", name);
	free(line);
	free(p);
	return rc;
}

void saved_release(struct saved *s)
{
	json_free(s->header);
	*s = (struct saved){0};
}
