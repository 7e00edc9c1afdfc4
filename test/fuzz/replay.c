/* A fuzz target without a fuzzer: the files named, or those in the folders named, each once.
 *
 *	replay FILE|DIR… */
#include "base/buf.h"
#include "fuzz.h"
#include "sys/file.h"

#include <dirent.h>
#include <string.h>

static int replay(const char *path)
{
	struct buf text = BUF_INIT;
	struct err e;
	if (file_read(path, &text, &e)) {
		fprintf(stderr, "replay: %s\n", e.msg);
		return -1;
	}
	/* A copy of just that length, so that a read beyond it is seen. */
	uint8_t *data = malloc(text.len ? text.len : 1);
	MUST(data);
	memcpy(data, text.data, text.len);
	LLVMFuzzerTestOneInput(data, text.len);
	free(data);
	buf_release(&text);
	return 0;
}

static int replay_folder(DIR *d, const char *path, unsigned *count)
{
	int rc = 0;
	for (struct dirent *entry; rc == 0 && (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		char *file = mem_printf("%s/%s", path, entry->d_name);
		rc = replay(file);
		free(file);
		++*count;
	}
	closedir(d);
	return rc;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	for (int i = 1; i < argc; i++) {
		DIR *d = opendir(argv[i]);
		if (d ? replay_folder(d, argv[i], &count) : replay(argv[i]))
			return 6;
		count += !d;
	}
	printf("%s: %u inputs\n", argv[0], count);
	return count ? 0 : 2;
}
