/* The scanner of samples, whatever the header. The first byte says in what pieces the rest comes.
 */
#include "fuzz.h"
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		fuzz_rows((const char *)data + 1, size - 1, 1U + data[0]);
	return 0;
}
