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

/* The first SIGINT is ignored; the next one has its default action. An ignored SIGINT stays
 * ignored. For filters whose writer gets the same Ctrl-C and ends. */
void sig_spare_first_int(void);

/* Blocks a signal; sig_taken looks for it. An ignored signal stays ignored. */
void sig_block(int signo);

void sig_unblock(int signo);
/* True if the signal is pending; unblocks it, so that the next one has its default action. */
bool sig_taken(int signo);

/* In a child before exec: resets all handlers and the signal mask. */
void sig_reset_all(void);

/* The number of a signal by its name, with or without SIG, in any case of letters, or by number; -1
 * (EXIT_USAGE) with the nearest name. */
int sig_parse(const char *text, struct err *e);

/* Ends the process by signo with its default action, so that the parent sees
 * what happened (a shell: 128+signo). Call when everything has been put back. */
_Noreturn void sig_die(int signo);

#endif
