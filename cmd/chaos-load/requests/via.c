#include "requests/via.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

/* Sets the proxy of the nodes with that URL, from URL=HOST:PORT. The last '=' parts them, since a URL may
 * contain one. */
static int set(const char *word, struct transport_node *nodes, size_t count, size_t *set_on, struct err *e)
{
	const char *to = strrchr(word, '=');
	struct url of = {0}, at = {0};
	struct err why;
	char *url = to ? mem_printf("%.*s", (int)(to - word), word) : mem_strdup("");
	char *proxy = mem_printf("http://%s", to ? to + 1 : "");
	const char *colon = to ? strrchr(to, ':') : NULL;
	bool good = colon && colon[1] >= '0' && colon[1] <= '9' && url_parse(proxy, &at, &why) == 0 &&
		    !*at.user && !*at.path && url_parse(url, &of, &why) == 0;
	*set_on = 0;
	for (size_t i = 0; good && i < count; i++) {
		if (!url_same(&of, &nodes[i].url))
			continue;
		nodes[i].url.via = to + 1;
		++*set_on;
	}
	url_release(&of);
	url_release(&at);
	free(url);
	free(proxy);
	return good ? 0 : err_usage(e, "'%s' is not URL=HOST:PORT, as http://127.0.0.1:8001=127.0.0.1:18001", word);
}

int via_set(const struct load_opts *o, struct transport_node *nodes, size_t count, struct err *e)
{
	const struct str_list *const lists[] = {&o->via, &o->via_nodes};
	size_t found;
	for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
		for (size_t i = 0; i < lists[k]->count; i++) {
			if (set(lists[k]->items[i], nodes, count, &found, e))
				return err_prefix(e, "--via");
			if (!found && lists[k] == &o->via)
				return err_usage(e, "--via '%s': no request goes to that URL", lists[k]->items[i]);
		}
	}
	if (o->via.count && (o->proxy || o->unix_socket))
		return err_usage(e, "--via and --%s do not go together", o->proxy ? "proxy" : "unix-socket");
	return 0;
}
