/* The files that bear a name one after another, as those of a log that is rotated: each is opened, also one that
 * was renamed again before anybody looked, and what could not be opened is counted. */
#ifndef SYS_SUCCESSION_H
#define SYS_SUCCESSION_H

#include <stdbool.h>

struct succession;

/* Watches path from now on; what bears the name already is the first. Where the kernel gives no watch (network file
 * systems, all in use), and for a link that is set anew, only what bears the name at a look is found. */
struct succession *succession_new(const char *path);
void succession_free(struct succession *s); /* accepts NULL */

/* Opens what has come since. */
void succession_look(struct succession *s);

/* The oldest that was not yet taken, which is the caller's to close; -1: none. The caller keeps it open until it takes
 * the next, so that no later file gets its inode number. */
int succession_take(struct succession *s);
bool succession_waits(const struct succession *s);
/* Whether that is the newest, and a plain file without a byte. */
bool succession_waits_empty(const struct succession *s);

/* Whether the kernel tells of each. */
bool succession_watched(const struct succession *s);

/* How many are known to have come and could not be opened, since this was last asked. */
unsigned succession_missed(struct succession *s);

#endif
