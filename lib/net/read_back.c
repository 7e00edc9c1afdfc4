#include "net/read_back.h"

#include "net/pattern.h"
#include "sys/file.h"

#include <string.h>

/* Any other status, such as that of a redirect to a login, tells nothing of the write. */
static const struct http_expect only_200 = {.ok = {[200] = true}};

static const char option[] = "--audit-http";

int read_back_file(const char **text, struct buf *content, struct err *e)
{
	if (!*text || **text != '@')
		return 0;
	if (file_read_text(*text + 1, content, e))
		return err_prefix(e, "%s", option);
	while (content->len && strchr("\r\n", content->data[content->len - 1]))
		content->data[--content->len] = '\0';
	*text = content->data;
	return strchr(content->data, '\n') ? err_usage(e, "%s: the file has more than one line", option) : 0;
}

int read_back_init(struct read_back *r, const char *text, char *(*value_of)(const char *name), struct err *e)
{
	*r = (struct read_back){.mix.value_of = value_of};
	if (request_mix_line(&r->mix, text, option, e))
		return -1;
	const struct mix_line *l = r->mix.lines;
	if (!r->mix.count)
		return err_usage(e, "%s has no request; write one as 'GET /items/{slot}'", option);
	if (l->command.word_count || l->command.mark)
		return err_usage(e, "%s is for HTTP", option);
	if (l->whole || !l->path)
		return err_usage(e, "%s: '%s' has no path of its own, as in 'GET /items/{slot}'; the nodes are those of the URLs",
				 option, text);
	if (!pattern_unique(l->path, strlen(l->path)) && !(l->has_body && pattern_unique(l->body.data, l->body.len)))
		return err_usage(e, "%s: there is no {slot} in it, which says whose write is read back", option);
	r->secret = l->header_count;
	r->template = (struct http_template){
		.method = l->method,
		.path = l->path,
		.body = l->has_body ? l->body.data : NULL,
		.body_len = l->body.len,
		.headers = (const char *const *)l->headers,
		.header_count = l->header_count,
		.expect = l->has_expect ? &l->expect : &only_200,
		.contains = l->contains,
		.node = HTTP_ANY_NODE,
	};
	return 0;
}

void read_back_release(struct read_back *r)
{
	request_mix_release(&r->mix);
}
