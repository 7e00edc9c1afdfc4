#include "api/routes.h"

#include "api/metrics.h"
#include "base/clock.h"
#include "base/plain.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The version of the API that clients ask for. */
#define API_VERSION "2.12.0"

struct call {
	struct relay *relay;
	const char *method;
	struct proxy *proxy; /* NULL: the path names none */
	struct toxic *toxic;
	const char *body;
	size_t len;
	struct api_answer *out;
};

static void answer_json(struct call *c, int status, struct json *j)
{
	c->out->status = status;
	json_line(j, &c->out->text);
}

static struct json *error_json(int status, const char *text)
{
	struct json *j = json_object_new();
	json_set_str(j, "error", text);
	json_set_int(j, "status", status);
	return j;
}

static void answer_error(struct call *c, int status, const char *text)
{
	answer_json(c, status, error_json(status, text));
}

static int status_of(const struct err *e)
{
	return e->code == EXIT_USAGE ? 400 : 500;
}

static void answer_err(struct call *c, const struct err *e)
{
	answer_error(c, status_of(e), e->msg);
}

/* NULL after the error has been answered. An empty body is an empty object where that will do. */
static struct json *body_json(struct call *c, bool may_be_empty)
{
	struct err e;
	if (!c->len && may_be_empty)
		return json_object_new();
	struct json *j = json_parse(c->body, c->len, "bad request body", &e);
	if (!j)
		answer_error(c, 400, e.msg);
	return j;
}

static struct json *all_toxics(const struct proxy *p)
{
	struct json *list = json_array_new();
	for (const struct toxic *t = p->toxics; t; t = t->next)
		json_push(list, toxic_json(t, mono_ns()));
	return list;
}

/* --- the collection ------------------------------------------------------------------- */

static void list_proxies(struct call *c)
{
	struct json *all = json_object_new();
	for (const struct proxy *p = c->relay->proxies; p; p = p->next)
		json_set(all, p->name, proxy_json(p));
	answer_json(c, 200, all);
}

static void make_proxy(struct call *c)
{
	struct err e;
	struct json *j = body_json(c, false);
	if (!j)
		return;
	const char *name = json_str(json_get(j, "name"), "");
	struct proxy *p = NULL;
	if (!json_is_object(j))
		answer_error(c, 400, "bad request body: not an object");
	else if (*name && proxy_find(c->relay, name))
		answer_error(c, 409, "proxy already exists");
	else if (!(p = proxy_new(c->relay, j, &e)))
		answer_err(c, &e);
	else if (proxy_start(p, &e)) {
		answer_err(c, &e);
		proxy_free(p);
	} else {
		answer_json(c, 201, proxy_json(p));
	}
	json_free(j);
}

/* All are made before any listens, so that what is wrong in the list changes nothing. */
static int make_all(struct relay *r, const struct json *list, struct err *e)
{
	struct proxy **first_new = r->last_proxy;
	if (!json_is_array(list))
		return err_usage(e, "not a list of proxies");
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);
		const char *name = json_str(json_get(j, "name"), "");
		struct proxy *p = proxy_find(r, name), *same = *first_new;
		while (same && same != p)
			same = same->next;
		if (!(p ? !same || err_usage(e, "it is there twice") == 0 : proxy_new(r, j, e) != NULL)) {
			while (*first_new)
				proxy_free(*first_new);
			return err_prefix(e, *name ? "proxy '%s'" : "proxy %s%zu", name, i + 1);
		}
	}
	return 0;
}

int routes_populate(struct relay *r, const struct json *list, struct json *done, struct err *e)
{
	if (make_all(r, list, e))
		return -1;
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);
		struct proxy *p = proxy_find(r, json_str(json_get(j, "name"), ""));
		if (done && (proxy_update(p, j, e) || proxy_read_toxics(p, j, e)))
			return err_prefix(e, "proxy '%s'", p->name);
		if (done)
			json_push(done, proxy_json(p));
	}
	return 0;
}

static void populate(struct call *c)
{
	struct err e;
	struct json *j = body_json(c, false), *done = json_array_new(), *answer;
	if (!j) {
		json_free(done);
		return;
	}
	int rc = routes_populate(c->relay, j, done, &e);
	answer = rc ? error_json(status_of(&e), e.msg) : json_object_new();
	json_set(answer, "proxies", done);
	answer_json(c, rc ? status_of(&e) : 201, answer);
	json_free(j);
}

static void reset_all(struct call *c)
{
	struct err e;
	bool failed = false;
	for (struct proxy *p = c->relay->proxies; p; p = p->next)
		failed |= proxy_reset(p, &e) != 0;
	if (failed)
		answer_err(c, &e);
	else
		c->out->status = 204;
}

/* --- one proxy --------------------------------------------------------------------------- */

static void show_proxy(struct call *c)
{
	answer_json(c, 200, proxy_json(c->proxy));
}

static void change_proxy(struct call *c)
{
	struct err e;
	struct json *j = body_json(c, true);
	if (!j)
		return;
	if (proxy_update(c->proxy, j, &e))
		answer_err(c, &e);
	else
		show_proxy(c);
	json_free(j);
}

