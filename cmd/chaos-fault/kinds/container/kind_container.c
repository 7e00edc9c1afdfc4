#include "base/units.h"
#include "kinds/container/container.h"
#include "seam.h"

const struct kind kind_container = {
	.name = "container",
	.ours = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PROC) |
		 NEED_BIT(NEED_ENGINE),
	.answers_within_ns = CONTAINER_ANSWERS_WITHIN_S * BOUND_S,
	.survey = {container_survey_begin, container_survey},
	.look = backend_state,
	.unknown = backend_unknown,
	.health = container_health,
	.left_running = container_left_running,
	.refuse_down = container_refuse_down,
	.warn_down = container_warn_down,
	.remake = container_remake,
	.release = container_release,
	.show = container_show,
	.tell = container_tell,
	.steps = BACKEND_STEPS,
	.backend = &container_backend,
};
