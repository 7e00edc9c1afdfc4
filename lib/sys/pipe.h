/* Pipes between programs. */
#ifndef SYS_PIPE_H
#define SYS_PIPE_H

/* Lets a pipe hold more (1 MiB), so that writer and reader wake each other less often. Anything but a
 * pipe, or a limit of the system, leaves it as it was. */
void pipe_widen(int fd);

#endif
