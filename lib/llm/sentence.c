#include "llm/sentence.h"

#include "llm/numeral.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Stands in rest for what was filled in: no text of a model keeps this character. */
enum { MARK = 1, CODE = '`' };

void sentence_init(struct sentence *s, const struct statements *sent,
		   const struct statements *shown)
{
	*s = (struct sentence){.sent = sent, .shown = shown, .out = BUF_INIT, .rest = BUF_INIT};
}

void sentence_release(struct sentence *s)
{
	buf_release(&s->out);
	buf_release(&s->rest);
}

static enum prose_fault at_fault(struct sentence *s, enum prose_fault fault, const char *what,
				 size_t len)
{
	snprintf(s->what, sizeof s->what, "%.*s", len < 40 ? (int)len : 40, what);
	return fault;
}

/* --- filling in -------------------------------------------------------------------------- */

/* A statement gets a capital where it begins the sentence, unless it begins with a node's name or
 * with "p99". */
static void put_statement(struct sentence *s, const char *text)
{
	size_t at = s->out.len;
	bool capital = !at && islower((unsigned char)text[0]) && !isdigit((unsigned char)text[1]);
	for (size_t i = 0; i < s->shown->name_count; i++)
		capital &= strncmp(text, s->shown->names[i], strlen(s->shown->names[i])) != 0;
	buf_addstr(&s->out, text);
	if (capital)
		s->out.data[at] = (char)toupper((unsigned char)s->out.data[at]);
}

/* "{{id}}" at *p. */
static enum prose_fault take_placeholder(struct sentence *s, const char **p, const char *end)
{
	const char *id = *p + 2, *close = memmem(id, (size_t)(end - id), "}}", 2);
	if (!close)
		return at_fault(s, PROSE_NAME, *p, (size_t)(end - *p));
	*p = close + 2;
	while (*id == ' ')
		id++;
	while (close > id && close[-1] == ' ')
		close--;
	size_t i = statements_find(s->sent, id, (size_t)(close - id));
	if (i >= s->sent->count)
		return at_fault(s, PROSE_NAME, id, (size_t)(close - id));
	put_statement(s, s->shown->all[i].text);
	buf_addch(&s->rest, MARK);
	return PROSE_FINE;
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* The length of name at p, 0 if another word is there. '-', '_' and a blank are equal; letters are
 * equal in either case, but for the one that ends an alias ("node-A" is not "node a"). */
static size_t name_length(const char *p, const char *end, const char *name)
{
	size_t n = strlen(name);
	if (!n || (size_t)(end - p) < n || (p + n < end && in_word(p[n])))
		return 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char a = (unsigned char)name[i], b = (unsigned char)p[i];
		bool joint = strchr("-_ ", a) && strchr("-_ ", b);
		bool last = i + 1 == n && isupper(a);
		if (!joint && (last ? a != b : tolower(a) != tolower(b)))
			return 0;
	}
	return n;
}

static size_t take_name(struct sentence *s, const char *p, const char *end)
{
	for (size_t i = 0; i < s->sent->name_count && i < s->shown->name_count; i++) {
		size_t n = name_length(p, end, s->sent->names[i]);
		if (!n)
			n = name_length(p, end, s->shown->names[i]);
		if (!n)
			continue;
		buf_addstr(&s->out, s->shown->names[i]);
		buf_addch(&s->rest, MARK);
		return n;
	}
	return 0;
}

/* The code point of the UTF-8 sequence at p, and its length; 0 and 1 if there is none. */
static unsigned decode(const char *p, const char *end, size_t *len)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
	unsigned u = n == 1 ? c : c & (0x7Fu >> n);
	*len = 1;
	if ((n == 1 && c >= 0x80) || (size_t)(end - p) < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)p[i] & 0xC0) != 0x80)
			return 0;
		u = u << 6 | ((unsigned char)p[i] & 0x3F);
	}
	*len = n;
	return u;
}

