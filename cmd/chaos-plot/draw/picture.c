#include "draw/picture.h"

#include "base/buf.h"
#include "report/facts/words.h"

#include <stdlib.h>
#include <string.h>

void picture_title(const struct picture *p, struct buf *out)
{
	if (p->title && text_columns(p->title) <= TITLE_MAX) {
		script_label(out, 24, 28, p->title, "left font bold tc rgb " COLOUR_TEXT "");
	} else if (p->title) {
		size_t cut;
		char *both = text_two_lines(p->title, TITLE_SMALL_MAX, &cut);
		char *first = mem_printf("%.*s", (int)cut, both);
		const char *second = both + cut + (both[cut] == ' ');
		script_label(out, 24, *second ? 16 : 28, first, "left font large tc rgb " COLOUR_TEXT "");
		script_label(out, 24, 36, second, "left font large tc rgb " COLOUR_TEXT "");
		free(first);
		free(both);
	}
}

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
