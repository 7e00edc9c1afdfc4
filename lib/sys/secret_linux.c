#include "sys/secret.h"

#include "sys/file.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void secret_guard(void)
{
	struct rlimit none = {0};
	/* Both: a core can also go to a pipe, which the limit does not hold back. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)setrlimit(RLIMIT_CORE, &none);
}

int secret_fd(const char *text, size_t len, struct err *e)
{
	int fd = memfd_create("secret", MFD_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "cannot make a file in memory");
	if (write_all(fd, text, len, e) == 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return err_prefix(e, "a file in memory");
}
