#include "sending/events_fd.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

int events_open(const char *where, int *fd, struct err *e)
{
	int64_t n;
	*fd = -1;
	if (!where)
		return 0;
	if (strncmp(where, "fd:", 3) != 0) {
		*fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (*fd < 0)
			return err_usage(e, "--events: cannot open '%s': %s", where,
					 strerror(errno));
		return 0;
	}
	if (num_i64(where + 3, 0, INT32_MAX, &n))
		return err_usage(e, "--events: '%s' names no descriptor", where);
	int mode = fcntl((int)n, F_GETFL);
	if (mode < 0 || (mode & O_ACCMODE) == O_RDONLY)
		return err_usage(e, "--events: descriptor %d is not open for writing", (int)n);
	*fd = (int)n;
	return 0;
}
