#include "sys/pipe.h"

#include <fcntl.h>

enum { PIPE_BYTES = 1 << 20 };

void pipe_widen(int fd)
{
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE_BYTES)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}
