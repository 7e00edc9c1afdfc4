/* A process that holds a secret. */
#ifndef SYS_SECRET_H
#define SYS_SECRET_H

/* From now on this process leaves no core, and others of the same user cannot look into its
 * memory or environment. Children that are exec'ed are as usual. */
void secret_guard(void);

#endif
