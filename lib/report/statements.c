#include "report/statements.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void statements_release(struct statements *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->all[i].id);
		free(s->all[i].text);
	}
	mem_free_texts(s->names, s->name_count);
	free(s->all);
	*s = (struct statements){0};
}

void statements_add(struct statements *s, char *id, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	s->all = mem_grow(s->all, &s->alloc, s->count, sizeof *s->all);
	s->all[s->count++] = (struct statement){id, buf_detach(&text)};
}

void statements_add_name(struct statements *s, char *name)
{
	s->names = mem_grow(s->names, &s->name_alloc, s->name_count, sizeof *s->names);
	s->names[s->name_count++] = name;
}

size_t statements_find(const struct statements *s, const char *id, size_t len)
{
	size_t i = 0;
	while (i < s->count && !(strlen(s->all[i].id) == len && !memcmp(s->all[i].id, id, len)))
		i++;
	return i;
}
