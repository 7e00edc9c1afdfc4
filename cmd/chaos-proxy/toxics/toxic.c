#include "toxics/toxic.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/units.h"
#include "toxics/types.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEED_MAX 9007199254740992.0 /* 2^53 */

/* Milliseconds as a number, or a span as text with its unit: "20" might be taken for either. */
static int read_ttl(const struct json *v, int64_t *out_ns, struct err *e)
{
	const char *text = json_str(v, NULL);
	double ms = json_num(v, NAN);
	if (json_is_null(v))
		return 0;
	if (text ? !text[strspn(text, "0123456789.")] || span_parse(text, out_ns) : !(ms >= 0 && ms <= 3e11))
		return err_usage(e, "ttl is not a number of milliseconds, or a span with its unit as \"20s\"");
	if (!text)
		*out_ns = ms_to_ns(ms);
	return 0;
}

static int read_toxicity(const struct json *v, double *out, struct err *e)
{
	double n = json_num(v, NAN);
	if (json_is_null(v))
		return 0;
	if (!json_is_number(v) || !(n >= 0 && n <= 1))
		return err_usage(e, "toxicity is not a number from 0 to 1");
	*out = n;
	return 0;
}

/* What JSON numbers hold exactly. */
static int read_seed(const struct json *v, struct toxic *t, struct err *e)
{
	double n = json_num(v, NAN);
	t->seeded = !json_is_null(v);
	if (!t->seeded)
		return 0;
	if (!json_is_number(v) || !(n >= 0 && n <= SEED_MAX) || n > floor(n))
		return err_usage(e, "seed is not a whole number from 0 to %.0f", SEED_MAX);
	t->seed = (uint64_t)n;
	return 0;
}

static int read_stream(const struct json *v, enum toxic_stream *out, struct err *e)
{
	const char *text = json_is_null(v) ? "downstream" : json_str(v, "");
	*out = strcasecmp(text, "upstream") == 0 ? UPSTREAM : DOWNSTREAM;
	if (!*text)
		return 0;
	if (*out == DOWNSTREAM && strcasecmp(text, "downstream") != 0)
		return err_usage(e, "stream was invalid, can be either upstream or downstream");
	return 0;
}

static int read_from(const struct json *v, struct toxic *t, struct err *e)
{
	const char *text = json_str(v, "");
	if (json_is_null(v))
		return 0;
	if (peers_read(&t->peers, text, e))
		return -1;
	t->from = mem_strdup(text);
	return 0;
}

static void start_ttl(struct toxic *t, int64_t ttl_ns, int64_t now_ns)
{
	t->ttl_ns = ttl_ns;
	t->ends_ns = ttl_ns ? now_ns + ttl_ns : 0;
}

static int check(const struct toxic *t, struct err *e)
{
	const struct toxic_attributes *a = &t->a;
	if (a->command && (a->method || a->path))
		return err_usage(e, "match has keys of HTTP (method, path) or of Redis (command), not of both");
	if (t->type->kind == TOXIC_REDIS_ERROR && strcmp(a->error, "MOVED") == 0 && !a->to)
		return err_usage(e, "MOVED lacks 'to', the HOST:PORT that it sends to");
	return 0;
}

static int check_texts(const struct json *j, struct err *e)
{
	static const char *const keys[] = {"name", "type", "stream", "from"};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!json_is_null(json_get(j, keys[i])) && !json_is_string(json_get(j, keys[i])))
			return err_usage(e, "the toxic's %s is no text", keys[i]);
	return 0;
}

static int read_all(struct toxic *t, const struct json *j, int64_t now_ns, struct err *e)
{
	static const char *const keys[] = {"name", "type", "stream", "toxicity", "attributes", "ttl",
					   "expires_in", "seed", "decisions", "from"};
	int64_t ttl_ns = 0;
	if (json_only_keys(j, keys, ARRAY_LEN(keys), "a toxic", e) ||
	    read_stream(json_get(j, "stream"), &t->stream, e) ||
	    read_toxicity(json_get(j, "toxicity"), &t->toxicity, e) ||
	    read_ttl(json_get(j, "ttl"), &ttl_ns, e) || read_seed(json_get(j, "seed"), t, e) ||
	    read_from(json_get(j, "from"), t, e) ||
	    toxic_attributes_read(t->type, &t->a, json_get(j, "attributes"), e) || check(t, e))
		return -1;
	start_ttl(t, ttl_ns, now_ns);
	return 0;
}

