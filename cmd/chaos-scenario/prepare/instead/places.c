#include "prepare/instead/places.h"

#include "base/num.h"
#include "cli/diag.h"
#include "conf/yaml.h"
#include "stream/json.h"
#include "sys/args.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, OUT_MAX = 1 << 26 }; /* an anchor may hold itself, and be used again and again */

/* A plain scalar is what JSON would take it for. */
static struct json *value_of(struct ynode n)
{
	const char *text = ynode_text(n);
	int64_t whole;
	double v;
	struct json *j = json_object_new();
	if (ynode_is_null(n))
		json_set_null(j, "v");
	else if (ynode_is_plain(n) && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
		json_set_bool(j, "v", *text == 't' || *text == 'T');
	else if (ynode_is_plain(n) && num_i64(text, INT64_MIN, INT64_MAX, &whole) == 0)
		json_set_int(j, "v", whole);
	else if (ynode_is_plain(n) && num_double(text, -1e300, 1e300, &v) == 0)
		json_set_num(j, "v", v);
	else
		json_set_str(j, "v", text);
	struct json *value = json_clone(json_get(j, "v"));
	json_free(j);
	return value;
}

static int add(struct ynode n, struct json *path, int depth, struct buf *out, struct err *e)
{
	enum ynode_kind kind = ynode_kind(n);
	struct json *line = json_array_new();
	int rc = 0;
	if (depth > DEPTH_MAX)
		rc = ynode_err(n, e, "more than %d lists and tables in one another", DEPTH_MAX);
	else if (out->len > OUT_MAX)
		rc = ynode_err(n, e, "more than %d MiB of values", OUT_MAX >> 20);
	json_push(line, json_clone(path));
	json_push_int(line, ynode_line(n));
	json_push_int(line, ynode_column(n));
	json_push(line, kind == YNODE_MAP ? json_object_new() : kind == YNODE_LIST ? json_array_new() : value_of(n));
	json_line(line, out);
	for (size_t i = 0; !rc && i < ynode_count(n); i++) {
		struct ynode key = {0}, value = ynode_item(n, i);
		struct json *below = json_clone(path);
		if (kind == YNODE_MAP)
			ynode_pair(n, i, &key, &value);
		if (kind == YNODE_LIST)
			json_push_int(below, (int64_t)i);
		else if (ynode_text(key))
			json_push_str(below, ynode_text(key));
		else
			rc = ynode_err(key, e, "a key is one word");
		rc = rc ? rc : add(value, below, depth + 1, out, e);
		json_free(below);
	}
	return rc;
}

int places_print(const char *path)
{
	struct err e = {0};
	struct buf text = BUF_INIT;
	struct json *top = json_array_new();
	struct yaml_doc *doc = yaml_load(path, &e);
	int rc = doc ? add(yaml_root(doc), top, 0, &text, &e) : -1;
	if (!rc)
		rc = out_write(STDOUT_FILENO, &text, &e);
	json_free(top);
	buf_release(&text);
	yaml_doc_free(doc);
	return rc ? diag_err(&e) : EXIT_OK;
}

int lint_exec(const struct options *o)
{
	struct args a = {0};
	struct err e;
	char *program = proc_libexec("lint");
	args_add(&a, "%s", program);
	free(program);
	args_program(&a, "chaos-scenario");
	args_add(&a, "%s", o->scenario);
	args_option(&a, "--mode", o->mode_name);
	args_option(&a, "--config", o->config);
	args_option(&a, "--runs-dir", o->runs_dir);
	args_option(&a, "--baseline-id", o->baseline_id);
	args_exec(&a, &e);
	return diag_err(&e);
}
