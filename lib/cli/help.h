/* --help, man page section and completion, generated from the option table. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

/* If word is --help, -h, --version, --mdoc-options (the OPTIONS section of the
 * man page) or --completion (a line for bash): writes the answer to fd and returns EXIT_OK,
 * or EXIT_RUNTIME after a message if it cannot be written. Else CLI_RUN. */
int help_answer(const struct cli *cli, const char *word, int fd);

#endif
