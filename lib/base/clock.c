#include "base/clock.h"

#include "base/units.h"

#include <time.h>

static int64_t read_ns(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

struct anchor anchor_now(void)
{
	int64_t before = read_ns(CLOCK_MONOTONIC);
	int64_t wall = read_ns(CLOCK_REALTIME);
	int64_t after = read_ns(CLOCK_MONOTONIC);
	return (struct anchor){.offset_ns = wall - (before + (after - before) / 2)};
}

int64_t anchor_wall_ns(const struct anchor *a, int64_t mono)
{
	return mono + a->offset_ns;
}

int64_t anchor_mono_ns(const struct anchor *a, int64_t wall)
{
	return wall - a->offset_ns;
}

double anchor_unix_s(const struct anchor *a, int64_t mono)
{
	return ns_to_s(anchor_wall_ns(a, mono));
}
