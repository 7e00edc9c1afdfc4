#include "url/url.h"

#include "base/buf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

char *url_public(const char *text)
{
	struct url u;
	struct err e;
	const char *colon = strstr(text, "://"), *end = text + strlen(text);
	if (url_parse(text, &u, &e) == 0)
		end = colon + 3 + strcspn(colon + 3, "/?#");
	url_release(&u);
	return url_cut_user(text, end);
}

char *url_public_all(const char *text)
{
	static const char ends[] = "/?# \t\r\n\"'";
	struct buf out = BUF_INIT;
	const char *colon;
	while ((colon = strstr(text, "://"))) {
		const char *from = colon + 3, *end = from + strcspn(from, ends);
		const char *at = memrchr(from, '@', (size_t)(end - from));
		buf_add(&out, text, (size_t)(from - text));
		text = at ? at + 1 : from;
	}
	buf_addstr(&out, text);
	return buf_detach(&out);
}

/* How much of text spells secret, each byte as it is or as %XX; 0 if it does not start with it. */
static size_t spelling(const char *text, const char *secret)
{
	const char *at = text;
	for (; *secret; secret++) {
		unsigned code;
		if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]) &&
		    sscanf(at + 1, "%2x", &code) == 1 && code == (unsigned char)*secret)
			at += 3;
		else if (*at == *secret)
			at++;
		else
			return 0;
	}
	return (size_t)(at - text);
}

char *url_hide_password(const struct url *u, const char *text)
{
	struct buf out = BUF_INIT;
	while (*text) {
		size_t len = spelling(text, u->password);
		if (len)
			buf_addstr(&out, "***");
		else
			buf_addch(&out, *text);
		text += len ? len : 1;
	}
	return buf_detach(&out);
}

void url_escape_field(const char *text, char *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c <= ' ' || c == '"' || c == ',' || c >= 127)
			out += sprintf(out, "%%%02X", c);
		else
			*out++ = (char)c;
	}
	*out = '\0';
}

void url_show_braces(char *text)
{
	bool in = false;
	char *out = text;
	for (const char *p = text; *p; p++) {
		in = *p == '{' || (in && *p != '}');
		bool blank = in && strncmp(p, "%20", 3) == 0;
		*out++ = blank ? ' ' : *p;
		p += blank ? 2 : 0;
	}
	*out = '\0';
}
