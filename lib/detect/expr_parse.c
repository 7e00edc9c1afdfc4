#include "detect/expr.h"

#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"

#include <ctype.h>
#include <string.h>

/* Sticky error: after the first one nothing more is read. */
struct parser {
	struct expr *x;
	const char *at;
	const char *const *metrics;
	struct err *e;
	bool failed;
	unsigned depth;
};

static unsigned fail(struct parser *p, const char *at, const char *what)
{
	if (!p->failed)
		err_usage(p->e, "wrong rule '%s': column %zu: %s", p->x->text,
			  (size_t)(at - p->x->text) + 1, what);
	p->failed = true;
	return 0;
}

static void skip_blanks(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

static unsigned add(struct parser *p, struct expr_node node)
{
	if (p->failed)
		return 0;
	if (p->x->count == EXPR_NODES_MAX)
		return fail(p, p->at, "the rule is too long");
	p->x->nodes[p->x->count] = node;
	return p->x->count++;
}

/* The unit of the one metric that is on the left, if it is a time; else 0. */
static int64_t own_unit_ns(const struct parser *p)
{
	const struct expr_node *left = &p->x->nodes[0];
	const char *unit = p->x->count == 1 && left->op == EXPR_METRIC ? strrchr(p->metrics[left->metric], '_') : NULL;
	if (!unit)
		return 0;
	return strcmp(unit, "_ms") == 0 ? NS_PER_MS : strcmp(unit, "_s") == 0 || strcmp(unit, "_sec") == 0 ? NS_PER_S : 0;
}

/* Takes the time span with units that begins there, for a metric in own_ns. */
static bool take_span(struct parser *p, int64_t own_ns, double *number)
{
	char word[32];
	int64_t ns;
	size_t len = strspn(p->at, "0123456789."), n = len;
	while (isalnum((unsigned char)p->at[n]) || p->at[n] == '.' || p->at[n] == '_')
		n++;
	if (n == len || n >= sizeof word)
		return false;
	memcpy(word, p->at, n);
	word[n] = '\0';
	if (span_parse(word, &ns))
		return false;
	*number = (double)ns / (double)own_ns;
	p->at += n;
	return true;
}

static unsigned number(struct parser *p)
{
	char word[64];
	const char *start = p->at;
	int64_t own_ns = own_unit_ns(p);
	size_t n = 0;
	struct expr_node node = {.op = EXPR_NUMBER};
	if (own_ns && take_span(p, own_ns, &node.number))
		return add(p, node);
	while (isdigit((unsigned char)*p->at) || *p->at == '.' ||
	       ((*p->at == 'e' || *p->at == 'E') && n) ||
	       ((*p->at == '+' || *p->at == '-') && n && strchr("eE", p->at[-1]))) {
		if (n < sizeof word - 1)
			word[n++] = *p->at;
		p->at++;
	}
	word[n] = '\0';
	if (n == sizeof word - 1 || num_double(word, 0, 1e300, &node.number))
		return fail(p, start, "not a number");
	const char *sign = p->at + strspn(p->at, " \t");
	if (*sign == '%') {
		node.number /= 100;
		p->x->percent = p->x->percent ? p->x->percent : (unsigned)(sign - p->x->text) + 1;
		p->at = sign + 1;
	}
	bool letter = isalpha((unsigned char)*p->at) || *p->at == '_';
	if (letter && own_ns)
		return fail(p, start, "want a time span, as 500ms or 1m30s");
	if (letter || *p->at == '%')
		return fail(p, p->at, "numbers have no unit here: the metric's name tells it");
	return add(p, node);
}

static const char *next_word(const char *at)
{
	at += strcspn(at, "_.");
	return at + (*at != '\0');
}

/* How many letters two words begin with alike; 0 unless it is the whole of one, or most of it. */
static size_t alike(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = 0, shorter = a_len < b_len ? a_len : b_len;
	while (n < shorter && tolower((unsigned char)a[n]) == tolower((unsigned char)b[n]))
		n++;
	return n > 4 || (n == shorter && n > 2) ? n : 0;
}

/* How much of the words of a name a metric has, in whatever order: latency_p99 has both of p99_latency_ms. */
static size_t words_shared(const char *name, const char *metric)
{
	size_t sum = 0;
	for (const char *n = name; *n; n = next_word(n)) {
		size_t most = 0;
		for (const char *m = metric; *m; m = next_word(m)) {
			size_t len = strcspn(n, "_."), other = strcspn(m, "_.");
			size_t shared = 2 * alike(n, len, m, other);
			shared += shared && len == other;
			most = shared > most ? shared : most;
		}
		sum += most;
	}
	return sum;
}

static unsigned unknown_metric(struct parser *p, const char *at, const char *name)
{
	const char *near = NULL;
	for (const char *const *m = p->metrics; *m; m++)
		suggest(name, *m, &near);
	size_t most = 0;
	for (const char *const *m = p->metrics; *m && (!near || most); m++) {
		size_t shared = words_shared(name, *m);
		near = shared > most ? *m : near;
		most = shared > most ? shared : most;
	}
	if (p->failed)
		return 0;
	p->failed = true;
	size_t column = (size_t)(at - p->x->text) + 1;
	err_usage(p->e, "wrong rule '%s': column %zu: no metric '%s'%s%s%s", p->x->text, column, name,
		  SUGGESTED(near, ""));
	return 0;
}

static unsigned metric(struct parser *p)
{
	static const char prefix[] = "baseline.";
	char word[64];
	const char *start = p->at, *name = word;
	size_t n = 0;
	for (; isalnum((unsigned char)*p->at) || *p->at == '_' || *p->at == '.'; p->at++)
		if (n < sizeof word - 1)
			word[n++] = *p->at;
	word[n] = '\0';
	struct expr_node node = {.op = EXPR_METRIC};
	if (strncmp(word, prefix, strlen(prefix)) == 0) {
		node.baseline = p->x->uses_baseline = true;
		name += strlen(prefix);
	}
	for (size_t i = 0; p->metrics[i]; i++)
		if (strcmp(p->metrics[i], name) == 0) {
			node.metric = (uint8_t)i;
			return add(p, node);
		}
	return unknown_metric(p, start, name);
}

static unsigned sum(struct parser *p);

static unsigned factor(struct parser *p)
{
	unsigned inner;
	skip_blanks(p);
	if (p->failed)
		return 0;
	if (p->depth >= EXPR_DEPTH_MAX)
		return fail(p, p->at, "parentheses or signs are nested too deeply");
	if (*p->at == '(') {
		p->at++;
		p->depth++;
		inner = sum(p);
		p->depth--;
		skip_blanks(p);
		if (*p->at != ')')
			return fail(p, p->at, "a ')' is missing");
		p->at++;
		return inner;
	}
	if (*p->at == '-') {
		p->at++;
		p->depth++;
		inner = factor(p);
		p->depth--;
		return add(p, (struct expr_node){.op = EXPR_NEGATE, .left = (uint8_t)inner});
	}
	if (isdigit((unsigned char)*p->at) || *p->at == '.')
		return number(p);
	if (isalpha((unsigned char)*p->at) || *p->at == '_')
		return metric(p);
	return fail(p, p->at, "want a number, a metric or '('");
}

static unsigned product(struct parser *p)
{
	unsigned left = factor(p);
	for (skip_blanks(p); !p->failed && (*p->at == '*' || *p->at == '/'); skip_blanks(p)) {
		enum expr_op op = *p->at++ == '*' ? EXPR_MULTIPLY : EXPR_DIVIDE;
		unsigned right = factor(p);
		left = add(p, (struct expr_node){.op = op, .left = (uint8_t)left,
						 .right = (uint8_t)right});
	}
	return left;
}

static unsigned sum(struct parser *p)
{
	unsigned left = product(p);
	for (skip_blanks(p); !p->failed && (*p->at == '+' || *p->at == '-'); skip_blanks(p)) {
		enum expr_op op = *p->at++ == '+' ? EXPR_ADD : EXPR_SUBTRACT;
		unsigned right = product(p);
		left = add(p, (struct expr_node){.op = op, .left = (uint8_t)left,
						 .right = (uint8_t)right});
	}
	return left;
}

/* Longer operators first: ">=" begins with ">". */
static const struct {
	const char *text;
	enum expr_op op;
} comparisons[] = {
	{">=", EXPR_MORE_EQUAL}, {"<=", EXPR_LESS_EQUAL}, {"==", EXPR_EQUAL},
	{"!=", EXPR_UNEQUAL},	 {">", EXPR_MORE},	  {"<", EXPR_LESS},
};

static void comparison(struct parser *p)
{
	unsigned left = sum(p);
	skip_blanks(p);
	if (p->failed)
		return;
	for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
		size_t len = strlen(comparisons[i].text);
		if (strncmp(p->at, comparisons[i].text, len) != 0)
			continue;
		p->at += len;
		unsigned right = sum(p);
		add(p, (struct expr_node){.op = comparisons[i].op, .left = (uint8_t)left,
					  .right = (uint8_t)right});
		return;
	}
	fail(p, p->at, *p->at != '=' ? "want one of > >= < <= == !="
		       : p->at[1] == '>' ? "want one of > >= < <= == !=; did you mean '>='?"
		       : p->at[1] == '<' ? "want one of > >= < <= == !=; did you mean '<='?"
					 : "want one of > >= < <= == !=; did you mean '=='?");
}

