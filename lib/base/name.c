#include "base/name.h"

#include <string.h>

bool name_is_plain(const char *s)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t len = strlen(s);
	return len > 0 && len <= NAME_LETTERS_MAX && strspn(s, letters) == len;
}
