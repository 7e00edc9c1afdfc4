#include "journal/identity.h"

#include <stdio.h>

enum { SHORT_ID = 12 }; /* digits that engines' own tools print */

char *identity_words(const struct identity *id, char *out, size_t size)
{
	if (id->container[0])
		snprintf(out, size, "container %.*s", SHORT_ID, id->container);
	else
		snprintf(out, size, "pid %d", (int)id->proc.pid);
	return out;
}
