#!/usr/bin/env bats
# Steady state and stop conditions of chaos-scenario at more moments than the check takes time for.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/scenario_helper
	scratch
	cluster
}

teardown() { end_cluster; }

# verdict_of RUN: its verdict, exit and the results of its expectations.
verdict_of() { jq -r '[.verdict, .exit, .expectations[].result] | @tsv' "runs/$1/verdict.json" | tr '\t' ' '; }

@test "a file that is there ends the run: exit 4" {
	cat > s.yaml <<-END
	stop_conditions: [{file: $PWD/halt}]
	phases:
	  - {duration: 2s, actions: [{type: start_load, rps: 50}]}
	  - {duration: 30s, actions: [{type: kill_node, target: service-node-2}]}
	END
	bg chaos-scenario --scenario s.yaml --run-id f --progress none
	wait_for 10 has_event f fault_injected
	touch halt
	wait "$BG_PID" || assert_equal $? 4
	jq -e '.exit == 4 and (.line | startswith("stopped: file '"$PWD"'/halt is there; "))' runs/f/verdict.json
	lone
}

@test "a probe of Redis: one that is refused ends the run, exit 4; one that is not answered in time does not" {
	cat > s.yaml <<-END
	steady_state: [{redis: "redis://127.0.0.1:${PORTS[3]}", mode: Continuous}]
	stop_conditions: [{redis: "redis://127.0.0.1:${PORTS[3]}"}]
	phases:
	  - {duration: 2s, actions: [{type: start_load, rps: 30}]}
	  - {duration: 4s, actions: [{type: kill_node, target: redis-node-1, at: 1s, all_down: true}]}
	END
	run -4 chaos-scenario --scenario s.yaml --run-id r --progress none
	jq -e '.line | startswith("stopped: redis redis://127.0.0.1:'"${PORTS[3]}"' failed: Connection refused; missed: redis ")' runs/r/verdict.json
	lone
	sed -i 's/kill_node/pause_node/' s.yaml
	run -3 chaos-scenario --scenario s.yaml --run-id p --progress none
	assert_equal "$(verdict_of p)" "inconclusive 3 inconclusive"
	lone
}

@test "a phase ends when the system has recovered, at its bound otherwise, and the rest comes then" {
	echo 'load: {timeout: 1s}' >>config.yaml
	cat > s.yaml <<-END
	phases:
	  - {name: normal, duration: 4s, actions: [{type: start_load, rps: 60}]}
	  - name: loss
	    duration: 60s
	    until: recovered
	    actions: [{type: kill_node, target: service-node-2, for: 2s}]
	  - name: bound
	    duration: 6s
	    until: recovered
	    actions: [{type: kill_node, target: service-node-2}, {type: start_load, rps: 90}]
	  - {name: after, duration: 2s, actions: [{type: start_load, rps: 30}]}
	END
	run chaos-scenario --scenario s.yaml --run-id r
	assert_ran
	assert_line_says "$output" phase "'loss'" recovered ends
	assert_line_says "$output" phase "'bound'" "not recovered" ends bound
	# five windows after what is broken was lifted, and long before the bound; all children follow
	jq -es 'map(select(.event == "phase_start").t) as [$normal, $loss, $bound, $after]
		| (map(select(.event == "reverted").t)[0]) as $lifted
		| $bound - $lifted > 5 and $bound - $loss < 30 and ($after - $bound - 6 | fabs < 0.001)
		and ([.[] | select(.event == "load_rate").t] == [$normal, $bound, $after, $after + 2])' runs/r/events.jsonl
	jq -es 'map(select(.event == "load_rate").rate_rps) == [60, 90, 30, 0]' runs/r/events.jsonl
	lone
}