struct toxic *toxic_new(const struct json *j, int64_t now_ns, struct err *e)
{
	const char *type_name = json_text(j, "type"), *name;
	if (!json_is_object(j)) {
		err_usage(e, "a toxic is not an object");
		return NULL;
	}
	const struct toxic_type *type = check_texts(j, e) ? NULL : toxic_type_find(type_name, e);
	if (!type)
		return NULL;
	struct toxic *t = mem_alloc(sizeof *t);
	t->type = type;
	t->toxicity = 1;
	toxic_presets(type, &t->a);
	if (read_all(t, j, now_ns, e)) {
		toxic_free(t);
		return NULL;
	}
	name = json_text(j, "name");
	t->name = *name ? mem_strdup(name)
			: mem_printf("%s_%s", type->name, t->stream ? "downstream" : "upstream");
	if (strlen(t->name) > 200) {
		err_usage(e, "a toxic's name is longer than 200 bytes");
		toxic_free(t);
		return NULL;
	}
	/* One with a seed of its own draws the same under any name. */
	const char *word = t->seeded ? type->name : t->name;
	t->key = hash_fnv1a(HASH_FNV1A_START, word, strlen(word)) ^ (uint64_t)t->stream;
	t->version = t->key;
	return t;
}

void toxic_free(struct toxic *t)
{
	if (!t)
		return;
	toxic_attributes_release(t->type, &t->a);
	peers_release(&t->peers);
	free(t->from);
	free(t->name);
	free(t);
}

/* What cannot be changed and differs, or NULL. */
static const char *other_key(const struct toxic *a, const struct toxic *b)
{
	if (strcmp(a->name, b->name) != 0)
		return "name";
	if (a->stream != b->stream)
		return "stream";
	if (a->seeded != b->seeded || a->seed != b->seed)
		return "seed";
	return strcmp(a->from ? a->from : "", b->from ? b->from : "") != 0 ? "from" : NULL;
}

static int stays(const char *key, struct err *e)
{
	return err_usage(e, "the %s of a toxic stays as it is: remove it and add another", key);
}

/* Clients send these empty where they have none. */
static bool may_be_empty(const char *key)
{
	return strcmp(key, "name") == 0 || strcmp(key, "type") == 0 || strcmp(key, "stream") == 0;
}

/* All is read into another one first, so that what is wrong changes nothing. */
int toxic_update(struct toxic *t, const struct json *j, int64_t now_ns, struct err *e)
{
	const struct json *value, *given = json_get(j, "attributes");
	const char *key;
	if (!json_is_object(j))
		return err_usage(e, "a toxic is not an object");
	/* First: attributes of another type are none of this one. */
	const char *type_name = json_text(j, "type");
	const struct toxic_type *type = *type_name ? toxic_type_find(type_name, e) : t->type;
	if (type != t->type)
		return type ? stays("type", e) : -1;
	struct json *whole = toxic_json(t, now_ns), *attributes = toxic_attributes_json(t->type, &t->a);
	for (void *iter = NULL; json_next(j, &iter, &key, &value);)
		if (!json_is_null(value) && (*json_str(value, "x") || !may_be_empty(key)))
			json_set(whole, key, json_clone(value));
	json_update(attributes, json_clone(given));
	if (json_is_null(given) || json_is_object(given))
		json_set(whole, "attributes", attributes);
	else
		json_free(attributes);
	struct toxic *fresh = toxic_new(whole, now_ns, e);
	json_free(whole);
	key = fresh ? other_key(fresh, t) : NULL;
	if (key)
		stays(key, e);
	if (key || !fresh) {
		toxic_free(fresh);
		return -1;
	}
	toxic_attributes_release(t->type, &t->a);
	t->a = fresh->a;
	t->toxicity = fresh->toxicity;
	t->version++;
	t->shared_ns = 0;
	t->ttl_ns = fresh->ttl_ns;
	t->ends_ns = fresh->ends_ns;
	fresh->a = (struct toxic_attributes){0};
	toxic_free(fresh);
	return 0;
}

