#include "prepare/loads/load_check.h"

#include "prepare/steps/targets.h"

#include "base/units.h"
#include "stream/event.h"
#include "sys/file.h"
#include "sys/secret.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool load_is_redis(const struct plan_load *l)
{
	return strncmp(l->urls[0], "redis", 5) == 0 || strncmp(l->urls[0], "unix:", 5) == 0;
}

static bool is_audit(const char *option)
{
	return strcmp(option, "--audit") == 0 || strncmp(option, "--audit=", 8) == 0 || strcmp(option, "--no-audit") == 0;
}

/* What the load has no use for: it is Redis, or has requests of its own. */
static bool is_idle_default(const struct plan_load *l, const char *option)
{
	static const char *const of_http[] = {"--method", "--body", "--header", "--expect", "--keep-alive", "--no-keep-alive",
					      "--http2", "--no-http2", "--location", "--no-location", "--proxy", "--user-file",
					      "--bearer-file", "--engine", "--audit-http"};
	size_t len = strcspn(option, "=");
	for (size_t i = 0; load_is_redis(l) && i < ARRAY_LEN(of_http); i++)
		if (strlen(of_http[i]) == len && strncmp(option, of_http[i], len) == 0)
			return true;
	if (!load_is_redis(l) && (strncmp(option, "--pipeline=", 11) == 0 || is_audit(option)))
		return true;
	return l->conf && l->conf->requests && (strncmp(option, "--requests=", 11) == 0 || strncmp(option, "--key=", 6) == 0);
}

void load_session(struct args *a, const struct plan *p, const struct plan_load *l, int urls_fd)
{
	const struct load_conf *from[] = {&p->config->loads.defaults, l->conf};
	bool no_audit = load_is_redis(l) && !load_audited(p, l); /* which chaos-load has no option for */
	args_add(a, "--urls=%s%d", load_on(p, l) ? "/dev/fd/" : "fd:", urls_fd);
	for (size_t i = 0; i < p->config->node_count; i++)
		if (p->config->nodes[i].via)
			args_add(a, "--via-nodes=%s=%s", p->config->nodes[i].url, p->config->nodes[i].via);
	if (p->load_count > 1)
		args_option(a, "--load-name", l->name);
	for (size_t k = 0; k < ARRAY_LEN(from); k++) /* the last one counts */
		for (size_t i = 0; from[k] && i < from[k]->word_count; i++)
			if ((k || !is_idle_default(l, from[k]->words[i].option)) &&
			    !(no_audit && is_audit(from[k]->words[i].option)))
				args_add(a, "%s", from[k]->words[i].option);
}

const char *load_option(const struct plan *p, const struct plan_load *l, const char *name)
{
	const struct load_conf *from[] = {l->conf, &p->config->loads.defaults};
	size_t len = strlen(name);
	for (size_t k = 0; k < ARRAY_LEN(from); k++)
		for (size_t i = from[k] ? from[k]->word_count : 0; i-- > 0;) {
			const char *option = from[k]->words[i].option, *plain = option + (strncmp(option, "--no-", 5) == 0 ? 5 : 2);
			if (strncmp(plain, name, len) == 0 && (!plain[len] || plain[len] == '='))
				return option;
		}
	return NULL;
}

bool load_audited(const struct plan *p, const struct plan_load *l)
{
	const char *option = load_option(p, l, load_is_redis(l) ? "audit" : "audit-http");
	return option && strcmp(option, "--no-audit") != 0;
}

int64_t load_timeout_ns(const struct plan *p, const struct plan_load *l)
{
	const char *option = load_option(p, l, "timeout");
	int64_t ns = 5 * NS_PER_S; /* as chaos-load has it */
	if (option)
		span_parse(option + strlen("--timeout="), &ns); /* chaos-load has taken it */
	return ns;
}

void load_audit_options(struct args *a, const struct plan *p, const struct plan_load *l)
{
	static const char *const names[] = {"audit-http", "user-file", "bearer-file", "cacert", "insecure"};
	for (size_t i = load_is_redis(l) ? 3 : 0; i < ARRAY_LEN(names); i++) { /* of Redis: those of TLS */
		const char *option = load_option(p, l, names[i]);
		if (option)
			args_add(a, "%s", option);
	}
}

int load_urls(const struct plan_load *l, struct err *e)
{
	struct buf lines = BUF_INIT;
	for (size_t i = 0; i < l->url_count; i++)
		buf_addf(&lines, "%s\n", l->urls[i]);
	int fd = secret_fd(lines.data, lines.len, e);
	explicit_bzero(lines.data, lines.len);
	buf_release(&lines);
	return fd;
}

/* The option of that name; that of the load before that of all loads. */
static const struct load_word *word_named(const struct load_conf *c, const char *name)
{
	for (size_t i = 0; c && i < c->word_count; i++) {
		const char *option = c->words[i].option + 2;
		size_t len = strcspn(option, "=");
		if (strlen(name) == len && strncmp(name, option, len) == 0)
			return &c->words[i];
	}
	return NULL;
}

