/* Describes processes in words: identity, acts and their verification. */
#include "base/buf.h"
#include "events/emit.h"
#include "node_kinds/process/process.h"
#include "node/node.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void process_show(const struct identity *id, struct shown *out)
{
	*out = (struct shown){.key = "pid", .number = id->proc.pid};
	snprintf(out->words, sizeof out->words, "pid %d", (int)id->proc.pid);
	snprintf(out->brief, sizeof out->brief, id->proc.pid ? "%d" : "-", (int)id->proc.pid);
}

/* Whoever listens on its port. */
void process_show_foreign(const struct node *n, struct shown *out)
{
	process_show(&(struct identity){.proc.pid = port_owner(n->conf->at.port)}, out);
}

/* A word as a shell would take it. */
static void add_quoted(struct buf *out, const char *word)
{
	const char *plain = "/._-:=,+@%";
	bool quote = !*word;
	for (const char *c = word; *c; c++)
		quote |= !isalnum((unsigned char)*c) && !strchr(plain, *c);
	if (!quote) {
		buf_addstr(out, word);
		return;
	}
	buf_addch(out, '\'');
	for (const char *c = word; *c; c++) {
		if (*c == '\'')
			buf_addstr(out, "'\\'");
		buf_addch(out, *c);
	}
	buf_addch(out, '\'');
}

static void process_signal(struct buf *out, const struct node *n, const char *signals)
{
	int pid = (int)n->id.proc.pid;
	if (pid)
		buf_addf(out, "pidfd_open(%d), then kill(-%d, %s): its process group", pid,
			 (int)getpgid(pid), signals);
	else
		buf_addf(out, "nothing: no process of it runs");
}

static void process_run(struct buf *out, const struct node *n)
{
	buf_addstr(out, "run");
	for (size_t i = 0; n->conf->argv[i]; i++) {
		char *word = url_hide_password(&n->conf->at, n->conf->argv[i]);
		buf_addch(out, ' ');
		add_quoted(out, word);
		free(word);
	}
	const char *cwd = n->conf->cwd;
	buf_addf(out, " in %s%s, a session of its own, output to %s/log", cwd ? cwd : n->dir,
		 cwd ? "" : "/cwd", n->dir);
	if (n->conf->env || n->conf->env_file)
		buf_addf(out, ", with variables of its own%s%s",
			 n->conf->env_file ? " and those of " : "",
			 n->conf->env_file ? n->conf->env_file : "");
}

void process_tell(const struct node *n, enum act act, struct buf *does, struct buf *seen)
{
	char signals[60];
	switch (act) {
	case ACT_KILL:
		snprintf(signals, sizeof signals, "SIG%s", node_signal_name(n));
		process_signal(does, n, signals);
		break;
	case ACT_TERM:
		snprintf(signals, sizeof signals, "SIG%s, SIGCONT; SIGKILL 5s later",
			 n->conf->stop_signal ? n->conf->stop_signal : "TERM");
		process_signal(does, n, signals);
		break;
	case ACT_PAUSE:
		process_signal(does, n, "SIGSTOP");
		buf_addstr(seen, "/proc shows it as stopped");
		return;
	case ACT_RESUME:
		process_signal(does, n, "SIGCONT");
		node_tell_ready(seen, n);
		return;
	case ACT_START:
		process_run(does, n);
		node_tell_ready(seen, n);
		return;
	}
	buf_addf(seen, "the process has ended and port %d is closed", n->conf->at.port);
}

int process_may(const struct node *n, struct err *e)
{
	if (!n->id.proc.pid)
		return 0;
	return proc_signal(&n->id.proc, 0, e);
}
