#include "conf/loads.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"
#include "stream/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The options of chaos-load; a test compares names, bounds and words. */
enum option_of { TEXT, CHOICE, WHOLE, NUMBER, SPAN, FLAG, FLAG_OR_TEXT, REQUEST, OF_THE_RUN /* which says it itself */ };

static const struct option {
	const char *name; /* as a key */
	enum option_of of;
	double min, max;     /* of a span: seconds */
	bool many;	     /* may be a list */
	const char *choices; /* separated by '|' */
} options[] = {
	{"anchor", .of = OF_THE_RUN},
	{"arrivals", .of = CHOICE, .choices = "constant|poisson"},
	{"audit", .of = FLAG_OR_TEXT},
	{"audit_http", .of = REQUEST},
	{"audit_run", .of = OF_THE_RUN},
	{"bearer_file", .of = TEXT},
	{"body", .of = TEXT},
	{"cacert", .of = TEXT},
	{"check", .of = OF_THE_RUN},
	{"columns", .of = CHOICE, .choices = "wait_ms"},
	{"connect_timeout", .of = SPAN, .min = 1e-3, .max = 86400},
	{"connections", .of = WHOLE, .min = 1, .max = 1e6},
	{"control", .of = OF_THE_RUN},
	{"duration", .of = OF_THE_RUN},
	{"engine", .of = CHOICE, .choices = "auto|own|curl"},
	{"events", .of = OF_THE_RUN},
	{"expect", .of = TEXT},
	{"header", .of = TEXT, .many = true},
	{"help", .of = OF_THE_RUN},
	{"http2", .of = FLAG},
	{"insecure", .of = FLAG},
	{"keep_alive", .of = FLAG},
	{"key", .of = TEXT},
	{"load_name", .of = OF_THE_RUN},
	{"location", .of = FLAG},
	{"max_inflight", .of = WHOLE, .min = 1, .max = 1e7},
	{"method", .of = TEXT},
	{"pace_slack", .of = SPAN, .min = 0, .max = 10},
	{"pipeline", .of = WHOLE, .min = 1, .max = 10000},
	{"profile", .of = TEXT},
	{"progress", .of = OF_THE_RUN},
	{"proxy", .of = TEXT},
	{"quiet", .of = OF_THE_RUN},
	{"replay", .of = TEXT},
	{"requests", .of = TEXT},
	{"resume", .of = OF_THE_RUN},
	{"rps", .of = OF_THE_RUN},
	{"seed", .of = OF_THE_RUN},
	{"shard", .of = OF_THE_RUN},
	{"speed", .of = NUMBER, .min = 1e-3, .max = 1e6},
	{"start_at", .of = OF_THE_RUN},
	{"summary", .of = OF_THE_RUN},
	{"timeout", .of = SPAN, .min = 1e-3, .max = 86400},
	{"unix_socket", .of = TEXT},
	{"urls", .of = OF_THE_RUN},
	{"user_file", .of = TEXT},
	{"version", .of = OF_THE_RUN},
	{"wait", .of = WHOLE, .min = 1, .max = 1000},
};

/* Those that a named load has beside them. */
static const char *const own_keys[] = {"target", "commands", "on"};

static const char *const request_keys[] = {"method", "path",   "url",	   "headers", "expect",	    "body",
					   "weight", "contains", "run", "value_bytes", NULL};

/* --- lists of words ---------------------------------------------------------- */

static int add_placed(struct ynode n, const char *what, struct placed **all, size_t *count, struct err *e)
{
	const char *text = ynode_text(n);
	if (!text || !*text)
		return ynode_err(n, e, "a %s is one word", what);
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*all)[i].text, text) == 0)
			return ynode_err(n, e, "the %s '%s' is named twice", what, text);
	*all = mem_realloc(*all, *count + 1, sizeof **all);
	(*all)[(*count)++] = (struct placed){.text = mem_strdup(text), .at = ynode_place(n)};
	return 0;
}

