#include "net/opening.h"

#include "base/units.h"

enum {
	LEAST = 16,   /* connections */
	LATE_MS = 10, /* later than this, the machine is busy */
	MORE = 2,     /* places, for each slot that comes in time */
	WAKE_MS = 1,  /* by which a timer may ring too late, or an answer be read */
};

void opening_init(struct opening *o, int64_t places, int64_t depth)
{
	o->least = LEAST * (depth > 1 ? depth : 1);
	o->bound = places + o->least;
}

void opening_due(struct opening *o, int64_t due, int64_t now)
{
	if (now - due > ms_to_ns(LATE_MS))
		o->bound = o->least;
	else
		o->bound += MORE;
}

bool opening_is_hopeless(const struct opening *o, int64_t used, int64_t due, int64_t timeout_ns, int64_t now)
{
	int64_t left = due + timeout_ns - now;
	bool begins_late = used >= o->open && o->bound <= o->least;
	return left < timeout_ns / 2 && (begins_late || left < o->round_trip_ns + ms_to_ns(WAKE_MS));
}
