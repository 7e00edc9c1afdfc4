#include "toxics/types.h"

#include "base/suggest.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) .offset = offsetof(struct toxic_attributes, field)
#define MS_MAX	  1e11 /* that all toxics of a link together stay within 63 bits of ns */
#define RTO_MAX	  1e7
#define BYTES_MAX 9e15

#define MATCH_FIELDS(prefix)                                                                         \
	{.name = prefix "method", .kind = FIELD_TEXT, AT(method)},                                   \
	{.name = prefix "path", .kind = FIELD_TEXT, AT(path)}

static const struct toxic_field latency[] = {
	{"latency", FIELD_INT, AT(latency_ms), .unit = "ms", .max = MS_MAX},
	{"jitter", FIELD_INT, AT(jitter_ms), .unit = "ms", .max = MS_MAX},
	MATCH_FIELDS("match."),
	{"match.command", FIELD_TEXT, AT(command)},
};
static const struct toxic_field bandwidth[] = {
	{"rate", FIELD_INT, AT(rate_kb), .unit = "KB/s", .max = MS_MAX},
	{"scope", FIELD_TEXT, AT(scope), .choices = "connection|proxy"},
};
static const struct toxic_field slow_close[] = {
	{"delay", FIELD_INT, AT(delay), .unit = "ms", .max = MS_MAX},
};
static const struct toxic_field timeout[] = {
	{"timeout", FIELD_INT, AT(timeout_ms), .unit = "ms", .max = MS_MAX},
	{"keep", FIELD_BOOL, AT(keep)},
};
static const struct toxic_field reset_peer[] = {
	{"timeout", FIELD_INT, AT(timeout_ms), .unit = "ms", .max = MS_MAX},
};
static const struct toxic_field slicer[] = {
	{"average_size", FIELD_INT, AT(average_bytes), .unit = "bytes", .max = BYTES_MAX},
	{"size_variation", FIELD_INT, AT(variation_bytes), .unit = "bytes", .max = BYTES_MAX},
	{"delay", FIELD_INT, AT(delay), .unit = "µs", .max = MS_MAX},
};
static const struct toxic_field limit_data[] = {
	{"bytes", FIELD_INT, AT(bytes), .unit = "bytes", .max = BYTES_MAX},
};
static const struct toxic_field loss[] = {
	{"share", FIELD_SHARE, AT(share), .preset = 0.01},
	{"rto", FIELD_INT, AT(rto_ms), .unit = "ms", .max = RTO_MAX, .preset = 200},
};
static const struct toxic_field stall[] = {
	{"bytes", FIELD_INT, AT(bytes), .unit = "bytes", .max = BYTES_MAX},
};
static const struct toxic_field http_error[] = {
	{"status", FIELD_INT, AT(status), .min = 200, .max = 599, .preset = 503},
	{"share", FIELD_SHARE, AT(share), .preset = 1},
	MATCH_FIELDS(""),
};
static const struct toxic_field redis_error[] = {
	{"error", FIELD_TEXT, AT(error), .choices = "LOADING|READONLY|OOM|MOVED"},
	{"share", FIELD_SHARE, AT(share), .preset = 1},
	{"command", FIELD_TEXT, AT(command)},
	{"slot", FIELD_INT, AT(slot), .max = 16383},
	{"to", FIELD_TEXT, AT(to)},
};

#define FIELDS(f) (f), sizeof(f) / sizeof(f)[0]

static const struct toxic_type toxic_types[] = {
	{"latency", TOXIC_LATENCY, FIELDS(latency), PROTOCOL_NONE},
	{"bandwidth", TOXIC_BANDWIDTH, FIELDS(bandwidth), PROTOCOL_NONE},
	{"slow_close", TOXIC_SLOW_CLOSE, FIELDS(slow_close), PROTOCOL_NONE},
	{"timeout", TOXIC_TIMEOUT, FIELDS(timeout), PROTOCOL_NONE},
	{"reset_peer", TOXIC_RESET_PEER, FIELDS(reset_peer), PROTOCOL_NONE},
	{"slicer", TOXIC_SLICER, FIELDS(slicer), PROTOCOL_NONE},
	{"limit_data", TOXIC_LIMIT_DATA, FIELDS(limit_data), PROTOCOL_NONE},
	{"loss", TOXIC_LOSS, FIELDS(loss), PROTOCOL_NONE},
	{"stall", TOXIC_STALL, FIELDS(stall), PROTOCOL_NONE},
	{"refuse", TOXIC_REFUSE, NULL, 0, PROTOCOL_NONE},
	{"blackhole", TOXIC_BLACKHOLE, NULL, 0, PROTOCOL_NONE},
	{"http_error", TOXIC_HTTP_ERROR, FIELDS(http_error), PROTOCOL_HTTP},
	{"redis_error", TOXIC_REDIS_ERROR, FIELDS(redis_error), PROTOCOL_REDIS},
};

const struct toxic_type *toxic_type_find(const char *name, struct err *e)
{
	const char *near = NULL;
	for (size_t i = 0; i < ARRAY_LEN(toxic_types); i++) {
		if (strcmp(toxic_types[i].name, name) == 0)
			return &toxic_types[i];
		suggest(name, toxic_types[i].name, &near);
	}
	if (!*name)
		err_usage(e, "missing required field: type");
	else if (strchr(name, '='))
		err_usage(e, "'%s' is not TYPE:KEY=VALUE, as latency:latency=100", name);
	else
		err_usage(e, near ? "invalid toxic type '%s'; did you mean '%s'?" : "invalid toxic type '%s'", name, near);
	return NULL;
}

/* --- one field ------------------------------------------------------------------- */

