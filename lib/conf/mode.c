#include "conf/mode.h"

#include "base/buf.h"

#include <string.h>

static const char *const mode_names[] = {[MODE_HTTP] = "http", [MODE_REDIS] = "redis", [MODE_PROXY] = "proxy"};
_Static_assert(ARRAY_LEN(mode_names) == MODE_COUNT + 1, "every mode has a name");

const char *conf_mode_name(enum conf_mode m)
{
	return mode_names[m];
}

int conf_mode_parse(const char *word, enum conf_mode *m, struct err *e)
{
	for (size_t i = 0; i < MODE_COUNT; i++) {
		if (strcmp(mode_names[i], word) == 0) {
			*m = (enum conf_mode)i;
			return 0;
		}
	}
	return err_usage(e, "unknown mode '%s'; it is http or redis", word);
}
