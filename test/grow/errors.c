/* A picture as HACKING.md has it added: how many requests failed, by the second. */
#include "draw/axes.h"
#include "draw/picture.h"

static void draw(const struct picture *p, struct buf *out)
{
	script_begin(out, "errors", &p->canvas);
	data_rates(out, "rates", p->run);
	script_label(out, 24, 28, p->title, "left");
	axis_x(out, 0, series_end_s(p->run), true);
	buf_addstr(out, "plot $rates using 1:4 with steps notitle\n");
	script_end(out, p->canvas.output);
}

const struct picture_kind errors_picture = {
	.name = "errors",
	.footer = "failed requests per second by due time",
	.draw = draw,
};
