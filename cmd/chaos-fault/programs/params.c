/* Parameters as a program describes them: name, type, unit, bounds, default. */
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"
#include "programs/program.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct value {
	const struct json *about; /* the parameter's description */
	const char *name, *text;
};

/* Types whose values have units, each step times the one before it, and reach the program as they were written. */
static const struct scale {
	const char *type, *units[5];
	double step;
} scales[] = {{"rate", {"bit", "kbit", "mbit", "gbit"}, 1000}, {"size", {"", "K", "M", "G", "T"}, 1024}};

static const struct scale *scale_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(scales); i++)
		if (strcmp(type, scales[i].type) == 0)
			return &scales[i];
	return NULL;
}

/* In bits a second or bytes, as the programs read it too: digits, and more after a point. */
static int parse_scaled(const char *text, const struct scale *scale, double *out)
{
	static const char digits[] = "0123456789";
	char number[32];
	size_t whole = strspn(text, digits), i = 0, rest = text[whole] == '.' ? strspn(text + whole + 1, digits) : 0;
	size_t len = whole + (rest ? 1 + rest : 0);
	while (i < ARRAY_LEN(scale->units) && (!scale->units[i] || strcasecmp(text + len, scale->units[i]) != 0))
		i++;
	if (!whole || i == ARRAY_LEN(scale->units) || len >= sizeof number)
		return -1;
	snprintf(number, sizeof number, "%.*s", (int)len, text);
	if (num_double(number, 0, DBL_MAX, out))
		return -1;
	*out *= pow(scale->step, (double)i);
	return 0;
}

/* What is said to be a number: in the unit of the description, a span in seconds. */
static int parse_number(const struct value *v, const char *type, double *out)
{
	int64_t ns;
	char text[64];
	size_t len = strlen(v->text);
	const char *unit = json_str(json_get(v->about, "unit"), "s");
	if (scale_of(type))
		return parse_scaled(v->text, scale_of(type), out);
	if (strcmp(type, "span") == 0) {
		int rc = span_parse(v->text, &ns);
		*out = rc ? 0 : strcmp(unit, "ms") == 0 ? ns_to_ms(ns) : ns_to_s(ns);
		return rc;
	}
	if (strcmp(type, "share") == 0 && len && len < sizeof text && v->text[len - 1] == '%') {
		snprintf(text, sizeof text, "%.*s", (int)len - 1, v->text);
		int rc = num_double(text, 0, 100, out);
		*out /= 100;
		return rc;
	}
	return num_double(v->text, -DBL_MAX, DBL_MAX, out);
}

/* A span as it was understood. */
static char *span_words(const struct json *about, double number, char out[static SPAN_MAX])
{
	bool ms = strcmp(json_str(json_get(about, "unit"), "s"), "ms") == 0;
	return span_format(s_to_ns(ms ? number / 1e3 : number), out);
}

struct json *program_spans(const struct program *p, const struct json *params)
{
	struct json *out = json_object_new();
	const struct json *about;
	const char *name;
	char span[SPAN_MAX];
	for (void *iter = NULL; json_next(json_get(p->described, "params"), &iter, &name, &about);)
		if (strcmp(json_text(about, "type"), "span") == 0 &&
		    json_is_number(json_get(params, name)))
			json_set_str(out, name, span_words(about, json_num(json_get(params, name), 0), span));
	return out;
}

