#include "options.h"

#include "base/buf.h"
#include "cli/diag.h"
#include "sys/file.h"
#include "toxics/toxic.h"
#include "wire/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) .offset = offsetof(struct proxy_opts, field)

static const struct opt table[] = {
	{"toxic", 't', OPT_LIST, "TYPE[:KEY=VALUE,...]",
	 "a toxic on each proxy of the command line; may be given several times; keys are the "
	 "attributes of its type, and name, stream, toxicity, ttl, seed, from",
	 AT(toxics)},
	{"for", 0, OPT_SPAN, "D", "end after this time (default: at a signal)", AT(for_ns), .min = 1e-3,
	 .max = 3e8},
	{"api", 'a', OPT_STR, "HOST:PORT|PATH|none",
	 "where the HTTP API listens (default: the socket proxy.sock in the state folder, or none if "
	 "it is in use and proxies are given here)",
	 AT(api)},
	{"config", 'c', OPT_STR, "FILE", "proxies and their toxics: a JSON list as POST /populate takes it",
	 AT(config)},
	{"seed", 's', OPT_INT, "N", "seed of everything random (default 1)", AT(seed), .min = 0,
	 .max = 9e15},
	{"decisions", 0, OPT_STR, "FILE", "write there at the end what the seed has decided: JSON Lines",
	 AT(decisions)},
	{"check", 'n', OPT_FLAG, NULL, "check options and files; listen nowhere", AT(check)},
	{"quiet", 'q', OPT_FLAG, NULL, "do not tell where proxies listen", AT(quiet)},
};

static const struct cli cli = {
	.program = "chaos-proxy",
	.summary = "a TCP proxy that breaks connections, with Toxiproxy's API",
	.uses = {
		"[NAME=]LISTEN=UPSTREAM... [--toxic TYPE[:KEY=VALUE,...]] [--for D] [options]",
		"[--api HOST:PORT] [--config FILE] [options]",
	},
	.opts = table, .opt_count = ARRAY_LEN(table),
	.examples = {
		"chaos-proxy 127.0.0.1:9000=127.0.0.1:8000 --toxic latency:latency=100,jitter=20 --for 30s",
		"chaos-proxy web=127.0.0.1:9000=127.0.0.1:8000 --toxic 'http_error:status=503,share=0.1,path=/cart*'",
		"chaos-proxy --api 127.0.0.1:8474",
		"curl --unix-socket ~/.local/state/chaos/proxy.sock http://proxy/proxies",
	},
};

static int read_config(struct proxy_opts *o, struct err *e)
{
	struct buf text = BUF_INIT;
	if (!o->config)
		return 0;
	int rc = file_read_text(o->config, &text, e);
	struct json *list = rc ? NULL : json_parse_at(text.data, text.len, o->config, 1, e);
	buf_release(&text);
	if (!list)
		return -1;
	json_free(o->proxies);
	o->proxies = list;
	return json_is_array(list) ? 0 : err_usage(e, "%s: not a JSON array of proxies", o->config);
}

/* NULL on error. */
static struct json *read_toxics(const struct proxy_opts *o, struct err *e)
{
	struct json *list = json_array_new();
	for (size_t i = 0; i < o->toxics.count; i++) {
		struct json *one = toxic_spec(o->toxics.items[i], e);
		if (!one) {
			err_prefix(e, "--toxic %s", o->toxics.items[i]);
			json_free(list);
			return NULL;
		}
		json_push(list, one);
	}
	return list;
}

/* [NAME=]LISTEN=UPSTREAM */
static int read_proxy(struct proxy_opts *o, const char *text, const struct json *toxics, struct err *e)
{
	const char *last = strrchr(text, '='), *first = strchr(text, '=');
	if (!last || !last[1] || last == text || first == text)
		return err_usage(e, "'%s' is not LISTEN=UPSTREAM, as 127.0.0.1:9000=127.0.0.1:8000", text);
	struct json *j = json_object_new();
	char *copy = mem_strdup(text), *listen = first == last ? copy : copy + (first + 1 - text);
	copy[first - text] = copy[last - text] = '\0';
	/* A name stands in paths of the API. */
	json_set_str(j, "name", first == last && strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy);
	json_set_str(j, "listen", listen);
	json_set_str(j, "upstream", last + 1);
	json_set(j, "toxics", json_clone(toxics));
	json_push(o->proxies, j);
	free(copy);
	return 0;
}

static int check(struct proxy_opts *o, const struct cli_rest *rest, struct err *e)
{
	struct endpoint at;
	int rc = 0;
	if (o->api && strcmp(o->api, "none") != 0) {
		if (endpoint_parse(&at, o->api, e))
			return err_prefix(e, "--api");
		endpoint_release(&at);
	}
	if (o->decisions && file_writable(o->decisions, e))
		return err_prefix(e, "--decisions");
	if (o->toxics.count && !rest->count)
		return err_usage(e, "--toxic is for proxies of the command line, and there are none");
	if (read_config(o, e))
		return -1;
	struct json *toxics = read_toxics(o, e);
	for (int i = 0; toxics && i < rest->count && !rc; i++)
		rc = read_proxy(o, rest->items[i], toxics, e);
	json_free(toxics);
	if (toxics && !rc && o->api && strcmp(o->api, "none") == 0 && !json_count(o->proxies))
		return err_usage(e, "no proxy and no API: nothing to do; see 'chaos-proxy --help'");
	return toxics ? rc : -1;
}

int options_parse(struct proxy_opts *o, int argc, char **argv)
{
	struct err e = {0};
	struct cli_rest rest = {0};
	*o = (struct proxy_opts){.seed = 1, .proxies = json_array_new()};
	int rc = cli_parse(&cli, o, argc, argv, &rest, STDOUT_FILENO);
	if (rc == CLI_RUN && check(o, &rest, &e))
		rc = diag_err(&e);
	cli_rest_release(&rest);
	return rc;
}

void options_release(struct proxy_opts *o)
{
	str_list_release(&o->toxics);
	json_free(o->proxies);
	o->proxies = NULL;
}
