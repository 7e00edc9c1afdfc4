/* What a fuzz target is: a file test/fuzz/NAME.c with this one function, which takes any bytes and
 * returns 0, and inputs to start from in test/fuzz/corpus/NAME/. libFuzzer calls it (`make fuzz`),
 * and so does replay.c with the corpus alone (`make check`). What must hold is asserted with MUST.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x);            \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#endif