/* A span is said as it was understood, since a bare number is of seconds. */
static int beyond(const struct value *v, const char *type, double number, double least, double most, struct err *e)
{
	const char *unit = json_text(v->about, "unit");
	char is[SPAN_MAX], low[SPAN_MAX], high[SPAN_MAX];
	bool span = strcmp(type, "span") == 0;
	if (most >= DBL_MAX && span)
		return err_usage(e, "%s=%.80s: it is at least %s", v->name, v->text, span_words(v->about, least, low));
	if (most >= DBL_MAX)
		return err_usage(e, "%s=%.80s: it is at least %g%s%s", v->name, v->text, least, *unit ? " " : "", unit);
	if (!span)
		return err_usage(e, "%s=%.80s: it goes from %g to %g%s%s", v->name, v->text, least, most, *unit ? " " : "", unit);
	span_words(v->about, number, is);
	return err_usage(e, "%s=%.80s%s%s: it goes from %s to %s", v->name, v->text, strcmp(is, v->text) == 0 ? "" : " is ",
			 strcmp(is, v->text) == 0 ? "" : is, span_words(v->about, least, low), span_words(v->about, most, high));
}

static int set_number(const struct value *v, const char *type, struct json *out, struct err *e)
{
	const struct json *least = json_get(v->about, "min"), *most = json_get(v->about, "max");
	double number, share = strcmp(type, "share") == 0 ? 1 : DBL_MAX;
	const char *unit = json_text(v->about, "unit");
	if (parse_number(v, type, &number) ||
	    (strcmp(type, "integer") == 0 && (number != trunc(number) || fabs(number) > 0x1p53)))
		return strcmp(type, "span") == 0
			       ? err_usage(e, "%s=%.80s: not a time span (20, 20s, 150ms, 1m30s)", v->name, v->text)
			       : err_usage(e, "%s=%.80s: not %s %s%s%s", v->name, v->text, *type == 'i' ? "an" : "a", type,
					   *unit ? " in " : "", unit);
	if (number < json_num(least, share < DBL_MAX ? 0 : -DBL_MAX) ||
	    number > json_num(most, share))
		return beyond(v, type, number, json_num(least, 0), json_num(most, share), e);
	if (scale_of(type))
		json_set_str(out, v->name, v->text);
	else if (number == trunc(number) && fabs(number) <= 0x1p53) /* 60000, not 60000.0, for those that take it as text */
		json_set_int(out, v->name, (int64_t)number);
	else
		json_set_num(out, v->name, number);
	return 0;
}

/* "RATE", or the words that it may be. */
static void add_value(const struct json *about, struct buf *out)
{
	const struct json *words = json_get(about, "words");
	for (size_t i = 0; i < json_count(words); i++)
		buf_addf(out, "%s%s", i ? "|" : "", json_str(json_at(words, i), ""));
	if (!json_count(words))
		for (const char *c = json_str(json_get(about, "type"), "text"); *c; c++)
			buf_addch(out, (char)toupper((unsigned char)*c));
}

static int set_word(const struct value *v, struct json *out, struct err *e)
{
	const struct json *words = json_get(v->about, "words");
	const char *near = NULL;
	for (size_t i = 0; i < json_count(words); i++) {
		const char *word = json_str(json_at(words, i), "");
		if (strcmp(word, v->text) == 0) {
			json_set_str(out, v->name, word);
			return 0;
		}
		suggest(v->text, word, &near);
	}
	if (near)
		return err_usage(e, "%s=%.80s: did you mean '%s'?", v->name, v->text, near);
	struct buf all = BUF_INIT;
	add_value(v->about, &all);
	err_usage(e, "%s=%.80s: it is one of %s", v->name, v->text, all.data);
	buf_release(&all);
	return -1;
}

static int set_value(const struct value *v, struct json *out, struct err *e)
{
	const char *type = json_str(json_get(v->about, "type"), "text");
	if (strcmp(type, "word") == 0)
		return set_word(v, out, e);
	if (strcmp(type, "text") != 0)
		return set_number(v, type, out, e);
	json_set_str(out, v->name, v->text);
	return 0;
}

static int unknown_param(const struct json *known, const char *given, struct err *e)
{
	struct buf names = BUF_INIT;
	void *iter = NULL;
	const char *name;
	const struct json *about;
	while (json_next(known, &iter, &name, &about))
		buf_addf(&names, "%s%s", names.len ? ", " : "; it has ", name);
	err_usage(e, "unknown parameter '%s'%s", given, names.len ? names.data : "; it has none");
	buf_release(&names);
	return -1;
}

