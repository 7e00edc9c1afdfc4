/* What the nodes of a document must be: tables of known keys, and values of a type. */
#include "conf/yaml.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static int check_key(struct ynode key, const char *const *known, struct err *e)
{
	const char *text = ynode_text(key), *near = NULL;
	if (!text)
		return ynode_err(key, e, "a key must be a word");
	if (!known)
		return 0;
	for (size_t i = 0; known[i]; i++) {
		if (strcmp(known[i], text) == 0)
			return 0;
		suggest(text, known[i], &near);
	}
	if (near)
		return ynode_err(key, e, "unknown key '%s'; did you mean '%s'?", text, near);
	struct buf words = BUF_INIT;
	for (size_t i = 0; known[i]; i++)
		buf_addf(&words, "%s%s", i ? ", " : "", known[i]);
	ynode_err(key, e, "unknown key '%s'; known here: %s", text, words.data);
	buf_release(&words);
	return -1;
}

int ynode_check_keys(struct ynode n, const char *const *known, struct err *e)
{
	if (ynode_kind(n) != YNODE_MAP)
		return ynode_err(n, e, "expected a table of 'key: value'");
	for (size_t i = 0; i < ynode_count(n); i++) {
		struct ynode k, v, other;
		ynode_pair(n, i, &k, &v);
		if (check_key(k, known, e))
			return -1;
		for (size_t j = 0; j < i; j++) {
			ynode_pair(n, j, &other, &v);
			if (strcmp(ynode_text(other), ynode_text(k)) == 0)
				return ynode_err(k, e, "duplicate key '%s'; first in line %d",
						 ynode_text(k), ynode_line(other));
		}
	}
	return 0;
}

int ynode_check_values(struct ynode map, const char *but, struct err *e)
{
	for (size_t i = 0; i < ynode_count(map); i++) {
		struct ynode k, v;
		ynode_pair(map, i, &k, &v);
		if (ynode_is_null(v) && (!but || strcmp(ynode_text(k), but) != 0))
			return ynode_err(k, e, "'%s' has no value", ynode_text(k));
	}
	return 0;
}

int ynode_str(struct ynode n, const char **out, struct err *e)
{
	if (ynode_is_null(n))
		return 0;
	if (ynode_kind(n) != YNODE_SCALAR)
		return ynode_err(n, e, "expected one word, number or text");
	*out = ynode_text(n);
	return 0;
}

int ynode_double(struct ynode n, double min, double max, double *out, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text && num_double(text, min, max, out))
		return ynode_err(n, e, "'%s' is not a number from %.12g to %.12g", text, min, max);
	return 0;
}

int ynode_int(struct ynode n, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text && num_i64(text, min, max, out))
		return ynode_err(n, e, "'%s' is not a whole number from %lld to %lld", text, (long long)min, (long long)max);
	return 0;
}

int ynode_bool(struct ynode n, bool *out, struct err *e)
{
	static const char *const yes[] = {"true", "yes", "on", "True", "TRUE"};
	static const char *const no[] = {"false", "no", "off", "False", "FALSE"};
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	for (size_t i = 0; text && i < ARRAY_LEN(yes); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*out = strcmp(text, yes[i]) == 0;
			return 0;
		}
	}
	return text ? ynode_err(n, e, "'%s' is neither true nor false", text) : 0;
}

int ynode_span(struct ynode n, int64_t *out_ns, struct err *e)
{
	const char *text = NULL;
	if (ynode_str(n, &text, e))
		return -1;
	if (text && span_parse(text, out_ns))
		return ynode_err(n, e, "'%s' is not a time span (20, 20s, 150ms, 1m30s)", text);
	return 0;
}

int ynode_words(struct ynode list, char ***out, struct err *e)
{
	if (ynode_kind(list) != YNODE_LIST)
		return ynode_err(list, e, "expected a list of words");
	size_t n = ynode_count(list);
	for (size_t i = 0; i < n; i++)
		if (!ynode_text(ynode_item(list, i)))
			return ynode_err(ynode_item(list, i), e, "expected one word");
	*out = mem_alloc((n + 1) * sizeof **out);
	for (size_t i = 0; i < n; i++)
		(*out)[i] = mem_strdup(ynode_text(ynode_item(list, i)));
	return 0;
}

int ynode_pairs(struct ynode map, char ***out, struct err *e)
{
	size_t n = ynode_is_null(map) ? 0 : ynode_count(map);
	if (!ynode_is_null(map) && ynode_kind(map) != YNODE_MAP)
		return ynode_err(map, e, "expected a table of 'name: value'");
	*out = mem_alloc((2 * n + 1) * sizeof **out);
	for (size_t i = 0; i < n; i++) {
		struct ynode key, value;
		ynode_pair(map, i, &key, &value);
		if (!ynode_text(key) || !ynode_text(value))
			return ynode_err(value, e, "expected one word, number or text");
		(*out)[2 * i] = mem_strdup(ynode_text(key));
		(*out)[2 * i + 1] = mem_strdup(ynode_text(value));
	}
	return 0;
}
