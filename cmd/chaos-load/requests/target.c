#include "requests/target.h"

#include "base/marks.h"
#include "base/units.h"
#include "cli/diag.h"
#include "csv/csv_write.h"
#include "requests/audited.h"
#include "requests/via.h"
#include "net/http_words.h"
#include "net/http_request.h"
#include "net/redis/redis_topology.h"
#include "net/redis/redis_words.h"
#include "sys/secret.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A URL as it stands in a sample: no user, password or path; no port if it is the scheme's own. */
static char *node_name(const struct url *u)
{
	struct url plain;
	struct err e;
	char host[URL_HOST_TEXT];
	char *text = mem_printf("%s://%s", u->scheme, url_is_unix(u) ? u->host : url_host_text(u, true, host));
	bool default_port = !url_parse(text, &plain, &e) && plain.port == u->port;
	url_release(&plain);
	if (!default_port) {
		char *with_port = mem_printf("%s:%d", text, u->port);
		free(text);
		text = with_port;
	}
	char *name = mem_alloc(3 * strlen(text) + 1);
	url_escape_field(text, name);
	free(text);
	return name;
}

static int check_database(const struct url *u, struct err *e)
{
	struct redis_command handshake;
	if (!url_is_redis(u))
		return 0;
	int rc = redis_handshake_init(&handshake, u, e);
	redis_command_release(&handshake);
	return rc;
}

static int add_node(struct target *t, const struct url *u, struct err *e)
{
	char *name = node_name(u);
	bool speaks = transport_speaks(u);
	bool mixed = t->count && url_is_redis(u) != url_is_redis(&t->nodes[0].url);
	if (!speaks)
		err_usage(e, "'%s': there is no transport for %s", name, u->scheme);
	else if (mixed)
		err_usage(e, "'%s' and '%s' do not mix: one run is either HTTP or Redis", name,
			  t->names[0]);
	if (!speaks || mixed) {
		free(name);
		return -1;
	}
	t->nodes[t->count].url = *u;
	t->names[t->count++] = name;
	return 0;
}

/* A topology tells of its nodes while the load runs. */
static size_t node_at(void *arg, const char *host, int port)
{
	struct target *t = arg;
	struct url u;
	struct err e;
	if (redis_announced(&t->topology, host, port, &u))
		return SIZE_MAX;
	for (size_t i = 0; i < t->count; i++)
		if (url_same(&t->nodes[i].url, &u)) {
			url_release(&u);
			return i;
		}
	if (t->count == t->room || add_node(t, &u, &e)) {
		url_release(&u);
		return SIZE_MAX;
	}
	if (net_resolve(&u, &t->nodes[t->count - 1].addrs, &e))
		diag("%s; its requests will fail", e.msg);
	return t->count - 1;
}

/* The nodes to begin with: those of a cluster are its hosts; one stands for the sentinels. u is the target's
 * from now on, also on error. */
static int add_topology(struct target *t, const struct url *u, struct err *e)
{
	bool cluster = strstr(u->scheme, "+cluster");
	struct url seed;
	t->topology = *u;
	if (!cluster && strlen(u->path) < 2)
		return err_usage(e, "%s://%s:%d has no name for the sentinels: %s://HOST:PORT/NAME",
				 u->scheme, u->host, u->port, u->scheme);
	while (url_nth_host(u, t->seed_count, &seed) == 0) {
		t->seeds = mem_realloc(t->seeds, t->seed_count + 1, sizeof *t->seeds);
		t->seeds[t->seed_count++] = (struct transport_node){.url = seed};
		if (net_resolve(&seed, &t->seeds[t->seed_count - 1].addrs, e))
			diag("%s", e->msg);
		if (cluster)
			node_at(t, seed.host, seed.port);
	}
	return cluster ? 0 : add_node(t, u, e);
}

static int check_alone(const struct target *t, size_t count, const struct load_opts *o, struct err *e)
{
	return count > 1	   ? err_usage(e, "a %s:// URL finds all nodes by itself and excludes other URLs", t->topology.scheme)
	       : o->unix_socket ? err_usage(e, "--unix-socket is for one node, not for %s://", t->topology.scheme)
				: 0;
}

