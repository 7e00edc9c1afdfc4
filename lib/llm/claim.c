#include "llm/claim.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void claims_release(struct claims *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->all[i].id);
		free(c->all[i].text);
		free(c->all[i].node);
	}
	for (size_t i = 0; i < c->name_count; i++)
		free(c->names[i].text);
	free(c->all);
	free(c->names);
	*c = (struct claims){0};
}

struct claim *claims_add(struct claims *c, const char *text, const char *fmt, ...)
{
	struct buf id = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&id, fmt, ap);
	va_end(ap);
	c->all = mem_grow(c->all, &c->alloc, c->count, sizeof *c->all);
	struct claim *one = &c->all[c->count++];
	*one = (struct claim){.id = buf_detach(&id), .text = mem_strdup(text)};
	return one;
}

void claim_add_number(struct claim *c, double value, enum claim_unit unit, enum claim_role role)
{
	if (c->number_count < CLAIM_NUMBERS)
		c->numbers[c->number_count++] = (struct claim_number){value, unit, role};
}

void claims_add_name(struct claims *c, const char *text, bool hurt)
{
	for (size_t i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i].text, text) == 0) {
			c->names[i].hurt |= hurt;
			return;
		}
	c->names = mem_grow(c->names, &c->name_alloc, c->name_count, sizeof *c->names);
	c->names[c->name_count++] = (struct claim_name){mem_strdup(text), hurt};
}

size_t claims_find(const struct claims *c, const char *id, size_t len)
{
	size_t i = 0;
	while (i < c->count && !(strlen(c->all[i].id) == len && !memcmp(c->all[i].id, id, len)))
		i++;
	return i;
}
