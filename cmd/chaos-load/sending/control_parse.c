#include "sending/control.h"

#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"

#include <string.h>

static const double max_rate = 1e6;

enum { WORDS_MAX = 6 };

static int read_rate(const char *word, double *rate, struct err *e)
{
	if (num_double(word, 0, max_rate, rate))
		return err_usage(e, "'%s' is not a rate from 0 to %.0f per second", word, max_rate);
	return 0;
}

static int read_ramp(char *const *words, struct control_command *c, struct err *e)
{
	if (read_rate(words[1], &c->from, e) || read_rate(words[2], &c->to, e))
		return -1;
	if (span_parse(words[3], &c->ramp_ns))
		return err_usage(e, "'%s' is not a time span (20, 20s, 150ms)", words[3]);
	return 0;
}

static const struct {
	const char *word, *usage;
	enum control_verb verb;
	int count; /* of words, with the verb */
} verbs[] = {
	{"rate", "rate N", CONTROL_RATE, 2},
	{"ramp", "ramp N M DURATION", CONTROL_RAMP, 4},
	{"stop", "stop", CONTROL_STOP, 1},
	{"replay", "replay", CONTROL_REPLAY, 1},
};

static int find_verb(const char *word, struct err *e)
{
	const char *near = NULL;
	for (int i = 0; i < (int)(sizeof verbs / sizeof verbs[0]); i++) {
		if (strcmp(verbs[i].word, word) == 0)
			return i;
		suggest(word, verbs[i].word, &near);
	}
	return err_usage(e, "unknown command '%s'%s%s%s", word, SUGGESTED(near, "; it is one of rate, ramp, stop, replay"));
}

static int read_verb(char *const *words, int count, struct control_command *c, struct err *e)
{
	int v = find_verb(words[0], e);
	if (v < 0)
		return -1;
	if (count != verbs[v].count)
		return err_usage(e, "the command is '[@S] %s'", verbs[v].usage);
	c->verb = verbs[v].verb;
	if (c->verb == CONTROL_RAMP)
		return read_ramp(words, c, e);
	if (c->verb == CONTROL_RATE && read_rate(words[1], &c->to, e))
		return -1;
	c->from = c->to;
	return 0;
}

int control_line_parse(char *line, struct control_command *c, struct err *e)
{
	char *words[WORDS_MAX] = {0}, *save = NULL;
	int count = 0, first = 0;
	*c = (struct control_command){.at_ns = -1};
	for (char *w = strtok_r(line, " \t\r", &save); w; w = strtok_r(NULL, " \t\r", &save)) {
		if (count == WORDS_MAX)
			return err_usage(e, "too many words");
		words[count++] = w;
	}
	if (count && words[0][0] == '@') {
		if (span_parse(words[0] + 1, &c->at_ns))
			return err_usage(e, "'%s' is not a time: @12.5 is 12.5 s after slot 0",
					 words[0]);
		first = 1;
	}
	if (count == first)
		return err_usage(e, "no command; it is one of rate, ramp, stop, replay");
	return read_verb(words + first, count - first, c, e);
}
