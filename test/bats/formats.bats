# The published schemas and the page of the formats agree with each other, and bite.
load helper
load analyze_helper

setup() { scratch; }

# example SECTION: the first example of a section of chaos-formats(5), without the markup.
example() {
	awk -v section=".Ss $1" '$0 == section { in_section = 1 } /^\.Ed/ && shown { exit }
		shown { print } in_section && /^\.Bd/ { shown = 1 }' "$ROOT/man/chaos-formats.5"
}

# changed FILE: each line of input, CHANGE|COMPLAINT, makes FILE invalid in that way.
changed() {
	local change want
	while IFS='|' read -r change want; do
		jq "$change" "$1" >changed.json
		run valid changed.json
		assert_failure
		assert_output --partial "$want"
	done
}

# dangling FILE: the references of a schema that lead nowhere.
dangling() {
	jq -r '. as $root | [.. | objects | .["$ref"]? // empty] | unique[]
		| select(ltrimstr("#/") as $path | $root | getpath($path | split("/")) == null)' "$1"
}

@test "every reference in a schema leads to a definition" {
	local s
	for s in "$ROOT"/schema/*.json; do
		run -0 dangling "$s"
		refute_output
	done
	jq '.properties.shared["$ref"] = "#/$defs/nothing"' "$ROOT/schema/analysis.schema.json" >s.json
	run -0 dangling s.json
	assert_output '#/$defs/nothing'
}

@test "the page's verdict is one by the schema, and what is none is told" {
	local SCHEMA=$ROOT/schema/verdict.schema.json
	example Verdict >v.json
	valid v.json
	jq -e '.expectations | length == 1' v.json
	changed v.json <<-'END'
		.new = 1|new is not known
		.schema = "chaos-verdict/2"|is not chaos-verdict/1
		.verdict = "absorbed"|is not in the list
		.exit = "1"|string instead of integer
		del(.lost_writes)|no lost_writes
		.lost_writes = -1|-1 is below 0
		del(.faults[0].users)|no users
		.faults[0].users = "fine"|is not in the list
		.expectations[0].result = "failed"|is not in the list
		.expectations[0].value = "22.4"|string instead of number or null
		del(.expectations[0].load)|no load
	END
}

@test "the keys that are to come go into an analysis, also load by load" {
	samples 50 30 's>=10 && s<15' >s.csv
	{ event 10 fault_injected; event 15 reverted; } >e.jsonl
	chaos-analyze --events e.jsonl s.csv >a.json
	valid a.json
	jq '{due: 5, err: 2, slow: null} as $r |
		(.nodes[0] | del(.node, .url) + {op: "GET /"}) as $op |
		.ops = [$op] | .not_judged = [{what: "p99_latency_ms", load: null, fault: "f1", reason: "few"}] |
		.shared = $r | .audit = {acknowledged: 9, lost: 1, phantom: 0, recovered: 0, in_doubt: 0,
			unreplicated: 0, verdict: "lost"} |
		.run_summary.errors.redis_moved = 1 |
		.faults[] += {effect: "silent", ends: "undo", healed_s: null, by_other: false,
			users: "unaffected", absorbed: true, own: $r, after_revert: $r, shared: $r,
			slowest: [{slot: 7, node: "http://a", op: null, due_s: 1, latency_ms: 9, over_normal_ms: 4}]} |
		. as $a | .loads.shop = ($a | del(.schema, .run_id, .baseline_id, .verdict, .baselines, .outcome,
			.expectations, .run_end))' \
		a.json >all.json
	jq -e '.faults | length == 1' all.json
	valid all.json
	changed all.json <<-'END'
		.loads.shop.new = 1|new is not known
		del(.loads.shop.intervals)|no intervals
		.loads.shop.faults[0].users = "fine"|is not in the list
		.faults[0].own.due = -1|-1 is below 0
		.faults[0].slowest[0].latency_ms = null|null instead of number
		.ops[0].url = "x"|url is not known
		.not_judged[0] = "p99"|string instead of object
		del(.audit.lost)|no lost
	END
}

@test "the page's classes of errors are those of the schema" {
	awk '/^The classes of/ { on = 1 } on && /^\.El/ { exit }
		on && /^\.It Cm/ { for (i = 3; i <= NF; i++) if ($i != ",") print $i }' \
		"$ROOT/man/chaos-formats.5" | sort >page
	jq -r '."$defs".summary.properties.errors.properties | keys[] | select(. != "other")' \
		"$ROOT/schema/analysis.schema.json" | sort >schema
	[ "$(wc -l <page)" -gt 20 ]
	diff page schema
}
