/* What chaos-load reads line by line: control lines, and the JSON Lines and words of --requests. The
 * first byte says which. */
#include "net/request_mix.h"
#include "sending/control.h"

#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void as_requests(const char *text, size_t len)
{
	struct request_mix mix = {0};
	struct err e = {0};
	int fd = memfd_create("requests", MFD_CLOEXEC);
	char *path = mem_printf("/proc/self/fd/%d", fd);
	MUST(fd >= 0 && write(fd, text, len) == (ssize_t)len);
	MUST(request_mix_read(&mix, path, &e) ? e.code && *e.msg : mix.count > 0);
	request_mix_release(&mix);
	free(path);
	close(fd);
}

static void as_control(char *line)
{
	struct control_command c;
	struct err e = {0};
	if (control_line_parse(line, &c, &e))
		MUST(e.code == EXIT_USAGE && *e.msg);
	else
		MUST(c.from >= 0 && c.to >= 0 && c.ramp_ns >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	buf_add(&text, data, size);
	if (size && data[0] & 1 && !strchr(text.data, '@')) /* which names files */
		as_requests(text.data + 1, size - 1);
	else if (size)
		for (char *save = NULL, *l = strtok_r(text.data + 1, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
			as_control(l);
	buf_release(&text);
	return 0;
}
