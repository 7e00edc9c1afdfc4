/* Signals: what every program of the toolkit does about them. */
#ifndef SYS_SIG_H
#define SYS_SIG_H

#include "base/err.h"

#include <stdbool.h>

/* SIGPIPE gets an empty handler (not SIG_IGN, which children would inherit):
 * writing to a closed pipe is an EPIPE, to be handled where it happens. */
void sig_no_pipe_death(void);

/* The same for SIGXFSZ: a file that would outgrow its limit is an EFBIG, to be handled like a full
 * disk. */
void sig_no_size_death(void);

/* The first SIGINT does nothing; the next one ends the process as ever. A SIGINT that is ignored
 * stays so. For filters whose writer gets the same Ctrl-C and ends. */
void sig_spare_first_int(void);

/* Holds a signal back until sig_taken asks, for a loop that looks often. One that is ignored stays so. */
void sig_hold(int signo);

/* Whether it came since it is held. The next one then acts as ever. */
bool sig_taken(int signo);

/* In a child, before exec: all handlers back to default, nothing blocked. */
void sig_reset_all(void);

/* The number of a signal by its name, with or without SIG, in any case of letters, or by number; -1
 * (EXIT_USAGE) with the nearest name. */
int sig_parse(const char *text, struct err *e);
/* Its name without SIG: "TERM"; NULL if it has none. */
const char *sig_name(int signo);

/* Ends the process by signo with its default action, so that the parent sees
 * what happened (a shell: 128+signo). Call when everything has been put back. */
_Noreturn void sig_die(int signo);

#endif
