#include "api/metrics.h"

/* A label's value, with what would end it escaped. */
static void add_value(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "%s=\"", name);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addch(out, '\\');
		buf_addch(out, *text == '\n' ? ' ' : *text);
	}
	buf_addch(out, '"');
}

static void add_labels(struct buf *out, const struct proxy *p, const char *direction)
{
	buf_addch(out, '{');
	if (direction)
		buf_addf(out, "direction=\"%s\",", direction);
	add_value(out, "proxy", p->name);
	buf_addch(out, ',');
	add_value(out, "listener", p->listen.text);
	buf_addch(out, ',');
	add_value(out, "upstream", p->upstream.text);
	buf_addch(out, '}');
}

#define FIELD(f) offsetof(struct proxy, f)

static const struct {
	const char *name, *type, *help;
	size_t offset;
	bool by_stream;
} series[] = {
	{"toxiproxy_proxy_received_bytes", "counter", "Bytes read, by direction.", FIELD(received), true},
	{"toxiproxy_proxy_sent_bytes", "counter", "Bytes written, by direction.", FIELD(sent), true},
	{"chaos_proxy_connections", "counter", "Connections taken.", FIELD(connections), false},
	{"chaos_proxy_open_connections", "gauge", "Connections open now.", FIELD(open), false},
	{"chaos_proxy_refused", "counter", "Connections refused by a toxic.", FIELD(refused), false},
	{"chaos_proxy_dial_failed", "counter", "Connections whose upstream did not take them.",
	 FIELD(dial_failed), false},
	{"chaos_proxy_resets", "counter", "Connections ended by RST.", FIELD(resets), false},
	{"chaos_proxy_other_protocol", "counter",
	 "Connections that did not speak the protocol of the toxics, and passed untouched.",
	 FIELD(not_protocol), false},
	{"chaos_proxy_injected_errors", "counter", "Requests answered with an error by a toxic.",
	 FIELD(errors_sent), false},
};

static void add_sample(struct buf *out, size_t i, const struct proxy *p, int stream)
{
	const uint64_t *value = (const uint64_t *)(const void *)((const char *)p + series[i].offset);
	buf_addf(out, "%s%s", series[i].name, *series[i].type == 'c' ? "_total" : "");
	add_labels(out, p, !series[i].by_stream ? NULL : stream ? "downstream" : "upstream");
	buf_addf(out, " %llu\n", (unsigned long long)value[series[i].by_stream ? stream : 0]);
}

void metrics_write(const struct relay *r, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_LEN(series); i++) {
		buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", series[i].name, series[i].help,
			 series[i].name, series[i].type);
		for (const struct proxy *p = r->proxies; p; p = p->next)
			for (int stream = 0; stream < (series[i].by_stream ? 2 : 1); stream++)
				add_sample(out, i, p, stream);
	}
	buf_addstr(out, "# EOF\n");
}
