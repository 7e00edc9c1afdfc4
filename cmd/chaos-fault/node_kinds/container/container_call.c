/* One call to the engine at a time. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/units.h"
#include "node_kinds/container/container.h"
#include "seam.h"

#include <stdlib.h>
#include <string.h>

static const int64_t look_timeout_ns = 5 * NS_PER_S;

enum engine_answer container_ask(struct container *c, const char *method, const char *what)
{
	if (!c->calling) {
		char *path = mem_printf("/containers/%s", what);
		c->acting = strcmp(method, "POST") == 0;
		c->acted_ns = c->acting ? mono_ns() : c->acted_ns;
		engine_call_start(c->call, method, path,
				  c->acting ? CONTAINER_ANSWERS_WITHIN_S * BOUND_S
					    : look_timeout_ns);
		free(path);
		c->calling = true;
	}
	enum engine_answer a = engine_call_step(c->call);
	c->calling = a == ENGINE_PENDING;
	return a;
}

void container_leave_call(struct container *c)
{
	if (c->calling && c->acting) {
		c->late = c->call; /* there is no other: no act is begun before it is settled */
		c->call = engine_call_new(c->loop, c->at);
	}
	c->calling = false;
}

void container_note_answer(struct container *c, const struct engine_call *call,
			   enum engine_answer a)
{
	if (a == ENGINE_SILENT)
		c->asked = ASKED_LOST;
	else
		c->asked = engine_call_status(call) < 400 ? ASKED_DONE : ASKED_REFUSED;
}

bool container_busy(struct node *n)
{
	struct container *c = container_of(n);
	if (!c->late)
		return false;
	enum engine_answer a = engine_call_step(c->late);
	if (a == ENGINE_PENDING)
		return true;
	container_note_answer(c, c->late, a);
	engine_call_free(c->late);
	c->late = NULL;
	return false;
}