static int add_given(struct target *t, const char *const *urls, size_t count, const struct load_opts *o,
		     struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct url u;
		if (url_parse(urls[i], &u, e))
			return -1;
		if (*u.password)
			secret_guard();
		if (url_is_topology(&u)) {
			t->given = 1;
			return add_topology(t, &u, e) || check_database(&u, e) ? -1 : check_alone(t, count, o, e);
		}
		if (check_database(&u, e) || add_node(t, &u, e)) {
			url_release(&u);
			return -1;
		}
		t->given++;
		if (*u.path && t->lines.count && !url_is_redis(&u))
			return err_usage(e,
					 "'%s' has a path, '%s', and so have the lines of "
					 "--requests; give it without",
					 t->names[t->count - 1], u.path);
	}
	return 0;
}

/* The node of a line of --requests, which is added if it is new. */
static int node_of(struct target *t, const struct url *u, size_t *node, struct err *e)
{
	for (size_t i = t->given; i < t->count; i++) {
		const struct url *v = &t->nodes[i].url;
		*node = i;
		if (strcmp(u->scheme, v->scheme) == 0 && strcmp(u->host, v->host) == 0 &&
		    strcmp(u->zone, v->zone) == 0 && u->port == v->port &&
		    strcmp(u->user, v->user) == 0 && strcmp(u->password, v->password) == 0)
			return 0;
	}
	*node = t->count;
	return add_node(t, u, e);
}

/* Adds those of the command line that the line does not replace. */
static void merge_headers(struct http_template *m, struct mix_line *l, const struct load_opts *o)
{
	m->header_count = l->header_count;
	for (size_t i = 0; i < o->headers.count; i++) {
		struct err checked;
		char *filled = marks_fill(o->headers.items[i], getenv, &checked);
		m->headers = (const char *const *)l->headers;
		if (filled && !http_header_given(m, filled))
			mix_line_header(l, filled);
		free(filled);
	}
	m->headers = (const char *const *)l->headers;
	m->header_count = l->header_count;
}

static int add_http_line(struct target *t, size_t i, const struct load_opts *o, struct err *e)
{
	struct mix_line *l = &t->lines.lines[i];
	struct http_template *m = &t->templates[i];
	merge_headers(m, l, o);
	m->method = l->method;
	m->path = l->path;
	m->body = l->has_body ? l->body.data : NULL;
	m->body_len = l->body.len;
	m->expect = l->has_expect ? &l->expect : o->expect ? &t->expect : NULL;
	m->contains = l->contains;
	m->weight = l->weight;
	m->node = HTTP_ANY_NODE;
	return l->whole ? node_of(t, &l->url, &m->node, e) : 0;
}

static int add_mix(struct target *t, const struct load_opts *o, struct err *e)
{
	struct request_mix *a = &t->lines;
	if (a->anywhere && !t->given)
		return err_usage(e, "no target is given: '%s' has paths or commands, which need a URL",
				 o->requests);
	if (t->given && !a->anywhere)
		return err_usage(e, "'%s' gets no request: every line of '%s' names its own node",
				 t->names[0], o->requests);
	t->templates = mem_alloc(a->count * sizeof *t->templates);
	t->commands = mem_alloc(a->count * sizeof *t->commands);
	for (size_t i = 0; i < a->count; i++) {
		const struct mix_line *l = &a->lines[i];
		bool redis = l->command.word_count;
		t->commands[i] = l->command;
		a->wrong = l->number;
		if (t->given && redis != url_is_redis(&t->nodes[0].url))
			return err_usage(e, "%s:%d: it is for %s, and '%s' is not", o->requests,
					 l->number, redis ? "Redis" : "HTTP", t->names[0]);
		if (!redis && add_http_line(t, i, o, e))
			return err_prefix(e, "%s:%d", o->requests, l->number);
		a->wrong = 0;
	}
	return 0;
}