@test "the steady state is seen before, while and after something is broken" {
	cat > s.yaml <<-END
	steady_state:
	  - error_rate < 0.01
	  - {http: "http://127.0.0.1:${PORTS[0]}/health", status: 200, mode: Continuous}
	  - {http: "http://127.0.0.1:${PORTS[1]}/health", mode: OnChaos}
	  - {process: [test, -e, config.yaml], mode: Edge}
	  - {process: [sleep, 20], timeout: 100ms, mode: EoT}
	phases:
	  - {duration: 1s, actions: [{type: start_load, rps: 50}]}
	  - {duration: 3s, actions: [{type: pause_node, target: service-node-3, for: 300ms, every: 500ms, times: 3},
	                             {type: kill_node, target: service-node-2}]}
	END
	run -3 chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_equal "$(verdict_of r)" "inconclusive 3 held missed held inconclusive"
	jq -es 'map(select(.event == "fault_requested" and .action == "pause")) | length == 3' runs/r/events.jsonl
	lone
	# No answer in time is neither: not of one that passes before and after, nor of one that was never asked while it counts.
	cat > silent.yaml <<-END
	steady_state:
	  - {process: [sh, -c, 'echo >>asked; [ \$(wc -l <asked) -ne 3 ] || sleep 9'], timeout: 400ms, mode: Continuous}
	  - {file: config.yaml, mode: OnChaos}
	phases: [{duration: 4s, actions: [{type: start_load, rps: 50}]}]
	END
	run -3 chaos-scenario --scenario silent.yaml --run-id silent --progress none
	assert_equal "$(verdict_of silent)" "inconclusive 3 inconclusive inconclusive"
	assert_equal "$(jq -r '.expectations[].reason' runs/silent/verdict.json | paste -sd ,)" \
		"no answer in time,no fault was active when it was asked"
	[ "$(wc -l <asked)" -gt 4 ]
	# what is not steady is not broken
	for wrong in 's/status: 200/status: 204/' 's/error_rate < 0.01/error_rate < 0/'; do
		sed "$wrong" s.yaml >wrong.yaml
		run -3 chaos-scenario --scenario wrong.yaml --run-id "n$((++n))" --progress none
		assert_line --partial "chaos-scenario: not steady: "
		run ! grep -q fault_requested "runs/n$n/events.jsonl"
		jq -e '.exit == 3 and (.line | startswith("inconclusive: not steady: "))' "runs/n$n/verdict.json"
	done
	sed 's/rps: 50/load: l, rps: 50/; $aloads: {l: {target: all_nodes, requests: [{path: /none}]}}' s.yaml >wrong.yaml
	run -3 chaos-scenario --scenario wrong.yaml --run-id none --progress none
	assert_line --partial "not steady: error_rate < 0.01 does not hold of 'l' (it is 1; most failures: 404 to GET /none); nothing was broken"
}

@test "a search finds how long a node may be down: its errors are known" {
	cat > s.yaml <<-END
	phases:
	  - {name: normal, duration: 4s, actions: [{type: start_load, rps: 60}]}
	  - name: loss
	    duration: 6s
	    actions: [{type: kill_node, target: service-node-2, for: 1s}]
	    expect: [err < 30]
	END
	printf 'load: {timeout: 1s, pace_slack: 500ms}\n' >>config.yaml
	run -0 chaos-scenario --scenario s.yaml --run-id r --search 'duration 500ms..4s' --progress none
	# a third of 60 requests a second fail, and how soon the node is back is the machine's; each bound has its evidence
	jq -es '.[-1] as $last | $last.trials <= 20 and $last.certain and $last.lower_bound > 0.5 and $last.upper_bound < 3
		and $last.upper_bound / $last.lower_bound < 1.4
		and ([.[] | select(.value == $last.lower_bound and .full and .expectations[0].value < 30)] | length >= 3)
		and ([.[] | select(.value == $last.upper_bound and .full and .expectations[0].value >= 30)] | length >= 3)' runs/r/trials.jsonl
	lone
}

@test "of 4,000 searches on simulated systems at least 95 % have the capacity between their bounds" {
	run -0 awk -v simulated=1 -v searches=4000 -v seed=11 -f "$ROOT/share/awk/search.awk" -f "$ROOT/test/support/search_sim.awk" </dev/null
	read -r inside most _ <<<"$output"
	[ "$inside" -ge 3800 ] && [ "$most" -le 20 ]
}

@test "a probe for the end is asked at the end: what breaks just before it is seen, and a slow answer is waited for" {
	cat > s.yaml <<-END
	steady_state:
	  - {http: "http://127.0.0.1:${PORTS[1]}/health", mode: Edge}
	  - {process: [sh, -c, 'sleep 2; exec curl -sf -m 1 -o /dev/null http://127.0.0.1:${PORTS[1]}/health'], mode: EoT, timeout: 5s}
	phases:
	  - {name: normal, duration: 6s, actions: [{type: start_load, rps: 50}]}
	  - {name: loss, duration: 1s, actions: [{type: kill_node, target: service-node-2, at: 950ms}]}
	END
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	assert_equal "$(jq -c '[.expectations[].result]' runs/r/verdict.json)" '["missed","missed"]'
	# and it was so before the fault was lifted
	jq -es '(map(select(.event == "revert_requested" or .event == "reverted"))[0].t) - (map(select(.event == "fault_injected"))[0].t) > 2' runs/r/events.jsonl
}
