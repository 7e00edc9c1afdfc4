#include "conf/yaml.h"

#include "base/buf.h"
#include "sys/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 64, ANCHORS_MAX = 1000 };

struct yaml_doc {
	yaml_document_t yaml;
	char *name;
};

/* libyaml's accessor wants a mutable document but only reads it. */
static const yaml_node_t *raw(struct ynode n)
{
	if (!n.doc || !n.id)
		return NULL;
	return yaml_document_get_node((yaml_document_t *)(uintptr_t)&n.doc->yaml, n.id);
}

/* True if the scanner failed at a tab. */
static bool at_tab(const yaml_parser_t *p)
{
	return p->error == YAML_SCANNER_ERROR && p->buffer.pointer < p->buffer.last &&
	       *p->buffer.pointer == '\t';
}

static int parse_error(const yaml_parser_t *p, const char *name, struct err *e)
{
	if (p->error == YAML_MEMORY_ERROR)
		return err_runtime(e, "%s: out of memory", name);
	if (p->error == YAML_READER_ERROR)
		return err_usage(e, "%s: not UTF-8 text at byte %zu: %s", name, p->problem_offset,
				 p->problem);
	if (at_tab(p))
		return err_usage(e, "%s:%zu:%zu: a tab: YAML wants spaces at the beginning of a line",
				 name, p->problem_mark.line + 1, p->problem_mark.column + 1);
	const char *problem = p->problem ? p->problem : "cannot be read", *context = p->context ? p->context : "";
	bool indented = strstr(context, "block") && strstr(problem, "did not find expected");
	return err_usage(e, "%s:%zu:%zu: %s%s%s%s", name, p->problem_mark.line + 1, p->problem_mark.column + 1, problem,
			 *context ? " " : "", context, indented ? "; is this line indented as those that it belongs to?" : "");
}

/* Refuses a second document instead of ignoring it. */
static int check_alone(yaml_parser_t *p, const char *name, struct err *e)
{
	yaml_document_t second;
	if (!yaml_parser_load(p, &second))
		return parse_error(p, name, e);
	int rc = 0;
	if (yaml_document_get_root_node(&second))
		rc = err_usage(e, "%s:%zu:1: a second document starts here; one is wanted", name,
			       second.start_mark.line + 1);
	yaml_document_delete(&second);
	return rc;
}

/* Refuses "\0" in quoted text, which would end a C string early. */
static int check_scalars(struct yaml_doc *doc, struct err *e)
{
	for (int id = 1; id <= doc->yaml.nodes.top - doc->yaml.nodes.start; id++) {
		struct ynode n = {.doc = doc, .id = id};
		const char *text = ynode_text(n);
		if (text && strlen(text) != raw(n)->data.scalar.length)
			return ynode_err(n, e, "a string contains a NUL character");
	}
	return 0;
}

/* Bounds, in one pass beside the one that builds the document: libyaml takes time that grows with the
 * square of how deep lists are nested, and of the number of anchors. */
