#include "base/buf.h"
#include "detect/track.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* What was told, as text: o, c or w, the id, the start, the end. */
static void note(void *arg, enum track_change change, const struct tracked *x)
{
	static const char letters[] = {
		[TRACK_OPEN] = 'o', [TRACK_CLOSE] = 'c', [TRACK_WITHDRAWN] = 'w'};
	buf_addf(arg, "%c%u %zu-%zu%s ", letters[change], x->id, x->interval.start, x->interval.end,
		 x->closed && !x->recovered ? "!" : "");
}

/* Judges windows from number first on, one a letter: . well, x anomalous, - not judged. */
static void update(struct track *t, const char *windows, size_t first, bool over)
{
	struct detection d = {.count = strlen(windows), .joined = true};
	d.windows = mem_alloc((d.count + 1) * sizeof *d.windows);
	d.intervals = mem_alloc((d.count + 1) * sizeof *d.intervals);
	for (size_t k = 0; k < d.count; k++) {
		bool bad = windows[k] == 'x';
		d.windows[k] = (struct judgement){.judged = windows[k] != '-',
						  .anomalous = bad,
						  .healthy = windows[k] == '.'};
		if (bad && (k == 0 || windows[k - 1] != 'x'))
			d.intervals[d.interval_count++] = (struct interval){.start = k};
		if (bad)
			d.intervals[d.interval_count - 1].end = k + 1;
	}
	track_update(t, &d, first, over);
	detection_release(&d);
}

struct step {
	const char *windows;
	size_t first;
	bool over;
	const char *want;
};

static void follow(const struct step *steps, size_t count)
{
	struct buf out = BUF_INIT;
	struct track t;
	track_init(&t, 3, note, &out);
	for (size_t i = 0; i < count; i++) {
		buf_reset(&out);
		update(&t, steps[i].windows, steps[i].first, steps[i].over);
		if (strcmp(out.data, steps[i].want) != 0)
			fail_msg("step %zu: '%s', not '%s'", i, out.data, steps[i].want);
	}
	track_release(&t);
	buf_release(&out);
}

static void told_once(void **state)
{
	(void)state;
	static const struct step steps[] = {
		{"....", 0, false, ""},
		{"....x", 0, false, "o1 4-5 "},
		{"....xx", 0, false, ""},
		{"....xx..", 0, false, ""},
		{"....xx..-", 0, false, ""},
		{"....xx..-.", 0, false, "c1 4-6 "},
		{"....xx..-.....", 0, false, ""},
		{"....xx..-.....x", 0, false, "o2 14-15 "},
		{"....xx..-.....xx.", 0, true, "c2 14-16! "},
	};
	follow(steps, ARRAY_LEN(steps));
}

static void what_later_rows_change(void **state)
{
	(void)state;
	static const struct step reaches_back[] = {
		{"....xx", 0, false, "o1 4-6 "},
		{"..xxxxx", 0, false, "o1 2-7 "},
		{"..xxxxx...", 0, false, "c1 2-7 "},
		{"..xxxxxx....", 0, false, "c1 2-8 "}, /* its end moved */
		{"..xxxxxx.xxx.", 0, true, "o2 9-12 c2 9-12! "},
	};
	static const struct step goes_on[] = {
		{"..xx...", 0, false, "o1 2-4 c1 2-4 "},
		{"..xxxxx", 0, false, "o1 2-7 "},
		{"..xxxxx...", 0, false, "c1 2-7 "},
	};
	static const struct step withdrawn[] = {
		{"..xx", 0, false, "o1 2-4 "},
		{".....", 0, false, "w1 2-4 "},
		{".....x", 0, true, "o2 5-6 c2 5-6! "},
	};
	static const struct step joined[] = {
		{"x...x...", 0, false, "o1 0-1 c1 0-1 o2 4-5 c2 4-5 "},
		{"xxxxx....", 0, false, "c1 0-5 w2 4-5 "},
	};
	follow(reaches_back, ARRAY_LEN(reaches_back));
	follow(goes_on, ARRAY_LEN(goes_on));
	follow(withdrawn, ARRAY_LEN(withdrawn));
	follow(joined, ARRAY_LEN(joined));
}

/* Only the last windows are judged anew; what began before them keeps its start. */
static void a_part_of_the_run(void **state)
{
	(void)state;
	static const struct step steps[] = {
		{"..xxxx", 0, false, "o1 2-6 "},
		{"xxxx", 4, false, ""},
		{"xxx...", 5, false, "c1 2-8 "},
		{".....", 7, false, ""}, /* its last window alone is not seen as bad: no matter */
		{"....x", 8, false, "o2 12-13 "},
	};
	follow(steps, ARRAY_LEN(steps));
}

int main(void)
{
	const struct CMUnitTest track[] = {
		cmocka_unit_test(told_once),
		cmocka_unit_test(what_later_rows_change),
		cmocka_unit_test(a_part_of_the_run),
	};
	return RUN_GROUP(track);
}
