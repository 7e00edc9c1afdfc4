/* The readers of requests and answers that chaos-proxy has: as long as it answers nothing itself, what
 * goes through is untouched, whatever it is. The first byte says which protocol, whether the dialog sees
 * the connection from its start, in what pieces, and whether requests are answered; then the words of
 * both sides follow, \x01 between them, the client's first. */
#include "relay/protocol/answer.c"
#include "relay/protocol/dialog.c"
#include "relay/protocol/request.c"

#include "fuzz.h"

struct seen {
	struct buf out[2];
	bool answers;
	uint64_t answered;
};

static void seen_emit(void *arg, enum toxic_stream to, const char *data, size_t len, uint32_t match)
{
	struct seen *s = arg;
	(void)match;
	MUST(len > 0);
	buf_add(&s->out[to], data, len);
}

static void seen_decide(void *arg, const char *verb, const char *path, uint64_t number,
			struct dialog_verdict *v)
{
	struct seen *s = arg;
	MUST(*verb || !*path);
	if (s->answers && number % 2) {
		buf_addstr(&v->answer, "HTTP/1.1 503 x\r\nContent-Length: 2\r\n\r\nno");
		s->answered++;
	}
}

static void feed_pieces(struct dialog *d, enum toxic_stream from, const char *data, size_t len,
			size_t piece)
{
	for (size_t at = 0; at < len; at += piece)
		dialog_take(d, from, data + at, len - at < piece ? len - at : piece);
}

static void seen_over(void *arg)
{
	(void)arg;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct seen s = {{BUF_INIT, BUF_INIT}, data[0] & 4, 0};
	struct buf in[2] = {BUF_INIT, BUF_INIT};
	const struct dialog_calls calls = {seen_emit, seen_decide, seen_over, &s};
	struct dialog *d = dialog_new(data[0] & 1 ? PROTOCOL_REDIS : PROTOCOL_HTTP, data[0] & 2,
				      DOWNSTREAM, &calls);
	enum toxic_stream from = UPSTREAM;
	const char *text = (const char *)data + 1, *end = (const char *)data + size;
	while (text < end) {
		const char *turn = memchr(text, 1, (size_t)(end - text));
		size_t len = (size_t)((turn ? turn : end) - text);
		buf_add(&in[from], text, len);
		feed_pieces(d, from, text, len, 1 + data[0] / 8);
		text += len + 1;
		from = from == UPSTREAM ? DOWNSTREAM : UPSTREAM;
	}
	dialog_ended(d, UPSTREAM);
	if (!s.answered)
		for (int i = 0; i < 2; i++)
			MUST(in[i].len == s.out[i].len && !memcmp(in[i].data, s.out[i].data, in[i].len));
	MUST(s.out[UPSTREAM].len <= in[UPSTREAM].len);
	dialog_free(d);
	for (int i = 0; i < 2; i++) {
		buf_release(&in[i]);
		buf_release(&s.out[i]);
	}
	return 0;
}
