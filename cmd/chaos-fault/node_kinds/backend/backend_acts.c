/* The acts on a node behind a backend, and how each shows. */
#include "base/clock.h"
#include "node_kinds/backend/backend.h"
#include "node/node.h"
#include "seam.h"

static const int64_t retry_ns = 200 * NS_PER_MS;
static const int64_t polite_ns = 5 * BOUND_S; /* from term to kill */

static struct asking *begin(struct task *t)
{
	t->target = t->node->id;
	backend_aim(t);
	return t->node->own;
}

/* An undo looks before it acts. */
static int begin_undo(struct task *t, enum verdict (*decide)(struct task *t, struct err *e),
		      struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct err why = {0};
	int rc = b->undo(t, &why);
	t->target = t->undo.target;
	backend_aim(t);
	struct asking *a = t->node->own;
	a->decide = decide;
	if (!t->polite)
		a->settle = b->settle;
	if (rc)
		*e = why;
	return rc && a->settle && why.code == EXIT_RUNTIME ? 0 : rc;
}

static enum verdict look(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	enum verdict seen = a->settle ? a->settle(t, e) : backend_turn(t, e);
	if (seen != VERDICT_YES)
		return seen;
	enum verdict (*decide)(struct task * t, struct err * e) = a->decide;
	a->settle = a->decide = NULL;
	a->looked = true;
	seen = decide ? decide(t, e) : VERDICT_YES;
	return seen == VERDICT_YES && a->act_at < a->act_count ? backend_wait_more(t, e) : seen;
}

static bool is_restarting(const struct node *n)
{
	return n->kind->backend->restarting && n->kind->backend->restarting(n);
}

static void is_still(const struct asking *a, const char *how, struct err *e)
{
	err_runtime(e, "it %s%s%s", how, a->refused[0] ? ": " : "", a->refused);
}

/* In a moment: it was not done. */
static void once_more(struct asking *a)
{
	a->again_ns = mono_ns() + retry_ns;
}

/* --- killing, stopping, pausing -------------------------------------------------- */

int backend_kill(struct task *t, struct err *e)
{
	(void)e;
	t->acted = true;
	backend_add(begin(t), ACT_KILL);
	return 0;
}

static enum verdict decide_term(struct task *t, struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	bool up = a->state == NODE_UP || a->state == NODE_PAUSED || is_restarting(t->node);
	bool on_its_way = !up && b->unfinished && b->unfinished(t);
	(void)e;
	t->acted |= up || on_its_way;
	if (on_its_way) { /* it has served nobody, nor has a handler yet */
		backend_add(a, ACT_START);
		backend_add(a, ACT_KILL);
	} else if (up) {
		t->target = t->node->id; /* what was to be brought up had no identity yet */
		if (a->state == NODE_PAUSED && b->resumes)
			backend_add(a, ACT_RESUME);
		backend_add(a, ACT_TERM);
	}
	return VERDICT_YES;
}

/* The undo of bringing it up is for the one that was brought up. */
int backend_term(struct task *t, struct err *e)
{
	t->polite = true;
	if (t->reverting)
		return begin_undo(t, decide_term, e);
	begin(t)->decide = decide_term;
	return 0;
}

/* An undo, or a command, does not rest because an act has failed once. */
static void end_again(struct task *t)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	if (b->forces && t->polite && mono_ns() - t->begun_ns > polite_ns) {
		t->polite = false;
		t->forced = true;
		backend_add(a, ACT_KILL);
	} else if (a->refused[0] || is_restarting(t->node)) {
		if (t->polite)
			a->decide = decide_term;
		else
			backend_add(a, ACT_KILL);
		once_more(a);
	}
}

enum verdict backend_seen_gone(struct task *t, struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	enum verdict seen = look(t, e);
	if (seen != VERDICT_YES)
		return seen;
	bool down = a->state == NODE_DOWN || a->state == NODE_FOREIGN;
	bool heals = !t->reverting && t->node->kind->heals && t->node->kind->heals(t->node);
	bool again = is_restarting(t->node) || (!down && !t->reverting && !b->same(t));
	if ((down && !again) || (again && heals)) {
		t->forced |= t->polite && a->killed;
		return VERDICT_YES;
	}
	if (again)
		b->again(t->node, e);
	else
		is_still(a, "still runs", e);
	if (!t->reverting && (again ? t->fault != NULL : a->refused[0] != '\0'))
		return VERDICT_NO;
	end_again(t);
	return backend_wait(a, e);
}

int backend_pause(struct task *t, struct err *e)
{
	(void)e;
	backend_add(begin(t), ACT_PAUSE);
	return 0;
}

