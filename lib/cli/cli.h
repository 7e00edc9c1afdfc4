/* One const table per program drives parsing, --help, the OPTIONS section of
 * its man page and shell completion.
 *
 *	static const struct opt table[] = {
 *		{"rps", 0, OPT_DOUBLE, "N", "requests per second", offsetof(struct o, rps),
 *		 .min = 0, .max = 1e6},
 *		...
 *	};
 *
 * Options are GNU style: --name VALUE, --name=VALUE, -n VALUE, and "--" ends them;
 * options and operands mix. A flag's --no-NAME sets it to false. */
#ifndef CLI_H
#define CLI_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_FLAG,   /* bool */
	OPT_STR,    /* const char *, points into argv */
	OPT_INT,    /* int64_t, in [min, max] */
	OPT_DOUBLE, /* double, in [min, max] */
	OPT_SPAN,   /* int64_t ns; "20", "20s", "150ms"; min and max in seconds */
	OPT_LIST,   /* struct str_list, one entry per use, pointing into argv */
	OPT_CHOICE, /* const char *, one of the words in choices (separated by '|') */
};

struct str_list {
	const char **items; /* array owned by the list, words by argv */
	size_t count, alloc;
};

void str_list_release(struct str_list *l);

struct opt {
	const char *name; /* without the dashes */
	char letter;	  /* one-letter form, or 0 */
	enum opt_kind kind;
	const char *arg;  /* name of the value in --help, or NULL for a flag */
	const char *help; /* one line or more; says the default */
	size_t offset;	  /* of the field in the program's options struct */
	double min, max;  /* both 0: no bounds beyond the type's; negative only where min says so */
	const char *choices;
	bool hidden; /* internal: passed between programs of the toolkit, not listed */
	bool once;   /* OPT_STR: a second one is an error; else the last one counts */
	const char *bare; /* OPT_STR: the value of --name alone; another one stands behind '=', not
			     behind its letter. NULL:
			     the value is never left out. --no-NAME sets NULL */
};

struct cli_command {
	const char *name, *args, *help;
};

struct cli {
	const char *program;
	const char *summary;	 /* one line: what it does */
	const char *uses[10];	 /* synopsis lines without the program's name; NULL behind fewer */
	const struct opt *opts;
	size_t opt_count;
	const struct cli_command *commands; /* words that stand first, or NULL */
	size_t command_count;
	const char *examples[10]; /* shell lines; NULL behind fewer */
	const char *completes; /* further words, expanded by bash when asked; no single quote; or NULL */
	const char *const *words; /* further words for completion; NULL-terminated, or NULL */
};

/* What is left when the options are taken out. items[count] is NULL. */
struct cli_rest {
	const char **items; /* array owned by this struct, words by argv */
	int count;
};

enum cli_result {
	CLI_RUN = -1, /* go on; anything else is the exit code to return from main */
};

/* Comes first in main: sets the name that starts each message, opens /dev/null in place of closed standard
 * descriptors, and makes a write to a closed pipe an EPIPE. */
void cli_start(const char *program);

/* Fills the options struct behind opts (which holds the defaults) and rest.
 * Returns CLI_RUN; or EXIT_OK after --help, --version, --mdoc-options or
 * --completion have been answered on out_fd; EXIT_RUNTIME if that could not be written; or
 * EXIT_USAGE after one line on stderr. Unless it returns CLI_RUN, rest and the lists in
 * opts hold nothing. The caller releases both after CLI_RUN. */
int cli_parse(const struct cli *cli, void *opts, int argc, char **argv, struct cli_rest *rest,
	      int out_fd);
/* The same, with what is wrong in e in place of the line on stderr; "" there: nothing is to be said. */
int cli_read(const struct cli *cli, void *opts, int argc, char **argv, struct cli_rest *rest,
	     int out_fd, struct err *e);
void cli_rest_release(struct cli_rest *rest);

/* Looks a first word up among cli->commands: its index, or -1 with a hint in e. */
int cli_command(const struct cli *cli, const char *word, struct err *e);

#endif
