#include "base/units.h"
#include "kinds/container/container.h"
#include "seam.h"

const struct kind kind_container = {
	.name = "container",
	.ours = true,
	.needs = NEED_BIT(NEED_STATE) | NEED_BIT(NEED_GUARD) | NEED_BIT(NEED_PROC) |
		 NEED_BIT(NEED_ENGINE),
	.answers_within_ns = CONTAINER_ANSWERS_WITHIN_S * BOUND_S,
	.survey_begin = container_survey_begin,
	.survey = container_survey,
	.look = container_look,
	.unknown = container_unknown,
	.health = container_health,
	.left_running = container_left_running,
	.refuse_down = container_refuse_down,
	.warn_down = container_warn_down,
	.remake = container_remake,
	.release = container_release,
	.show = container_show,
	.identity_json = container_identity_json,
	.identity_read = container_identity_read,
	.how_json = container_how_json,
	.how_read = container_how_read,
	.tell = container_tell,
	.kill = container_kill,
	.term = container_term,
	.pause = container_pause,
	.resume = container_resume,
	.start = container_start,
	.start_again = container_undo,
	.gone = container_seen_gone,
	.paused = container_seen_paused,
	.back = container_seen_ready,
	.ready = container_seen_ready,
};