/* Marks need a prefix, and a prefix marks. */
static int check_audit(const struct target *t, const struct load_opts *o, struct err *e)
{
	size_t marks = 0;
	bool redis = url_is_redis(&t->nodes[0].url);
	for (size_t i = 0; i < t->lines.count; i++)
		marks += t->lines.lines[i].command.mark;
	if (!redis && ((o->audit && !o->audit_http) || o->wait_replicas))
		return err_usage(e, "--%s is for Redis, and '%s' is not%s", o->audit ? "audit" : "wait", t->names[0],
				 o->audit ? "; --audit-http 'GET /items/{slot}' is for HTTP" : "");
	if (o->audit && !marks && redis)
		return err_usage(e, "--audit, and no line of '%s' says {\"run\": \"AUDIT\"}", o->requests);
	if (!o->audit && marks)
		return err_usage(e, "'%s' has AUDIT; its marks need --audit[=PREFIX]", o->requests);
	if (o->key && o->audit)
		return err_usage(e, "--key is for INCR and GET; --audit=PREFIX says where the marks are");
	return 0;
}

/* Rejects options that do not apply to the protocol. */
static int check_options(const struct target *t, const struct load_opts *o, struct err *e)
{
	const struct {
		const char *name;
		bool given;
	} of_http[] = {
		{"method", o->method},
		{"body", o->body},
		{"header", o->headers.count}, {"expect", o->expect},
		{"no-keep-alive", !o->keep_alive},
		{"http2", o->http2},
		{"location", o->location}, {"proxy", o->proxy},
		{"user-file", o->user_file}, {"bearer-file", o->bearer_file},
		{"engine", strcmp(o->engine, "auto") != 0},
		{"audit-http", o->audit_http},
	};
	for (size_t i = 0; i < ARRAY_LEN(of_http) && url_is_redis(&t->nodes[0].url); i++)
		if (of_http[i].given)
			return err_usage(e, "--%s is for HTTP, and '%s' is not", of_http[i].name,
					 t->names[0]);
	if ((o->cacert || o->insecure) && url_is_redis(&t->nodes[0].url) && !url_is_tls(&t->nodes[0].url))
		return err_usage(e, "--%s is for https and rediss, and '%s' is neither", o->cacert ? "cacert" : "insecure",
				 t->names[0]);
	if (o->pipeline > 1 && !url_is_redis(&t->nodes[0].url))
		return err_usage(e, "--pipeline is for Redis, and '%s' is not", t->names[0]);
	if (o->connections && (size_t)o->connections < t->count)
		return err_usage(e, "--connections %lld is too few for %zu nodes: each needs one",
				 (long long)o->connections, t->count);
	if (o->max_inflight && (size_t)o->max_inflight < t->count)
		return err_usage(e, "--max-inflight %lld is too few for %zu nodes: each needs one",
				 (long long)o->max_inflight, t->count);
	return 0;
}

struct transport_config target_config(struct target *t, const struct load_opts *o)
{
	return (struct transport_config){
		.nodes = t->nodes,
		.node_count = t->count,
		.topology = t->seed_count ? &t->topology : NULL,
		.seeds = t->seeds,
		.seed_count = t->seed_count,
		.node_room = t->seed_count ? t->room : 0,
		.node_at = node_at,
		.node_arg = t,
		.pipeline = (int)o->pipeline,
		.connections = o->connections < INT_MAX ? (int)o->connections : INT_MAX,
		.timeout_ns = o->timeout_ns,
		.connect_timeout_ns = o->connect_timeout_ns,
		.unix_socket = o->unix_socket,
		.seed = (uint64_t)o->seed,
		.http = {.templates = t->templates,
			 .template_count = t->lines.count,
			 .any_count = t->given,
			 .authorization = t->authorization.len ? t->authorization.data : NULL,
			 .fresh = !o->keep_alive,
			 .http2 = o->http2,
			 .follow = o->location,
			 .proxy = o->proxy,
			 .cacert = o->cacert,
			 .insecure = o->insecure},
		.commands = t->commands,
		.command_count = t->lines.count,
		.mark_prefix = o->audit,
		.wait_replicas = (int)o->wait_replicas,
		.wait_ms = (int)(ns_to_ms(o->timeout_ns) / 2),
	};
}

