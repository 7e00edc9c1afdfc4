/* Lines of windows, as chaos-plot reads them. */
#include "input/windows.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct series s = {0}, steps = {0};
	struct told told = {0};
	struct err e = {0};
	if (windows_read(&s, &told, (const char *)data, size, "x", &e))
		MUST(e.code == EXIT_USAGE && *e.msg);
	else if (s.count)
		series_worst(&s, &steps);
	series_release(&s);
	series_release(&steps);
	free(told.all);
	return 0;
}