enum verdict backend_seen_paused(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	enum verdict seen = look(t, e);
	if (seen != VERDICT_YES || a->state == NODE_PAUSED)
		return seen;
	is_still(a, a->state == NODE_UP ? "still runs" : "does not run", e);
	return a->state != NODE_UP || a->refused[0] ? VERDICT_NO : backend_wait(a, e);
}

/* --- starting, going on --------------------------------------------------------- */

static void launch(struct task *t)
{
	t->launch = true;
	backend_add(t->node->own, ACT_START);
}

static enum verdict paused_by_other(struct err *e)
{
	err_runtime(e, "another program has paused it");
	return VERDICT_NO;
}

/* The effect of an act that has not shown may come after its undo: the act is done once more before
 * it is undone. */
static enum verdict decide_kill(struct task *t, struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	bool up = a->state != NODE_DOWN || is_restarting(t->node);
	if (a->state == NODE_PAUSED)
		return paused_by_other(e);
	t->by_other = up && !(b->may_come(t) && b->same(t));
	if (b->came_back && !b->same(t))
		b->came_back(t);
	if (up && !t->by_other)
		backend_add(a, ACT_KILL);
	if (!t->by_other && !task_may_heal(t))
		launch(t);
	return VERDICT_YES;
}

static enum verdict decide_pause(struct task *t, struct err *e)
{
	const struct backend *b = t->node->kind->backend;
	struct asking *a = t->node->own;
	bool same = b->same(t);
	if (a->state == NODE_PAUSED && !same)
		return paused_by_other(e);
	t->died = a->state == NODE_DOWN;
	if (t->died)
		launch(t);
	bool may_come = a->state == NODE_UP && same && b->may_come(t);
	t->by_other = a->state == NODE_UP && !may_come;
	if (may_come)
		backend_add(a, ACT_PAUSE);
	if (may_come || a->state == NODE_PAUSED)
		backend_add(a, ACT_RESUME);
	return VERDICT_YES;
}

static int start(struct task *t, struct err *e)
{
	struct node *n = t->node;
	enum node_state state = backend_state(n);
	if (backend_unknown(n, e))
		return -1;
	if (state == NODE_FOREIGN)
		return node_err_foreign(n, e);
	if (state == NODE_PAUSED)
		return node_err_paused(n, e);
	begin(t);
	t->by_other = state == NODE_UP;
	if (!t->by_other)
		launch(t);
	return 0;
}

int backend_start(struct task *t, struct err *e)
{
	return t->reverting ? begin_undo(t, decide_kill, e) : start(t, e);
}

int backend_resume(struct task *t, struct err *e)
{
	if (t->reverting)
		return begin_undo(t, decide_pause, e);
	if (backend_state(t->node) != NODE_PAUSED)
		return start(t, e);
	backend_add(begin(t), ACT_RESUME);
	return 0;
}

static enum verdict not_running(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	bool never = t->node->kind->backend->ended(t, e);
	if (a->refused[0])
		err_runtime(e, "it cannot be started: %s", a->refused);
	if (is_restarting(t->node) || task_may_heal(t))
		return backend_wait(a, e);
	if (never || !t->reverting || (t->launched && !a->refused[0]))
		return VERDICT_NO;
	launch(t);
	once_more(a);
	return backend_wait(a, e);
}

/* By its own check where it has one, and by its URL. */
static enum verdict answers(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	char why[120];
	bool own = t->node->kind->health(t->node, why, sizeof why);
	enum verdict seen = VERDICT_WAIT;
	if (why[0])
		err_runtime(e, "%s", why);
	else
		seen = own ? node_ask_answers(t, e) : node_ask_ready(t, e);
	if (why[0] && a->never && !t->reverting)
		return VERDICT_NO;
	return seen == VERDICT_WAIT ? backend_wait(a, e) : seen;
}

/* Between two looks the state is that of the last. */
enum verdict backend_seen_ready(struct task *t, struct err *e)
{
	struct asking *a = t->node->own;
	a->serves = true;
	enum verdict seen = look(t, e);
	if (seen == VERDICT_NO || !a->looked)
		return seen;
	if (a->state == NODE_UP && !is_restarting(t->node))
		return answers(t, e);
	if (a->asked) /* what a look under way sees decides; an act would take its answer */
		return backend_wait_more(t, e);
	if (a->state == NODE_DOWN || a->state == NODE_UP)
		return not_running(t, e);
	if (a->state == NODE_FOREIGN) {
		t->by_other = true;
		return t->reverting ? node_ask_ready(t, e)
				    : (node_err_foreign(t->node, e), VERDICT_NO);
	}
	is_still(a, "is still paused", e);
	if (a->refused[0] && !t->reverting)
		return VERDICT_NO;
	if (a->refused[0]) {
		backend_add(a, ACT_RESUME);
		once_more(a);
	}
	return backend_wait(a, e);
}