int placed_read(struct ynode n, const char *what, struct placed **all, size_t *count, struct err *e)
{
	if (ynode_kind(n) != YNODE_LIST)
		return add_placed(n, what, all, count, e);
	if (ynode_count(n) == 0)
		return ynode_err(n, e, "the list of %ss is empty", what);
	for (size_t i = 0; i < ynode_count(n); i++)
		if (add_placed(ynode_item(n, i), what, all, count, e))
			return -1;
	return 0;
}

void placed_release(struct placed *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(all[i].text);
	free(all);
}

/* --- options ------------------------------------------------------------------- */

static const struct option *find_option(const struct load_conf *c, struct ynode key, struct err *e)
{
	const char *name = ynode_text(key), *near = NULL;
	char plain[32]; /* longer than any of them */
	snprintf(plain, sizeof plain, "%s", name);
	for (char *s = plain; *s; s++)
		*s = *s == '-' ? '_' : *s;
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		if (strcmp(plain, options[i].name) == 0)
			return &options[i];
		suggest(plain, options[i].name, &near);
	}
	for (size_t i = 0; c->name && i < ARRAY_LEN(own_keys); i++)
		suggest(plain, own_keys[i], &near);
	for (const char *const *k = request_keys; *k; k++)
		if (strcmp(plain, *k) == 0) {
			ynode_err(key, e, "'%s' belongs to one of 'requests' or 'commands'", name);
			return NULL;
		}
	ynode_err(key, e, "unknown key '%s'%s%s%s", name, SUGGESTED(near, "; see chaos-config(5)"));
	return NULL;
}

static int check_choice(struct ynode v, const char *choices, struct err *e)
{
	const char *text = ynode_text(v), *near = NULL;
	char words[64];
	snprintf(words, sizeof words, "%s", choices);
	for (char *save, *w = strtok_r(words, "|", &save); w; w = strtok_r(NULL, "|", &save)) {
		if (strcmp(w, text) == 0)
			return 0;
		suggest(text, w, &near);
	}
	return near ? ynode_err(v, e, "unknown '%s'; did you mean '%s'?", text, near)
		    : ynode_err(v, e, "unknown '%s'; it is one of %s", text, choices);
}

static int check_span(struct ynode v, const struct option *o, struct err *e)
{
	char lo[SPAN_MAX], hi[SPAN_MAX];
	int64_t ns = -1; /* of nothing */
	if (ynode_span(v, &ns, e))
		return -1;
	if (ns >= s_to_ns(o->min) && ns <= s_to_ns(o->max))
		return 0;
	return ynode_err(v, e, "%s is not from %s to %s", ynode_text(v), span_format(s_to_ns(o->min), lo),
			 span_format(s_to_ns(o->max), hi));
}

static int check_value(struct ynode v, const struct option *o, bool *flag, struct err *e)
{
	int64_t whole;
	double number;
	if (o->of == CHOICE)
		return check_choice(v, o->choices, e);
	if (o->of == SPAN)
		return check_span(v, o, e);
	if (o->of == FLAG)
		return ynode_bool(v, flag, e);
	if ((o->of == NUMBER && num_double(ynode_text(v), o->min, o->max, &number)) ||
	    (o->of == WHOLE && num_i64(ynode_text(v), (int64_t)o->min, (int64_t)o->max, &whole)))
		return ynode_err(v, e, "'%s' is not a %snumber from %.12g to %.12g", ynode_text(v),
				 o->of == WHOLE ? "whole " : "", o->min, o->max);
	return 0;
}

