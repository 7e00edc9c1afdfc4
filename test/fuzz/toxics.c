/* The toxics of chaos-proxy's API and command line: what is taken can be written and read again as the
 * same, and an update of a toxic with itself changes nothing. */
#include "toxics/peers.c"
#include "toxics/toxic.c"
#include "toxics/types.c"

#include "fuzz.h"

static struct buf text_of(const struct json *j)
{
	struct buf out = BUF_INIT;
	json_write(j, false, &out);
	return out;
}

static void check_one(struct json *j)
{
	struct err e;
	struct toxic *t = toxic_new(j, 5, &e);
	if (!t) {
		MUST(e.code == EXIT_USAGE && *e.msg);
		return;
	}
	struct json *first = toxic_json(t, 5);
	struct toxic *again = toxic_new(first, 5, &e);
	MUST(again);
	MUST(!toxic_update(again, first, 5, &e));
	struct json *second = toxic_json(again, 5);
	struct buf a = text_of(first), b = text_of(second);
	MUST(strcmp(a.data, b.data) == 0);
	toxic_matches(t, "GET", "/a/b?c");
	buf_release(&a);
	buf_release(&b);
	json_free(first);
	json_free(second);
	toxic_free(t);
	toxic_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	struct buf text = BUF_INIT;
	buf_add(&text, data, size);
	struct json *j = size && *data == '{' ? json_parse(text.data, text.len, "x", &e)
					      : toxic_spec(text.data, &e);
	if (j)
		check_one(j);
	json_free(j);
	buf_release(&text);
	return 0;
}