/* The characters outside ASCII that prose uses. Any other puts its sentence at fault. */
static const struct {
	unsigned from, to;
	char as; /* what the check sees: 'L' its letter without accents, 0 nothing, as a picture is not shown */
} beyond_ascii[] = {
	{0xA0, 0xA0, ' '},     {0xAB, 0xAB, '"'},     {0xBB, 0xBB, '"'},     {0xC0, 0xD6, 'L'},
	{0xD8, 0xF6, 'L'},     {0xF8, 0xFF, 'L'},     {0x2010, 0x2015, '-'}, {0x2018, 0x201A, '\''},
	{0x201C, 0x201F, '"'}, {0x2022, 0x2022, 0},   {0x2026, 0x2026, ' '}, {0x202F, 0x202F, ' '},
	{0x2190, 0x2193, ' '}, {0x200D, 0x200D, 0},   {0x2300, 0x23FF, 0},   {0x2600, 0x27BF, 0},
	{0x2B00, 0x2BFF, 0},   {0xFE0F, 0xFE0F, 0},   {0x1F000, 0x1FAFF, 0},
};

static enum prose_fault take_beyond_ascii(struct sentence *s, const char **p, const char *end)
{
	static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"; /* from U+C0 */
	size_t len;
	unsigned u = decode(*p, end, &len);
	const char *at = *p;
	*p += len;
	for (size_t i = 0; i < ARRAY_LEN(beyond_ascii); i++) {
		if (u < beyond_ascii[i].from || u > beyond_ascii[i].to)
			continue;
		char as = beyond_ascii[i].as;
		if (as)
			buf_add(&s->out, at, len);
		if (as == 'L')
			buf_addch(&s->rest, latin[u - 0xC0]);
		else if (as)
			buf_addch(&s->rest, as);
		return PROSE_FINE;
	}
	return at_fault(s, PROSE_CHARACTER, u ? at : "?", u ? len : 1);
}

/* Emphasis goes; what means something in Markdown or HTML is escaped. */
static void take_ascii(struct sentence *s, const char *text, const char *p, const char *end)
{
	bool inside = p > text && p + 1 < end && in_word(p[-1]) && in_word(p[1]);
	char c = isspace((unsigned char)*p) ? ' ' : *p;
	if (c == '*' || c == '\\' || (c == '_' && !inside) || iscntrl((unsigned char)c))
		return;
	buf_addch(&s->rest, c);
	if (c == CODE || (c == ' ' && (!s->out.len || s->out.data[s->out.len - 1] == ' ')))
		return;
	if (strchr("<>[]|&~#$_", c))
		buf_addch(&s->out, '\\');
	buf_addch(&s->out, c);
}

static enum prose_fault expand(struct sentence *s, const char *text, const char *end)
{
	enum prose_fault fault = PROSE_FINE;
	for (const char *p = text; p < end && !fault;) {
		size_t name = p == text || !in_word(p[-1]) ? take_name(s, p, end) : 0;
		if (name)
			p += name;
		else if (p + 1 < end && p[0] == '{' && p[1] == '{')
			fault = take_placeholder(s, &p, end);
		else if (*p == '{' || *p == '}')
			fault = at_fault(s, PROSE_NAME, "a single brace", 14);
		else if (*p & 0x80)
			fault = take_beyond_ascii(s, &p, end);
		else
			take_ascii(s, text, p++, end);
	}
	return fault;
}

/* --- the check --------------------------------------------------------------------------- */

static bool one_of(const char *word, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && strncasecmp(word, *list, len) == 0)
			return true;
	return false;
}

/* Whether the word, such as "p99", stands in a statement. */
static bool in_statements(const struct sentence *s, const char *word, size_t len)
{
	for (size_t i = 0; i < s->sent->count; i++) {
		const char *text = s->sent->all[i].text, *at = text;
		for (; (at = memmem(at, strlen(at), word, len)); at++)
			if ((at == text || !in_word(at[-1])) && !in_word(at[len]))
				return true;
	}
	return false;
}

