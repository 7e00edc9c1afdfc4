#include "show/toxics.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/units.h"
#include "net/curl/curl_engine.h"
#include "node/await.h"
#include "node/via.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char our_mark[] = "chaos_"; /* libexec/families/proxy gives it */
static const int64_t answers_within_ns = 2 * NS_PER_S;

static bool has_answered(void *call)
{
	return engine_call_step(call) != ENGINE_PENDING;
}

static struct json *ask(struct fleet *f, int folder, struct err *e)
{
	/* The path of a socket may be too long for one. */
	char *at = mem_printf("unix:///proc/self/fd/%d/proxy.sock", folder);
	struct engine_call *call = engine_call_new(f->loop, at);
	struct json *said = NULL;
	struct err ignored;
	engine_call_start(call, "GET", "/proxies", answers_within_ns);
	if (await(f->loop, has_answered, call, e) == 0 && engine_call_step(call) == ENGINE_ANSWERED) {
		const char *body = engine_call_body(call);
		said = json_parse(body, strlen(body), "proxy", &ignored);
	}
	engine_call_free(call);
	free(at);
	return said;
}

struct json *toxics_ask(struct fleet *f, struct err *e)
{
	const struct node_conf *proxy = config_node(f->config, VIA_PROXY);
	if (!proxy)
		return NULL;
	char *path = via_folder(&f->nodes[proxy - f->config->nodes]);
	int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct json *said = folder >= 0 ? ask(f, folder, e) : NULL;
	if (folder >= 0)
		close(folder);
	free(path);
	return said;
}

char *toxics_foreign(const struct json *proxies, const char *node)
{
	const struct json *proxy = NULL, *it;
	const char *key;
	struct buf out = BUF_INIT;
	for (void *at = NULL; json_next(proxies, &at, &key, &it);)
		if (strcmp(key, node) == 0)
			proxy = it;
	if (proxy && !json_bool(json_get(proxy, "enabled"), true))
		buf_addstr(&out, "is switched off");
	const struct json *all = json_get(proxy, "toxics");
	size_t foreign = 0;
	for (size_t i = 0; i < json_count(all); i++) {
		const char *name = json_text(json_at(all, i), "name");
		if (strncmp(name, our_mark, strlen(our_mark)) == 0)
			continue;
		buf_addstr(&out, foreign++ ? ", " : out.len ? ", and has toxics that no fault added: " : "has toxics that no fault added: ");
		plain_add(&out, name);
	}
	return out.len ? out.data : NULL;
}