/* Weights and statuses are numbers, all else is text; chaos-load knows the keys. */
static struct json *to_json(struct ynode n)
{
	struct json *j = json_object_new();
	for (size_t i = 0; i < ynode_count(n); i++) {
		struct ynode k, v;
		struct err ignored;
		double number;
		ynode_pair(n, i, &k, &v);
		const char *key = ynode_text(k);
		bool is_number = strcmp(key, "weight") == 0 || strcmp(key, "expect") == 0;
		if (ynode_kind(v) == YNODE_MAP)
			json_set(j, key, to_json(v));
		else if (is_number && ynode_double(v, -1e15, 1e15, &number, &ignored) == 0)
			json_set_num(j, key, number);
		else
			json_set_str(j, key, ynode_text(v));
	}
	return j;
}

static int check_request(struct ynode map, struct err *e)
{
	struct ynode headers = ynode_get(map, "headers");
	if (ynode_check_keys(map, request_keys, e) || ynode_check_values(map, NULL, e))
		return -1;
	return ynode_kind(headers) == YNODE_NONE ? 0 : ynode_check_keys(headers, NULL, e) || ynode_check_values(headers, NULL, e) ? -1 : 0;
}

/* A request in one text: as it is, or a table as JSON. NULL: it is neither. */
static char *request_text(struct ynode v, struct err *e)
{
	struct buf text = BUF_INIT;
	if (ynode_kind(v) != YNODE_MAP)
		return ynode_text(v) ? mem_strdup(ynode_text(v)) : NULL;
	if (check_request(v, e))
		return NULL;
	struct json *j = to_json(v);
	json_write(j, false, &text);
	json_free(j);
	return buf_detach(&text);
}

static int add_word(struct load_conf *c, struct ynode key, struct ynode v, const struct option *o, struct err *e)
{
	const char *name = ynode_text(key), *text = ynode_text(v);
	char *request = NULL;
	if (o->of == REQUEST && !(text = request = request_text(v, e)) && ynode_kind(v) == YNODE_MAP)
		return -1;
	if (!text)
		return ynode_err(v, e, "'%s' is one word, number or text%s", name, o->many ? ", or a list of them" : "");
	bool flag = false;
	struct err none;
	if (check_value(v, o, &flag, e))
		return -1;
	bool is_flag = o->of == FLAG || (o->of == FLAG_OR_TEXT && ynode_bool(v, &flag, &none) == 0);
	char *option = is_flag ? mem_printf("--%s%s", flag ? "" : "no-", name) : mem_printf("--%s=%s", name, text);
	free(request);
	for (char *s = option; *s && *s != '='; s++)
		*s = *s == '_' ? '-' : *s;
	c->words = mem_realloc(c->words, c->word_count + 1, sizeof *c->words);
	c->words[c->word_count++] = (struct load_word){.option = option, .at = ynode_place(key)};
	return 0;
}

/* A list gives the option several times. */
static int add_option(struct load_conf *c, struct ynode key, struct ynode v, struct err *e)
{
	const struct option *o = find_option(c, key, e);
	int rc = 0;
	if (!o)
		return -1;
	if (o->of == OF_THE_RUN)
		return ynode_err(key, e, "'%s' belongs to the scenario, not to a load", ynode_text(key));
	bool replay = strcmp(o->name, "replay") == 0;
	if (!c->name && (replay || strcmp(o->name, "profile") == 0))
		return ynode_err(key, e, "'%s' belongs to one of 'loads'", o->name);
	c->replays |= replay;
	if (ynode_kind(v) != YNODE_LIST || !o->many)
		return add_word(c, key, v, o, e);
	for (size_t i = 0; i < ynode_count(v) && !rc; i++)
		rc = add_word(c, key, ynode_item(v, i), o, e);
	return rc;
}

/* --- requests ------------------------------------------------------------------ */

static int read_requests(struct load_conf *c, struct ynode list, struct err *e)
{
	struct buf lines = BUF_INIT;
	size_t count = ynode_count(list);
	int rc = ynode_kind(list) == YNODE_LIST && count ? 0 : ynode_err(list, e, "expected a list of tables");
	c->request_at = mem_alloc((count + 1) * sizeof *c->request_at);
	while (!rc && c->request_count < count) {
		struct ynode item = ynode_item(list, c->request_count);
		c->request_at[c->request_count++] = ynode_place(item);
		rc = check_request(item, e);
		struct json *j = rc ? NULL : to_json(item);
		json_line(j, &lines);
	}
	c->requests = buf_detach(&lines);
	return rc;
}

