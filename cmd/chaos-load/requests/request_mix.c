#include "requests/request_mix.h"

#include "requests/http_opts.h"
#include "stream/json.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 100000 };

static int take_line(struct request_mix *a, const char *name, int number, char *text, struct err *e)
{
	const char *start = text + strspn(text, REQUEST_BLANKS);
	if (!*start || *start == '#')
		return 0;
	if (a->count == LINES_MAX)
		return err_usage(e, "'%s' has more than %d lines", name, LINES_MAX);
	a->lines = mem_grow(a->lines, &a->alloc, a->count, sizeof *a->lines);
	struct mix_line *l = &a->lines[a->count++];
	*l = (struct mix_line){.number = number, .body = BUF_INIT};
	struct json *j = NULL;
	if (*start == '{' && !(j = json_parse_at(text, strlen(text), name, number, e)))
		return -1;
	int rc = j && strstr(text, "\\u0000") ? err_usage(e, "a NUL byte cannot be sent")
		 : j			      ? request_json(l, j, e)
					      : request_words(l, text, e);
	json_free(j);
	if (!rc && l->contains && l->method && strcmp(l->method, "HEAD") == 0)
		rc = err_usage(e, "an answer to HEAD has no body that contains anything");
	if (rc || http_check_body(l->method, l->has_body, e))
		return err_prefix(e, "%s:%d", name, number);
	l->command.weight = l->weight;
	a->anywhere += !l->whole;
	a->weighted |= l->weight > 0;
	return 0;
}

int request_mix_read(struct request_mix *a, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	*a = (struct request_mix){0};
	int rc = file_read_text(path, &text, e), number = 0;
	if (!rc && strlen(text.data) != text.len)
		rc = err_usage(e, "'%s' holds a NUL byte; it is no text", path);
	for (char *next = text.data, *line; !rc && (line = strsep(&next, "\n"));)
		rc = take_line(a, path, ++number, line, e);
	if (!rc && !a->count)
		rc = err_usage(e, "'%s' asks for nothing", path);
	for (size_t i = 0; i < a->count && a->weighted; i++)
		if (!a->lines[i].weight)
			a->lines[i].weight = a->lines[i].command.weight = 1;
	buf_release(&text);
	return rc;
}

void request_mix_release(struct request_mix *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct mix_line *l = &a->lines[i];
		free(l->method);
		free(l->path);
		url_release(&l->url);
		buf_release(&l->body);
		for (size_t h = 0; h < l->header_count; h++)
			free(l->headers[h]);
		free(l->headers);
		free(l->contains);
		request_command_release(&l->command);
	}
	free(a->lines);
	*a = (struct request_mix){0};
}
