#include "servers/prefix.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "net/redis/redis_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- one that is found ----------------------------------------------------------- */

static const int64_t START_NS = 5 * NS_PER_S; /* at most, from the start of chaos-load to its first request */

/* Takes the prefix of a key: what stands before ":{", if it is the only one so far. */
static int take_key(char **prefix, const char *key, struct err *e)
{
	const char *end = strstr(key, ":{");
	size_t len = end ? (size_t)(end - key) : 0;
	if (!end || (*prefix && strlen(*prefix) == len && strncmp(*prefix, key, len) == 0))
		return 0;
	if (*prefix)
		return err_usage(e, "the server has marks of several runs, '%s' and '%.*s': --prefix chooses one", *prefix, (int)len,
				 key);
	*prefix = mem_printf("%.*s", (int)len, key);
	return 0;
}

/* 1: it could not be read, as e says. */
static int take_keys(char **prefix, struct topology *t, struct server *s, struct err *e)
{
	struct buf found = BUF_INIT;
	char cursor[32] = "0";
	bool refused;
	int rc = 0;
	do {
		const char *words[] = {"SCAN", cursor, "MATCH", "chaos:audit:*", "COUNT", "1000"};
		rc = topology_ask(t, s, 6, words, &found, &refused, e) ? 1 : 0;
		char *next = found.data, *word = rc ? NULL : strsep(&next, "\n");
		snprintf(cursor, sizeof cursor, "%s", word ? word : "0");
		while (!rc && word && (word = strsep(&next, "\n")))
			rc = take_key(prefix, word, e);
	} while (!rc && strcmp(cursor, "0") != 0);
	buf_release(&found);
	return rc;
}

/* Whether the prefix is one that chaos-load made up when it started, and the rows begin just then: else the marks may
 * be another run's. */
static bool is_of_rows(const char *prefix, int64_t first_due_ns)
{
	struct tm utc = {0};
	const char *end = strptime(prefix, "chaos:audit:%Y%m%dT%H%M%SZ-", &utc);
	int64_t since_ns = first_due_ns - (int64_t)(end ? timegm(&utc) : 0) * NS_PER_S;
	return end && since_ns >= 0 && since_ns < START_NS;
}

int prefix_find(struct topology *t, char **prefix, int64_t first_due_ns, struct err *e)
{
	int rc = 0;
	for (size_t i = 0; i < t->count && !rc; i++)
		rc = take_keys(prefix, t, &t->all[i], e);
	if (rc > 0)
		snprintf(t->how, sizeof t->how, "%s", e->msg);
	if (!rc && !*prefix)
		return err_usage(e, "there are no marks in 'chaos:audit:*'; --prefix says where they are");
	if (!rc && !is_of_rows(*prefix, first_due_ns))
		return err_usage(e, "nothing proves that the marks of '%s' are of these rows; if they are: --prefix '%s'",
				 *prefix, *prefix);
	return rc;
}

/* --- one that was typed --------------------------------------------------------- */

static const int64_t SKEW_NS = 5 * NS_PER_S; /* between the clocks of here and of the load, and the second of the server */
enum { LOOKS_MAX = 100, NAMES_MAX = 5 };     /* a store may have millions of other keys */

/* Of a question about the first piece the number that speaks most for the marks: how many there are, or, with a word, of
 * OBJECT, the least. Only such questions as do not touch the key. -1: no primary told. */
static int64_t ask_piece(struct topology *t, const char *prefix, const char *verb, const char *word)
{
	char *key = redis_mark_key(prefix, 0);
	struct buf answer = BUF_INIT;
	struct err e;
	bool refused;
	int64_t n = -1, said;
	for (size_t i = 0; i < t->count; i++) {
		const char *words[] = {verb, word ? word : key, key};
		if (t->all[i].primary && !topology_ask(t, &t->all[i], word ? 3 : 2, words, &answer, &refused, &e) &&
		    !num_i64(answer.len ? answer.data : "", 0, INT64_MAX, &said) && (n < 0 || (word ? said < n : said > n)))
			n = said;
	}
	buf_release(&answer);
	free(key);
	return n;
}

char *prefix_meant(struct topology *t, const char *typed)
{
	static const char *const ends[] = {":*", ":"};
	size_t len = strlen(typed);
	bool there = ask_piece(t, typed, "EXISTS", NULL) > 0;
	for (size_t i = 0; i < ARRAY_LEN(ends) && !there; i++) {
		size_t end = strlen(ends[i]);
		if (len <= end || strcmp(typed + len - end, ends[i]) != 0)
			continue;
		char *less = mem_printf("%.*s", (int)(len - end), typed);
		if (ask_piece(t, less, "EXISTS", NULL) > 0)
			return less;
		free(less);
	}
	return mem_strdup(typed);
}

char *prefix_against(struct topology *t, const char *prefix, int64_t first_due_ns)
{
	int64_t idle_s = ask_piece(t, prefix, "OBJECT", "IDLETIME"), since_ns;
	const struct anchor now = anchor_now();
	since_ns = anchor_wall_ns(&now, mono_ns()) - first_due_ns;
	if (idle_s < 0 || since_ns < 0 || idle_s * NS_PER_S <= since_ns + SKEW_NS)
		return NULL;
	return mem_printf("the marks of '%s' belong to another run: their last access was %" PRId64 " s ago, and these rows "
			  "began %" PRId64 " s ago", prefix, idle_s, since_ns / NS_PER_S);
}

/* Adds the prefix of a key to those that are named. */
static void name_key(struct buf *names, int *count, const char *key)
{
	const char *end = strstr(key, ":{");
	if (!end || *count > NAMES_MAX)
		return;
	char *name = mem_printf("'%.*s'", (int)(end - key), key);
	if (!names->len || !strstr(names->data, name)) {
		if (++*count <= NAMES_MAX)
			buf_addf(names, "%s%s", names->len ? ", " : "", name);
		else
			buf_addstr(names, " and more");
	}
	free(name);
}

char *prefix_none(struct topology *t, const char *prefix)
{
	struct buf names = BUF_INIT, found = BUF_INIT;
	struct err e;
	int count = 0;
	for (size_t i = 0; i < t->count; i++) {
		char cursor[32] = "0";
		for (int looks = 0; t->all[i].primary && looks < LOOKS_MAX; looks++) {
			const char *words[] = {"SCAN", cursor, "MATCH", "*:{[0-9]*}", "COUNT", "1000"};
			bool refused;
			if (topology_ask(t, &t->all[i], 6, words, &found, &refused, &e))
				break;
			char *next = found.data, *word = strsep(&next, "\n");
			snprintf(cursor, sizeof cursor, "%s", word ? word : "0");
			while (word && (word = strsep(&next, "\n")))
				name_key(&names, &count, word);
			if (strcmp(cursor, "0") == 0)
				break;
		}
	}
	char *text = mem_printf("no mark is under '%s'; %s%s", prefix, names.len ? "there are marks under " : "is it the database of the load?",
				names.len ? names.data : "");
	buf_release(&names);
	buf_release(&found);
	return text;
}
