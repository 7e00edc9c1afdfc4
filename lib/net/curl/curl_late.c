/* libcurl, loaded when it is first called: it and its thirty libraries cost each start five times what the rest does, and
 * 6 MB of resident memory, while most runs of the programs call none of it. These functions stand before those of the
 * library, which no program is linked with. Where it cannot be loaded each fails as it may fail anyway, and
 * curl_easy_strerror says why. */
#define CURL_DISABLE_DEPRECATION /* of curl_multi_socket_all */
#include <curl/curl.h>

#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* What follows copies the pointer, since ISO C has no conversion to one of a function. */
static bool find(const char *name, void *to, size_t size)
{
	void *library = dlopen("libcurl.so.4", RTLD_LAZY), *at = library ? dlsym(library, name) : NULL;
	memcpy(to, &at, size);
	return at;
}

#define FOUND(name, failed)                                                                                            \
	static __typeof__(&(name)) f;                                                                                  \
	if (!f && !find(#name, &f, sizeof f))                                                                          \
	return failed
#define LATE(type, name, params, args, failed)                                                                         \
	type(name) params                                                                                              \
	{                                                                                                              \
		FOUND(name, failed);                                                                                   \
		return f args;                                                                                         \
	}
#define LATE_VOID(name, params, args)                                                                                  \
	void(name) params                                                                                              \
	{                                                                                                              \
		FOUND(name, );                                                                                         \
		f args;                                                                                                \
	}
/* The last argument is a long, an offset or a pointer, which are passed alike where all of them have 64 bits. */
_Static_assert(sizeof(long) == sizeof(void *) && sizeof(curl_off_t) == sizeof(void *), "LP64");
#define LATE_ANY(type, name, object, option, failed)                                                                   \
	type(name)(object *o, option n, ...)                                                                           \
	{                                                                                                              \
		va_list ap;                                                                                            \
		va_start(ap, n);                                                                                       \
		void *value = va_arg(ap, void *);                                                                      \
		va_end(ap);                                                                                            \
		FOUND(name, failed);                                                                                   \
		return f(o, n, value);                                                                                 \
	}

LATE(CURLcode, curl_global_init, (long flags), (flags), CURLE_FAILED_INIT)
LATE_VOID(curl_global_cleanup, (void), ())
LATE(curl_version_info_data *, curl_version_info, (CURLversion v), (v), NULL)
LATE(CURL *, curl_easy_init, (void), (), NULL)
LATE_VOID(curl_easy_cleanup, (CURL *c), (c))
LATE_ANY(CURLcode, curl_easy_setopt, CURL, CURLoption, CURLE_FAILED_INIT)
LATE_ANY(CURLcode, curl_easy_getinfo, CURL, CURLINFO, CURLE_FAILED_INIT)
LATE(CURLcode, curl_easy_recv, (CURL *c, void *to, size_t len, size_t *n), (c, to, len, n), CURLE_FAILED_INIT)
LATE(CURLcode, curl_easy_send, (CURL *c, const void *from, size_t len, size_t *n), (c, from, len, n), CURLE_FAILED_INIT)
LATE(const char *, curl_easy_strerror, (CURLcode code), (code), dlerror())
LATE(struct curl_slist *, curl_slist_append, (struct curl_slist *l, const char *s), (l, s), NULL)
LATE_VOID(curl_slist_free_all, (struct curl_slist *l), (l))
LATE(CURLM *, curl_multi_init, (void), (), NULL)
LATE(CURLMcode, curl_multi_cleanup, (CURLM *m), (m), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_add_handle, (CURLM *m, CURL *c), (m, c), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_remove_handle, (CURLM *m, CURL *c), (m, c), CURLM_INTERNAL_ERROR)
LATE(CURLMsg *, curl_multi_info_read, (CURLM *m, int *left), (m, left), NULL)
LATE_ANY(CURLMcode, curl_multi_setopt, CURLM, CURLMoption, CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_socket_action, (CURLM *m, curl_socket_t s, int what, int *running), (m, s, what, running), CURLM_INTERNAL_ERROR)
LATE(CURLMcode, curl_multi_socket_all, (CURLM *m, int *running), (m, running), CURLM_INTERNAL_ERROR)
