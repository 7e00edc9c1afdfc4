#include "servers/topology.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/units.h"
#include "net/redis/redis_words.h"
#include "servers/discover.h"
#include "sys/secret.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	LOOK_MS = 100,
	SOON_MS = 500,
	CLUSTER_SLOTS = 16384,
	TURNED_AWAY_MAX = 3, /* a server that is just going down may fail in its handshake */
};

/* --- one server ------------------------------------------------------------- */

/* url is the server's from now on. */
static void add_server(struct topology *t, const struct url *url)
{
	char host[URL_HOST_TEXT];
	t->all = mem_grow(t->all, &t->alloc, t->count, sizeof *t->all);
	struct server *s = &t->all[t->count++];
	*s = (struct server){.url = *url};
	s->name = url_is_unix(url) ? mem_printf("unix://%s", s->url.host)
				   : mem_printf("%s://%s:%d", s->url.scheme, url_host_text(&s->url, true, host), s->url.port);
}

/* As it was announced, with user, password and database of the URL that stands for all of them. */
static void add_announced(void *arg, const char *host, int port)
{
	struct topology *t = arg;
	struct url u;
	if (redis_announced(&t->whole, host, port, &u))
		return;
	u.user = t->whole.user;
	u.password = t->whole.password;
	add_server(t, &u);
}

/* Adds the servers that sentinels or a cluster name, waiting for the first that answers. */
static int find_servers(struct topology *t, struct err *e)
{
	struct discovery d = {.to = {.url = &t->whole, .cacert = t->cacert, .insecure = t->insecure},
			      .add = add_announced,
			      .arg = t};
	return t->count || !t->whole.text ? 0 : servers_discover(&d, t->wait_ns, e);
}

static int add_url(struct topology *t, const char *text, bool alone, struct err *e)
{
	struct redis_command handshake;
	struct url u;
	if (url_parse(text, &u, e))
		return -1;
	if (*u.password)
		secret_guard();
	if (url_is_topology(&u)) {
		url_release(&t->whole);
		t->whole = u;
		if (!alone)
			return err_usage(e, "a %s:// URL finds all servers by itself and excludes other URLs", u.scheme);
		return find_servers(t, e) && e->code == EXIT_USAGE ? -1 : 0;
	}
	add_server(t, &u);
	if (!url_is_redis(&u))
		return err_usage(e, "'%s' is no redis://HOST:PORT", t->all[t->count - 1].name);
	int rc = redis_handshake_init(&handshake, &u, e);
	redis_command_release(&handshake);
	return rc;
}

int topology_init(struct topology *t, const char *const *urls, size_t count, struct err *e)
{
	if (!count)
		return err_usage(e, "no server is given: name the URLs of the servers; see 'chaos-audit --help'");
	for (size_t i = 0; i < count; i++)
		if (add_url(t, urls[i], count == 1, e))
			return -1;
	return 0;
}

void topology_release(struct topology *t)
{
	for (size_t i = 0; i < t->count; i++) {
		redis_ask_close(t->all[i].conn);
		url_release(&t->all[i].url);
		free(t->all[i].name);
	}
	free(t->all);
	url_release(&t->whole);
	*t = (struct topology){0};
}

int topology_ask(struct topology *t, struct server *s, int words, const char *const *texts, struct buf *answer,
		 bool *refused, struct err *e)
{
	bool moved;
	const struct redis_server to = {.url = &s->url, .cacert = t->cacert, .insecure = t->insecure};
	*refused = false;
	buf_reset(answer);
	if (!s->conn && (s->conn = redis_ask_open(&to, t->wait_ns, e)) && s->cluster) {
		redis_ask(s->conn, 1, (const char *[]){"READONLY"}, answer, &moved, e);
		buf_reset(answer);
	}
	if (!s->conn || redis_ask(s->conn, words, texts, answer, refused, e)) {
		if (!*refused) {
			redis_ask_close(s->conn);
			s->conn = NULL;
		}
		return err_prefix(e, "cannot read '%s'", s->name);
	}
	return 0;
}

