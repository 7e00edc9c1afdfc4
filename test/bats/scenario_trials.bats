#!/usr/bin/env bats
# Several runs of one scenario: --repeat, --search, --again, and what --set changes.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
	cluster
	echo "load: {pace_slack: 5s}" >>config.yaml
	cat > s.yaml <<-END
	phases:
	  - {name: normal, duration: 4s, actions: [{type: start_load, rps: 60}]}
	  - name: loss
	    duration: 3s
	    actions: [{type: kill_node, target: all_nodes, pick: one, for: 300ms}]
	    expect: [err < 60]
	END
}

teardown() { end_cluster; }

# refused PIECES OPTION...: exit 2 with one line of those pieces, "|" between them, and nothing is touched.
refused() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-scenario:|$1"
	shift
	run -2 --separate-stderr chaos-scenario --scenario s.yaml --run-id x "$@"
	assert_says "$stderr" "${pieces[@]}"
	[ ! -e runs ] && [ ! -e state ]
}

# next RANGE SHORTER TRIAL...: what the search tries, or what came of it; a trial is VALUE:FULL:OUTCOME.
next() {
	local from=${1%..*} to=${1#*..} shorter=$2
	shift 2
	printf '%s\n' "$@" | tr : ' ' | awk -v from="$from" -v to="$to" -v shorter="$shorter" -f "$ROOT/share/awk/search.awk"
}

@test "of 200 searches on systems of known capacity at least 95 % have it between their bounds, in at most 20 trials" {
	run -0 awk -v simulated=1 -v searches=200 -v seed=5 -f "$ROOT/share/awk/search.awk" -f "$ROOT/test/support/search_sim.awk" </dev/null
	read -r inside most mean ratio both <<<"$output"
	[ "$inside" -ge 190 ]
	[ "$most" -le 20 ]
	[ "$both" -gt 150 ]
	[ "$(bc <<<"$ratio < 1.3")" = 1 ]
	[ "$(bc <<<"$mean < 18")" = 1 ]
	# the ends of the range: a second trial, of full length, says it of the whole
	assert_equal "$(next 50..2000 1)" "try 50 0"
	assert_equal "$(next 50..2000 1 50:0:missed)" "try 50 1"
	assert_equal "$(next 50..2000 1 50:0:missed 50:1:missed)" "done - 50 1"
	assert_equal "$(next 50..2000 0 50:1:held 2000:1:held)" "try 2000 1"
	assert_equal "$(next 50..2000 0 50:1:missed 50:1:held)" "try 2000 1"
	assert_equal "$(next 50..2000 0 50:1:held 2000:1:held 2000:1:held)" "done 2000 - 1"
	assert_equal "$(next 50..2000 1 50:0:held 2000:0:missed)" "try 316 0"
}

@test "a wrong name or range is refused before anything is touched" {
	refused "--set:|'rps'|NAME=VALUE" --set rps
	refused "--set:|'many'|rate|0 to 1000000" --set rps=many
	refused "--set:|'duraton'|rps|duration|TYPE.for|TYPE.PARAMETER" --set duraton=1s
	refused "--set kil_node.for=1s:|'s.yaml'|'kill_node'?" --set kil_node.for=1s
	refused "--set kill_node.by=1s:|kill_node|no parameters" --set kill_node.by=1s
	refused "--search:|'rps 50'|NAME FROM..TO|'rps 50..2000'|'latency.by 10ms..2s'" --search 'rps 50'
	refused "--search:|'duration 1..3s'|NAME FROM..TO|'rps 50..2000'|'latency.by 10ms..2s'" --search 'duration 1..3s'
	refused "--set rps=2e+06: '2e+06' is not a rate" --search 'rps 50..2000000' || [[ $stderr == *"is not a rate from"* ]]
	refused "--search|--repeat|together" --search 'rps 5..9' --repeat 2
	refused "no run 'no'" --again no || [[ $stderr == *"--again takes scenario"* ]]
	# the plan as text, of a range at both ends; JSON where it is asked for
	run -0 chaos-scenario --check --scenario s.yaml --search 'rps 5..90'
	assert_equal "$(grep -o 'load [0-9]*/s' <<<"$output" | xargs)" 'load 5/s load 90/s'
	chaos-scenario --check --scenario s.yaml --repeat 2 | grep -q 'blast radius'
	chaos-scenario --check=json --scenario s.yaml --repeat 2 | jq -e '.schema == "chaos-plan/1"'
	sed -i /expect/d s.yaml
	refused "--search:|nothing|no 'expect'|no 'stop_conditions'" --search 'rps 5..9'
	chaos-scenario --check --scenario s.yaml --set rps=7 --set duration=1s | grep -A2 'load 7/s'
	chaos-scenario --check --scenario s.yaml --set kill_node.for=1s | grep 'pick one for 1s'
	run -0 chaos-scenario --check --scenario s.yaml --without-faults
	refute_line --partial kill
	assert_line --partial "blast radius: no fault"
	[ ! -e runs ] && [ ! -e state ]
}

# told FILTER: of the trials of the run r.
told() { jq -s "$1" runs/r/trials.jsonl; }
# drawn RUN: each request with its slot, node and op.
drawn() { cut -d, -f2,7,9 "runs/$1/samples.csv" | sort; }
picked() { jq -rs 'map(select(.event == "fault_requested").node)[]' "runs/$1/events.jsonl"; }

@test "a repeat beside a control without faults, then again: same requests, picks and phases" {
	run chaos-scenario --scenario s.yaml --run-id r --repeat 2 --progress none
	# A machine that did other work in the four seconds before the fault leaves a trial inconclusive. What is expected of
	# failures is held all the same, and the exit code is that of the trials.
	told '.[1:3] | all(.expectations[0].result == "held" and (.verdict | IN("held", "inconclusive")))' | grep -x true
	assert_equal "$status" "$(told 'if any(.[1:-1][]; .verdict == "inconclusive") then 3 else 0 end')"
	assert_line --regexp '^trial +verdict +throughput_rps +error_rate '
	assert_line --regexp '^r\.1 '
	assert_line --regexp '^median '
	assert_line --regexp '^control .* -$'
	told '.[0].kind == "repeat" and .[-1] == {type: "end", trials: 3} and map(select(.type == "trial").run_id) == ["r.1", "r.2", "r.control"]' | grep -x true
	jq -nr '{type: "end", trials: 3, lower_bound: 1, upper_bound: null, certain: false}, {type: "trials", format: "chaos-trials/1", run_id: "s", kind: "search",
		parameter: "rps", from: 50, to: 2000, unit: null} | tojson' | cat runs/r/trials.jsonl - | split -l 1 - line.
	python3 "$ROOT/test/support/schemacheck.py" "$ROOT/schema/trials.schema.json" line.*
	told '.[1:-1] | all(.verdict and .line and .metrics.throughput_rps > 30)' | grep -x true
	told '.[1].expectations[0].text == "err < 60" and .[3].expectations == [] and .[3].control and .[3].metrics.error_rate == 0' | grep -x true
	run ! grep -q fault runs/r.control/events.jsonl
	assert_equal "$(drawn r.1)" "$(drawn r.2)"
	assert_equal "$(picked r.1)" "$(picked r.2)"
	refused_run=$(chaos-scenario --scenario s.yaml --run-id r --repeat 2 2>&1) || assert_equal $? 2
	assert_says "$refused_run" chaos-scenario: "'r'" exists "'runs'" --force
	# the scenario has changed, and the run is repeated all the same; not with another config
	sed -i 's/rps: 60/rps: 10/' s.yaml
	run chaos-scenario --again r.1 --run-id a --progress none
	jq -e '.expectations[0].result == "held" and (.verdict | IN("held", "inconclusive"))' runs/a/verdict.json
	assert_equal "$status" "$(jq 'if .verdict == "held" then 0 else 3 end' runs/a/verdict.json)"
	assert_equal "$(drawn a)" "$(drawn r.1)"
	assert_equal "$(picked a)" "$(picked r.1)"
	echo '# new' >>config.yaml
	run -2 --separate-stderr chaos-scenario --again r.1 --run-id b
	assert_says "$stderr" chaos-scenario: "'$PWD/config.yaml'" config "run 'r.1'" "'runs/r.1/config.yaml'"
	lone
}

