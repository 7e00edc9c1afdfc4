#include "stat/profile.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

static const int64_t length_max_ns = INT64_C(300000000) * NS_PER_S; /* ten years */

static char *trim(char *s)
{
	s += strspn(s, " \t\n");
	size_t len = strlen(s);
	while (len && strchr(" \t\n", s[len - 1]))
		s[--len] = '\0';
	return s;
}

static int read_rate(const char *word, double max, double *rate, struct err *e)
{
	if (num_double(word, 0, max, rate))
		return err_usage(e, "'%s' is not a rate from 0 to %.0f per second", word, max);
	return 0;
}

static int read_step(char *text, double max_rate, struct profile_step *s, struct err *e)
{
	char *at = strchr(text, '@');
	if (!at)
		return err_usage(e, "'%s' is not DURATION@RATE or DURATION@RATE..RATE", text);
	*at = '\0';
	char *span = trim(text), *rate = trim(at + 1), *to = strstr(rate, "..");
	if (span_parse(span, &s->length_ns) || s->length_ns == 0)
		return err_usage(e, "'%s' is not a time span (20, 20s, 150ms)", span);
	if (to) {
		*to = '\0';
		to = trim(to + 2);
		rate = trim(rate);
	}
	return read_rate(rate, max_rate, &s->from, e) ||
			       read_rate(to ? to : rate, max_rate, &s->to, e)
		       ? -1
		       : 0;
}

int rate_profile_parse(const char *text, double max_rate, struct rate_profile *p, struct err *e)
{
	char *copy = mem_strdup(text), *next = copy;
	int rc = 0;
	*p = (struct rate_profile){0};
	while (!rc && next) {
		struct profile_step s = {.at_ns = p->length_ns};
		char *step = strsep(&next, ",");
		rc = read_step(trim(step), max_rate, &s, e);
		if (!rc && s.length_ns > length_max_ns - p->length_ns)
			rc = err_usage(e, "longer than ten years");
		if (rc)
			break;
		p->steps = mem_grow(p->steps, &p->alloc, p->count, sizeof *p->steps);
		p->steps[p->count++] = s;
		p->length_ns += s.length_ns;
	}
	free(copy);
	return rc;
}

void rate_profile_release(struct rate_profile *p)
{
	free(p->steps);
	*p = (struct rate_profile){0};
}
