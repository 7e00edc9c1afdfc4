/* The connections of a pool: which are taken, kept and closed. */
#include "unit.h"

#include "net/pool.h"

#include <stdlib.h>

static int opened, closed;

static void *conn_new(struct pool_conn *l)
{
	opened++;
	return l;
}

static void conn_free(void *conn)
{
	(void)conn;
	closed++;
}

static void done(void *arg, struct request *r)
{
	(void)arg;
	(void)r;
}

static void idle_ones_are_closed_but_for_one(void **state)
{
	enum { MANY = 50 };
	struct err e;
	struct net_addr address = {0};
	struct transport_node nodes[2] = {{.addrs = {.list = &address, .count = 1}},
					  {.addrs = {.list = &address, .count = 1}}};
	struct transport_config c = {
		.loop = loop_new(&e), .nodes = nodes, .node_count = 2, .done = done};
	struct pool p = {.conn_new = conn_new, .conn_free = conn_free};
	struct request r[MANY] = {0};
	(void)state;
	assert_int_equal(pool_init(&p, &c, NULL, &e), 0);
	for (int i = 0; i < MANY; i++)
		assert_non_null(pool_take(&p, &r[i]));
	for (int i = 0; i < MANY; i++)
		pool_done(r[i].state, true);
	assert_int_equal(opened, MANY);
	pool_sweep(&p);
	assert_int_equal(closed, 0);
	/* Two are used at a time from now on. */
	for (int i = 0; i < 2; i++)
		assert_non_null(pool_take(&p, &r[i]));
	for (int i = 0; i < 2; i++)
		pool_done(r[i].state, true);
	pool_sweep(&p);
	assert_int_equal(closed, MANY - 2);
	for (int i = 0; i < 3; i++)
		pool_sweep(&p);
	assert_int_equal(closed, MANY - 1);
	assert_non_null(pool_take(&p, &r[0]));
	assert_int_equal(opened, MANY);
	pool_done(r[0].state, false);
	pool_release(&p);
	loop_free(c.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_ones_are_closed_but_for_one),
	};
	return RUN_GROUP(tests);
}
