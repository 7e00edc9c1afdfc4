#include "api/routes.h"

#include "api/metrics.h"
#include "base/clock.h"

#include <string.h>

/* The version of the API that clients ask for. */
#define API_VERSION "2.12.0"

struct call {
	struct relay *relay;
	struct proxy *proxy; /* NULL: the path names none */
	struct toxic *toxic;
	const struct json *body; /* NULL: it has none */
	struct json *reply;	 /* to be filled, or NULL */
	struct api_answer *out;
	struct err e; /* behind a status of 400 and more */
};

static int status_of(const struct err *e)
{
	return e->code == EXIT_USAGE ? 400 : 500;
}

static int failed(struct call *c, int status, const char *text)
{
	err_usage(&c->e, "%s", text);
	return status;
}

static int replied(struct call *c, int status, struct json *j)
{
	c->reply = j;
	return status;
}

/* --- the collection ------------------------------------------------------------------- */

static int list_proxies(struct call *c)
{
	struct json *all = json_object_new();
	for (const struct proxy *p = c->relay->proxies; p; p = p->next)
		json_set(all, p->name, proxy_json(p));
	return replied(c, 200, all);
}

static int make_proxy(struct call *c)
{
	const char *name = json_text(c->body, "name");
	if (*name && proxy_find(c->relay, name))
		return failed(c, 409, "proxy already exists");
	struct proxy *p = proxy_new(c->relay, c->body, &c->e);
	if (!p)
		return 400;
	if (!proxy_start(p, &c->e))
		return replied(c, 201, proxy_json(p));
	proxy_free(p);
	return status_of(&c->e);
}

/* One that is there is made once more as it is to be, for a look. */
static int make_one(struct relay *r, const struct proxy *there, const struct json *j, struct err *e)
{
	struct json *whole = there ? proxy_json(there) : json_object_new();
	json_update(whole, json_clone(j));
	struct proxy *made = proxy_new(r, whole, e);
	json_free(whole);
	if (made && there)
		proxy_free(made);
	return made ? 0 : -1;
}

/* All are made before any listens, so that what is wrong in the list changes nothing. */
static int make_all(struct relay *r, const struct json *list, struct err *e)
{
	struct proxy **first_new = r->last_proxy;
	if (!json_is_array(list))
		return err_usage(e, "not a JSON array of proxies");
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);
		const char *name = json_text(j, "name");
		size_t same = 0;
		while (same < i && strcmp(json_text(json_at(list, same), "name"), name) != 0)
			same++;
		if (same < i ? err_usage(e, "its name is given twice") : make_one(r, proxy_find(r, name), j, e)) {
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
		struct proxy *p = proxy_find(r, json_text(j, "name"));
		if (done && (proxy_update(p, j, e) || proxy_read_toxics(p, j, e)))
			return err_prefix(e, "proxy '%s'", p->name);
		if (done)
			json_push(done, proxy_json(p));
	}
	return 0;
}

static int populate(struct call *c)
{
	struct json *done = json_array_new();
	int status = routes_populate(c->relay, c->body, done, &c->e) ? status_of(&c->e) : 201;
	c->reply = json_object_new();
	json_set(c->reply, "proxies", done);
	return status;
}

static int reset_all(struct call *c)
{
	int status = 204;
	for (struct proxy *p = c->relay->proxies; p; p = p->next)
		if (proxy_reset(p, &c->e))
			status = status_of(&c->e);
	return status;
}

/* --- one proxy, one toxic ---------------------------------------------------------------- */

static int show_proxy(struct call *c)
{
	return replied(c, 200, proxy_json(c->proxy));
}

static int change_proxy(struct call *c)
{
	return proxy_update(c->proxy, c->body, &c->e) ? status_of(&c->e) : show_proxy(c);
}

static int delete_proxy(struct call *c)
{
	proxy_free(c->proxy);
	return 204;
}

static int list_toxics(struct call *c)
{
	struct json *list = json_array_new();
	for (const struct toxic *t = c->proxy->toxics; t; t = t->next)
		json_push(list, toxic_json(t, mono_ns()));
	return replied(c, 200, list);
}

static int show_toxic(struct call *c)
{
	return replied(c, 200, toxic_json(c->toxic, mono_ns()));
}

static int make_toxic(struct call *c)
{
	c->toxic = toxic_new(c->body, mono_ns(), &c->e);
	if (!c->toxic)
		return 400;
	if (proxy_toxic(c->proxy, c->toxic->name)) {
		toxic_free(c->toxic);
		return failed(c, 409, "toxic already exists");
	}
	return proxy_add_toxic(c->proxy, c->toxic, &c->e) ? 400 : show_toxic(c);
}

static int change_toxic(struct call *c)
{
	return proxy_update_toxic(c->proxy, c->toxic, c->body, &c->e) ? 400 : show_toxic(c);
}

static int delete_toxic(struct call *c)
{
	proxy_remove_toxic(c->proxy, c->toxic);
	return 204;
}

/* --- about the program ---------------------------------------------------------------------- */

static int version(struct call *c)
{
	c->reply = json_object_new();
	json_set_str(c->reply, "version", API_VERSION);
	json_set_str(c->reply, "program", "chaos-proxy " CHAOS_VERSION);
	return 200;
}

static int metrics(struct call *c)
{
	c->out->type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	metrics_write(c->relay, &c->out->text);
	return 200;
}

static int decisions(struct call *c)
{
	c->out->type = "application/x-ndjson";
	c->out->decisions = true;
	return 200;
}

/* --- the table -------------------------------------------------------------------------------- */

/* '*' stands for a name: first a proxy's, then a toxic's. */
static const struct {
	const char *methods, *path;
	int (*answer)(struct call *c);
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

static int run(struct call *c, int (*answer)(struct call *c), char names[NAMES_MAX][NAME_BYTES])
{
	if (*names[0] && !(c->proxy = proxy_find(c->relay, names[0])))
		return failed(c, 404, "proxy not found");
	if (*names[1] && !(c->toxic = proxy_toxic(c->proxy, names[1])))
		return failed(c, 404, "toxic not found");
	return answer(c);
}

static int find_and_run(struct call *c, const char *method, const char *path)
{
	bool known = false;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		char names[NAMES_MAX][NAME_BYTES] = {"", ""};
		bool fits = path_fits(routes[i].path, path, names);
		if (fits && method_fits(routes[i].methods, method))
			return run(c, routes[i].answer, names);
		known |= fits;
	}
	return failed(c, known ? 405 : 404, known ? "method not allowed" : "no such path");
}

void routes_answer(struct relay *r, const char *method, const char *path, const char *body, size_t len,
		   struct api_answer *out)
{
	struct call c = {.relay = r, .out = out};
	struct json *j = len ? json_parse(body, len, "bad request body", &c.e) : json_object_new();
	out->type = "application/json";
	out->decisions = false;
	c.body = j;
	out->status = j ? find_and_run(&c, method, path) : 400;
	if (out->status >= 400) {
		struct json *error = json_object_new();
		json_set_str(error, "error", c.e.msg);
		json_set_int(error, "status", out->status);
		json_update(error, c.reply);
		c.reply = error;
	}
	if (c.reply)
		json_line(c.reply, &out->text);
	json_free(j);
}
