#include "hosts/far.h"

#include "base/units.h"
#include "sys/file.h"
#include "sys/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SSH_FAILED = 255 };

/* Never asks anybody anything; a link that is silent for three seconds is lost. */
static const char *const ssh_options[] = {"-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10",
					  "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=3"};

void words_add(struct words *w, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	w->items = mem_grow(w->items, &w->alloc, w->count + 1, sizeof *w->items);
	w->items[w->count++] = buf_detach(&text);
	w->items[w->count] = NULL;
}

void words_release(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->items[i]);
	free(w->items);
	*w = (struct words){0};
}

void far_options(struct words *w, const struct options *o)
{
	const struct {
		const char *name;
		bool given;
	} flags[] = {{"control", o->control}, {"check", o->check}, {"all-down", o->all_down},
		     {"stay-down", o->stay_down}, {"detach", o->detach}, {"dry-run", o->dry_run},
		     {"all", o->all}, {"forget", o->forget}, {"json", o->json}};
	const struct {
		const char *name, *value;
	} texts[] = {{"signal", o->signal}, {"pick", o->pick_word}, {"mode", o->mode}};
	const struct {
		const char *name;
		int64_t ns;
	} spans[] = {{"for", o->for_ns}, {"deadline", o->deadline_ns}};
	char span[SPAN_MAX];
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i].given)
			words_add(w, "--%s", flags[i].name);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].value)
			words_add(w, "--%s=%s", texts[i].name, texts[i].value);
	for (size_t i = 0; i < ARRAY_LEN(spans); i++)
		if (spans[i].ns >= 0)
			words_add(w, "--%s=%s", spans[i].name, span_format(spans[i].ns, span));
	if (o->seed >= 0)
		words_add(w, "--seed=%" PRId64, o->seed);
}

int far_hello(const struct config *c, struct buf *out, struct err *e)
{
	struct buf text = BUF_INIT;
	int rc = file_read(c->path, &text, e);
	if (!rc) {
		buf_addf(out, "config %zu %s\n", text.len, c->path);
		buf_add(out, text.data, text.len);
	}
	buf_release(&text);
	return rc;
}

/* The command is a word or several, as of $CHAOS_SSH. What was pushed there comes before what is installed. */
static void ssh_line(struct words *w, const char *host, const struct words *args)
{
	const char *given = getenv("CHAOS_SSH");
	char *command = mem_strdup(given && *given ? given : "ssh"), *save = NULL;
	struct buf line = BUF_INIT;
	for (char *word = strtok_r(command, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words_add(w, "%s", word);
	for (size_t i = 0; i < ARRAY_LEN(ssh_options); i++)
		words_add(w, "%s", ssh_options[i]);
	buf_addf(&line, "PATH=\"$HOME/.local/lib/chaos/bin:$PATH\"; command -v chaos-fault >/dev/null || { echo "
		 "\"chaos-fault: there is none on '%s'; 'chaos-fault push %s' brings it\" >&2; exit %d; }; "
		 "exec chaos-fault --there ", host, host, EXIT_RUNTIME);
	buf_addword(&line, host);
	for (size_t i = 0; i < args->count; i++) {
		buf_addch(&line, ' ');
		buf_addword(&line, args->items[i]);
	}
	words_add(w, "%s", host);
	words_add(w, "%s", line.data);
	buf_release(&line);
	free(command);
}

static void own_line(struct words *w, const struct config *c, const struct words *args)
{
	char *program = proc_sibling("chaos-fault");
	words_add(w, "%s", program);
	words_add(w, "--here");
	if (c->path)
		words_add(w, "--config=%s", c->path);
	for (size_t i = 0; i < args->count; i++)
		words_add(w, "%s", args->items[i]);
	free(program);
}

static int open_pipe(int ends[2], struct err *e)
{
	return pipe2(ends, O_CLOEXEC) ? err_sys(e, errno, "cannot make a pipe") : 0;
}

pid_t far_start(const char *host, const struct config *c, const struct words *args, int *in, int *out, struct err *e)
{
	struct words line = {0};
	int to[2] = {-1, -1}, from[2] = {-1, STDOUT_FILENO};
	if (open_pipe(to, e) || (out && open_pipe(from, e)))
		return -1;
	if (host)
		ssh_line(&line, host, args);
	else
		own_line(&line, c, args);
	/* The terminal's Ctrl-C is for us alone: they end with their input. */
	pid_t pid = proc_spawn(&(struct proc_spawn){.argv = (const char *const *)line.items,
						    .in = to[0],
						    .out = from[1],
						    .err = STDERR_FILENO,
						    .keep_fd = -1,
						    .own_group = true},
			       e);
	words_release(&line);
	close(to[0]);
	if (out)
		close(from[1]);
	fcntl(to[1], F_SETFL, O_NONBLOCK); /* whoever does not read is not waited for */
	*in = to[1];
	if (out)
		*out = from[0];
	return pid;
}

int far_feed(int in, struct buf *waiting)
{
	ssize_t n = 0;
	while (waiting->len && (n = write(in, waiting->data, waiting->len)) > 0)
		buf_consume(waiting, (size_t)n);
	return n < 0 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

int far_wait(pid_t pid, bool *lost)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	bool failed = WIFSIGNALED(status) || WEXITSTATUS(status) == SSH_FAILED;
	if (lost)
		*lost = failed;
	return failed ? EXIT_RUNTIME : WEXITSTATUS(status);
}
