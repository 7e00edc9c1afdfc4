/* How many connections may be being opened: all while slots come in time, few once the generator is late itself. */
#include "unit.h"

#include "base/units.h"
#include "net/opening.h"

enum { PLACES = 500, LEAST = 16 };

/* How many more requests get a place, of those that open a connection each. */
static int64_t room(const struct opening *o)
{
	int64_t used = o->open;
	while (used < 10 * PLACES && opening_has_room(o, used))
		used++;
	return used - o->open;
}

/* So many slots that came so late. */
static void slots(struct opening *o, int count, int64_t late_ns)
{
	for (int i = 0; i < count; i++)
		opening_due(o, i * NS_PER_MS, i * NS_PER_MS + late_ns);
}

static void there_is_no_bound_while_slots_come_in_time(void **state)
{
	struct opening o = {0};
	(void)state;
	opening_init(&o, PLACES, 1);
	assert_true(room(&o) >= PLACES);
	slots(&o, 1000, 10 * NS_PER_MS);
	assert_true(room(&o) >= PLACES);
}

static void one_late_slot_leaves_few_handshakes_at_a_time(void **state)
{
	struct opening o = {0};
	(void)state;
	opening_init(&o, PLACES, 1);
	slots(&o, 1, 11 * NS_PER_MS);
	assert_int_equal(room(&o), LEAST);
	slots(&o, 100, 11 * NS_PER_MS);
	assert_int_equal(room(&o), LEAST);
	/* those that are open keep their places, and one that ends makes room for the next */
	o.open = 300;
	assert_int_equal(room(&o), LEAST);
	assert_true(opening_has_room(&o, 315));
	assert_false(opening_has_room(&o, 316));
	/* slots that come in time again widen it step by step */
	slots(&o, 1, 0);
	assert_true(room(&o) > LEAST && room(&o) < PLACES / 2);
	slots(&o, PLACES, 0);
	assert_true(room(&o) >= PLACES);
}

static void a_pipeline_has_places_for_as_many_connections(void **state)
{
	struct opening o = {0};
	(void)state;
	opening_init(&o, PLACES * 8, 8);
	slots(&o, 1, NS_PER_S);
	assert_int_equal(room(&o), LEAST * 8);
	opening_init(&o, PLACES, 0); /* as without pipelines */
	slots(&o, 1, NS_PER_S);
	assert_int_equal(room(&o), LEAST);
}

static void a_late_generator_begins_no_handshake_for_what_has_waited_long(void **state)
{
	const int64_t due = NS_PER_S, timeout_ns = NS_PER_S, half = due + timeout_ns / 2;
	struct opening o = {0};
	(void)state;
	opening_init(&o, PLACES, 1);
	o.open = 20;
	assert_false(opening_is_hopeless(&o, 20, due, timeout_ns, half + 1)); /* the generator is in time */
	slots(&o, 1, NS_PER_S);
	assert_false(opening_is_hopeless(&o, 20, due, timeout_ns, half));
	assert_true(opening_is_hopeless(&o, 20, due, timeout_ns, half + 1));
	assert_false(opening_is_hopeless(&o, 19, due, timeout_ns, half + 1)); /* one is open and idle */
	slots(&o, 1, 0);
	assert_false(opening_is_hopeless(&o, 20, due, timeout_ns, half + 1));
}

static void what_cannot_be_answered_in_time_is_not_sent(void **state)
{
	const int64_t due = NS_PER_S, timeout_ns = NS_PER_S, end = due + timeout_ns;
	struct opening o = {0};
	(void)state;
	opening_init(&o, PLACES, 1);
	/* nothing is known of answers */
	assert_false(opening_is_hopeless(&o, 0, due, timeout_ns, end - NS_PER_MS));
	assert_true(opening_is_hopeless(&o, 0, due, timeout_ns, end - NS_PER_MS + 1));
	opening_answered(&o, due, due + 200 * NS_PER_MS);
	assert_false(opening_is_hopeless(&o, 0, due, timeout_ns, end - 201 * NS_PER_MS));
	assert_true(opening_is_hopeless(&o, 0, due, timeout_ns, end - 200 * NS_PER_MS));
	/* neither one that was never sent nor one without an answer says how long answers take */
	opening_answered(&o, 0, due + NS_PER_S);
	opening_answered(&o, due, 0);
	assert_true(opening_is_hopeless(&o, 0, due, timeout_ns, end - 200 * NS_PER_MS));
	assert_false(opening_is_hopeless(&o, 0, due, timeout_ns, end - 201 * NS_PER_MS));
	/* answers longer than half the timeout: what came in the first half is tried all the same */
	opening_answered(&o, due, due + 900 * NS_PER_MS);
	assert_false(opening_is_hopeless(&o, 0, due, timeout_ns, end - 500 * NS_PER_MS));
	assert_true(opening_is_hopeless(&o, 0, due, timeout_ns, end - 499 * NS_PER_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_no_bound_while_slots_come_in_time),
		cmocka_unit_test(one_late_slot_leaves_few_handshakes_at_a_time),
		cmocka_unit_test(a_pipeline_has_places_for_as_many_connections),
		cmocka_unit_test(a_late_generator_begins_no_handshake_for_what_has_waited_long),
		cmocka_unit_test(what_cannot_be_answered_in_time_is_not_sent),
	};
	return RUN_GROUP(tests);
}
