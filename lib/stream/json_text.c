/* What is read by means of the other readers: texts at paths, the keys of an object. */
#include "stream/json.h"

#include "base/field.h"
#include "base/suggest.h"

#include <stdio.h>
#include <string.h>

const char *json_text(const struct json *j, const char *path)
{
	return json_str(json_get(j, path), "");
}

char *json_text_dup(const struct json *j, const char *path)
{
	return mem_strdup(json_str(json_get(j, path), NULL));
}

int json_fields(const struct json *j, const struct json_field *fields, size_t count, struct err *e)
{
	struct err later;
	int rc = 0;
	for (size_t i = 0; i < count; i++)
		rc |= field_put(fields[i].out, fields[i].size, json_text(j, fields[i].path), fields[i].path,
				rc ? &later : e);
	return rc;
}

void json_str_copy(char *out, size_t size, const struct json *j, const char *key)
{
	snprintf(out, size, "%s", json_text(j, key));
}

int json_only_keys(const struct json *object, const char *const *keys, size_t count, const char *what, struct err *e)
{
	const char *key, *near = NULL;
	const struct json *value;
	for (void *iter = NULL; json_next(object, &iter, &key, &value);) {
		bool known = false;
		for (size_t i = 0; i < count; i++) {
			known |= strcmp(key, keys[i]) == 0;
			suggest(key, keys[i], &near);
		}
		if (!known)
			return err_usage(e, "%s has no key '%s'%s%s", what, key, near ? "; nearest: " : "", near ? near : "");
	}
	return 0;
}