static void delete_proxy(struct call *c)
{
	proxy_free(c->proxy);
	c->out->status = 204;
}

/* --- toxics ------------------------------------------------------------------------------- */

static void list_toxics(struct call *c)
{
	answer_json(c, 200, all_toxics(c->proxy));
}

static void make_toxic(struct call *c)
{
	struct err e;
	struct json *j = body_json(c, false);
	if (!j)
		return;
	struct toxic *t = toxic_new(j, mono_ns(), &e);
	json_free(j);
	if (!t) {
		answer_err(c, &e);
	} else if (proxy_toxic(c->proxy, t->name)) {
		toxic_free(t);
		answer_error(c, 409, "toxic already exists");
	} else if (proxy_add_toxic(c->proxy, t, &e)) {
		answer_err(c, &e);
	} else {
		answer_json(c, 200, toxic_json(t, mono_ns()));
	}
}

static void show_toxic(struct call *c)
{
	answer_json(c, 200, toxic_json(c->toxic, mono_ns()));
}

static void change_toxic(struct call *c)
{
	struct err e;
	struct json *j = body_json(c, true);
	if (!j)
		return;
	if (proxy_update_toxic(c->proxy, c->toxic, j, &e))
		answer_err(c, &e);
	else
		show_toxic(c);
	json_free(j);
}

static void delete_toxic(struct call *c)
{
	proxy_remove_toxic(c->proxy, c->toxic);
	c->out->status = 204;
}

/* --- about the program ---------------------------------------------------------------------- */

static void version(struct call *c)
{
	struct json *j = json_object_new();
	json_set_str(j, "version", API_VERSION);
	json_set_str(j, "program", "chaos-proxy " CHAOS_VERSION);
	answer_json(c, 200, j);
}

static void metrics(struct call *c)
{
	c->out->status = 200;
	c->out->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	metrics_write(c->relay, &c->out->text);
}

static void decisions(struct call *c)
{
	c->out->status = 200;
	c->out->type = "application/x-ndjson";
	c->out->decisions = true;
}

/* --- the table -------------------------------------------------------------------------------- */

/* '*' stands for a name: first a proxy's, then a toxic's. */
static const struct {
	const char *methods, *path;
	void (*answer)(struct call *c);
} routes[] = {
	{"GET", "/proxies", list_proxies},
	{"POST", "/proxies", make_proxy},
	{"GET", "/proxies/*", show_proxy},
	{"POST PATCH", "/proxies/*", change_proxy},
	{"DELETE", "/proxies/*", delete_proxy},
	{"GET", "/proxies/*/toxics", list_toxics},
	{"POST", "/proxies/*/toxics", make_toxic},
	{"GET", "/proxies/*/toxics/*", show_toxic},
	{"POST PATCH", "/proxies/*/toxics/*", change_toxic},
	{"DELETE", "/proxies/*/toxics/*", delete_toxic},
	{"POST", "/populate", populate},
	{"POST", "/reset", reset_all},
	{"GET", "/version", version},
	{"GET", "/metrics", metrics},
	{"GET", "/decisions", decisions},
};

enum { NAMES_MAX = 2, NAME_BYTES = 256 };

static bool path_fits(const char *form, const char *path, char names[NAMES_MAX][NAME_BYTES])
{
	int n = 0;
	for (; *form; form++) {
		if (*form != '*') {
			if (*form != *path++)
				return false;
			continue;
		}
		size_t len = strcspn(path, "/");
		if (!len || len >= NAME_BYTES)
			return false;
		memcpy(names[n], path, len);
		names[n++][len] = '\0';
		path += len;
	}
	return !*path || strcmp(path, "/") == 0;
}

static bool method_fits(const char *methods, const char *method)
{
	const char *at = strstr(methods, strcmp(method, "HEAD") == 0 ? "GET" : method);
	size_t len = strcmp(method, "HEAD") == 0 ? 3 : strlen(method);
	return at && (at == methods || at[-1] == ' ') && (at[len] == ' ' || !at[len]);
}

/* False after an error has been answered. */
static bool find(struct call *c, char names[NAMES_MAX][NAME_BYTES])
{
	if (*names[0] && !(c->proxy = proxy_find(c->relay, names[0])))
		answer_error(c, 404, "proxy not found");
	else if (*names[1] && !(c->toxic = proxy_toxic(c->proxy, names[1])))
		answer_error(c, 404, "toxic not found");
	else
		return true;
	return false;
}

void routes_answer(struct relay *r, const char *method, const char *path, const char *body, size_t len,
		   struct api_answer *out)
{
	struct call c = {.relay = r, .method = method, .body = body, .len = len, .out = out};
	bool known = false;
	out->type = "application/json";
	out->decisions = false;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		char names[NAMES_MAX][NAME_BYTES] = {"", ""};
		if (!path_fits(routes[i].path, path, names))
			continue;
		known = true;
		if (!method_fits(routes[i].methods, method))
			continue;
		if (find(&c, names))
			routes[i].answer(&c);
		return;
	}
	answer_error(&c, known ? 405 : 404, known ? "method not allowed" : "no such path");
}