unsigned target_columns(const struct load_opts *o)
{
	return (o->columns ? SAMPLE_WAIT_MS : 0) | (o->wait_replicas ? SAMPLE_REPLICAS : 0);
}

static int choose_transport(struct target *t, const struct load_opts *o, struct err *e)
{
	struct transport_config c = target_config(t, o);
	enum http_engine wanted = strcmp(o->engine, "own") == 0	   ? HTTP_ENGINE_OWN
				  : strcmp(o->engine, "curl") == 0 ? HTTP_ENGINE_CURL
								   : HTTP_ENGINE_AUTO;
	t->transport = transport_for(&c, wanted, e);
	return t->transport ? 0 : err_prefix(e, "--engine");
}

/* With a proxy, the proxy looks up the names. */
static int look_up(struct target *t, const struct load_opts *o, struct err *e)
{
	for (size_t i = 0; i < t->count && !o->proxy && !t->seed_count; i++) {
		struct transport_node *n = &t->nodes[i];
		const char *path = o->unix_socket ? o->unix_socket : url_is_unix(&n->url) ? n->url.host : NULL;
		if (path && net_unix_address(path, &n->addrs, e))
			return o->unix_socket ? err_prefix(e, "--unix-socket") : -1;
		if (!path && net_resolve(&n->url, &n->addrs, e))
			diag("%s; its requests will fail", e->msg);
	}
	return 0;
}

static int check_users(const struct target *t, const struct load_opts *o, struct err *e)
{
	for (size_t i = 0; i < t->count; i++)
		if (*t->nodes[i].url.user && t->authorization.len)
			return err_usage(e, "--%s, and '%s' has a user of its own",
					 o->user_file ? "user-file" : "bearer-file", t->names[i]);
	return 0;
}

int target_init(struct target *t, const struct load_opts *o, const char *const *urls, size_t count,
		struct err *e)
{
	*t = (struct target){.authorization = BUF_INIT, .lines.value_of = getenv};
	if (o->requests && request_mix_read(&t->lines, o->requests, e))
		return -1;
	t->room = count + t->lines.count + REDIS_NODE_ROOM;
	t->nodes = mem_alloc(t->room * sizeof *t->nodes);
	t->names = mem_alloc(t->room * sizeof *t->names);
	if (add_given(t, urls, count, o, e))
		return -1;
	bool redis = t->count && url_is_redis(&t->nodes[0].url);
	if (!o->requests && redis && o->audit && request_mix_marks(&t->lines, e))
		return -1;
	if (!o->requests && redis && !o->audit &&
	    request_mix_counter(&t->lines, o->key ? o->key : "chaos:counter", e))
		return -1;
	if (!o->requests && !redis && request_mix_one(&t->lines, o->method, o->body, e))
		return -1;
	if (add_mix(t, o, e))
		return -1;
	if (o->expect && http_expect_parse(o->expect, &t->expect, e))
		return -1;
	if (via_set(o, t->nodes, t->count, e) || check_options(t, o, e) || check_audit(t, o, e) || audited_find(t, o, e) ||
	    http_read_secret(o->user_file, o->bearer_file, &t->authorization, e) ||
	    check_users(t, o, e) || choose_transport(t, o, e))
		return -1;
	return look_up(t, o, e);
}

void target_release(struct target *t)
{
	bool shared = t->count && t->nodes[0].url.text == t->topology.text; /* with the topology */
	size_t own = t->seed_count ? t->count : t->given;
	for (size_t i = shared; i < own; i++)
		url_release(&t->nodes[i].url);
	url_release(&t->topology);
	for (size_t i = 0; i < t->seed_count; i++) {
		url_release(&t->seeds[i].url);
		net_addrs_release(&t->seeds[i].addrs);
	}
	free(t->seeds);
	for (size_t i = 0; i < t->count; i++) {
		net_addrs_release(&t->nodes[i].addrs);
		free(t->names[i]);
	}
	free(t->nodes);
	free(t->names);
	free(t->audit_op);
	free(t->commands);
	free(t->templates);
	request_mix_release(&t->lines);
	explicit_bzero(t->authorization.data, t->authorization.alloc);
	buf_release(&t->authorization);
	*t = (struct target){0};
}
