#!/usr/bin/env bats
# ${env NAME} in scenarios and requests: filled in at the moment of use, and stored nowhere.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load load_helper
	load scenario_helper
	scratch
	free_ports 1
	cat > config.yaml <<-END
	nodes: {web: {url: "http://127.0.0.1:${PORTS[0]}"}}
	anomaly_detection: {warmup_ignore_sec: 0}
	END
	cat > s.yaml <<-'END'
	loads:
	  main:
	    target: web
	    requests: [{path: /t, headers: {Authorization: "Bearer ${env TOKEN}", X-Kept: "$${env TOKEN}"}}]
	steady_state:
	  - {http: "http://127.0.0.1:PORT/${env WHERE:-t}?key=${env TOKEN}", status: 401, mode: Edge, timeout: 10s}
	  - {process: [sh, -c, '[ ${#1} = 14 ]', sh, "it is ${env TOKEN}"], mode: Edge, timeout: 10s}
	  - {file: "${env SCRATCH}/s.yaml"}
	phases: [{duration: 2s, actions: [{type: start_load, rps: 80}], expect: ["error_rate == 0"]}]
	END
	sed -i "s/PORT/${PORTS[0]}/" s.yaml
	export SCRATCH
}

teardown() {
	end_bg
}

@test "marks are filled in for probes and headers, and no file of the run, plan or message has what they stand for" {
	nginx_on "${PORTS[0]}" 'location /t { if ($http_authorization != "Bearer s3cret.x") { return 401; }
		if ($http_x_kept !~ "^.{env TOKEN}$") { return 402; } return 200; }'
	export TOKEN=s3cret.x
	for how in --check --check=json; do
		run -0 chaos-scenario --scenario s.yaml $how
		refute_output --partial s3cret
	done
	assert_output --partial '?key=${env TOKEN}'
	run chaos-scenario --scenario s.yaml --run-id r
	assert_ran
	refute_output --partial s3cret
	assert_equal "$(jq -c '[.expectations[] | .result]' runs/r/verdict.json)" '["held","held","held"]'
	run -1 grep -rl s3cret runs
	grep -q 'Bearer ${env TOKEN}' runs/r/requests.jsonl
}

@test "a variable that is not set, and what is no mark, have their place" {
	run -2 chaos-scenario --scenario s.yaml --check
	assert_says "$output" chaos-scenario: s.yaml:6:12: environment "'TOKEN'" "not set"
	export TOKEN=x
	sed -i '8s/SCRATCH/1SCRATCH/' s.yaml
	run -2 chaos-scenario --scenario s.yaml --check
	assert_says "$output" chaos-scenario: s.yaml:8:12: "'\${env 1SCRATCH}'" mark "\${env NAME}" "\${env NAME:-TEXT}"
	sed -i '8s/1SCRATCH/SCRATCH/; 6s|http://.*"|${env WHOLE}"|' s.yaml
	WHOLE='redis://u:s3cret@h' run -2 chaos-scenario --scenario s.yaml --check
	assert_says "$output" chaos-scenario: s.yaml:6:12: "'\${env WHOLE}'" address http "filled in"
	sed -i '6d; s/env TOKEN/env NONE/' s.yaml
	sed -i '/process/d' s.yaml
	run -2 chaos-scenario --scenario s.yaml --check
	assert_says "$output" chaos-scenario: s.yaml:4:16: "'headers':" environment "'NONE'" "not set"
	TOKEN=$'a\nb' run -2 chaos-load --rps 1 --duration 1s -H 'X: ${env TOKEN}' http://127.0.0.1:1
	assert_says "$output" chaos-load: --header: "'X: \${env TOKEN}'" "'NAME: VALUE'"
}