@test "censored values stay censored in median and range; what identical runs disagree on is no gate" {
	for n in 1 2 3; do
		jq -nc --argjson n $n '{type: "trial", $n, run_id: "x.\($n)", control: false, verdict: "held",
			metrics: {throughput_rps: (50 + $n), recovery_after_revert_s: (if $n == 1 then 3 else 12 end), p99_latency_ms: null},
			censored: (if $n == 1 then [] else ["recovery_after_revert_s"] end),
			expectations: [{text: "p99_latency_ms < 150", result: (if $n == 2 then "missed" else "held" end), value: (140 + 10 * $n)}]}'
	done >t.jsonl
	run -0 command jq -rs -f "$ROOT/share/jq/trials.jq" t.jsonl
	assert_line --regexp '^x\.2 +held +52 +- +- +- +> 12$'
	assert_line --regexp '^median +52 +- +- +- +> 12$'
	assert_line --regexp '^from +51 +- +- +- +3$'
	assert_line --regexp '^to +53 +- +- +- +> 12$'
	assert_line_says "$output" "no gate:" "p99_latency_ms < 150:" "2 of 3" "150 to 170"
	run -0 command jq -nc --argjson trial '{"n":1}' --slurpfile verdict /dev/null --slurpfile analysis <(echo '{"recovery_time_sec": null, "censored": true,
		"run_summary": {"throughput_rps": 9}, "faults": [{"recovery_after_revert_s": 1, "recovery_time_s": 2},
		{"recovery_after_revert_s": null, "recovery_after_revert_lower_bound_s": 0.5, "recovery_lower_bound_s": 4, "recovery_time_s": null}]}') \
		--argjson code 3 -f "$ROOT/share/jq/trial.jq"
	jq -e '.exit == 3 and .metrics.recovery_after_revert_s == 0.5 and .metrics.recovery_time_sec == 4
		and .censored == ["recovery_time_sec", "recovery_after_revert_s"]' <<<"$output"
}