static int set_given(const struct json *known, const char *word, struct json *out, struct err *e)
{
	size_t len = strcspn(word, "=");
	void *iter = NULL;
	const char *name, *near = NULL;
	const struct json *about;
	char given[64];
	snprintf(given, sizeof given, "%.*s", (int)len, word);
	while (json_next(known, &iter, &name, &about)) {
		suggest(given, name, &near);
		if (strlen(name) != len || strncmp(name, word, len) != 0)
			continue;
		if (!json_is_null(json_get(out, name)))
			return err_usage(e, "parameter '%s' is given twice", name);
		if (!word[len + 1])
			return err_usage(e, "%s= has no value", name);
		return set_value(&(struct value){about, name, word + len + 1}, out, e);
	}
	return near ? err_usage(e, "unknown parameter '%s'; did you mean '%s'?", given, near)
		    : unknown_param(known, given, e);
}

/* True if it has any, or a unit. */
static bool add_bounds(const struct json *about, struct buf *out)
{
	const struct json *least = json_get(about, "min"), *most = json_get(about, "max");
	const char *unit = json_text(about, "unit");
	if (json_is_number(least))
		buf_addf(out, "%s%g", json_is_number(most) ? "" : "at least ", json_num(least, 0));
	if (json_is_number(most))
		buf_addf(out, "%s%g", json_is_number(least) ? " to " : "at most ", json_num(most, 0));
	if (*unit)
		buf_addf(out, "%s%s", json_is_number(least) || json_is_number(most) ? " " : "in ", unit);
	return json_is_number(least) || json_is_number(most) || *unit;
}

static int missing(const char *name, const struct json *about, struct err *e)
{
	struct buf what = BUF_INIT, bounds = BUF_INIT;
	add_value(about, &what);
	add_bounds(about, &bounds);
	err_usage(e, "parameter '%s' is missing: %s=%s%s%s", name, name, what.data, bounds.len ? ", " : "", bounds.data);
	buf_release(&what);
	buf_release(&bounds);
	return -1;
}

static int set_defaults(const struct json *known, struct json *out, struct err *e)
{
	void *iter = NULL;
	const char *name;
	const struct json *about;
	char number[32];
	while (json_next(known, &iter, &name, &about)) {
		const struct json *given = json_get(about, "default");
		if (!json_is_null(json_get(out, name)) ||
		    json_bool(json_get(about, "optional"), false))
			continue;
		if (json_is_null(given))
			return missing(name, about, e);
		double value = json_num(given, 0);
		snprintf(number, sizeof number, value == trunc(value) && fabs(value) <= 0x1p53 ? "%.0f" : "%.15g", value);
		if (set_value(&(struct value){about, name, json_str(given, number)}, out, e))
			return -1;
	}
	return 0;
}

struct json *program_params(const struct program *p, const char *const *words, size_t count,
			    struct err *e)
{
	const struct json *known = json_get(p->described, "params");
	struct json *out = json_object_new();
	int rc = 0;
	for (size_t i = 0; i < count && !rc; i++)
		if (strchr(words[i], '='))
			rc = set_given(known, words[i], out, e);
	if (!rc && set_defaults(known, out, e) == 0)
		return out;
	json_free(out);
	err_prefix(e, "%s", p->name);
	return NULL;
}

void program_param_words(const char *name, const struct json *about, struct buf *out)
{
	const struct json *given = json_get(about, "default");
	buf_addf(out, "%s=", name);
	add_value(about, out);
	buf_addstr(out, "  ");
	if (add_bounds(about, out))
		buf_addstr(out, ", ");
	if (json_is_number(given))
		buf_addf(out, "default %g", json_num(given, 0));
	else if (!json_is_null(given))
		buf_addf(out, "default %s", json_str(given, ""));
	else
		buf_addstr(out, json_bool(json_get(about, "optional"), false) ? "optional" : "required");
}
