#include "llm/lexicon.h"

#include "base/buf.h"

#include <ctype.h>
#include <string.h>

/* Words in one string, each between blanks; "increas*" matches every word with that beginning. */
static const struct {
	enum word_class class;
	const char *words;
} table[] = {
	{WORD_QUANTITY,
	 " zero nil nought one two three four five six seven eight nine ten eleven twelve thirteen "
	 "fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fourty fifty sixty "
	 "seventy eighty ninety hundred* thousand* million* billion* trillion* dozen* score couple pair "
	 "trio single solo lone half halves quarter* third* fourth* fifth* sixth* seventh* eighth* "
	 "ninth* tenth* twentieth hundredth* thousandth* twice thrice double* doubling triple* tripling "
	 "quadrupl* quintupl* halv* percent* pct permille promille ones twos threes tens twenties "
	 "thirties forties fifties majority minority "
	 "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig dreissig vierzig "
	 "fünfzig sechzig siebzig achtzig neunzig hundert tausend hälfte prozent doppelt "
	 "deux trois quatre cinq sept huit neuf dix onze vingt trente quarante cinquante soixante cent "
	 "mille moitié dos tres cuatro cinco seis siete ocho nueve diez veinte treinta cuarenta cincuenta "
	 "cien ciento mitad tre quattro cinque sette otto dieci venti cento metà "
	 "second seconds sec secs millisecond* microsecond* nanosecond* minute minutes mins hour hours "
	 "ms rps qps hz "},
	{WORD_COMPARE,
	 " rise rises rising risen rose increas* grow grows grew growing grown growth climb* jump* "
	 "surg* soar* spik* higher up upward* upwards more gain* elevated exceed* above greater larger "
	 "bigger longer escalat* ballooned inflat* raised peaked shot swell* swelled mounted "
	 "skyrocket* accelerat* highest longest largest greatest most maximum peak "
	 "fall falls falling fallen fell decreas* drop drops dropped dropping declin* lower lowered "
	 "lowest reduc* down downward* downwards less fewer below shrink* shrank shrunk smaller shorter "
	 "sank sink* sunk plummet* plung* dip dips dipped dipping diminish* tumbl* cut least fewest "
	 "smallest shortest minimum lost losing slump* "
	 "unchanged same equal equally identical constant flat steady stable stayed stay stays "
	 "unaffected unaltered "
	 "better improv* best faster quicker fastest healthier "
	 "worse worst worsen* degrad* slower slowest slowed slowdown deteriorat* regress* sluggish "
	 "than compared versus vs relative twofold fold differ* change changed changes changing "
	 "outperform* underperform* "},
	{WORD_ACT,
	 " kill kills killed killing stopped paused pausing restarted restarting resumed frozen froze "
	 "terminated terminating started "},
	{WORD_STATE,
	 " failed fail fails failing failure crash* died dies dead dying unavailable unreachable "
	 "unresponsive refused refusing hung unhealthy offline healthy survived collapsed broke broken "
	 "outage culprit responsible affected "},
	{WORD_NOT, " not never no nor neither cannot without hardly nothing none n't false untrue incorrect "
	 "wrong wrongly opposite contrary deny denies denied refut* myth "},
};

static bool matches(const char *entry, size_t entry_len, const char *word, size_t len)
{
	if (entry_len && entry[entry_len - 1] == '*')
		return len >= entry_len - 1 && strncasecmp(entry, word, entry_len - 1) == 0;
	return len == entry_len && strncasecmp(entry, word, len) == 0;
}

static bool listed(const char *words, const char *word, size_t len)
{
	while (*(words += strspn(words, " "))) {
		size_t n = strcspn(words, " ");
		if (matches(words, n, word, len))
			return true;
		words += n;
	}
	return false;
}

/* "II", "IX" */
static bool is_roman(const char *word, size_t len)
{
	size_t n = 0;
	while (n < len && strchr("IVX", word[n]))
		n++;
	return n == len && len > 1;
}

/* "tenfold", "several-fold" */
static bool is_fold(const char *word, size_t len)
{
	return len > 4 && strncasecmp(word + len - 4, "fold", 4) == 0 &&
	       !listed(" scaffold unfold manifold blindfold ", word, len);
}

enum word_class lexicon_class(const char *word, size_t len)
{
	if (is_fold(word, len) || is_roman(word, len))
		return WORD_QUANTITY;
	if (len > 3 && strncasecmp(word + len - 3, "n't", 3) == 0)
		return WORD_NOT;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (listed(table[i].words, word, len))
			return table[i].class;
	return WORD_PLAIN;
}

