#include "url/url_host.h"

#include "base/buf.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum { LABEL_MAX = 63 };

/* --- internationalised names ------------------------------------------------------- */

/* The character, of that number of bytes. */
static uint32_t decode(const char *s, size_t len)
{
	static const unsigned char lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t c = (unsigned char)s[0] & lead[len];
	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

/* Names are looked up in small letters. Those of languages in use that are written in Latin, Greek or Cyrillic ones; not
 * the Turkish capital I with a dot, whose small one is two characters, old letters, or other scripts that have two kinds. */
static uint32_t small(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		int32_t add;
		bool pairs; /* each capital letter stands before its small one */
	} capitals[] = {
		{0xc0, 0xd6, 32, false},     {0xd8, 0xde, 32, false},	  {0x100, 0x12f, 1, true},
		{0x132, 0x137, 1, true},     {0x139, 0x148, 1, true},	  {0x14a, 0x177, 1, true},
		{0x178, 0x178, -121, false}, {0x179, 0x17e, 1, true},	  {0x181, 0x181, 210, false},
		{0x186, 0x186, 206, false},  {0x189, 0x18a, 205, false},  {0x18e, 0x18e, 79, false},
		{0x18f, 0x18f, 202, false},  {0x190, 0x190, 203, false},  {0x191, 0x191, 1, false},
		{0x193, 0x193, 205, false},  {0x194, 0x194, 207, false},  {0x196, 0x196, 211, false},
		{0x197, 0x197, 209, false},  {0x198, 0x198, 1, false},	  {0x19d, 0x19d, 213, false},
		{0x1a0, 0x1a0, 1, false},    {0x1af, 0x1af, 1, false},	  {0x1b2, 0x1b2, 217, false},
		{0x1b3, 0x1b3, 1, false},    {0x1b7, 0x1b7, 219, false},  {0x1cd, 0x1dc, 1, true},
		{0x1de, 0x1ef, 1, true},     {0x1f4, 0x1f4, 1, false},	  {0x1f8, 0x21f, 1, true},
		{0x222, 0x233, 1, true},     {0x244, 0x244, 69, false},	  {0x246, 0x24f, 1, true},
		{0x386, 0x386, 38, false},   {0x388, 0x38a, 37, false},	  {0x38c, 0x38c, 64, false},
		{0x38e, 0x38f, 63, false},   {0x391, 0x3a1, 32, false},	  {0x3a3, 0x3ab, 32, false},
		{0x400, 0x40f, 80, false},   {0x410, 0x42f, 32, false},	  {0x460, 0x481, 1, true},
		{0x48a, 0x4bf, 1, true},     {0x4c0, 0x4c0, 15, false},	  {0x4c1, 0x4ce, 1, true},
		{0x4d0, 0x52f, 1, true},     {0x1e00, 0x1e95, 1, true},	  {0x1e9e, 0x1e9e, -7615, false},
		{0x1ea0, 0x1eff, 1, true},
	};
	for (size_t i = 0; i < ARRAY_LEN(capitals); i++)
		if (c >= capitals[i].first && c <= capitals[i].last)
			return capitals[i].pairs && (c - capitals[i].first) % 2 ? c : c + (uint32_t)capitals[i].add;
	return c;
}

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / 700 : delta / 2;
	for (delta += delta / points; delta > 35 * 26 / 2; k += 36)
		delta /= 35;
	return k + 36 * delta / (delta + 38);
}

static void add_number(struct buf *out, uint32_t q, uint32_t bias)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	for (uint32_t k = 36;; k += 36) {
		uint32_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
		if (q < t)
			break;
		buf_addch(out, digits[t + (q - t) % (36 - t)]);
		q = (q - t) / (36 - t);
	}
	buf_addch(out, digits[q]);
}

