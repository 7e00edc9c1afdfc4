#include "stream/json.h"

#include "base/text.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *val(struct json *j)
{
	return (json_t *)(void *)j;
}

static const json_t *cval(const struct json *j)
{
	return (const json_t *)(const void *)j;
}

static struct json *wrap(json_t *j)
{
	if (!j)
		abort(); /* out of memory, or a string that is not UTF-8 got past clean_str */
	return (struct json *)(void *)j;
}

static const struct json *cwrap(const json_t *j)
{
	return (const struct json *)(const void *)j;
}

/* Replaces bytes that are not UTF-8 by '?', since JSON text must be UTF-8. */
static json_t *clean_str(const char *s)
{
	json_t *j = json_string(s);
	if (j)
		return j;
	char *copy = mem_strdup(s);
	for (char *c = copy; *c;) {
		size_t len = utf8_length(c);
		if (!len)
			*c = '?';
		c += len ? len : 1;
	}
	j = json_string(copy);
	free(copy);
	return j;
}

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

struct json *json_object_new(void)
{
	return wrap(json_object());
}

struct json *json_array_new(void)
{
	return wrap(json_array());
}

void json_free(struct json *j)
{
	json_decref(val(j));
}

struct json *json_clone(const struct json *j)
{
	return j ? wrap(json_deep_copy(cval(j))) : NULL;
}

void json_set(struct json *object, const char *key, struct json *child)
{
	json_object_set_new(val(object), key, child ? val(child) : json_null());
}

void json_set_str(struct json *object, const char *key, const char *value)
{
	json_object_set_new(val(object), key, value ? clean_str(value) : json_null());
}

void json_set_num(struct json *object, const char *key, double value)
{
	json_object_set_new(val(object), key, number(value));
}

void json_set_round(struct json *object, const char *key, double value, int decimals)
{
	double scale = pow(10, decimals);
	json_set_num(object, key, round(value * scale) / scale);
}

void json_set_int(struct json *object, const char *key, int64_t value)
{
	json_object_set_new(val(object), key, json_integer(value));
}

void json_set_bool(struct json *object, const char *key, bool value)
{
	json_object_set_new(val(object), key, json_boolean(value));
}

void json_set_null(struct json *object, const char *key)
{
	json_object_set_new(val(object), key, json_null());
}

void json_update(struct json *object, struct json *from)
{
	json_object_update(val(object), val(from));
	json_free(from);
}

void json_push(struct json *array, struct json *child)
{
	json_array_append_new(val(array), val(child));
}

void json_push_int(struct json *array, int64_t value)
{
	json_array_append_new(val(array), json_integer(value));
}

void json_push_str(struct json *array, const char *value)
{
	json_array_append_new(val(array), clean_str(value));
}

struct json *json_texts(const char *const *all, size_t count)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < count && all[i]; i++)
		json_push_str(list, all[i]);
	return list;
}

static int append(const char *data, size_t len, void *out)
{
	buf_add(out, data, len);
	return 0;
}

/* Appends a real number in the fewest digits that read back as the same value: 80.216, not
 * 80.21599999999999; a moment in microseconds keeps all of its sixteen. */
static void add_shortest(struct buf *out, const char *token, size_t len)
{
	char full[64], text[64];
	if (len >= sizeof full) { /* no double is that long */
		buf_add(out, token, len);
		return;
	}
	memcpy(full, token, len);
	full[len] = '\0';
	double v = strtod(full, NULL);
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		double back = strtod(text, NULL);
		if (memcmp(&back, &v, sizeof v) == 0)
			break;
	}
	buf_addstr(out, text);
	if (!strpbrk(text, ".e"))
		buf_addstr(out, ".0");
}

/* Appends the string at p, with its quotes; returns its length. What a terminal would obey is
 * escaped: jansson does so with C0 alone. */
static size_t add_string(struct buf *out, const char *p)
{
	static const unsigned char lead[] = {0xff, 0x1f, 0x0f, 0x07};
	size_t n = 1, step;
	buf_addch(out, '"');
	for (; p[n] != '"'; n += step) {
		if (plain_char(p + n, &step)) {
			step += p[n] == '\\';
			buf_add(out, p + n, step);
			continue;
		}
		unsigned code = (unsigned char)p[n] & lead[step - 1];
		for (size_t i = 1; i < step; i++)
			code = code << 6 | ((unsigned char)p[n + i] & 0x3f);
		buf_addf(out, "\\u%04X", code);
	}
	buf_addch(out, '"');
	return n + 1;
}

