#include "report/facts/words.h"

#include "base/text.h"
#include "stream/json.h"
#include "url/url.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAST_MAX = 40 };

const char *words_past(const struct json *fault)
{
	const char *past = json_text(fault, "past");
	size_t len = strspn(past, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz -");
	return len && len < PAST_MAX && !past[len] ? past : NULL;
}

static const char *sign(double v)
{
	return v < 0 ? "−" : "+";
}

char *words_ratio(double before, double after, char out[static WORDS_MAX])
{
	double ratio = after / before, percent = (ratio - 1) * 100;
	if (isnan(ratio) || !(before > 0))
		out[0] = '\0';
	else if (ratio >= 1.5)
		snprintf(out, WORDS_MAX, "×%.*f", ratio < 9.95 ? 1 : 0, ratio);
	else if (fabs(percent) < 0.5)
		snprintf(out, WORDS_MAX, "0 %%");
	else
		snprintf(out, WORDS_MAX, "%s%.0f %%", sign(percent), fabs(percent));
	return out;
}

char *words_points(double before, double after, char out[static WORDS_MAX])
{
	double points = (after - before) * 100;
	if (isnan(points))
		out[0] = '\0';
	else if (fabs(points) < 0.05)
		snprintf(out, WORDS_MAX, "0 points");
	else
		snprintf(out, WORDS_MAX, "%s%.1f points", sign(points), fabs(points));
	return out;
}

const struct json *compare_find(const struct json *analysis, const char *metric)
{
	const struct json *all = json_get(analysis, "compare");
	for (size_t i = 0; i < json_count(all); i++)
		if (strcmp(json_text(json_at(all, i), "metric"), metric) == 0)
			return json_at(all, i);
	return NULL;
}

char *words_compared(const struct json *entry, bool share, char out[static WORDS_MAX])
{
	if (share)
		return words_points(0, json_num(json_get(entry, "diff"), NAN), out);
	return words_ratio(1, json_num(json_get(entry, "ratio"), NAN), out);
}

/* Near 0 and 100 % the decimals matter; a share that is neither 0 nor 1 is never rounded to one. */
char *words_share(double share, char out[static WORDS_MAX])
{
	double percent = share * 100, far = fmin(fabs(percent), fabs(100 - percent));
	if (isnan(share))
		snprintf(out, WORDS_MAX, "unknown");
	else if (!(far > 0))
		snprintf(out, WORDS_MAX, "%.0f %%", percent);
	else if (far < 0.005)
		snprintf(out, WORDS_MAX, percent < 50 ? "below 0.01 %%" : "above 99.99 %%");
	else
		snprintf(out, WORDS_MAX, "%.*f %%", far < 0.995 ? 2 : 1, percent);
	return out;
}

char *words_value(double v, const char *unit, char out[static WORDS_MAX])
{
	double size = fabs(v);
	char many[WORDS_MAX];
	if (isnan(v))
		snprintf(out, WORDS_MAX, "unknown");
	else if (v >= 9999.5 && v < 1e15)
		snprintf(out, WORDS_MAX, "%.19s%.8s", words_many(v, many), unit);
	else
		snprintf(out, WORDS_MAX, "%.*f%s",
			 size >= 99.95 || !(size > 0) ? 0
			 : size >= 0.995	      ? 1
						      : 2,
			 v, unit);
	return out;
}

char *words_span(double s, char out[static WORDS_MAX])
{
	if (fabs(s) < 0.9995 && fabs(s) > 0)
		return words_value(s * 1000, " ms", out);
	return words_value(s, " s", out);
}

size_t text_columns(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* The byte at which column n starts. */
static size_t column_at(const char *text, size_t n)
{
	size_t i = 0;
	for (; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

char *text_shorten(const char *text, size_t max)
{
	size_t columns = text_columns(text);
	if (columns <= max || max < 3)
		return mem_strdup(text);
	size_t head = max / 2, tail = max - head - 1;
	return mem_printf("%.*s…%s", (int)column_at(text, head), text,
			  text + column_at(text, columns - tail));
}

size_t text_break(const char *text, size_t columns)
{
	size_t all = strlen(text), fits = column_at(text, columns), cut = fits;
	while (fits < all && cut && (text[cut] != ' ' || isdigit((unsigned char)text[cut - 1])))
		cut--; /* a number stays with what it counts */
	return cut ? cut : fits;
}

char *words_count(uint64_t n, char out[static WORDS_MAX])
{
	char plain[24];
	size_t len = (size_t)snprintf(plain, sizeof plain, "%llu", (unsigned long long)n), at = 0;
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = plain[i];
	}
	out[at] = '\0';
	return out;
}

char *words_many(double n, char out[static WORDS_MAX])
{
	if (n >= 9999.5 && n < 1e15)
		return words_count((uint64_t)(n + 0.5), out);
	snprintf(out, WORDS_MAX, "%.4g", n);
	return out;
}

const char *words_metric(const char *key)
{
	static const char *const names[][2] = {
		{"throughput_rps", "successes per second"}, {"p50_latency_ms", "p50 latency"},
		{"p95_latency_ms", "p95 latency"},	    {"p99_latency_ms", "p99 latency"},
		{"p99_all_ms", "p99 of all requests"},	    {"error_rate", "error rate"},
		{"due", "requests"},			    {"err", "failed"},
		{"availability.request", "share of requests that succeeded"},
		{"availability.time", "share of seconds without an anomaly"},
		{"availability.yield", "share of the plan that succeeded"},
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i][0], key) == 0)
			return names[i][1];
	return key;
}

char *words_reason(const char *reason)
{
	const char *colon = strrchr(reason, ':');
	bool phase = colon && colon[1] == ' ';
	const char *name = words_metric(phase ? colon + 2 : reason);
	return phase ? mem_printf("%s (phase %.*s)", name, (int)(colon - reason), reason) : mem_strdup(name);
}

char *words_requests(const struct json *analysis, char out[static WORDS_MAX])
{
	double rows = json_num(json_get(analysis, "input.rows"), NAN);
	if (isnan(rows))
		snprintf(out, WORDS_MAX, "unknown");
	else
		words_many(rows - json_num(json_get(analysis, "input.rows_aborted"), 0), out);
	return out;
}

/* What may go next, with the separator before it: the last clause that does not tell of lost writes, those in parentheses
 * with what is around them, else the last word of the first clause. NULL if there is none. */
static char *next_to_go(char *text, size_t *len)
{
	char *end = text + strlen(text);
	int depth = 0;
	for (char *at = end; at > text;) {
		at--;
		depth += (*at == ')') - (*at == '(');
		if (depth || !(*at == ',' || *at == ';') || at[1] != ' ')
			continue;
		const char *kept = strstr(at, " writes lost");
		*len = (size_t)(end - at);
		if (!kept || kept >= end)
			return at;
		end = at;
	}
	char *word = end;
	while (word > text && *word != ' ')
		word--;
	*len = (size_t)(end - word);
	return word > text ? word : NULL;
}

char *text_two_lines(const char *text, size_t columns, size_t *cut)
{
	static const char more[] = " …";
	char *fit = mem_strdup(text), *gone;
	size_t len, less = 0;
	for (;;) {
		*cut = text_break(fit, columns);
		if (text_columns(fit + *cut + (fit[*cut] == ' ')) + less <= columns)
			break;
		less = text_columns(more);
		gone = next_to_go(fit, &len);
		if (!gone) {
			fit[column_at(fit, columns)] = '\0';
			break;
		}
		memmove(gone, gone + len, strlen(gone + len) + 1);
	}
	char *out = mem_printf("%s%s", fit, less ? more : "");
	free(fit);
	*cut = text_break(out, columns);
	return out;
}

void report_text(struct buf *out, const char *text)
{
	struct buf plain = BUF_INIT;
	plain_add(&plain, text);
	if (plain.len)
		url_show_braces(plain.data);
	for (const char *p = plain.data; *p; p++) {
		if (strchr("\\`*_[]<>|&~!#", *p))
			buf_addch(out, '\\');
		buf_addch(out, *p);
	}
	buf_release(&plain);
}