/* The value behind "name:" in an answer to INFO; "" if it has none. */
static void field(const struct buf *info, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);
	*out = '\0';
	for (const char *line = info->data; line; line = (line = strchr(line, '\n')) ? line + 1 : NULL)
		if (strncmp(line, name, len) == 0 && line[len] == ':') {
			snprintf(out, size, "%.*s", (int)strcspn(line + len + 1, "\r\n"), line + len + 1);
			return;
		}
}

static int64_t number(const struct buf *info, const char *name)
{
	char text[24];
	int64_t n;
	field(info, name, text, sizeof text);
	return num_i64(text, 0, INT64_MAX, &n) ? 0 : n;
}

static int look(struct topology *t, struct server *s, struct err *e)
{
	struct buf info = BUF_INIT;
	char word[24];
	bool refused;
	int rc = topology_ask(t, s, 1, (const char *[]){"INFO"}, &info, &refused, e);
	if (!rc) {
		field(&info, "role", word, sizeof word);
		s->primary = strcmp(word, "master") == 0;
		field(&info, "master_link_status", word, sizeof word);
		s->link_up = strcmp(word, "up") == 0;
		field(&info, "master_replid", s->history[0], sizeof s->history[0]);
		field(&info, "master_replid2", s->history[1], sizeof s->history[1]);
		field(&info, "run_id", s->process, sizeof s->process);
		s->offset = number(&info, s->primary ? "master_repl_offset" : "slave_repl_offset");
		s->replicas = number(&info, "connected_slaves");
		if (number(&info, "cluster_enabled") && !s->cluster) {
			s->cluster = true;
			redis_ask_close(s->conn); /* the next connection may read from replicas */
			s->conn = NULL;
		}
		if (number(&info, "loading"))
			rc = err_runtime(e, "'%s' is still loading", s->name);
	}
	buf_release(&info);
	return rc;
}

/* --- all of them ------------------------------------------------------------- */

static bool against(struct topology *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool against(struct topology *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(t->how, sizeof t->how, fmt, ap);
	va_end(ap);
	return false;
}

static bool look_all(struct topology *t)
{
	struct err e;
	int rc = find_servers(t, &e);
	for (size_t i = 0; i < t->count && !rc; i++)
		rc = look(t, &t->all[i], &e);
	t->turned_away = rc && e.code == EXIT_INCONCLUSIVE ? t->turned_away + 1 : 0;
	return !rc || against(t, "%s", e.msg);
}

/* A cluster says itself how many primaries it has, and whether one is missing. */
static bool cluster_rests(struct topology *t, struct server *s)
{
	struct buf info = BUF_INIT;
	struct err e;
	char state[16];
	bool refused;
	int rc = topology_ask(t, s, 2, (const char *[]){"CLUSTER", "INFO"}, &info, &refused, &e);
	field(&info, "cluster_state", state, sizeof state);
	int64_t covered = number(&info, "cluster_slots_ok");
	t->shards = number(&info, "cluster_size");
	buf_release(&info);
	if (rc)
		return against(t, "%s", e.msg);
	return (strcmp(state, "ok") == 0 && covered == CLUSTER_SLOTS) ||
	       against(t, "'%s' says that %" PRId64 " of %d slots of the cluster are covered", s->name, covered,
		       CLUSTER_SLOTS);
}

static bool is_of(const struct server *replica, const struct server *primary)
{
	return strcmp(replica->history[0], primary->history[0]) == 0;
}

/* Two primaries of one history: one of them does not know yet that it is none any more. */
static bool forked(const struct server *a, const struct server *b)
{
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; k < 2; k++)
			if (*a->history[i] && strspn(a->history[i], "0") != strlen(a->history[i]) &&
			    strcmp(a->history[i], b->history[k]) == 0)
				return true;
	return false;
}

