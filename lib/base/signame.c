#include "base/signame.h"

#include "base/buf.h"

#include <signal.h>
#include <stddef.h>

const char *signal_abbrev(int signo)
{
	static const char *const names[] = {
		[SIGHUP] = "HUP",	[SIGINT] = "INT",     [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
		[SIGTRAP] = "TRAP",	[SIGABRT] = "ABRT",   [SIGBUS] = "BUS",	  [SIGFPE] = "FPE",
		[SIGKILL] = "KILL",	[SIGUSR1] = "USR1",   [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
		[SIGPIPE] = "PIPE",	[SIGALRM] = "ALRM",   [SIGTERM] = "TERM", [SIGSTKFLT] = "STKFLT",
		[SIGCHLD] = "CHLD",	[SIGCONT] = "CONT",   [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
		[SIGTTIN] = "TTIN",	[SIGTTOU] = "TTOU",   [SIGURG] = "URG",	  [SIGXCPU] = "XCPU",
		[SIGXFSZ] = "XFSZ",	[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH",
		[SIGIO] = "POLL",	[SIGPWR] = "PWR",     [SIGSYS] = "SYS",
	};
	return signo > 0 && (size_t)signo < ARRAY_LEN(names) ? names[signo] : NULL;
}
