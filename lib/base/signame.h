/* Names of signals: sigabbrev_np is not everywhere. */
#ifndef BASE_SIGNAME_H
#define BASE_SIGNAME_H

/* "TERM" for SIGTERM; NULL for what has no name. */
const char *signal_abbrev(int signo);

#endif
