#include "prepare/overrides.h"

#include "base/buf.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RPS_MAX = 1e6;

/* NAME=VALUE taken apart. */
struct override {
	const char *text, *value, *key; /* key: behind the dot of TYPE.KEY, else NULL */
	char name[64];			/* before the dot, else all of it */
	double rps;
	int64_t span_ns;
};

static const char *word_of(const struct scenario_action *a)
{
	return a->type->name ? a->type->name : a->program;
}

static int parse(struct override *o, const char *text, struct err *e)
{
	size_t len = strcspn(text, "="), dot = strcspn(text, ".=");
	*o = (struct override){.text = text, .value = text + len + 1, .rps = NAN, .span_ns = -1};
	if (text[len] != '=' || !*o->value || dot >= sizeof o->name)
		return err_usage(e, "--set: '%s' is not NAME=VALUE", text);
	memcpy(o->name, text, dot);
	o->key = dot < len ? text + dot + 1 : NULL;
	bool span = o->key ? strncmp(o->key, "for=", 4) == 0 : strcmp(o->name, "duration") == 0;
	if (span && (span_parse(o->value, &o->span_ns) || o->span_ns <= 0))
		return err_usage(e, "--set: '%s' is not a time span (20, 20s, 150ms, 1m30s)", o->value);
	if (!o->key && strcmp(o->name, "rps") == 0 && num_double(o->value, 0, RPS_MAX, &o->rps))
		return err_usage(e, "--set: '%s' is not a rate from 0 to %.0f", o->value, RPS_MAX);
	if (!o->key && !span && isnan(o->rps))
		return err_usage(e, "--set: unknown '%s'; it is rps, duration, TYPE.for or TYPE.PARAMETER", o->name);
	return 0;
}

/* Replaces or adds " key=value" of the parameters of a program. */
static void set_param(struct scenario_action *a, const struct override *o)
{
	struct buf text = BUF_INIT;
	size_t key = (size_t)(o->value - o->key); /* with the '=' */
	for (const char *at = a->params ? a->params : ""; *at;) {
		size_t len = 1 + strcspn(at + 1, " ");
		if (strncmp(at + 1, o->key, key) != 0)
			buf_addf(&text, "%.*s", (int)len, at);
		at += len;
	}
	buf_addf(&text, " %s", o->key);
	free(a->params);
	a->params = buf_detach(&text);
}

/* 1 if it was about this action, 0 if not. */
static int apply(const struct scenario *s, struct scenario_action *a, const struct override *o, struct err *e)
{
	bool fault = a->type->kind == ACTION_NODE;
	if (!isnan(o->rps)) {
		if (fault || a->rps < 0)
			return 0;
		a->rps = o->rps;
	} else if (o->key && (!fault || strcmp(word_of(a), o->name) != 0)) {
		return 0;
	} else if (o->span_ns > 0) {
		if (!a->for_ns)
			return 0;
		a->for_ns = o->span_ns;
		if (a->times > 1 && a->every_ns - a->jitter_ns <= a->for_ns)
			return place_err(s->path, a->place, e, "--set %s: 'for' must be shorter than what 'every' leaves", o->text);
	} else if (!a->program) {
		return err_usage(e, "--set %s: %s has no parameters", o->text, o->name);
	} else {
		set_param(a, o);
	}
	return 1;
}

static int set_one(struct scenario *s, const char *text, struct err *e)
{
	struct override o;
	const char *near = NULL;
	int changed = 0;
	if (parse(&o, text, e))
		return -1;
	for (size_t i = 0; i < s->phase_count; i++) {
		for (size_t k = 0; k < s->phases[i].action_count; k++) {
			struct scenario_action *a = &s->phases[i].actions[k];
			int rc = apply(s, a, &o, e);
			if (rc < 0)
				return -1;
			changed += rc;
			if (o.key)
				suggest(o.name, word_of(a), &near);
		}
	}
	if (changed)
		return 0;
	return err_usage(e, "--set %s: no action of '%s' matches%s%s%s", text, s->path, SUGGESTED(near, ""));
}

static void drop_expected(struct placed **all, size_t *count)
{
	placed_release(*all, *count);
	*all = NULL;
	*count = 0;
}

static void drop_faults(struct scenario *s)
{
	for (size_t i = 0; i < s->phase_count; i++) {
		struct scenario_phase *p = &s->phases[i];
		size_t kept = 0;
		p->until_recovered = false;
		drop_expected(&p->expect, &p->expect_count);
		for (size_t k = 0; k < p->action_count; k++) {
			if (p->actions[k].type->kind != ACTION_NODE)
				p->actions[kept++] = p->actions[k];
			else
				scenario_action_release(&p->actions[k]);
		}
		p->action_count = kept;
	}
}

static void shorten(struct scenario *s, double share)
{
	s->duration_ns = 0;
	for (size_t i = 0; i < s->phase_count; i++) {
		struct scenario_phase *p = &s->phases[i];
		p->start_ns = s->duration_ns;
		p->duration_ns = (int64_t)((double)p->duration_ns * share);
		s->duration_ns += p->duration_ns;
		for (size_t k = 0; k < p->action_count; k++)
			p->actions[k].at_ns = (int64_t)((double)p->actions[k].at_ns * share);
	}
}

int overrides_apply(struct scenario *s, const struct options *o, struct err *e)
{
	if (o->without_faults)
		drop_faults(s);
	for (size_t i = 0; i < o->set.count; i++)
		if (set_one(s, o->set.items[i], e))
			return -1;
	if (o->shorten < 1)
		shorten(s, o->shorten);
	return 0;
}
