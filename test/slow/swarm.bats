# Nodes that are services of Docker Swarm, on a real dockerd that manages a swarm of its own.
# shellcheck disable=SC2086 # $IN is words
load ../bats/helper
load ../bats/fault_helper
load ../bats/scenario_helper
load ../bats/engine_helper

setup_file() {
	engine_open docker
	[[ $ENGINE_IS == *"real one" ]] || return 0
	$IN docker swarm init --advertise-addr 127.0.0.1 --listen-addr 127.0.0.1:2377 >/dev/null
	echo "# swarm: Docker's own, $($IN docker info --format '{{.Swarm.LocalNodeState}}')" >&3
}

teardown_file() {
	[ -z "${ENGINE_SOCK:-}" ] || $IN docker swarm leave --force >/dev/null 2>&1 || true
	engine_close
}

setup() {
	[[ $ENGINE_IS == *"real one" ]] || cannot "no dockerd can be started here"
	scratch
	free_ports 1
	echo "nodes: {web: {url: 'http://127.0.0.1:${PORTS[0]}', kind: swarm, with: {service: web}}}" >config.yaml
}

# service OPTION…: whose one task is a chaos-node.
service() {
	$IN docker service create --name web --detach --quiet --no-resolve-image --network host "$@" \
		chaos-node chaos-node --port "${PORTS[0]}" --name web >/dev/null
	wait_for 30 up
}

teardown() {
	[[ $ENGINE_IS == *"real one" ]] || return 0
	end_bg
	$IN docker service rm web >/dev/null
	wait_for 20 none_left
}

fault() { $IN chaos-fault "$@"; }
up() { $IN curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:${PORTS[0]}/health"; }
tasks() { $IN docker ps -q --no-trunc --filter label=com.docker.swarm.service.name=web | sort | xargs; }
none_left() { [ -z "$(tasks)" ]; }

@test "kill and stop: Swarm makes another task, which is measured; a pause is undone" {
	service --restart-delay 300ms
	local first verb
	# By its id it is the same node.
	sed "s/service: web/service: '$($IN docker service inspect --format '{{.ID}}' web)'/" config.yaml >id.yaml
	assert_equal "$(fault ls --json --config id.yaml | jq -r '"\(.state) \(.ready) \(.identity)"')" "up true $(tasks)"
	for verb in kill stop; do
		first=$(tasks)
		assert_equal "$(fault ls --json | jq -r '"\(.state) \(.ready) \(.identity)"')" "up true $first"
		run -0 --separate-stderr fault $verb web --json
		jq -se '(map(select(.event == "fault_injected"))[0].ends == "target") and
			(.[-1] | .event == "reverted" and .healed_s > 0.2)' <<<"$output"
		[ "$(tasks)" != "$first" ]
		up
	done
	first=$(tasks)
	bg fault pause web --json --for 1s
	wait_for 20 grep -q fault_verified "$BG_OUT"
	assert_equal "$($IN docker inspect --format '{{.State.Status}}' "$first")" paused
	wait "$BG_PID"
	assert_equal "$(tasks) $(active)" "$first 0"
	up
}

@test "a service that Swarm has given up is started; one that is not known is not touched" {
	service --restart-condition none
	sed -i 's/kind: swarm/ready_within: 4s, &/' config.yaml
	run fault kill web
	assert_line_says "$output" web healed kill undone
	assert_equal "$status $(active)" "1 0"
	up
	sed -i 's/service: web/service: wep/' config.yaml
	run -6 fault kill web
	assert_output --partial "wep"
	assert_equal "$(active)" 0
}
