#include "node_kinds/container/engine_at.h"

#include "base/buf.h"
#include "base/field.h"
#include "net/curl/curl_engine.h"
#include "stream/json.h"
#include "sys/file.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

int engine_take(char *out, size_t size, const char *address, struct err *e)
{
	return engine_check(address, e) ? -1 : field_put(out, size, address, "container engine's address", e);
}

/* --- docker's contexts ------------------------------------------------------------ */

static char *docker_dir(void)
{
	const char *dir = env("DOCKER_CONFIG"), *home = env("HOME");
	return dir ? mem_strdup(dir) : home ? mem_printf("%s/.docker", home) : NULL;
}

/* NULL if there is no such file or it cannot be understood. */
static struct json *read_json(const char *path)
{
	struct buf text = BUF_INIT;
	struct err ignored;
	struct json *j = NULL;
	if (file_read(path, &text, &ignored) == 0)
		j = json_parse(text.data, text.len, path, &ignored);
	buf_release(&text);
	return j;
}

/* The name of the context in use; the caller frees. NULL: the default one. */
static char *context_name(const char *dir)
{
	char *name = NULL;
	if (env("DOCKER_CONTEXT")) {
		name = mem_strdup(env("DOCKER_CONTEXT"));
	} else {
		char *path = mem_printf("%s/config.json", dir);
		struct json *j = read_json(path);
		const char *current = json_text(j, "currentContext");
		name = *current ? mem_strdup(current) : NULL;
		json_free(j);
		free(path);
	}
	if (name && strcmp(name, "default") == 0) {
		free(name);
		name = NULL;
	}
	return name;
}

/* Folders are named by a hash; the name is inside. NULL: there is none of that name. The caller frees. */
static char *context_host(const char *dir, const char *name)
{
	char *folder = mem_printf("%s/contexts/meta", dir), *host = NULL;
	DIR *d = opendir(folder);
	for (struct dirent *de; d && !host && (de = readdir(d));) {
		if (de->d_name[0] == '.')
			continue;
		char *path = mem_printf("%s/%s/meta.json", folder, de->d_name);
		struct json *j = read_json(path);
		if (strcmp(json_text(j, "Name"), name) == 0)
			host = mem_strdup(json_text(j, "Endpoints.docker.Host"));
		json_free(j);
		free(path);
	}
	if (d)
		closedir(d);
	free(folder);
	return host;
}

/* 1: out is set; 0: no context is in use; -1: it cannot be used. */
static int from_context(char *out, size_t size, struct err *e)
{
	char *dir = docker_dir(), *name = dir ? context_name(dir) : NULL;
	char *host = name ? context_host(dir, name) : NULL;
	int rc = 0;
	if (name && !host)
		rc = err_usage(e, "docker's context '%s' is not known in '%s/contexts'", name, dir);
	else if (name)
		rc = engine_take(out, size, host, e) ? err_prefix(e, "docker's context '%s'", name) : 1;
	free(host);
	free(name);
	free(dir);
	return rc;
}

/* --- the usual sockets --------------------------------------------------------------- */

static int usual(char *out, size_t size, struct err *e)
{
	const char *run = env("XDG_RUNTIME_DIR");
	char *paths[] = {mem_strdup("/var/run/docker.sock"),
			 run ? mem_printf("%s/docker.sock", run) : NULL,
			 run ? mem_printf("%s/podman/podman.sock", run) : NULL,
			 mem_strdup("/run/podman/podman.sock")};
	char *found = NULL;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		if (!found && paths[i] && file_exists(paths[i]))
			found = mem_printf("unix://%s", paths[i]);
		free(paths[i]);
	}
	int rc = found ? engine_take(out, size, found, e)
		       : err_runtime(e, "no container engine is running: neither "
					"'/var/run/docker.sock' nor Podman's socket is there; start "
					"one, or name its socket in DOCKER_HOST");
	free(found);
	return rc;
}

int engine_at(char *out, size_t size, struct err *e)
{
	const char *host = env("DOCKER_HOST");
	if (host) {
		const char *tls = env("DOCKER_TLS_VERIFY") ? "DOCKER_TLS_VERIFY"
				  : env("DOCKER_TLS")	   ? "DOCKER_TLS"
							   : NULL;
		if (tls && strncmp(host, "unix:", 5) != 0)
			return err_usage(e, "%s is set, but an engine is not spoken to over TLS; unset "
					    "it, or name its socket in DOCKER_HOST", tls);
		return engine_take(out, size, host, e) ? err_prefix(e, "DOCKER_HOST") : 0;
	}
	int rc = from_context(out, size, e);
	return rc ? (rc < 0 ? -1 : 0) : usual(out, size, e);
}
