#include "net/curl/curl_error.h"

#include "net/net_error.h"

#include <curl/curl.h>

static const struct {
	CURLcode code;
	enum error_class error;
} classes[] = {
	{CURLE_COULDNT_RESOLVE_HOST, ERROR_DNS},
	{CURLE_COULDNT_RESOLVE_PROXY, ERROR_DNS},
	{CURLE_PROXY, ERROR_UNREACHABLE},
	{CURLE_HTTP2_STREAM, ERROR_RESET},
	{CURLE_OPERATION_TIMEDOUT, ERROR_TIMEOUT},
	{CURLE_GOT_NOTHING, ERROR_CLOSED},
	{CURLE_PARTIAL_FILE, ERROR_CLOSED},
	{CURLE_ABORTED_BY_CALLBACK,
	 ERROR_RESET}, /* before_sending in curl_http.c stopped a second sending */
	{CURLE_SSL_CONNECT_ERROR, ERROR_TLS},
	{CURLE_PEER_FAILED_VERIFICATION, ERROR_TLS},
	{CURLE_SSL_CERTPROBLEM, ERROR_TLS},
	{CURLE_SSL_CIPHER, ERROR_TLS},
	{CURLE_SSL_CACERT_BADFILE, ERROR_TLS},
	{CURLE_SSL_ENGINE_INITFAILED, ERROR_TLS},
	{CURLE_SSL_INVALIDCERTSTATUS, ERROR_TLS},
	{CURLE_SSL_ISSUER_ERROR, ERROR_TLS},
	{CURLE_SSL_PINNEDPUBKEYNOTMATCH, ERROR_TLS},
	{CURLE_SSL_SHUTDOWN_FAILED, ERROR_TLS},
	{CURLE_OUT_OF_MEMORY, ERROR_LOCAL},
	{CURLE_FAILED_INIT, ERROR_LOCAL},
};

enum error_class curl_error_class(int curl_code, int os_errno)
{
	CURLcode code = (CURLcode)curl_code;
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR)
		return os_errno			       ? net_error_class(os_errno)
		       : code == CURLE_COULDNT_CONNECT ? ERROR_UNREACHABLE
						       : ERROR_RESET;
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (classes[i].code == code)
			return classes[i].error;
	return ERROR_PROTOCOL;
}