static void *at(const struct toxic_field *f, struct toxic_attributes *a)
{
	return (char *)a + f->offset;
}

static const void *in(const struct toxic_field *f, const struct toxic_attributes *a)
{
	return (const char *)a + f->offset;
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = text && *text ? mem_strdup(text) : NULL;
}

static void preset(const struct toxic_field *f, struct toxic_attributes *a)
{
	if (f->kind == FIELD_INT)
		*(int64_t *)at(f, a) = (int64_t)f->preset;
	else if (f->kind == FIELD_SHARE)
		*(double *)at(f, a) = f->preset;
	else if (f->kind == FIELD_TEXT && f->choices)
		*(char **)at(f, a) = mem_printf("%.*s", (int)strcspn(f->choices, "|"), f->choices);
}

static int read_number(const struct toxic_field *f, void *to, const struct json *v, struct err *e)
{
	double n = json_num(v, NAN), max = f->kind == FIELD_SHARE ? 1 : f->max;
	if (!json_is_number(v) || !(n >= f->min && n <= max))
		return err_usage(e, "%s is not a number from %.12g to %.12g%s%s%s", f->name, f->min, max,
				 f->unit ? " (" : "", f->unit ? f->unit : "", f->unit ? ", without the unit)" : "");
	if (f->kind == FIELD_SHARE)
		*(double *)to = n;
	else if (n > floor(n))
		return err_usage(e, "%s is not a whole number", f->name);
	else
		*(int64_t *)to = json_int(v, 0);
	return 0;
}

static int read_field(const struct toxic_field *f, void *to, const struct json *v, struct err *e)
{
	if (f->kind == FIELD_INT || f->kind == FIELD_SHARE)
		return read_number(f, to, v, e);
	if (f->kind == FIELD_BOOL) {
		bool yes = json_bool(v, false);
		if (yes != json_bool(v, true))
			return err_usage(e, "%s is not true or false", f->name);
		*(bool *)to = yes;
		return 0;
	}
	const char *text = json_str(v, NULL);
	if (!text || strlen(text) > 1000 || strpbrk(text, "\r\n"))
		return err_usage(e, "%s is not one line of at most 1000 bytes", f->name);
	if (f->choices && !text_has_word(f->choices, '|', text))
		return err_usage(e, "%s '%s' is not one of %s", f->name, text, f->choices);
	set_text(to, text);
	return 0;
}

/* --- all fields of a type ---------------------------------------------------------- */

void toxic_presets(const struct toxic_type *type, struct toxic_attributes *a)
{
	*a = (struct toxic_attributes){0};
	for (size_t i = 0; i < type->field_count; i++)
		preset(&type->fields[i], a);
}

void toxic_attributes_release(const struct toxic_type *type, struct toxic_attributes *a)
{
	for (size_t i = 0; i < type->field_count; i++)
		if (type->fields[i].kind == FIELD_TEXT)
			set_text(at(&type->fields[i], a), NULL);
}

static bool is_known(const struct toxic_type *type, const char *key, const char **near)
{
	for (size_t i = 0; i < type->field_count; i++) {
		const char *name = type->fields[i].name, *dot = strchr(name, '.');
		size_t len = dot ? (size_t)(dot - name) : strlen(name);
		if (strlen(key) == len && strncmp(name, key, len) == 0)
			return true;
		suggest(key, name, near);
	}
	return false;
}

/* Others take what they do not know without a word; a misspelt field would do nothing. */
static int check_names(const struct toxic_type *type, const struct json *j, struct err *e)
{
	const char *key, *near = NULL;
	const struct json *value;
	for (void *iter = NULL; json_next(j, &iter, &key, &value);)
		if (!is_known(type, key, &near))
			return err_usage(e, near ? "%s has no attribute '%s'; did you mean '%s'?"
						 : "%s has no attribute '%s'",
					 type->name, key, near);
	return 0;
}

int toxic_attributes_read(const struct toxic_type *type, struct toxic_attributes *a,
			  const struct json *j, struct err *e)
{
	if (json_is_null(j))
		return 0;
	if (!json_is_object(j))
		return err_usage(e, "attributes is not an object");
	if (check_names(type, j, e))
		return -1;
	for (size_t i = 0; i < type->field_count; i++) {
		const struct toxic_field *f = &type->fields[i];
		const struct json *v = json_get(j, f->name);
		if (!json_is_null(v) && read_field(f, at(f, a), v, e))
			return -1;
	}
	return 0;
}

static void write_field(const struct toxic_field *f, const struct toxic_attributes *a, struct json *j,
			const char *name)
{
	if (f->kind == FIELD_INT)
		json_set_int(j, name, *(const int64_t *)in(f, a));
	else if (f->kind == FIELD_SHARE)
		json_set_num(j, name, *(const double *)in(f, a));
	else if (f->kind == FIELD_BOOL)
		json_set_bool(j, name, *(const bool *)in(f, a));
	else
		json_set_str(j, name, *(char *const *)in(f, a));
}

struct json *toxic_attributes_json(const struct toxic_type *type, const struct toxic_attributes *a)
{
	struct json *j = json_object_new(), *match = json_object_new();
	bool any = false;
	for (size_t i = 0; i < type->field_count; i++) {
		const struct toxic_field *f = &type->fields[i];
		const char *dot = strchr(f->name, '.');
		if (f->kind == FIELD_TEXT && !*(char *const *)in(f, a))
			continue;
		any |= dot != NULL;
		write_field(f, a, dot ? match : j, dot ? dot + 1 : f->name);
	}
	if (any)
		json_set(j, "match", match);
	else
		json_free(match);
	return j;
}
