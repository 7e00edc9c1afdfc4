/* JSON values: a thin layer over jansson, so that one module knows it. Objects
 * keep the order in which keys were set. Numbers are written
 * in the fewest digits that read back as the same value. */
#ifndef STREAM_JSON_H
#define STREAM_JSON_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct json; /* a reference-counted value; NULL stands for "not there" in every reader below */

struct json *json_object_new(void);
struct json *json_array_new(void);
void json_free(struct json *j); /* accepts NULL; frees what it holds */
struct json *json_clone(const struct json *j); /* with all that it holds; the caller frees; NULL of NULL */

/* Setters and pushers copy strings and take over child values. A NaN or
 * infinite number becomes null, and so do a NULL string and a NULL child that is set. */
void json_set(struct json *object, const char *key, struct json *child);
void json_set_str(struct json *object, const char *key, const char *value);
void json_set_num(struct json *object, const char *key, double value);
/* Rounded to this number of decimals, for measurements whose further digits mean nothing. */
void json_set_round(struct json *object, const char *key, double value, int decimals);
void json_set_int(struct json *object, const char *key, int64_t value);
void json_set_bool(struct json *object, const char *key, bool value);
void json_set_null(struct json *object, const char *key);
/* Sets all that from has, which is freed; nothing if one of them is no object. */
void json_update(struct json *object, struct json *from);
void json_push(struct json *array, struct json *child);
void json_push_int(struct json *array, int64_t value);
void json_push_str(struct json *array, const char *value);
/* An array of texts: count of them, or those before a NULL. */
struct json *json_texts(const char *const *all, size_t count);

/* Appends the value on one line, or indented by two if pretty; no newline at the end. */
void json_write(const struct json *j, bool pretty, struct buf *out);

/* Appends it on one line of its own, and frees it. */
void json_line(struct json *j, struct buf *out);

/* Parses one value; name stands for the source in errors: "name:line:column: …"
 * (EXIT_USAGE). The caller frees the result. NULL on error. */
struct json *json_parse(const char *text, size_t len, const char *name, struct err *e);
/* The same of a text that begins with that line of its source, from 1, and names no key twice. */
struct json *json_parse_at(const char *text, size_t len, const char *name, int line, struct err *e);

/* Readers return borrowed values. json_get follows dots: "run_summary.error_rate". */
const struct json *json_get(const struct json *j, const char *path);
bool json_is_null(const struct json *j); /* null or not there */
bool json_is_number(const struct json *j);
bool json_is_string(const struct json *j);
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);
bool json_same(const struct json *a, const struct json *b); /* whatever the order of keys */
double json_num(const struct json *j, double otherwise); /* NaN is a usual "otherwise" */
/* A number cut to an integer; what none can hold becomes the least or the largest. */
int64_t json_int(const struct json *j, int64_t otherwise);
/* A process's number; 0: it is none. */
pid_t json_pid(const struct json *j);
const char *json_str(const struct json *j, const char *otherwise);
/* The text at a path as of json_get; "" without any. A copy is the caller's; NULL without any. */
const char *json_text(const struct json *j, const char *path);
char *json_text_dup(const struct json *j, const char *path);
/* Where the text at a path is copied to, "" without any. */
struct json_field {
	const char *path;
	char *out;
	size_t size;
};
/* Reads each of them; -1 if one does not fit, with the path of the first (EXIT_USAGE); that field is "" then. */
int json_fields(const struct json *j, const struct json_field *fields, size_t count, struct err *e);
/* The text under a key of an object, cut to what fits; "" without any. */
void json_str_copy(char *out, size_t size, const struct json *j, const char *key);
bool json_bool(const struct json *j, bool otherwise);
size_t json_count(const struct json *j); /* array elements; 0 for anything else */
const struct json *json_at(const struct json *array, size_t i);
/* Walks an object: start with *iter = NULL; false at the end. */
bool json_next(const struct json *object, void **iter, const char **key, const struct json **value);
/* -1 with EXIT_USAGE if the object has another key than these; what: "a proxy", for the message. */
int json_only_keys(const struct json *object, const char *const *keys, size_t count, const char *what, struct err *e);

#endif
