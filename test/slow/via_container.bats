# A container behind a proxy of ours: faults on the way to it, while it is stopped and started as ever.
# shellcheck disable=SC2086 # $IN is words
load ../bats/helper
load ../bats/fault_helper
load ../bats/engine_helper

setup_file() { engine_open podman; }
teardown_file() { engine_close; }

setup() {
	scratch
	free_ports 3
	box c-a "${PORTS[0]}"
	VIA=127.0.0.1:${PORTS[1]}
	cat >config.yaml <<-END
		nodes:
		  a: {url: "http://127.0.0.1:${PORTS[0]}", via: "$VIA", container: c-a}
	END
}

teardown() {
	end_bg
	$IN chaos-fault down >/dev/null 2>&1 || true
	unbox_all
}

ask() { $IN curl -s -o /dev/null --max-time 3 -w '%{time_total}' "http://$VIA/" | awk '{ printf "%d", $1 * 1000 }'; }
proxy_pid() { $IN chaos-fault ls --json chaos-proxy | jq -r .pid; }

@test "what is done to the way does not touch the container, and both faults are undone" {
	local old
	run -0 $IN chaos-fault up
	assert_output --partial "chaos-proxy is up"
	bg $IN chaos-fault latency a by=400ms
	wait_for 30 grep -q verify "$BG_ERR"
	[ "$(ask)" -ge 400 ]
	run -0 $IN chaos-fault pause a --all-down --for 300ms
	old=$(proxy_pid)
	kill -KILL "$old"
	again() { [ "$(proxy_pid)" != "$old" ] && [ "$(ask)" -ge 400 ]; }
	wait_for 30 again
	kill -INT "$BG_PID"
	wait_for 30 none_active
	[ "$(ask)" -lt 400 ]
	run $IN chaos-fault ls --json a
	assert_equal "$(jq -r .state <<<"$output")" up
}