static bool is_unit(const char *w, size_t len)
{
	static const char *const units[] = {"s", "ms", "ns", "rps", "qps", "kB", "MB", "GB", "KiB", "MiB",
					    "GiB", NULL};
	return one_of(w, len, units);
}

static enum prose_fault check_number(struct sentence *s, const char *w, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isdigit((unsigned char)w[i]))
			return isalpha((unsigned char)*w) && in_statements(s, w, len)
				       ? PROSE_FINE
				       : at_fault(s, PROSE_NUMBER, w, len);
	for (const char *p = w, *end = w + len; p < end;) {
		size_t part = 0; /* "node's" and "node(s)" are one */
		while (p + part < end && (in_word(p[part]) || strchr("'(", p[part])))
			part++;
		if (numeral_is(p, part) || is_unit(p, part))
			return at_fault(s, PROSE_NUMBER, p, part);
		p += part + 1;
	}
	return PROSE_FINE;
}

/* "db.example.org", "fe80::", "tel:somebody"; but not "e.g". */
static bool is_address(const char *w, size_t len)
{
	static const char *const short_forms[] = {"e.g", "i.e", "a.k.a", NULL};
	if (memmem(w, len, "::", 2) || memmem(w, len, "//", 2) || (len >= 9 && strncasecmp(w, "localhost", 9) == 0))
		return true;
	for (size_t i = 1; i + 1 < len; i++)
		if (strchr(".:;", w[i]) && in_word(w[i - 1]) && in_word(w[i + 1]))
			return !one_of(w, len, short_forms);
	return false;
}

static bool is_shell_word(const char *w, size_t len)
{
	static const char *const words[] = {
		"apt-get", "bash", "chmod", "chown", "curl", "dd", "eval", "git", "iptables", "killall", "kubectl", "mkfs",
		"nc", "nft", "npm", "pip", "pkill", "redis-cli", "rm", "scp", "sh", "ssh", "sudo", "systemctl", "tc",
		"telnet", "wget", "zsh", NULL,
	};
	return one_of(w, len, words);
}

/* Code of several words is a command, unless it is the name of a thing, as `circuit breaker`. */
static bool is_code_command(const char *code, size_t len)
{
	static const char *const verbs[] = {"docker", "kill", "make", "reboot", "restart", "service",
					    "shutdown", "start", "stop", NULL};
	size_t first = strcspn(code, " `"), blanks = 0;
	for (size_t i = 0; i < len; i++) {
		if (!isalpha((unsigned char)code[i]) && !strchr(" -_", code[i]) && code[i] != MARK)
			return true;
		blanks += code[i] == ' ';
	}
	return blanks > 1 || one_of(code, first, verbs) || is_shell_word(code, first);
}

/* raw is the word with what stands around it. */
static bool is_command(const char *raw, size_t raw_len, const char *w, size_t len, bool last)
{
	static const char signs[][3] = {"$(", "${", "&&", "||"};
	if (len && w > raw && ((w[-1] == '-' && isalpha((unsigned char)*w)) || memchr(raw, '/', (size_t)(w - raw))))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (memmem(raw, raw_len, signs[i], 2))
			return true;
	return !last && is_shell_word(w, len);
}

/* An alias of a node that does not exist: "node-Z". */
static bool is_unknown_node(const char *w, size_t len)
{
	return len > 5 && len <= 7 && strncasecmp(w, "node", 4) == 0 && strchr("-_", w[4]) &&
	       isupper((unsigned char)w[5]) && (len == 6 || isupper((unsigned char)w[6]));
}

