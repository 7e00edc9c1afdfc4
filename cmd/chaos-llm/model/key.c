#include "model/key.h"

#include "base/buf.h"
#include "conf/key_vars.h"
#include "sys/file.h"
#include "sys/secret.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 65536, PART_MIN = 6 };

static bool usable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 127)
			return false;
	return len && len <= KEY_MAX;
}

static int read_file(struct key *k, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	if (file_read_text(path, &text, e))
		return -1;
	static const char blank[] = " \t\r\n";
	const char *start = text.data + strspn(text.data, blank);
	size_t len = strcspn(start, blank);
	if (usable(start, len) && !start[len + strspn(start + len, blank)])
		k->text = mem_printf("%.*s", (int)len, start);
	explicit_bzero(text.data, text.len);
	buf_release(&text);
	if (!k->text)
		return err_usage(e, "'%s' does not hold a key: one line of printable ASCII", path);
	return 0;
}

/* Wipes the value where the environment keeps it, too. */
static void take_variable(struct key *k, const char *name, bool wanted)
{
	char *value = getenv(name);
	if (!value)
		return;
	if (wanted && !k->text && usable(value, strlen(value)))
		k->text = mem_strdup(value);
	explicit_bzero(value, strlen(value));
	unsetenv(name);
}

int key_take(struct key *k, const struct settings *s, struct err *e)
{
	*k = (struct key){0};
	secret_guard();
	int rc = s->api_key_file ? read_file(k, s->api_key_file, e) : 0;
	for (size_t i = 0; key_vars[i]; i++)
		take_variable(k, key_vars[i],
			      s->own_host && s->provider->key_var &&
				      strcmp(key_vars[i], s->provider->key_var) == 0);
	return rc;
}

void key_release(struct key *k)
{
	if (k->text)
		explicit_bzero(k->text, strlen(k->text));
	free(k->text);
	k->text = NULL;
}

/* The length of the longest part of the key at p. */
static size_t part_at(const char *key, const char *p)
{
	size_t longest = 0;
	for (; *key; key++) {
		size_t n = 0;
		while (p[n] && p[n] == key[n])
			n++;
		longest = n > longest ? n : longest;
	}
	return longest;
}

void key_mask(const struct key *k, char *text)
{
	while (k->text && *text) {
		size_t n = part_at(k->text, text);
		if (n < PART_MIN && n < strlen(k->text))
			n = 0;
		memset(text, '*', n);
		text += n ? n : 1;
	}
}
