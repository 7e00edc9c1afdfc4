#include "sys/sig.h"

#include "base/num.h"
#include "base/signame.h"
#include "base/suggest.h"

#include <ctype.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS_MAX = 32 };

static void nothing(int signo)
{
	(void)signo;
}

void sig_no_pipe_death(void)
{
	struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_RESTART};
	sigaction(SIGPIPE, &sa, NULL);
}

void sig_no_size_death(void)
{
	struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_RESTART};
	sigaction(SIGXFSZ, &sa, NULL);
}

void sig_spare_first_int(void)
{
	struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_RESTART | SA_RESETHAND}, was;
	if (sigaction(SIGINT, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		sigaction(SIGINT, &sa, NULL);
}

static sigset_t only(int signo)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signo);
	return set;
}

void sig_block(int signo)
{
	struct sigaction was;
	sigset_t set = only(signo);
	if (sigaction(signo, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		sigprocmask(SIG_BLOCK, &set, NULL);
}

void sig_unblock(int signo)
{
	sigset_t set = only(signo);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

bool sig_taken(int signo)
{
	const struct timespec at_once = {0};
	sigset_t set = only(signo);
	if (sigtimedwait(&set, NULL, &at_once) != signo)
		return false;
	sig_unblock(signo);
	return true;
}

void sig_reset_all(void)
{
	struct sigaction sa = {.sa_handler = SIG_DFL};
	for (int s = 1; s < NSIG; s++)
		sigaction(s, &sa, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void sig_die(int signo)
{
	sig_reset_all();
	raise(signo);
	_exit(128 + signo);
}

int sig_parse(const char *text, struct err *e)
{
	const char *word = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text, *near = NULL;
	int64_t number;
	char upper[16];
	size_t n = 0;
	if (num_i64(text, 1, SIGNALS_MAX - 1, &number) == 0 && signal_abbrev((int)number))
		return (int)number;
	for (; word[n] && n + 1 < sizeof upper; n++)
		upper[n] = (char)toupper((unsigned char)word[n]);
	upper[n] = '\0';
	for (int i = 1; i < SIGNALS_MAX; i++) {
		if (!signal_abbrev(i))
			continue;
		if (strcmp(signal_abbrev(i), upper) == 0)
			return i;
		suggest(upper, signal_abbrev(i), &near);
	}
	return err_usage(e, "'%s' is no signal%s%s%s", text, SUGGESTED(near, " (KILL, TERM, INT, HUP, ...)"));
}
