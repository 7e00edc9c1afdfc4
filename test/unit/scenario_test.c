#include "conf/scenario.h"

#include "base/units.h"

#include "unit.h"

#include <string.h>

static int parse(struct scenario *s, const char *text, struct err *e)
{
	return scenario_parse(s, text, strlen(text), "s.yaml", e);
}

static const char legacy[] =
	"name: node_failure_recovery\n"
	"description: Kill one node under load and measure behaviour.\n"
	"phases:\n"
	"  - name: warmup\n"
	"    duration_sec: 30\n"
	"    actions:\n"
	"      - {type: start_load, target: all_nodes, rps: 50}\n"
	"  - name: failure\n"
	"    duration_sec: 20\n"
	"    actions:\n"
	"      - {type: kill_node, target: service-node-2}\n"
	"  - name: recovery\n"
	"    duration_sec: 30\n"
	"    actions:\n"
	"      - {type: restart_node, target: service-node-2}\n"
	"      - {type: continue_load, target: all_nodes, rps: 50}\n";

static void reads_the_format_in_use(void **state)
{
	(void)state;
	struct scenario s;
	struct err e;
	assert_int_equal(parse(&s, legacy, &e), 0);
	assert_string_equal(s.name, "node_failure_recovery");
	assert_string_equal(s.description, "Kill one node under load and measure behaviour.");
	assert_int_equal(s.phase_count, 3);
	assert_int_equal(s.duration_ns, 80 * NS_PER_S);
	assert_int_equal(s.phases[2].start_ns, 50 * NS_PER_S);
	const struct scenario_action *load = &s.phases[0].actions[0];
	const struct scenario_action *kill = &s.phases[1].actions[0];
	assert_int_equal(load->type->kind, ACTION_LOAD);
	assert_true(load->rps > 49.9 && load->rps < 50.1);
	assert_string_equal(load->targets[0].text, SCENARIO_ALL_NODES);
	assert_int_equal(kill->type->kind, ACTION_NODE);
	assert_string_equal(kill->type->verb, "kill");
	assert_int_equal(kill->for_ns, 0);
	assert_int_equal(kill->targets[0].at.line, 11);
	assert_int_equal(kill->targets[0].at.column, 35);
	scenario_release(&s);
}

static void reads_spans_offsets_and_lists(void **state)
{
	(void)state;
	struct scenario s;
	struct err e;
	assert_int_equal(parse(&s,
			       "phases:\n"
			       "  - duration: 1m30s\n"
			       "    actions:\n"
			       "      - {type: start_load, rps: 0.5}\n"
			       "      - {type: pause_node, target: [a, b], at: 1500ms, for: 20}\n"
			       "      - {type: kill_node, target: a, pick: 30%, all_down: true}\n"
			       "  - duration: 3\n",
			       &e),
			 0);
	assert_string_equal(s.name, "scenario");
	assert_string_equal(s.phases[0].name, "phase-1");
	assert_int_equal(s.duration_ns, 93 * NS_PER_S);
	const struct scenario_action *pause = &s.phases[0].actions[1];
	assert_int_equal(pause->at_ns, 1500 * NS_PER_MS);
	assert_int_equal(pause->for_ns, 20 * NS_PER_S);
	assert_int_equal(pause->target_count, 2);
	assert_string_equal(pause->targets[1].text, "b");
	assert_int_equal(pause->pick.kind, PICK_NONE);
	assert_false(pause->all_down);
	assert_int_equal(pause[1].pick.kind, PICK_SHARE);
	assert_int_equal(pick_how_many(&pause[1].pick, 10), 3);
	assert_int_equal(pick_how_many(&pause[1].pick, 1), 1);
	assert_true(pause[1].all_down);
	assert_int_equal(s.phases[1].action_count, 0);
	scenario_release(&s);
}

static void other_words_are_fault_programs(void **state)
{
	(void)state;
	struct scenario s;
	struct err e;
	assert_int_equal(parse(&s,
			       "phases:\n"
			       "  - duration: 3\n"
			       "    actions: [{type: stopnode, target: a, by: 20ms, for: 1s, file: /x}]\n",
			       &e),
			 0);
	const struct scenario_action *a = s.phases[0].actions;
	assert_string_equal(a->verb, "stopnode");
	assert_string_equal(a->params, " by=20ms file=/x");
	assert_int_equal(a->for_ns, NS_PER_S);
	assert_int_equal(scenario_unknown(&s, a, "other", &e), -1);
	assert_says(e.msg, "s.yaml:3:22:|action|'stopnode'|'stop_node'?");
	scenario_release(&s);
}

