#!/usr/bin/env bats
# A container that is taken from its network, on a real dockerd.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/fault_helper
	load ../bats/engine_helper
	scratch
	engine_open docker
	case $ENGINE_IS in *real*) ;; *) skip "there is no dockerd that starts containers here" ;; esac
	NET=$(engine POST /networks/create '{"Name": "n1", "IPAM": {"Config": [{"Subnet": "192.0.2.0/28"}]}}' | jq -r .Id)
	box c-a 80 '{"Cmd": ["chaos-node", "--port", "80", "--bind", "0.0.0.0"], "HostConfig": {"NetworkMode": "n1"}, "NetworkingConfig": {"EndpointsConfig": {"n1": {"IPAMConfig": {"IPv4Address": "192.0.2.5"}, "Aliases": ["shop"]}}}}'
	engine GET /networks/n1 >/dev/null
	cat >config.yaml <<-END
		nodes:
		  a: {url: "http://192.0.2.5:80", container: c-a}
		  c: {url: "http://127.0.0.1:81", container: c-c}
	END
	up() { $IN curl -sf -o /dev/null --max-time 1 http://192.0.2.5/health; }
	wait_for 10 up
}

teardown() {
	end_bg
	[ -z "${BOX_ID:-}" ] || unbox c-a || true
	[ -z "${CC:-}" ] || unbox c-c || true
	[ -z "${NET:-}" ] || engine DELETE "/networks/$NET" || true
	engine_close
}

endpoint() { engine GET /containers/c-a/json | jq -c '.NetworkSettings.Networks | map_values({IPAMConfig, Links, IPAddress, shop: (.Aliases | index("shop") != null)})'; }
# shellcheck disable=SC2086 # words
fault() { $IN env "PATH=$PATH" chaos-fault "$@"; }
down() { ! up; }

@test "disconnect: users get nothing, and its network has it again as it was, address and alias" {
	before=$(endpoint)
	bg $IN env "PATH=$PATH" chaos-fault disconnect a
	wait_for 20 down
	assert_equal "$(endpoint)" '{}'
	kill -INT "$BG_PID"
	code=0
	wait "$BG_PID" || code=$?
	assert_equal "$code" 130
	wait_for 5 up
	assert_equal "$(endpoint)" "$before"
	[ "$(active)" = 0 ]
}

@test "disconnect: the tool is killed, and its guard connects; what has no network of its own, and another name, are refused" {
	bg $IN env "PATH=$PATH" chaos-fault disconnect a --for 60s
	wait_for 20 down
	kill -KILL "$BG_PID"
	wait_for 20 up
	box c-c 81
	CC=$BOX_ID
	run -2 fault disconnect c
	[[ $output == *"no network of its own (network mode host)"* ]]
	run -2 fault disconnect a network=n2
	[[ $output == *"not in the network 'n2'; its networks: n1"* ]]
}
