/* The variables of a node's process. */
#include "base/buf.h"
#include "node_kinds/process/process.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>

void process_env_free(char **env)
{
	for (char **v = env; v && *v; v++) {
		explicit_bzero(*v, strlen(*v));
		free(*v);
	}
	free(env);
}

static void add(char ***env, size_t *count, char *variable)
{
	*env = mem_realloc(*env, *count + 2, sizeof **env);
	(*env)[(*count)++] = variable;
	(*env)[*count] = NULL;
}

/* "NAME=VALUE" of a line, without "export" and quotes; "" if it says nothing; NULL: it is wrong. */
static char *variable(char *line)
{
	line[strcspn(line, "\r")] = '\0';
	line += strspn(line, " \t");
	if (strncmp(line, "export ", 7) == 0)
		line += 7;
	if (!*line || *line == '#')
		return line + strlen(line);
	char *equals = line + strcspn(line, "= \t"), *value = equals + 1;
	if (*equals != '=' || equals == line)
		return NULL;
	size_t len = strlen(value);
	if (len > 1 && (*value == '"' || *value == '\'') && value[len - 1] == *value) {
		memmove(value, value + 1, len - 2);
		value[len - 2] = '\0';
	}
	return line;
}

/* No line is ever shown: it may be a secret. */
static int add_file(char ***env, size_t *count, const char *path, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t number = 1;
	int rc = file_read_text(path, &text, e);
	for (char *line = text.len ? text.data : NULL, *next; !rc && line; line = next, number++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		const char *found = variable(line);
		if (!found)
			rc = err_usage(e, "%s:%zu:1: expected NAME=VALUE", path, number);
		else if (*found)
			add(env, count, mem_strdup(found));
	}
	if (text.len)
		explicit_bzero(text.data, text.len);
	buf_release(&text);
	return rc;
}

char **process_env(const struct node_conf *c, char *mark, struct err *e)
{
	char **env = mem_alloc(sizeof *env);
	size_t count = 0;
	if (c->env_file && add_file(&env, &count, c->env_file, e)) {
		process_env_free(env);
		free(mark);
		err_prefix(e, "'%s': env_file", c->name);
		return NULL;
	}
	for (char **v = c->env; v && *v; v += 2)
		add(&env, &count, mem_printf("%s=%s", v[0], v[1]));
	if (mark)
		add(&env, &count, mark);
	return env;
}