/* The encoder of RFC 3492, section 6.3. With at most LABEL_MAX characters nothing overflows. */
static void add_punycode(struct buf *out, const uint32_t *label, uint32_t count)
{
	uint32_t done = 0, delta = 0, bias = 72, bound = 0x80;
	buf_addstr(out, "xn--");
	for (uint32_t i = 0; i < count; i++)
		if (label[i] < 0x80 && ++done)
			buf_addch(out, (char)label[i]);
	const uint32_t basic = done;
	if (basic)
		buf_addch(out, '-');
	while (done < count) {
		uint32_t next = UINT32_MAX;
		for (uint32_t i = 0; i < count; i++)
			if (label[i] >= bound && label[i] < next)
				next = label[i];
		delta += (next - bound) * (done + 1);
		bound = next;
		for (uint32_t i = 0; i < count; i++) {
			delta += label[i] < bound;
			if (label[i] != bound)
				continue;
			add_number(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		bound++;
	}
}

static int add_label(struct buf *out, const char *s, size_t len)
{
	uint32_t label[LABEL_MAX], count = 0;
	bool ascii = true;
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(s + i);
		if (!n || count == LABEL_MAX)
			return -1;
		label[count++] = small(decode(s + i, n));
		ascii = ascii && n == 1;
	}
	size_t from = out->len;
	if (ascii)
		buf_add(out, s, len);
	else
		add_punycode(out, label, count);
	return out->len - from > LABEL_MAX ? -1 : 0;
}

static int to_ascii(char *host, size_t size)
{
	struct buf out = BUF_INIT;
	int rc = 0;
	for (const char *s = host; !rc;) {
		size_t len = strcspn(s, ".");
		rc = add_label(&out, s, len);
		s += len;
		if (!*s)
			break;
		buf_addch(&out, *s++);
	}
	if (out.len >= size)
		rc = -1;
	if (!rc)
		memcpy(host, out.data, out.len + 1);
	buf_release(&out);
	return rc;
}

/* --- addresses --------------------------------------------------------------------- */

/* "fe80::1%25eth0", as RFC 6874 has it, or with the bare '%' that people write. */
static int split_zone(char *host, char *zone, size_t zone_size)
{
	char *percent = strchr(host, '%');
	if (!percent)
		return 0;
	const char *from = percent + (strncmp(percent, "%25", 3) == 0 && percent[3] ? 3 : 1);
	if (!*from || strlen(from) >= zone_size)
		return -1;
	memcpy(zone, from, strlen(from) + 1);
	*percent = '\0';
	return 0;
}

int url_host_normalise(char *host, size_t size, char *zone, size_t zone_size)
{
	struct in6_addr six;
	struct in_addr four;
	*zone = '\0';
	if (strchr(host, ':')) {
		if (split_zone(host, zone, zone_size) || inet_pton(AF_INET6, host, &six) != 1)
			return -1;
		return inet_ntop(AF_INET6, &six, host, (socklen_t)size) ? 0 : -1;
	}
	if (inet_aton(host, &four))
		return inet_ntop(AF_INET, &four, host, (socklen_t)size) ? 0 : -1;
	size_t len = strlen(host);
	if (len && host[len - 1] == '.' && url_host_is_localhost(host))
		host[len - 1] = '\0'; /* libcurl does not know it with a dot */
	for (const char *s = host; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return to_ascii(host, size);
	return 0;
}

bool url_host_is_localhost(const char *host)
{
	static const char name[] = "localhost";
	const size_t want = sizeof name - 1;
	size_t len = strlen(host);
	len -= len && host[len - 1] == '.';
	return len >= want && memcmp(host + len - want, name, want) == 0 &&
	       (len == want || host[len - want - 1] == '.');
}

const char *url_host_plain(const char *host)
{
	static const char *const same[] = {"localhost", "::1", "0.0.0.0", "::"};
	const char *four = strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (strcmp(four, same[i]) == 0)
			return "127.0.0.1";
	return strchr(four, ':') ? host : four;
}

bool url_host_is_loopback(const char *host)
{
	struct in_addr a; /* "127.evil.example" is no address */
	return url_host_is_localhost(host) ||
	       (inet_pton(AF_INET, url_host_plain(host), &a) == 1 && ntohl(a.s_addr) >> 24 == 127);
}
