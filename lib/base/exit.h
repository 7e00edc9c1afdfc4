/* Exit codes: one meaning for all programs. Precedence when several apply:
 * 5, 128+n, 6, 4, 3, 1. */
#ifndef BASE_EXIT_H
#define BASE_EXIT_H

/* Man pages and README begin with these words: test/check-man compares. */
enum exit_code {
	EXIT_OK = 0,	       /* done; what was asked for held */
	EXIT_NO = 1,	       /* the answer is no; the work was done */
	EXIT_USAGE = 2,	       /* usage or input is wrong; nothing was touched */
	EXIT_INCONCLUSIVE = 3, /* inconclusive; what was measured is too little, or in doubt */
	EXIT_STOPPED = 4,      /* stopped by a rule; everything was put back */
	EXIT_RESIDUE = 5,      /* a fault may still be active */
	EXIT_RUNTIME = 6,      /* a needed thing failed at run time */
};

/* The more serious of two exit codes, by the precedence above. Codes of
 * 128 and more (death by signal) rank just below EXIT_RESIDUE. */
int exit_worse(int a, int b);

#endif