struct json *toxic_json(const struct toxic *t, int64_t now_ns)
{
	struct json *j = json_object_new();
	json_set(j, "attributes", toxic_attributes_json(t->type, &t->a));
	json_set_str(j, "name", t->name);
	json_set_str(j, "type", t->type->name);
	json_set_str(j, "stream", t->stream ? "downstream" : "upstream");
	json_set_num(j, "toxicity", t->toxicity);
	if (t->from)
		json_set_str(j, "from", t->from);
	if (t->ttl_ns) {
		json_set_num(j, "ttl", ns_to_ms(t->ttl_ns));
		json_set_round(j, "expires_in", ns_to_ms(t->ends_ns > now_ns ? t->ends_ns - now_ns : 0), 0);
	}
	if (t->seeded) {
		struct json *d = json_object_new();
		char sum[24];
		snprintf(sum, sizeof sum, "%016" PRIx64, t->told_sum);
		json_set_int(d, "count", (int64_t)t->told);
		json_set_str(d, "hash", sum);
		json_set_int(j, "seed", (int64_t)t->seed);
		json_set(j, "decisions", d);
	}
	return j;
}

/* A number, true, false, or else a text. */
static void set_word(struct json *j, const char *key, const char *word)
{
	double n;
	if (!num_double(word, -1e15, 1e15, &n))
		json_set_num(j, key, n);
	else if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
		json_set_bool(j, key, *word == 't');
	else
		json_set_str(j, key, word);
}

static int spec_word(struct json *j, struct json *attributes, struct json *match, char *word,
		     struct err *e)
{
	static const char *const own[] = {"name", "stream", "toxicity", "ttl", "seed", "from"};
	char *value = strchr(word, '=');
	if (!value || value == word)
		return err_usage(e, "'%s' is not KEY=VALUE", word);
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (strcmp(word, own[i]) != 0)
			continue;
		if (i == 0 || i == 3 || i == 5)
			json_set_str(j, word, value);
		else
			set_word(j, word, value);
		return 0;
	}
	bool nested = strncmp(word, "match.", 6) == 0;
	set_word(nested ? match : attributes, nested ? word + 6 : word, value);
	return 0;
}

struct json *toxic_spec(const char *text, struct err *e)
{
	char *copy = mem_strdup(text), *save = NULL, *colon = strchr(copy, ':');
	struct json *j = json_object_new(), *attributes = json_object_new(), *match = json_object_new();
	int rc = 0;
	void *iter = NULL;
	const char *key;
	const struct json *value;
	if (colon)
		*colon = '\0';
	json_set_str(j, "type", copy);
	for (char *w = colon ? strtok_r(colon + 1, ",", &save) : NULL; w && !rc;
	     w = strtok_r(NULL, ",", &save))
		rc = spec_word(j, attributes, match, w, e);
	if (json_next(match, &iter, &key, &value))
		json_set(attributes, "match", match);
	else
		json_free(match);
	json_set(j, "attributes", attributes);
	free(copy);
	if (!rc)
		return j;
	json_free(j);
	return NULL;
}

enum toxic_protocol toxic_protocol(const struct toxic *t)
{
	if (t->a.command)
		return PROTOCOL_REDIS;
	return t->a.method || t->a.path ? PROTOCOL_HTTP : t->type->protocol;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *w = words; *w; w += strcspn(w, "|"), w += *w == '|')
		if (strcspn(w, "|") == len && strncasecmp(w, word, len) == 0)
			return true;
	return false;
}

/* '*' is any text. */
static bool has_form(const char *pattern, const char *text, size_t len)
{
	const char *star = NULL, *end = text + len, *again = NULL;
	while (text < end) {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

bool toxic_matches(const struct toxic *t, const char *verb, const char *path)
{
	const struct toxic_attributes *a = &t->a;
	const char *words = toxic_protocol(t) == PROTOCOL_REDIS ? a->command : a->method;
	if (words && strcmp(words, "*") != 0 && !has_word(words, verb))
		return false;
	return !a->path || has_form(a->path, path, strlen(path)) ||
	       has_form(a->path, path, strcspn(path, "?"));
}
