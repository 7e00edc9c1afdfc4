/* The grammar of gates and stop rules: what can be read can be judged. */
#include "fuzz.h"
#include "detect/expr.h"

#include <string.h>

static const char *const metrics[] = {"throughput_rps",	   "error_rate",	 "p99_latency_ms",
				      "recovery_time_sec", "availability.yield", NULL};

static struct expr_value get(const void *context, unsigned metric, bool baseline)
{
	const uint8_t *seed = context;
	MUST(metric < 5);
	switch ((*seed + metric + baseline) % 4) {
	case 0:
		return expr_exactly(metric * 1.5);
	case 1:
		return expr_more_than(metric);
	case 2:
		return expr_exactly(-1e300 * metric);
	default:
		return expr_unknown();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct expr x;
	struct err e;
	struct expr_value left, right;
	char *text = malloc(size + 1);
	MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	if (expr_parse(&x, text, metrics, &e) == 0) {
		MUST(x.count > 0 && x.count <= EXPR_NODES_MAX && x.for_ns >= 0);
		for (uint8_t seed = 0; seed < 4; seed++) {
			const struct expr_source from = {get, &seed};
			enum expr_truth t = expr_eval(&x, &from, &left, &right);
			MUST(t == EXPR_FALSE || t == EXPR_TRUE || t == EXPR_UNKNOWN);
			MUST(left.low <= left.high && right.low <= right.high);
		}
	} else {
		MUST(e.code == EXIT_USAGE && *e.msg);
	}
	free(text);
	return 0;
}
