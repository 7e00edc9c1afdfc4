#include "base/exit.h"

static int rank(int code)
{
	static const int ranks[] = {
		[EXIT_OK] = 0,	    [EXIT_NO] = 1,	[EXIT_USAGE] = 5,  [EXIT_INCONCLUSIVE] = 2,
		[EXIT_STOPPED] = 3, [EXIT_RESIDUE] = 7, [EXIT_RUNTIME] = 4,
	};
	if (code >= 128)
		return 6;
	if (code < 0 || code > EXIT_RUNTIME)
		return ranks[EXIT_RUNTIME];
	return ranks[code];
}

int exit_worse(int a, int b)
{
	return rank(b) > rank(a) ? b : a;
}
