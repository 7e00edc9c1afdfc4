/* YAML documents with line and column of every node, for precise errors. The only module that
 * uses libyaml. */
#ifndef CONF_YAML_H
#define CONF_YAML_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yaml_doc;

/* A node of a document: cheap to copy, valid while the document lives. id 0: absent. */
struct ynode {
	const struct yaml_doc *doc;
	int id;
};

/* A position in a file; both count from 1. */
struct conf_place {
	int line, column;
};

enum ynode_kind { YNODE_NONE, YNODE_SCALAR, YNODE_LIST, YNODE_MAP };

/* Parses the one document in text; name stands for it in errors. The caller
 * frees. NULL with "name:line:column: reason" (EXIT_USAGE), also when there is a second
 * document or none. */
struct yaml_doc *yaml_parse(const char *text, size_t len, const char *name, struct err *e);
struct yaml_doc *yaml_load(const char *path, struct err *e); /* a file */
/* Accepts NULL. (Not yaml_free: libyaml has a function of that name, which ours would replace.) */
void yaml_doc_free(struct yaml_doc *doc);
struct ynode yaml_root(const struct yaml_doc *doc);

enum ynode_kind ynode_kind(struct ynode n);
const char *ynode_text(struct ynode n); /* of a scalar, borrowed; NULL for anything else */
bool ynode_is_plain(struct ynode n); /* a scalar without quotes, which may be more than text */
bool ynode_is_null(struct ynode n);	 /* absent, or a plain "", "~" or "null" */
int ynode_line(struct ynode n);	 /* from 1 */
int ynode_column(struct ynode n); /* from 1 */
struct conf_place ynode_place(struct ynode n);

struct ynode ynode_get(struct ynode map, const char *key); /* id 0 if absent */
size_t ynode_count(struct ynode n); /* list elements or map pairs */
struct ynode ynode_item(struct ynode list, size_t i);
void ynode_pair(struct ynode map, size_t i, struct ynode *key, struct ynode *value);

/* "file:line:column: message" with EXIT_USAGE, or "file: message" for a place that is
 * not there. Returns -1. */
int ynode_err(struct ynode n, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
#define ynode_err(...) (ynode_err(__VA_ARGS__), -1)
#endif

/* Fails at the first key that is not in known (NULL-terminated), with the nearest known key; at a
 * duplicate key; and if n is not a map. known NULL: any key. */
int ynode_check_keys(struct ynode n, const char *const *known, struct err *e);
/* Fails at the first key without a value: for tables in which a key that is left empty would be taken for one that
 * is not there, and the run would be another one than was meant. but: one that may be empty, or NULL. */
int ynode_check_values(struct ynode map, const char *but, struct err *e);

/* Typed readers. An absent or null node leaves *out alone and returns 0; a node of
 * another kind, or out of bounds, is an error with its position. */
int ynode_str(struct ynode n, const char **out, struct err *e); /* borrowed */
int ynode_double(struct ynode n, double min, double max, double *out, struct err *e);
int ynode_int(struct ynode n, int64_t min, int64_t max, int64_t *out, struct err *e);
int ynode_bool(struct ynode n, bool *out, struct err *e);
int ynode_span(struct ynode n, int64_t *out_ns, struct err *e); /* bare numbers are seconds */

/* Reads a list of words, possibly empty, into a NULL-terminated array; the caller frees array and
 * words. *out is unchanged on error. */
int ynode_words(struct ynode list, char ***out, struct err *e);
/* Reads a map of scalars: key, value, key, …, NULL; an absent or null one is empty. The
 * caller frees array and words, on error too. */
int ynode_pairs(struct ynode map, char ***out, struct err *e);

#endif
