/* The readers of JSON: lines of events, a load summary, any value, which is read again as written.
 */
#include "base/buf.h"
#include "fuzz.h"
#include "stream/event.h"
#include "stream/load_summary.h"

#include <string.h>

static void as_events(const char *text, size_t len)
{
	struct event_log log = {0};
	event_log_parse(&log, text, len);
	for (size_t i = 0; i < log.count; i++) {
		MUST(log.events[i].kind < EVENT_COUNT);
		MUST(i == 0 || log.events[i - 1].t <= log.events[i].t);
		json_num(json_get(log.events[i].json, "a.b"), 0);
	}
	event_log_release(&log);
}

static void as_summary(const char *text, size_t len)
{
	struct load_summary s;
	struct err e;
	struct buf line = BUF_INIT;
	load_summary_init(&s);
	if (load_summary_parse(&s, text, len, "x", &e) == 0)
		load_summary_line(&s, &line);
	load_summary_release(&s);
	buf_release(&line);
}

static void as_json(const char *text, size_t len)
{
	struct err e;
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct json *j = json_parse(text, len, "x", &e);
	if (j) {
		json_write(j, false, &once);
		struct json *again = json_parse(once.data, once.len, "y", &e);
		MUST(again);
		json_write(again, false, &twice);
		MUST(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
		json_free(again);
	}
	json_free(j);
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	as_events(text, size);
	as_summary(text, size);
	as_json(text, size);
	return 0;
}
