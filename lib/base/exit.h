/* Exit codes: one meaning for all programs. Precedence when several apply:
 * 5, 128+n, 6, 4, 3, 1. */
#ifndef BASE_EXIT_H
#define BASE_EXIT_H

enum exit_code {
	EXIT_OK = 0,	       /* done; what was asked for held */
	EXIT_NO = 1,	       /* done; the answer is no */
	EXIT_USAGE = 2,	       /* usage, config or scenario is wrong; nothing was touched */
	EXIT_INCONCLUSIVE = 3, /* too few samples, generator was the limit, no visible effect */
	EXIT_STOPPED = 4,      /* a stop rule fired; everything was put back */
	EXIT_RESIDUE = 5,      /* a fault may still be active */
	EXIT_RUNTIME = 6,      /* a needed thing failed at run time */
};

/* The more serious of two exit codes, by the precedence above. Codes of
 * 128 and more (death by signal) rank just below EXIT_RESIDUE. */
int exit_worse(int a, int b);

#endif
