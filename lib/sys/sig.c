#include "sys/sig.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

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