static bool primaries_rest(struct topology *t)
{
	int64_t primaries = 0;
	const struct server *last = NULL;
	for (size_t i = 0; i < t->count; i++) {
		struct server *s = &t->all[i];
		if (s->cluster && s->primary && !cluster_rests(t, s))
			return false;
		for (size_t k = 0; k < i && s->primary; k++)
			if (t->all[k].primary && forked(s, &t->all[k]))
				return against(t, "'%s' and '%s' are both primary, and of one history", t->all[k].name,
					       s->name);
		primaries += s->primary;
		last = s->primary ? s : last;
	}
	return primaries == t->shards ||
	       against(t, "there are %" PRId64 " primaries%s%s, not %" PRId64 "%s", primaries, last ? ", the last " : "",
		       last ? last->name : "", t->shards,
		       last && !last->cluster && primaries > t->shards ? " (--shards)" : "");
}

/* earlier: the look before, so that a replica that has its primary's offset of then lacks nothing. */
static bool replicas_rest(struct topology *t, const struct server *earlier)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct server *s = &t->all[i];
		size_t k = 0;
		if (s->primary)
			continue;
		while (k < t->count && !(t->all[k].primary && is_of(s, &t->all[k])))
			k++;
		if (!s->link_up || k == t->count)
			return against(t, "'%s' is a replica %s", s->name,
				       s->link_up ? "of none of these primaries" : "without a link to its primary");
		if (s->offset < earlier[k].offset)
			return against(t, "'%s' is behind '%s': %" PRId64 " of %" PRId64 " bytes", s->name,
				       t->all[k].name, s->offset, earlier[k].offset);
	}
	return true;
}

static bool same(const struct topology *t, const struct server *earlier)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct server *a = &t->all[i], *b = &earlier[i];
		if (a->primary != b->primary || strcmp(a->history[0], b->history[0]) != 0 ||
		    strcmp(a->process, b->process) != 0)
			return false;
	}
	return true;
}

static void say_how(struct topology *t)
{
	size_t replicas = t->count - (size_t)t->shards;
	int64_t unlisted = -(int64_t)replicas;
	for (size_t i = 0; i < t->count; i++)
		unlisted += t->all[i].primary ? t->all[i].replicas : 0;
	snprintf(t->how, sizeof t->how, "%" PRId64 " primar%s and %zu replica%s at the offset of its primary, twice the same%s",
		 t->shards, t->shards == 1 ? "y" : "ies", replicas, replicas == 1 ? "" : "s",
		 unlisted > 0 ? "; there are replicas that were not given" : "");
}

/* Two looks. */
static bool rests(struct topology *t)
{
	if (!look_all(t))
		return false;
	struct server *earlier = mem_alloc(t->count * sizeof *earlier);
	memcpy(earlier, t->all, t->count * sizeof *earlier);
	bool yes = look_all(t) && primaries_rest(t) && replicas_rest(t, earlier) &&
		   (same(t, earlier) || against(t, "roles are still changing"));
	free(earlier);
	if (yes)
		say_how(t);
	return yes;
}

bool topology_rest(struct topology *t, int64_t deadline)
{
	const struct timespec pause = {0, LOOK_MS * NS_PER_MS};
	int64_t soon = mono_ns() + SOON_MS * NS_PER_MS;
	bool yes = t->hasty ? look_all(t) : rests(t);
	while (!yes && t->turned_away < TURNED_AWAY_MAX && mono_ns() < deadline) {
		if (t->waits && mono_ns() >= soon) {
			t->waits(t->how, deadline - mono_ns());
			t->waits = NULL;
		}
		nanosleep(&pause, NULL);
		yes = rests(t);
	}
	return yes;
}

bool topology_same(struct topology *t)
{
	struct server *earlier = mem_alloc(t->count * sizeof *earlier);
	memcpy(earlier, t->all, t->count * sizeof *earlier);
	bool yes = look_all(t) && (t->hasty || same(t, earlier));
	free(earlier);
	return yes || against(t, "the topology changed while it was read");
}