static int check_bounds(const char *text, size_t len, const char *name, struct err *e)
{
	yaml_parser_t parser;
	yaml_event_t event = {0};
	size_t depth = 0, anchors = 0;
	bool end = false;
	int rc = 0;
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (!rc && !end && yaml_parser_parse(&parser, &event)) { /* an error shows up again */
		const yaml_char_t *anchor = NULL;
		end = event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT;
		if (event.type == YAML_SEQUENCE_START_EVENT || event.type == YAML_MAPPING_START_EVENT) {
			bool list = event.type == YAML_SEQUENCE_START_EVENT;
			anchor = list ? event.data.sequence_start.anchor
				      : event.data.mapping_start.anchor;
			depth++;
		} else if (event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT) {
			depth--;
		} else if (event.type == YAML_SCALAR_EVENT) {
			anchor = event.data.scalar.anchor;
		}
		anchors += anchor != NULL;
		if (depth > DEPTH_MAX || anchors > ANCHORS_MAX)
			rc = err_usage(e, "%s:%zu:%zu: more than %d %s", name, event.start_mark.line + 1,
				       event.start_mark.column + 1,
				       depth > DEPTH_MAX ? DEPTH_MAX : ANCHORS_MAX,
				       depth > DEPTH_MAX ? "lists and tables in one another" : "anchors");
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return rc;
}

struct yaml_doc *yaml_parse(const char *text, size_t len, const char *name, struct err *e)
{
	if (check_bounds(text, len, name, e))
		return NULL;
	struct yaml_doc *doc = mem_alloc(sizeof *doc);
	yaml_parser_t parser;
	doc->name = mem_strdup(name);
	yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	bool ok = yaml_parser_load(&parser, &doc->yaml);
	if (!ok) {
		parse_error(&parser, name, e);
		doc->yaml = (yaml_document_t){0};
	} else if (!yaml_document_get_root_node(&doc->yaml)) {
		ok = !err_usage(e, "%s:1:1: the file is empty", name);
	} else {
		ok = !check_alone(&parser, name, e) && !check_scalars(doc, e);
	}
	yaml_parser_delete(&parser);
	if (ok)
		return doc;
	yaml_doc_free(doc);
	return NULL;
}

struct yaml_doc *yaml_load(const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct yaml_doc *doc = NULL;
	if (file_read(path, &b, e) == 0)
		doc = yaml_parse(b.data, b.len, path, e);
	buf_release(&b);
	return doc;
}

void yaml_doc_free(struct yaml_doc *doc)
{
	if (!doc)
		return;
	yaml_document_delete(&doc->yaml);
	free(doc->name);
	free(doc);
}

struct ynode yaml_root(const struct yaml_doc *doc)
{
	return (struct ynode){.doc = doc, .id = 1};
}

enum ynode_kind ynode_kind(struct ynode n)
{
	const yaml_node_t *y = raw(n);
	if (!y)
		return YNODE_NONE;
	if (y->type == YAML_SCALAR_NODE)
		return YNODE_SCALAR;
	if (y->type == YAML_SEQUENCE_NODE)
		return YNODE_LIST;
	return y->type == YAML_MAPPING_NODE ? YNODE_MAP : YNODE_NONE;
}

const char *ynode_text(struct ynode n)
{
	if (ynode_kind(n) != YNODE_SCALAR)
		return NULL;
	return (const char *)raw(n)->data.scalar.value;
}

bool ynode_is_plain(struct ynode n)
{
	return ynode_kind(n) == YNODE_SCALAR && raw(n)->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

bool ynode_is_null(struct ynode n)
{
	if (ynode_kind(n) == YNODE_NONE)
		return true;
	const char *text = ynode_text(n);
	if (!ynode_is_plain(n))
		return false;
	return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
	       strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

int ynode_line(struct ynode n)
{
	const yaml_node_t *y = raw(n);
	return y ? (int)y->start_mark.line + 1 : 0;
}

int ynode_column(struct ynode n)
{
	const yaml_node_t *y = raw(n);
	return y ? (int)y->start_mark.column + 1 : 0;
}

struct conf_place ynode_place(struct ynode n)
{
	return (struct conf_place){.line = ynode_line(n), .column = ynode_column(n)};
}

size_t ynode_count(struct ynode n)
{
	const yaml_node_t *y = raw(n);
	if (ynode_kind(n) == YNODE_LIST)
		return (size_t)(y->data.sequence.items.top - y->data.sequence.items.start);
	return ynode_kind(n) == YNODE_MAP ? (size_t)(y->data.mapping.pairs.top - y->data.mapping.pairs.start) : 0;
}

struct ynode ynode_item(struct ynode list, size_t i)
{
	const yaml_node_t *y = raw(list);
	if (ynode_kind(list) != YNODE_LIST || !y || i >= ynode_count(list))
		return (struct ynode){.doc = list.doc, .id = 0};
	return (struct ynode){.doc = list.doc, .id = y->data.sequence.items.start[i]};
}

void ynode_pair(struct ynode map, size_t i, struct ynode *key, struct ynode *value)
{
	const yaml_node_t *y = raw(map);
	*key = *value = (struct ynode){.doc = map.doc, .id = 0};
	if (ynode_kind(map) != YNODE_MAP || !y || i >= ynode_count(map))
		return;
	const yaml_node_pair_t *p = &y->data.mapping.pairs.start[i];
	*key = (struct ynode){.doc = map.doc, .id = p->key};
	*value = (struct ynode){.doc = map.doc, .id = p->value};
}

struct ynode ynode_get(struct ynode map, const char *key)
{
	if (ynode_kind(map) == YNODE_MAP) {
		for (size_t i = 0; i < ynode_count(map); i++) {
			struct ynode k, v;
			ynode_pair(map, i, &k, &v);
			const char *text = ynode_text(k);
			if (text && strcmp(text, key) == 0)
				return v;
		}
	}
	return (struct ynode){.doc = map.doc, .id = 0};
}

int (ynode_err)(struct ynode n, struct err *e, const char *fmt, ...)
{
	char msg[sizeof e->msg / 2];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof msg, fmt, ap);
	va_end(ap);
	if (!raw(n))
		return err_usage(e, "%s: %s", n.doc->name, msg);
	return err_usage(e, "%s:%d:%d: %s", n.doc->name, ynode_line(n), ynode_column(n), msg);
}