static enum prose_fault check_word(struct sentence *s, const char *raw, size_t raw_len, bool last)
{
	const char *w = raw, *end = raw + raw_len;
	while (w < end && !in_word(*w) && *w != MARK)
		w++;
	while (end > w && !in_word(end[-1]) && end[-1] != MARK)
		end--;
	size_t len = (size_t)(end - w);
	if (is_command(raw, raw_len, w, len, last))
		return at_fault(s, PROSE_COMMAND, raw, raw_len);
	if (memchr(raw, '%', raw_len))
		return at_fault(s, PROSE_NUMBER, raw, raw_len);
	if (memchr(raw, '@', raw_len) || is_address(w, len)) /* also "@somebody", who would be told */
		return at_fault(s, PROSE_LINK, w, len);
	if (is_unknown_node(w, len))
		return at_fault(s, PROSE_NAME, w, len);
	return check_number(s, w, len);
}

/* Code of more than one word. Then the marks of code go from rest, and blanks after blanks, as they do from what
 * is shown: else a word with a mark in it would be another word here. */
static enum prose_fault check_code(struct sentence *s)
{
	struct buf bare = BUF_INIT;
	for (const char *p = s->rest.data; (p = strchr(p, CODE)) && p[1]; p++) {
		size_t len = strcspn(++p, "`");
		if (memchr(p, ' ', len) && is_code_command(p, len))
			return at_fault(s, PROSE_COMMAND, p, len);
		p += p[len] ? len : len - 1;
	}
	for (const char *p = s->rest.data; *p; p++)
		if (*p != CODE && !(*p == ' ' && bare.len && bare.data[bare.len - 1] == ' '))
			buf_addch(&bare, *p);
	buf_release(&s->rest);
	s->rest = bare;
	return PROSE_FINE;
}

/* Links and HTML, also of what was filled in. */
static enum prose_fault check_markup(struct sentence *s)
{
	static const char *const links[] = {"://", "](", "][", "]:", "</", "<!", "<?", "www.", "[.]", "(.)", "[:]", "(dot)",
					    "[dot]", NULL};
	const char *text = s->rest.data;
	for (const char *const *l = links; *l; l++)
		if (strcasestr(text, *l))
			return at_fault(s, PROSE_LINK, *l, strlen(*l));
	for (const char *p = text; (p = strpbrk(p, "<&")); p++)
		if ((isalpha((unsigned char)p[1]) || p[1] == MARK) && (*p == '<' || p[strcspn(p, " ;")] == ';'))
			return at_fault(s, PROSE_LINK, p, strcspn(p, " "));
	return PROSE_FINE;
}

/* Words of the label, whatever stands between their letters. */
static enum prose_fault check_label(struct sentence *s)
{
	static const char *const labels[] = {
		"chaosllm", "interpretationby", "endoftheinterpretation", "endofthisinterpretation", "endofinterpretation",
		"sentenceswereleftout", "sentencewasleftout", "filledinby", "numberswerefilledin", "wordsareitsown", NULL};
	enum prose_fault fault = PROSE_FINE;
	struct buf letters = BUF_INIT;
	for (const char *p = s->rest.data; *p; p++)
		if (isalpha((unsigned char)*p))
			buf_addch(&letters, *p);
	for (const char *const *l = labels; *l && letters.len && !fault; l++)
		if (strcasestr(letters.data, *l))
			fault = at_fault(s, PROSE_LABEL, *l, strlen(*l));
	buf_release(&letters);
	return fault;
}

static enum prose_fault check(struct sentence *s)
{
	enum prose_fault fault = check_code(s);
	if (!fault)
		fault = check_markup(s);
	if (!fault)
		fault = check_label(s);
	for (const char *p = s->rest.data; !fault && *(p += strspn(p, " "));) {
		size_t len = strcspn(p, " ");
		fault = check_word(s, p, len, !p[len + strspn(p + len, " ")]);
		p += len;
	}
	return fault;
}

enum prose_fault sentence_read(struct sentence *s, const char *text, size_t len)
{
	buf_reset(&s->out);
	buf_reset(&s->rest);
	enum prose_fault fault = expand(s, text, text + len);
	if (!fault)
		fault = check(s);
	while (s->out.len && s->out.data[s->out.len - 1] == ' ')
		s->out.data[--s->out.len] = '\0';
	return fault;
}
