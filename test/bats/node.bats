# chaos-node: the service to break.
load helper

setup() {
	scratch
}

teardown() {
	end_bg
}

# node OPTION…: a node in the background on a port of its own; URL and NODE_PID say where.
node() {
	rm -f port
	bg chaos-node --port 0 --port-file port "$@"
	NODE_PID=$BG_PID
	wait_for 10 test -s port
	URL=http://127.0.0.1:$(<port)
}

@test "health, work and state answer in JSON, with the node's name" {
	node --name n1 --delay 1..3
	run -0 curl -fsS "$URL/health"
	assert_equal "$(jq -r '.status + .node' <<<"$output")" okn1
	run -0 curl -fsS -d '{"n":1}' "$URL/work"
	jq -e '.node == "n1" and .work_ms >= 1 and .work_ms <= 3' <<<"$output"
	run -0 curl -fsS "$URL/state"
	jq -e --argjson pid "$NODE_PID" '.pid == $pid and .work_done == 1 and .requests == 3
		and .busy == 0 and .waiting == 0 and .client_errors == 0' <<<"$output"
	run -0 curl -sS -o head -w '%{http_code} %{content_type}' -I "$URL/health"
	assert_output "200 application/json"
}

@test "wrong paths and methods are told in JSON, with 404 and 405" {
	node
	run -0 curl -sS -w ' %{http_code}' "$URL/nowhere"
	assert_output --partial '"error":"not found"'
	assert_output --partial ' 404'
	run -0 curl -sS -D head -w ' %{http_code}' "$URL/work"
	assert_output --partial '"error":"method not allowed"'
	assert_output --partial ' 405'
	grep -qi '^Allow: POST' head
	run -0 curl -sS -o /dev/null -w '%{http_code}' -d x "$URL/health"
	assert_output 405
	run -0 curl -fsS "$URL/state"
	jq -e '.client_errors == 3 and .work_done == 0' <<<"$output"
}

@test "port 0 takes a free port, prints it and writes it to the file" {
	node
	assert_equal "$(<"$BG_OUT")" "$(<port)"
	http_up "$(<port)"
}

@test "a port in use: one line, exit 6" {
	node
	run -6 chaos-node --port "$(<port)"
	assert_says "$output" chaos-node: "'127.0.0.1:$(<port)':" "Address already in use"
}

@test "SIGTERM and SIGINT end it at once, also while it works" {
	for sig in TERM INT; do
		node --delay 20s..30s
		bg curl -s -d x "$URL/work"
		wait_for 5 eval 'curl -s "$URL/state" | jq -e ".busy == 1"'
		kill -$sig "$NODE_PID"
		rc=0
		wait "$NODE_PID" || rc=$?
		assert_equal "$rc" $((128 + $(kill -l $sig)))
	done
}

@test "connections are kept" {
	node --delay 0
	run -0 curl -sS -o /dev/null -o /dev/null -o /dev/null -d x -w '%{num_connects} ' \
		"$URL/work" "$URL/work" "$URL/work"
	assert_output "1 0 0 "
}

@test "no more work at once than workers; the rest waits, and health answers all the same" {
	# None is done before all five are there and have been seen.
	node --workers 2 --delay 60s
	bg curl -fsS --parallel --parallel-immediate -d x "$URL"/work{,,,,}
	wait_for 10 eval 'curl -s "$URL/state" | jq -e ".busy == 2 and .waiting == 3"'
	run -0 curl -fsS "$URL/health"
	end_bg
	# What waits has its turn.
	node --workers 2 --delay 200
	bg curl -fsS --parallel --parallel-immediate -d x "$URL"/work{,,,,}
	wait_for 10 eval 'curl -s "$URL/state" | jq -e ".work_done == 5 and .busy == 0"'
}

@test "a seed makes the delays repeatable" {
	local first
	for round in 1 2; do
		node --delay 0..9 --seed 42
		run -0 bash -c "for i in 1 2 3 4 5; do curl -fsS -d x $URL/work; done | jq .work_ms"
		[ "$round" -eq 1 ] || assert_equal "$output" "$first"
		first=$output
		kill "$NODE_PID"
		wait "$NODE_PID" || true
	done
	[ "$(sort -u <<<"$first" | wc -l)" -gt 1 ]
}

@test "a body of megabytes is taken, and an empty one" {
	node --delay 0
	head -c 5000000 /dev/zero >big
	run -0 curl -fsS --data-binary @big "$URL/work"
	run -0 curl -fsS -X POST "$URL/work"
}

@test "bad options: one line, exit 2" {
	run -2 chaos-node --delay 9..3
	assert_says "$output" chaos-node: --delay: "'9..3'" range times low high
	run -2 chaos-node --prot 1
	assert_says "$output" chaos-node: "option '--prot'" "'--port'?"
	run -2 chaos-node --name 'a b'
	assert_output --partial "'a b' is no node name"
	run -2 chaos-node --bind localhost
	assert_output --partial "'localhost' is no numeric IP address"
	run -2 chaos-node --workers 0
	run -2 chaos-node 8001
}
