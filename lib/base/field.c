#include "base/field.h"

#include <string.h>

int field_put(char *field, size_t size, const char *text, const char *what, struct err *e)
{
	size_t len = text ? strlen(text) : 0;
	field[0] = '\0';
	if (len >= size)
		return err_usage(e, "its %s is longer than %zu bytes: '%.40s…'", what, size - 1, text);
	memcpy(field, text ? text : "", len + 1);
	return 0;
}