/* What is wrong, and the whole message. Each text stands behind "phases:\n". */
static void errors_point(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"- {duration: 5, actions: [{type: up, target: a}]}\n",
		 "s.yaml:2:34:|action|'up'|chaos-scenario(5)"},
		{"- {duration: 5, actions: [{type: mark, target: a, by: 'a b'}]}\n",
		 "s.yaml:2:51:|'by'|parameter"},
		{"- {duration: 5, actions: [{type: mark, by: 1, by: 2}]}\n",
		 "s.yaml:2:47:|'by'|line 2"},
		{"- {duration: 5, actions: [{type: kill, target: a}]}\n",
		 "s.yaml:2:34:|'kill'|'kill_node'?"},
		{"- {duration: 5, actions: [{type: kill_node}]}\n",
		 "s.yaml:2:27:|kill_node|'target'"},
		{"- {duration: 5, actions: [{type: kill_node, target: []}]}\n",
		 "s.yaml:2:53:|targets|empty"},
		{"- {duration: 5, actions: [{type: kill_node, target: [a, a]}]}\n",
		 "s.yaml:2:57:|target|'a'"},
		{"- {duration: 5, actions: [{type: start_load, target: all_nodes}]}\n",
		 "s.yaml:2:27:|start_load|'rps'|requests"},
		{"- {duration: 5, actions: [{type: start_load, rps: -1}]}\n",
		 "s.yaml:2:51:|'-1'|number|0 to 1000000"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, rps: 1}]}\n",
		 "s.yaml:2:61:|'rps'|kill_node"},
		{"- {duration: 5, actions: [{type: start_laod, rps: 5}]}\n",
		 "s.yaml:2:34:|'start_laod'|'start_load'?"},
		{"- {duration: 5, actions: [{type: stop_laod}]}\n",
		 "s.yaml:2:34:|'stop_laod'|'stop_load'?"},
		{"- {duration: 5, actions: [{type: latency, target: a, rps: 1}]}\n",
		 "s.yaml:2:59:|'rps'|fault"},
		{"- {duration: 5, actions: [{type: stop_load, target: a, for: 1}]}\n",
		 "s.yaml:2:61:|'for'|stop_load"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, for: 0}]}\n",
		 "s.yaml:2:61:|'for'|0"},
		{"- {name: x, duration: 5, actions: [{type: kill_node, target: a, at: 5}]}\n",
		 "s.yaml:2:69:|'at'|phase|'x'"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, pick: noe}]}\n",
		 "s.yaml:2:62:|'noe'|'one'?"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, pick: 0%}]}\n",
		 "s.yaml:2:62:|'0%'|0%|100%"},
		{"- {duration: 5, actions: [{type: stop_load, target: a, pick: one}]}\n",
		 "s.yaml:2:62:|'pick'|stop_load"},
		{"- {duration: 5, actions: [{type: start_load, rps: 1, all_down: true}]}\n",
		 "s.yaml:2:64:|'all_down'|start_load"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, for: }]}\n", "s.yaml:2:56:|'for'|value"},
		{"- {duration: 5, expect: }\n", "s.yaml:2:17:|'expect'|value"},
		{"- {duration: 5, until: }\n", "s.yaml:2:17:|'until'|value"},
		{"- {duration: 5}\nstop_conditions:\n", "s.yaml:3:1:|'stop_conditions'|value"},
		{"- {duration: 5}\nsteady_state: [{http: 'http://x/', timeout: }]\n", "s.yaml:3:36:|'timeout'|value"},
		{"- {duration: 5, actions: [{type: mark, target: a, by: ~}]}\n", "s.yaml:2:51:|'by'|value"},
		{"- {duration: 5, actions: [{type: kill_node, target: a, for: [1s]}]}\n", "s.yaml:2:61:|text"},
		{"- {duration: 5, actions: [{typ: kill_node}]}\n",
		 "s.yaml:2:28:|'typ'|'type'?"},
		{"- {duration: 5, actions: [{target: a}]}\n",
		 "s.yaml:2:27:|action|'type'"},
		{"- {name: x, duration: 5, duration_sec: 5}\n",
		 "s.yaml:2:23:|phase|'x'|'duration'|'duration_sec'"},
		{"- {name: x}\n", "s.yaml:2:3:|phase|'x'|'duration'"},
		{"- {duration_sec: soon}\n",
		 "s.yaml:2:18:|'soon'|time span|20, 20s, 150ms, 1m30s"},
		{"- {duration_sec: 0}\n",
		 "s.yaml:2:18:|phase|0|year"},
		{"- {duration: 5, acts: []}\n", "s.yaml:2:17:|key|'acts'|name, duration_sec, duration, until, actions, expect"},
		{"- {duration: 5, actions: x}\n", "s.yaml:2:26:|'actions'|list"},
		{" []\n", "s.yaml:2:2:|'phases'|list|phase"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[300] = "phases:\n";
		struct scenario s;
		struct err e = {0};
		strcat(text, cases[i].text);
		assert_int_equal(parse(&s, text, &e), -1);
		assert_says(e.msg, cases[i].message);
		assert_int_equal(e.code, EXIT_USAGE);
		scenario_release(&s);
	}
}

static void broken_files_are_usage_errors(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "[1, 2]", "name: x\n", "phases: [", "a: b: c",
					    "phases:\n- 5\n"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct scenario s;
		struct err e = {0};
		assert_int_equal(parse(&s, texts[i], &e), -1);
		assert_int_equal(e.code, EXIT_USAGE);
		assert_int_equal(strncmp(e.msg, "s.yaml:", 7), 0);
		scenario_release(&s);
	}
	struct scenario s;
	struct err e = {0};
	assert_int_equal(scenario_load(&s, "/nowhere/s.yaml", &e), -1);
	assert_int_equal(e.code, EXIT_USAGE);
	scenario_release(&s);
}

int main(void)
{
	static const struct CMUnitTest scenario[] = {
		cmocka_unit_test(reads_the_format_in_use),
		cmocka_unit_test(reads_spans_offsets_and_lists),
		cmocka_unit_test(other_words_are_fault_programs),
		cmocka_unit_test(errors_point),
		cmocka_unit_test(broken_files_are_usage_errors),
	};
	return RUN_GROUP(scenario);
}
