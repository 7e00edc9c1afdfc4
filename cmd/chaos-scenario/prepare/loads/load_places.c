#include "prepare/loads/load_places.h"

#include "base/suggest.h"
#include "children/child.h"
#include "prepare/loads/load_check.h"
#include "prepare/steps/targets.h"
#include "sys/file.h"
#include "sys/secret.h"
#include "url/url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char blanks[] = " \t";

static void add_places(struct args *a, const struct placed *on)
{
	char *words = mem_strdup(on->text), *save = NULL;
	args_add(a, "--on");
	for (char *w = strtok_r(words, blanks, &save); w; w = strtok_r(NULL, blanks, &save))
		args_add(a, "%s", w);
	free(words);
}

static bool is_local(const struct placed *on)
{
	return strncmp(on->text, "local:", 6) == 0;
}

void places_session(struct args *a, const struct plan *p, const struct plan_load *l, int urls_fd, const char *requests)
{
	static const char *const files[] = {"replay", "requests", "user-file", "bearer-file", "cacert"};
	static const char *const texts[] = {"body", "audit-http"}; /* '@FILE' */
	const struct placed *on = load_on(p, l);
	args_program(a, "chaos-spread");
	add_places(a, on);
	args_add(a, "--control");
	args_add(a, "--send=/dev/fd/%d", urls_fd);
	if (requests)
		args_option(a, "--send", requests);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *option = load_option(p, l, files[i]);
		if (option && !(requests && strcmp(files[i], "requests") == 0))
			args_option(a, "--send", strchr(option, '=') + 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const char *option = load_option(p, l, texts[i]), *value = option ? strchr(option, '=') : NULL;
		if (value && value[1] == '@')
			args_option(a, "--send", value + 2);
	}
}

void places_command(struct args *a, const struct plan *p, const struct plan_load *l)
{
	args_add(a, "--");
	if (is_local(load_on(p, l)))
		args_program(a, "chaos-load");
	else
		args_add(a, "chaos-load");
}

/* --- checks -------------------------------------------------------------- */

/* What chaos-spread is told by others than the config, or what ends it at once, is none of these. */
static int check_option(const struct placed *on, const char *file, const char *word, struct err *e)
{
	static const char *const takes[] = {"--again", "--delay", "--image", "--job", "--kubectl", "--srun", "--ssh"};
	const char *near = NULL;
	char name[64];
	struct buf all = BUF_INIT;
	bool known = false;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < ARRAY_LEN(takes); i++) {
		known |= strcmp(name, takes[i]) == 0;
		suggest(name, takes[i], &near);
		buf_addf(&all, "%s%s", i ? ", " : "", takes[i]);
	}
	if (!known && *word == '-' && near)
		place_err(file, on->at, e, "on: unknown option '%s'; did you mean '%s'?", name, near);
	else if (!known)
		place_err(file, on->at, e, "on: %s '%s'; it takes %s", *word == '-' ? "unknown option" : "no option is",
			  *word == '-' ? name : word, all.data);
	buf_release(&all);
	return known ? 0 : -1;
}

/* Places, then options, each with a value. */
static int check_words(const struct placed *on, const char *file, struct err *e)
{
	char *words = mem_strdup(on->text), *save = NULL, *word = strtok_r(words, blanks, &save);
	int rc = word && *word != '-' ? 0 : place_err(file, on->at, e, "on: it begins with a place, not with '%s'", word ? word : "");
	while (!rc && (word = strtok_r(NULL, blanks, &save))) {
		rc = check_option(on, file, word, e);
		char *value = rc || strchr(word, '=') ? word : strtok_r(NULL, blanks, &save);
		if (!rc && (!value || (value != word && *value == '-')))
			rc = place_err(file, on->at, e, "on: option '%s' needs a value", word);
	}
	free(words);
	return rc;
}

static int check(const struct placed *on, const char *file, struct err *e)
{
	struct args a = {0};
	struct child c = {0};
	struct buf text = BUF_INIT;
	int err_fd = secret_fd("", 0, e);
	const struct child_how how = {.out = -1, .err = err_fd, .keep_fd = -1, .die_with_us = true};
	args_program(&a, "chaos-spread");
	args_add(&a, "--check");
	add_places(&a, on);
	args_add(&a, "--");
	args_program(&a, "chaos-load");
	int rc = err_fd < 0 ? -1 : child_start(&c, "chaos-spread", &a, &how, e);
	if (!rc) {
		child_wait(&c);
		rc = lseek(err_fd, 0, SEEK_SET) ? -1 : fd_read_all(err_fd, "chaos-spread", &text, e);
	}
	if (!rc && child_code(&c) != EXIT_OK) {
		char *said = text.len > strlen("chaos-spread: ") ? text.data + strlen("chaos-spread: ") : NULL;
		if (said)
			said[strcspn(said, "\n")] = '\0';
		rc = place_err(file, on->at, e, "on: %s", said ? said : "chaos-spread gives no reason");
		e->code = child_code(&c) == EXIT_RUNTIME ? EXIT_RUNTIME : EXIT_USAGE;
	}
	if (err_fd >= 0)
		close(err_fd);
	args_release(&a);
	buf_release(&text);
	return rc;
}

static const char *via_of(const struct plan *p, const char *url)
{
	for (size_t i = 0; i < p->config->node_count; i++)
		if (p->config->nodes[i].via && strcmp(p->config->nodes[i].url, url) == 0)
			return p->config->nodes[i].via;
	return NULL;
}

/* Such an address means each of the places itself there. */
static void warn_loopback(struct plan *p, const struct plan_load *l, const struct placed *on)
{
	for (size_t i = 0; i < l->url_count; i++) {
		struct url u = {0};
		struct err ignored;
		const char *via = via_of(p, l->urls[i]);
		char *asked = via ? mem_printf("http://%s", via) : mem_strdup(l->urls[i]), *shown = url_public(l->urls[i]);
		if (url_parse(asked, &u, &ignored) == 0 && url_is_loopback(&u))
			plan_warn(p, mem_printf("load '%s': '%s%s%s%s is a loopback address: at each place of '%s' it is that place itself",
						l->name, via ? via : "", via ? "', by which '" : "", shown, via ? "' is asked," : "'", on->text));
		free(shown);
		free(asked);
		url_release(&u);
	}
}

int places_check(struct plan *p, struct err *e)
{
	const struct scenario *s = p->scenario;
	for (size_t i = 0; i < p->load_count + p->unused_count; i++) {
		const struct plan_load *l = &p->loads[i];
		const struct placed *on = load_on(p, l);
		const char *file = l->conf && on == &l->conf->on ? l->conf->file : p->config->loads.defaults.file;
		if (!on)
			continue;
		if (check_words(on, file, e) || check(on, file, e))
			return -1;
		for (size_t k = 0; k < s->phase_count; k++)
			if (s->phases[k].until_recovered)
				return place_err(s->path, s->phases[k].until_place, e,
						 "the load '%s' comes from '%s', where its rates must be known from the start: no 'until'",
						 l->name, on->text);
		if (i < p->load_count && !is_local(on)) /* the others are not sent */
			warn_loopback(p, l, on);
	}
	return 0;
}
