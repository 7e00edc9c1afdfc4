#include "sys/pipe.h"

#include <fcntl.h>

void pipe_widen(int fd, int bytes)
{
	if (fcntl(fd, F_GETPIPE_SZ) < bytes)
		(void)fcntl(fd, F_SETPIPE_SZ, bytes);
}
