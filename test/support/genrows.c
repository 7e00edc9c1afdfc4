/* Samples for benchmarks: ROWS rows at RATE a second, always the same bytes for the same arguments.
 *
 *	genrows ROWS RATE [OP] > samples.csv */
#include "base/num.h"
#include "base/rng.h"
#include "csv/csv_write.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	static const char *const nodes[] = {"http://127.0.0.1:8001", "http://127.0.0.1:8002",
					    "http://127.0.0.1:8003"};
	int64_t rows, rate;
	char row[512];
	if (argc < 3 || argc > 4 || num_i64(argv[1], 1, INT64_MAX, &rows) ||
	    num_i64(argv[2], 1, 1000000, &rate)) {
		fputs("usage: genrows ROWS RATE [OP]\n", stderr);
		return 2;
	}
	fputs(sample_header, stdout);
	for (int64_t i = 0; i < rows; i++) {
		uint64_t dice = rng_at(1, (uint64_t)i);
		struct sample s = {
			.due_wall_ns = INT64_C(1766500030000000000) + i * (1000000000 / rate),
			.latency_ns = 10000000 + (int64_t)(dice % 140000) * 1000,
			.slot = (uint64_t)i,
			.bytes = 23,
			.status_code = 200,
			.node = csv_text_of(nodes[i % 3]),
			.op = csv_text_of(argc > 3 ? argv[3] : "GET"),
			.service_ns = 9000000,
		};
		if ((dice >> 32) % 50 == 0) {
			s.status_code = 0;
			s.error = ERROR_REFUSED;
			s.latency_ns = (int64_t)(dice % 1000) * 1000;
			s.service_ns = -1;
			s.bytes = 0;
			s.detail = "Connection refused";
		}
		*sample_write(&s, row) = '\0';
		if (fputs(row, stdout) == EOF)
			return 6;
	}
	return fflush(stdout) ? 6 : 0;
}
