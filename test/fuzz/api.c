/* Calls of chaos-proxy's HTTP API, and its list of proxies (--config), on a relay that listens nowhere:
 * a call in each line, METHOD PATH BODY. */
#include "api/routes.h"

#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>

/* In place of those that look names up, listen, and remove files. */
int __wrap_endpoint_resolve(struct endpoint *p, struct err *e);
int __wrap_endpoint_listen(struct endpoint *p, unsigned int mode, struct err *e);
int __wrap_unlink(const char *path);

int __wrap_endpoint_resolve(struct endpoint *p, struct err *e)
{
	return strchr(p->text, '!') ? err_runtime(e, "no such host") : 0;
}

int __wrap_endpoint_listen(struct endpoint *p, unsigned int mode, struct err *e)
{
	(void)mode;
	return strchr(p->text, '!') ? err_runtime(e, "taken") : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int __wrap_unlink(const char *path)
{
	MUST(path);
	return 0;
}

static void call(struct relay *r, char *line)
{
	struct api_answer out = {.text = BUF_INIT};
	char *path = strchr(line, ' '), *body = path ? strchr(path + 1, ' ') : NULL;
	if (!body)
		return;
	*path++ = *body++ = '\0';
	routes_answer(r, line, path, body, strlen(body), &out);
	MUST(out.status >= 200 && out.status <= 500 && (out.status < 400) == !strstr(out.text.data, "\"error\":"));
	buf_release(&out.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct relay r;
	struct err e;
	struct buf text = BUF_INIT;
	struct evloop *loop = evloop_new(&e);
	MUST(loop);
	relay_init(&r, loop, 1);
	buf_add(&text, data, size);
	for (char *save = NULL, *l = strtok_r(text.data, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		call(&r, l);
	relay_release(&r);
	evloop_free(loop);
	buf_release(&text);
	return 0;
}
