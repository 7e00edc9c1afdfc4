/* Rows of counts, below a header that has all their columns. */
#include "base/buf.h"
#include "fuzz.h"
#include "rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT;
	buf_addstr(&text, "timestamp,node,length_s,ok,err,p50_ms,p95_ms,p99_ms\n");
	buf_add(&text, data, size);
	fuzz_rows(text.data, text.len, 1 + size / 3);
	buf_release(&text);
	return 0;
}