void json_write(const struct json *j, bool pretty, struct buf *out)
{
	static const char number_bytes[] = "0123456789+-.eE";
	size_t flags = JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY;
	struct buf raw = BUF_INIT;
	json_dump_callback(cval(j), append, &raw, flags | (pretty ? JSON_INDENT(2) : JSON_COMPACT));
	for (const char *p = raw.data; *p;) {
		size_t n = strcspn(p, "\"-0123456789");
		buf_add(out, p, n);
		p += n;
		if (*p == '"') {
			n = add_string(out, p);
		} else if (*p) {
			n = strspn(p, number_bytes);
			if (memchr(p, '.', n) || memchr(p, 'e', n))
				add_shortest(out, p, n);
			else
				buf_add(out, p, n);
		}
		p += n * (*p != '\0');
	}
	buf_release(&raw);
}

void json_line(struct json *j, struct buf *out)
{
	json_write(j, false, out);
	buf_addch(out, '\n');
	json_free(j);
}

static struct json *parse(const char *text, size_t len, size_t flags, const char *name, int line, struct err *e)
{
	json_error_t bad;
	size_t mark = utf8_mark_length(text, len), at = mark;
	while (at < len && text[at] && strchr(" \t\r\n", text[at]))
		at++;
	if (at == len) {
		err_usage(e, "%s:%d:1: the %s is empty", name, line, line > 1 ? "line" : "file");
		return NULL;
	}
	json_t *j = json_loadb(text + mark, len - mark, JSON_DECODE_ANY | JSON_ALLOW_NUL | flags, &bad);
	if (!j) {
		err_usage(e, "%s:%d:%d: %s", name, line - 1 + bad.line, bad.column, bad.text);
		return NULL;
	}
	return wrap(j);
}

struct json *json_parse(const char *text, size_t len, const char *name, struct err *e)
{
	return parse(text, len, 0, name, 1, e);
}

struct json *json_parse_at(const char *text, size_t len, const char *name, int line, struct err *e)
{
	return parse(text, len, JSON_REJECT_DUPLICATES, name, line, e);
}

const struct json *json_get(const struct json *j, const char *path)
{
	const json_t *at = cval(j);
	while (at && *path) {
		char key[128];
		size_t len = strcspn(path, ".");
		if (len >= sizeof key)
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		at = json_object_get(at, key);
		path += len + (path[len] == '.');
	}
	return cwrap(at);
}

/* jansson spells its type tests as macros of the names we give functions. */
#undef json_is_null
#undef json_is_number
#undef json_is_string
#undef json_is_object
#undef json_is_array

bool json_is_null(const struct json *j)
{
	return !j || json_typeof(cval(j)) == JSON_NULL;
}

bool json_is_number(const struct json *j)
{
	return j && (json_typeof(cval(j)) == JSON_REAL || json_typeof(cval(j)) == JSON_INTEGER);
}

bool json_is_string(const struct json *j)
{
	return j && json_typeof(cval(j)) == JSON_STRING;
}

bool json_is_object(const struct json *j)
{
	return j && json_typeof(cval(j)) == JSON_OBJECT;
}

bool json_same(const struct json *a, const struct json *b)
{
	return json_equal(cval(a), cval(b));
}

bool json_is_array(const struct json *j)
{
	return j && json_typeof(cval(j)) == JSON_ARRAY;
}

double json_num(const struct json *j, double otherwise)
{
	return json_is_number(j) ? json_number_value(cval(j)) : otherwise;
}

int64_t json_int(const struct json *j, int64_t otherwise)
{
	if (j && json_is_integer(cval(j)))
		return json_integer_value(cval(j));
	double d = json_num(j, NAN);
	if (isnan(d))
		return otherwise;
	return d >= 0x1p63 ? INT64_MAX : d <= -0x1p63 ? INT64_MIN : (int64_t)d;
}

pid_t json_pid(const struct json *j)
{
	int64_t pid = json_int(j, 0);
	return pid > 0 && pid <= INT_MAX ? (pid_t)pid : 0;
}

const char *json_str(const struct json *j, const char *otherwise)
{
	return json_is_string(j) ? json_string_value(cval(j)) : otherwise;
}

bool json_bool(const struct json *j, bool otherwise)
{
	if (j && json_typeof(cval(j)) == JSON_TRUE)
		return true;
	if (j && json_typeof(cval(j)) == JSON_FALSE)
		return false;
	return otherwise;
}

size_t json_count(const struct json *j)
{
	return json_is_array(j) ? json_array_size(cval(j)) : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
	return json_is_array(array) ? cwrap(json_array_get(cval(array), i)) : NULL;
}

bool json_next(const struct json *object, void **iter, const char **key, const struct json **value)
{
	if (!json_is_object(object))
		return false;
	/* jansson's iteration wants a mutable object but changes nothing. */
	json_t *o = json_incref((json_t *)(uintptr_t)object);
	*iter = *iter ? json_object_iter_next(o, *iter) : json_object_iter(o);
	json_decref(o);
	if (!*iter)
		return false;
	*key = json_object_iter_key(*iter);
	*value = cwrap(json_object_iter_value(*iter));
	return true;
}