@test "a threshold below what identical runs differ by is refused as a gate, with the figure" {
	mkdir -p runs/base runs/base.1
	printf 'timestamp,node,status_code,latency_ms,error\n' >runs/base.1/samples.csv
	for n in 1 2 3; do
		jq -nc --argjson n $n '{type: "trial", $n, run_id: "base.\($n)", control: false, value: null, metrics: {p99_latency_ms: (140 + 5 * $n)}}'
	done >runs/base/trials.jsonl
	jq -nc '{type: "trial", n: 4, run_id: "base.control", control: true, value: null, metrics: {p99_latency_ms: 9}}' >>runs/base/trials.jsonl
	sed -i 's/err < 60/p99_latency_ms < 1.02 * baseline.p99_latency_ms/' s.yaml
	run -2 chaos-scenario --check --scenario s.yaml --baseline-id base.1
	assert_says "$output" chaos-scenario: s.yaml:6:14: "'p99_latency_ms < 1.02 * baseline.p99_latency_ms'" gate identical "'base.2'" "'base.1'" 150 147.9
	sed -i 's/1.02/1.2/' s.yaml
	run -0 chaos-scenario --check --scenario s.yaml --baseline-id base.1
	# another run says nothing of it
	rm runs/base/trials.jsonl
	sed -i 's/1.2 /1.02 /' s.yaml
	run -0 chaos-scenario --check --scenario s.yaml --baseline-id base.1
}

# Between two trials, and where the child that becomes one is late: a shell's child forgets a signal before its program begins.
@test "a signal before a trial, or while it is being started, is not lost" {
	local tool=$ROOT/libexec/trials code
	mkdir bin
	cat >bin/jq <<-END
		#!/bin/sh
		case "\$*" in *'{type: "trial",'*) echo >"$SCRATCH/here"; [ -e "$SCRATCH/late.so" ] || sleep 20 ;; esac
		exec $(type -P jq) "\$@"
	END
	cat >trial <<-END
		#!/bin/sh
		case "\$*" in *--check*) echo '{}' && exit ;; esac
		exec python3 -c 'import time; open("$SCRATCH/ran", "w"); time.sleep(4); open("$SCRATCH/whole", "w")'
	END
	chmod +x bin/jq trial
	PATH=$PWD/bin:$PATH setsid "$tool" repeat 3 before runs '' ./trial 2>err 3>&- &
	local pid=$!
	wait_for 20 test -s here
	kill -TERM -- -$pid # all of them
	code=0
	wait $pid || code=$?
	assert_equal "$code $(jq -sc 'map(.type)' runs/before/trials.jsonl)" '143 ["trials","end"]'
	[ ! -e ran ]
	run ! grep -v '^chaos-scenario: ' err
	rm here
	cat >late.c <<-END # as of "here", a child that is no program yet says so, and is late
		#include <dlfcn.h>
		#include <stdio.h>
		#include <time.h>
		#include <unistd.h>
		pid_t fork(void)
		{
			pid_t (*real)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
			pid_t pid = real();
			if (pid || access("$SCRATCH/here", F_OK) || !access("$SCRATCH/late", F_OK))
				return pid;
			fclose(fopen("$SCRATCH/late", "w"));
			for (struct timespec left = {1, 500000000}; nanosleep(&left, &left);)
				;
			return pid;
		}
	END
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o late.so late.c
	PATH=$PWD/bin:$PATH LD_PRELOAD=$PWD/late.so "$tool" repeat 3 start runs '' ./trial 2>err 3>&- &
	pid=$!
	wait_for 20 test -e late
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	assert_equal "$code $(jq -sc 'map(.type)' runs/start/trials.jsonl)" '143 ["trials","trial","end"]'
	[ ! -e whole ]
	run ! ls -d "${TMPDIR:-/tmp}"/chaos-scenario.*
}
