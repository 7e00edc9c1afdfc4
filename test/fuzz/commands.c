/* What chaos-fault reads of a session's lines, of its journal, of fault programs that describe
 * themselves, and of a container engine. The first byte says which. */
#include "faults/exec/exec_about.h"
#include "front/command.h"
#include "journal/journal_text.h"
#include "node_kinds/container/inspect.h"

#include "fuzz.h"

#include <string.h>

#define WORD(x) ((char[]){x})
static struct node_conf nodes[] = {
	{.name = WORD("a"), .url = WORD("http://a"), .kind = NODE_PROCESS, .container = WORD("a")},
	{.name = WORD("b"), .url = WORD("http://b"), .kind = NODE_CONTAINER, .compose = WORD("b")},
};
static const struct config config = {.dir = WORD("/x"), .nodes = nodes, .node_count = 2};

static void as_command(char *line, size_t len)
{
	struct command c;
	struct err e = {0};
	struct fleet f;
	(void)len;
	MUST(fleet_init(&f, &config, "/nowhere", NULL, NULL, &e) == 0);
	if (command_parse(&f, line, &c, &e))
		MUST(e.code && *e.msg);
	else
		MUST(c.nothing || (c.verb && (c.node_count || *c.uid)));
	fleet_release(&f);
}

static void as_entry(char *text, size_t len)
{
	struct err e = {0};
	struct config c;
	struct journal_entry j, again;
	struct buf out = BUF_INIT;
	(void)len;
	config_init(&c);
	if (!journal_parse(text, &j) && !journal_parse_config(text, &j, &c, &e)) {
		journal_write(&out, &j, &c, &c.nodes[0]);
		MUST(!journal_parse(out.data, &again) && !strcmp(j.uid, again.uid));
		MUST(j.target.proc.pid == again.target.proc.pid && j.owner.pid == again.owner.pid);
	}
	config_release(&c);
	buf_release(&out);
}

static void as_program(char *text, size_t len)
{
	static const char *const words[] = {"by=10ms", "share=5%", "x=y"};
	struct err e = {0};
	struct program p = {.name = WORD("x"), .path = WORD("/x")};
	p.described = json_parse(text, len, "x", &e);
	for (size_t i = 0; i < 4 && p.described && !exec_about_check(&p, &e); i++)
		json_free(program_params(&p, words, i, &e));
	json_free(p.described);
}

static void as_engine(char *text, size_t len)
{
	struct err e = {0};
	struct view v;
	char id[CONTAINER_ID_MAX], said[64];
	(void)len;
	if (view_read(&v, text, &e) == 0)
		MUST(memchr(v.id, 0, sizeof v.id) && v.pid >= 0);
	for (size_t i = 0; i < 2; i++)
		MUST(view_find(id, &nodes[i], &config, "x", text, &e) == 0 || *e.msg);
	view_message(text, said, sizeof said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const as[])(char *text, size_t len) = {as_command, as_entry, as_program, as_engine};
	struct buf text = BUF_INIT;
	if (!size)
		return 0;
	buf_add(&text, data + 1, size - 1);
	buf_addstr(&text, "");
	as[data[0] % 4](text.data, text.len);
	buf_release(&text);
	return 0;
}