/* "--max-inflight" is the key 'max_inflight' in a file. */
static void name_keys(char *said)
{
	char *to = said;
	for (const char *at = said; *at;) {
		bool option = strncmp(at, "--", 2) == 0 && islower((unsigned char)at[2]);
		at += option ? 2 : 0;
		do
			*to++ = option && *at == '-' ? '_' : *at;
		while (*at++ && option && (islower((unsigned char)*at) || *at == '-'));
	}
	*to = '\0';
}

/* The place of the option or request that chaos-load's error is about, else of the load. */
static void refused(const struct plan *p, const struct plan_load *l, const struct json *error, const char *otherwise,
		    struct err *e)
{
	const struct load_conf *from[] = {l->conf, &p->config->loads.defaults};
	const struct json *options = json_get(error, "options");
	const char *file = l->conf ? l->conf->file : p->scenario->path, *text = json_str(json_get(error, "message"), otherwise);
	struct conf_place at = l->conf ? l->conf->at : p->scenario->phases[0].place;
	int64_t number = json_int(json_get(error, "request_line"), 0);
	const struct load_word *word = NULL;
	for (size_t i = 0; i < json_count(options) && !word; i++) {
		for (size_t k = 0; k < ARRAY_LEN(from) && !word; k++) {
			word = word_named(from[k], json_str(json_at(options, i), ""));
			file = word ? from[k]->file : file;
			at = word ? word->at : at;
		}
	}
	if (l->conf && number > 0 && (size_t)number <= l->conf->request_count) {
		file = l->conf->file;
		at = l->conf->request_at[number - 1];
		text = json_str(json_get(error, "why"), text);
	}
	char *said = mem_strdup(text);
	name_keys(said);
	place_err(file, at, e, "%s", said);
	free(said);
}

/* The first error event of what it wrote, else how it ended. */
static int take_answer(const struct plan *p, const struct plan_load *l, const struct child *c, int fd, struct err *e)
{
	struct buf text = BUF_INIT;
	struct event_log log = {0};
	const struct json *error = NULL;
	char end[128];
	int rc = lseek(fd, 0, SEEK_SET) ? -1 : fd_read_all(fd, "chaos-load", &text, e);
	if (!rc)
		event_log_parse(&log, text.data, text.len);
	for (size_t i = log.count; i-- > 0;)
		error = log.events[i].kind == EVENT_ERROR ? log.events[i].json : error;
	child_describe_end(c, end, sizeof end);
	if (!rc)
		refused(p, l, error, end, e);
	event_log_release(&log);
	buf_release(&text);
	return -1;
}

static int check(const struct plan *p, const struct plan_load *l, const int fds[static 3], struct err *e)
{
	struct args a = {0};
	struct child c = {0};
	const struct child_how how = {.out = fds[0], .err = -1, .keep_fd = fds[1], .keep_too = fds[2],
				      .die_with_us = true};
	args_program(&a, "chaos-load");
	args_add(&a, "--check");
	args_add(&a, "--events=fd:1"); /* before the options that may be wrong */
	args_add(&a, "--control");
	load_session(&a, p, l, fds[1]);
	if (l->conf && l->conf->requests)
		args_add(&a, "--requests=/dev/fd/%d", fds[2]);
	int rc = child_start(&c, "chaos-load", &a, &how, e);
	if (!rc)
		child_wait(&c);
	if (!rc && child_code(&c) != EXIT_OK)
		rc = take_answer(p, l, &c, fds[0], e);
	args_release(&a);
	return rc;
}

/* A run has one audit.json. */
static int check_audits(const struct plan *p, struct err *e)
{
	const struct plan_load *first = NULL;
	for (size_t i = 0; i < p->load_count; i++) {
		const struct plan_load *l = &p->loads[i];
		if (load_audited(p, l) && first)
			return place_err(l->conf ? l->conf->file : p->scenario->path, l->conf ? l->conf->at : p->scenario->phases[0].place, e,
					 "the loads '%s' and '%s' are both audited; a run audits one", first->name, l->name);
		first = load_audited(p, l) ? l : first;
	}
	return 0;
}

int load_check(const struct plan *p, struct err *e)
{
	int rc = check_audits(p, e);
	for (size_t i = 0; i < p->load_count + p->unused_count && !rc; i++) {
		const char *requests = p->loads[i].conf ? p->loads[i].conf->requests : NULL;
		int fds[] = {secret_fd("", 0, e), load_urls(&p->loads[i], e),
			     secret_fd(requests ? requests : "", requests ? strlen(requests) : 0, e)};
		rc = fds[0] < 0 || fds[1] < 0 || fds[2] < 0 ? -1 : check(p, &p->loads[i], fds, e);
		for (size_t k = 0; k < 3; k++)
			if (fds[k] >= 0)
				close(fds[k]);
	}
	return rc;
}