/* --- loads ----------------------------------------------------------------------- */

static int read_load(struct load_conf *c, struct ynode map, struct err *e)
{
	if (ynode_check_keys(map, NULL, e) || ynode_check_values(map, NULL, e))
		return -1;
	for (size_t i = 0; i < ynode_count(map); i++) {
		struct ynode k, v;
		int rc;
		ynode_pair(map, i, &k, &v);
		const char *key = ynode_text(k);
		if (c->name && strcmp(key, "target") == 0) {
			rc = placed_read(v, "target", &c->targets, &c->target_count, e);
		} else if (c->name && (strcmp(key, "requests") == 0 || strcmp(key, "commands") == 0)) {
			rc = c->requests ? ynode_err(k, e, "a load has 'requests' or 'commands', not both")
					 : read_requests(c, v, e);
		} else if (c->name && strcmp(key, "profile") == 0 && ynode_text(v)) {
			c->profile = (struct placed){mem_strdup(ynode_text(v)), ynode_place(v)};
			rc = 0;
		} else if (strcmp(key, "on") == 0) {
			free(c->on.text);
			c->on = (struct placed){NULL, ynode_place(v)};
			rc = ynode_text(v) && *ynode_text(v) ? 0 : ynode_err(v, e, "'on' is one text, such as ssh:web1,web2");
			c->on.text = rc ? NULL : mem_strdup(ynode_text(v));
		} else {
			rc = add_option(c, k, v, e);
		}
		if (rc)
			return -1;
	}
	return c->replays && c->profile.text ? ynode_err(map, e, "'profile' and 'replay' do not go together") : 0;
}

int load_confs_read(struct load_confs *l, struct ynode defaults, struct ynode loads, const char *file,
	       struct err *e)
{
	*l = (struct load_confs){.file = mem_strdup(file)};
	l->defaults.file = l->file;
	if (!ynode_is_null(defaults) && read_load(&l->defaults, defaults, e))
		return -1;
	if (ynode_is_null(loads))
		return 0;
	if (ynode_check_keys(loads, NULL, e))
		return -1;
	l->all = mem_alloc((ynode_count(loads) + 1) * sizeof *l->all);
	for (size_t i = 0; i < ynode_count(loads); i++) {
		struct load_conf *c = &l->all[l->count++];
		struct ynode k, v;
		ynode_pair(loads, i, &k, &v);
		*c = (struct load_conf){.name = mem_strdup(ynode_text(k)), .file = l->file, .at = ynode_place(k)};
		if (!name_is_plain(c->name) || *c->name == '-' || *c->name == '.')
			return ynode_err(k, e, "'%s' is not a load's name: 1 to 64 of A-Z a-z 0-9 . _ - that do "
					 "not start with . or -", c->name);
		if (read_load(c, v, e))
			return -1;
	}
	return 0;
}

static void release_load(struct load_conf *c)
{
	for (size_t i = 0; i < c->word_count; i++)
		free(c->words[i].option);
	placed_release(c->targets, c->target_count);
	free(c->name);
	free(c->words);
	free(c->profile.text);
	free(c->on.text);
	free(c->requests);
	free(c->request_at);
}

int place_err(const char *file, struct conf_place at, struct err *e, const char *fmt, ...)
{
	char msg[sizeof e->msg / 2];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	return err_usage(e, "%s:%d:%d: %s", file, at.line, at.column, msg);
}

void load_confs_release(struct load_confs *l)
{
	release_load(&l->defaults);
	for (size_t i = 0; i < l->count; i++)
		release_load(&l->all[i]);
	free(l->all);
	free(l->file);
	*l = (struct load_confs){0};
}