/* Bytes of the UTF-8 character at p and its code point; 0 bytes if it is none. */
static size_t decode(const char *p, unsigned *code)
{
	const unsigned char *u = (const unsigned char *)p;
	size_t n = u[0] < 0x80 ? 1 : u[0] >= 0xC2 && u[0] < 0xE0 ? 2 : (u[0] & 0xF0) == 0xE0 ? 3 : 0;
	if (!n)
		return 0;
	*code = n == 1 ? u[0] : n == 2 ? u[0] & 0x1FU : u[0] & 0x0FU;
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (u[i] & 0x3FU);
	}
	return n;
}

static bool is_latin(unsigned c)
{
	return (c < 128 && isalpha((int)c)) || (c >= 0xC0 && c < 0x180 && c != 0xD7 && c != 0xF7);
}

/* Punctuation without a numeric meaning: not × ÷ ± ‰ ½ ² or arrows. */
static bool is_sign(unsigned c)
{
	return (c >= ' ' && c < 127) || c == '\n' || c == '\t' || c == 0xAB || c == 0xBB ||
	       (c >= 0x2018 && c <= 0x201E) || c == 0x2022 || c == 0x2026;
}

struct token lexicon_token(const char *p)
{
	struct token t = {p + strspn(p, " \t\n"), 1, TOKEN_SIGN};
	unsigned c = 0;
	size_t n = decode(t.at, &c);
	if (!*t.at)
		return (struct token){t.at, 0, TOKEN_END};
	if (isdigit((unsigned char)*t.at)) {
		t.len = strspn(t.at, "0123456789");
		t.kind = TOKEN_DIGITS;
	} else if (n && is_latin(c)) {
		for (t.len = 0; n && (is_latin(c) || (c == '\'' && t.len)); n = decode(t.at + t.len, &c))
			t.len += n;
		t.kind = TOKEN_WORD;
	} else {
		t.len = n ? n : 1;
		t.kind = n && is_sign(c) ? TOKEN_SIGN : TOKEN_STRANGE;
	}
	return t;
}

struct token lexicon_quantifier(const char *flat)
{
	static const char quantifiers[] = " all every each none no most nearly almost entire any everything ";
	static const char counted[] = " request* response* call calls user users failure* error* node nodes "
				      "success* succeeded failed traffic replica* server* client* them ";
	enum { REACH = 4 }; /* words */
	struct token first = {0}, t;
	int left = 0;
	for (const char *p = flat; (t = lexicon_token(p)).kind != TOKEN_END; p = t.at + t.len) {
		if (t.kind == TOKEN_SIGN && strchr(".!?;", *t.at))
			left = 0;
		if (t.kind != TOKEN_WORD)
			continue;
		if (left && listed(counted, t.at, t.len))
			return first;
		left -= left > 0;
		if (listed(quantifiers, t.at, t.len)) {
			first = t;
			left = REACH;
		}
	}
	return (struct token){.at = "", .kind = TOKEN_END};
}

static const char *plain_sign(unsigned c)
{
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return "-";
	if (c == 0xA0 || c == 0x2009 || c == 0x202F)
		return " ";
	return c == 0x2019 ? "'" : NULL;
}

static bool joins(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 128;
}

char *lexicon_flat(const char *text)
{
	struct buf out = BUF_INIT;
	while (*text) {
		unsigned c = 0;
		size_t n = decode(text, &c);
		const char *plain = n > 1 ? plain_sign(c) : NULL;
		bool inside = *text == '_' && out.len && joins(out.data[out.len - 1]) && joins(text[1]);
		if (plain || inside)
			buf_addstr(&out, plain ? plain : "-");
		else if (!strchr("*_~`", *text))
			buf_add(&out, text, n ? n : 1);
		text += n ? n : 1;
	}
	return buf_detach(&out);
}

static bool separates(char c)
{
	return c == '-' || c == ' ' || c == '_';
}

size_t lexicon_name(const char *p, const char *start, const char *name)
{
	const char *q = p;
	bool alias = strncmp(name, "node-", 5) == 0 && isupper((unsigned char)name[5]);
	if (!*name || (p > start && joins(p[-1]) && joins(*p)))
		return 0;
	for (size_t i = 0; name[i]; i++) {
		if (name[i] == '\\') /* stripped texts have none */
			continue;
		bool same = alias && i >= 5 ? *q == name[i]
					    : tolower((unsigned char)*q) ==
						      tolower((unsigned char)name[i]);
		if (!same && !(separates(name[i]) && separates(*q)))
			return 0;
		q++;
	}
	return joins(*q) && joins(q[-1]) ? 0 : (size_t)(q - p);
}
