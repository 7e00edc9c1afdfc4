

const struct action action_freeze = {
	.name = "freeze",
	.effect = EFFECT_DEGRADED,
	.does = ACT_PAUSE,
	.undoes = ACT_RESUME,
	.uid_prefix = 'f',
	.past = "froze",
	.by_hand = "resume",
	.ends_with_node = true,
	.can_stay = true,
	.plan = action_plan_running,
	.verify_within_ns = 5 * BOUND_S,
};
