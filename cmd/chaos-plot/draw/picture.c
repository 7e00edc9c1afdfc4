#include "draw/picture.h"

#include "base/buf.h"

#include <string.h>

void picture_footer(const struct picture *p, double left, struct buf *out)
{
	const struct {
		const char *mark, *words;
	} parts[] = {{"{due}", series_knows_due(p->run) && series_knows_due(p->baseline) ? "due time" : "start"},
		     {"{normal}", p->marks && p->marks->bar_count ? "before the fault" : "outside of anomalies"}};
	struct buf words = BUF_INIT;
	for (const char *at = p->kind->footer; *at;) {
		size_t i = 0;
		while (i < ARRAY_LEN(parts) && strncmp(at, parts[i].mark, strlen(parts[i].mark)) != 0)
			i++;
		if (i < ARRAY_LEN(parts))
			buf_addstr(&words, parts[i].words);
		else
			buf_addch(&words, *at);
		at += i < ARRAY_LEN(parts) ? strlen(parts[i].mark) : 1;
	}
	script_label(out, left, CANVAS_H_PX - 16, words.data, "left font small tc rgb " COLOUR_NOTE "");
	buf_release(&words);
}