/* True at a word that joins comparisons elsewhere. */
static bool starts_another(const char *at)
{
	static const char *const joins[] = {"&", "|", ",", ";", "and ", "or ", "AND ", "OR "};
	for (size_t i = 0; i < sizeof joins / sizeof joins[0]; i++)
		if (strncmp(at, joins[i], strlen(joins[i])) == 0)
			return true;
	return false;
}

static void duration(struct parser *p)
{
	char word[32];
	skip_blanks(p);
	if (p->failed || *p->at == '\0')
		return;
	if (starts_another(p->at)) {
		fail(p, p->at, "a rule is one comparison; give the next as a rule of its own");
		return;
	}
	if (strncmp(p->at, "for", 3) != 0 || (p->at[3] != ' ' && p->at[3] != '\t')) {
		fail(p, p->at, "want the end of the rule, or 'for' and a time span");
		return;
	}
	p->at += 3;
	skip_blanks(p);
	const char *start = p->at;
	size_t n = strcspn(start, " \t");
	size_t blanks = strspn(start + n, " \t");
	if (n < sizeof word) {
		memcpy(word, start, n);
		word[n] = '\0';
	}
	if (n == 0 || n >= sizeof word || start[n + blanks] != '\0' ||
	    span_parse(word, &p->x->for_ns) || p->x->for_ns == 0)
		fail(p, start, "want a time span, as 5s");
}

int expr_parse(struct expr *x, const char *text, const char *const *metrics, struct err *e)
{
	struct parser p = {.x = x, .metrics = metrics, .e = e};
	*x = (struct expr){0};
	size_t len = strlen(text);
	if (len >= sizeof x->text)
		return err_usage(e, "wrong rule '%.40s...': it is longer than %zu bytes", text,
				 sizeof x->text - 1);
	memcpy(x->text, text, len + 1);
	p.at = x->text;
	comparison(&p);
	duration(&p);
	return p.failed ? -1 : 0;
}
