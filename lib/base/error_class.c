#include "base/error_class.h"

#include "base/buf.h"

#include <string.h>

static const char *const names[] = {
	[ERROR_NONE] = "",
	[ERROR_REFUSED] = "refused",
	[ERROR_UNREACHABLE] = "unreachable",
	[ERROR_RESET] = "reset",
	[ERROR_TIMEOUT] = "timeout",
	[ERROR_DNS] = "dns",
	[ERROR_TLS] = "tls",
	[ERROR_CLOSED] = "closed",
	[ERROR_PROTOCOL] = "protocol",
	[ERROR_HTTP_4XX] = "http_4xx",
	[ERROR_HTTP_5XX] = "http_5xx",
	[ERROR_HTTP_OTHER] = "http_other",
	[ERROR_HTTP_CONTENT] = "http_content",
	[ERROR_REDIS_READONLY] = "redis_readonly",
	[ERROR_REDIS_LOADING] = "redis_loading",
	[ERROR_REDIS_CLUSTERDOWN] = "redis_clusterdown",
	[ERROR_REDIS_OOM] = "redis_oom",
	[ERROR_REDIS_AUTH] = "redis_auth",
	[ERROR_REDIS_MOVED] = "redis_moved",
	[ERROR_REDIS_ASK] = "redis_ask",
	[ERROR_REDIS_TRYAGAIN] = "redis_tryagain",
	[ERROR_REDIS_NOREPLICAS] = "redis_noreplicas",
	[ERROR_REDIS_MISCONF] = "redis_misconf",
	[ERROR_REDIS_OTHER] = "redis_other",
	[ERROR_NOT_SENT] = "not_sent",
	[ERROR_ABORTED] = "aborted",
	[ERROR_LOCAL] = "local",
};
_Static_assert(ARRAY_LEN(names) == ERROR_COUNT, "every class has a name");

const char *error_class_name(enum error_class e)
{
	return names[e];
}

enum error_class error_class_parse(const char *name, size_t len)
{
	for (size_t i = 0; i < ERROR_COUNT; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (enum error_class)i;
	return ERROR_COUNT;
}
