# chaos-init compose on a real compose project: the README's words, from nothing to the report.
# shellcheck disable=SC2086 # $IN is words
load helper
load engine_helper

setup_file() {
	engine_open docker
}

teardown_file() {
	engine_close
}

setup() {
	scratch
	[[ $ENGINE_IS == *"the real one" ]] && command -v docker-compose >/dev/null || cannot "no engine runs compose projects here"
	"$ROOT/service/image-root" "$SCRATCH/redis" redis-server redis-cli
	tar -C "$SCRATCH/redis" -c . | curl -sf -o /dev/null --unix-socket "$ENGINE_SOCK" -T - -X POST -H 'Content-Type: application/x-tar' \
		"http://e/images/create?fromSrc=-&repo=chaos-redis&tag=latest&changes=ENV%20PATH=/bin"
	grep -v 'build:' "$ROOT/docker-compose.yml" >docker-compose.yml
	mkdir scenarios
	sed 's/duration_sec: 15/duration_sec: 8/; s/duration_sec: 20/duration_sec: 5/; s/for: 5s/for: 2s/' "$ROOT/scenarios/first.yaml" >scenarios/first.yaml
}

teardown() {
	$IN docker-compose down -t 0 >/dev/null 2>&1 || true
}

@test "from a compose project to the report, without editing a line" {
	awk '/^```sh compose$/ { on = 1; next } /^```$/ { on = 0 } on' "$ROOT/README.md" >block
	[ "$(wc -l <block)" -ge 3 ]
	echo "chaos-scenario() { command chaos-scenario \"\$@\" || [ \$? -eq 3 ]; }" >answers
	run -0 $IN bash -euo pipefail -c '. ./answers; . ./block' 3>&-
	# Five containers are five nodes, as their compose file has them.
	grep -E '^  [a-z0-9-]+:$' mine.yaml | sort >names
	[ "$(grep -c 'service-node-[123]\|redis-node-[12]' names)" -eq 5 ]
	[ "$(grep -c '# ready .*health check' mine.yaml)" -eq 5 ]
	grep -A1 'redis-node-2"' mine.yaml | grep -q project
	grep -q 'url: "redis://127.0.0.1:6380"   # container .*; answered .*Redis' mine.yaml
	grep -q 'url: "http://127.0.0.1:8003"   # container .*; answered .*GET /health .*200' mine.yaml
	jq -e '.faults | length == 1 and .[0].by_other != true' runs/mine2/analysis.json
	grep -q 'service-node-[123]' runs/mine2/report.md
	run -0 $IN chaos-fault --config mine.yaml ls --json
	[ "$(jq -rs 'map(select(.state == "up")) | length' <<<"$output")" -eq 5 ]
	# What it says to do next is what was done.
	grep -q '^#   chaos-fault kill service-node-1 --for 5s --dry-run$' mine.yaml
	$IN chaos-fault --config mine.yaml kill service-node-1 --for 5s --dry-run >dry
	# A port that the engine chose would be another after a kill: no faults, and another node is named.
	mkdir other
	cat >other/docker-compose.yml <<-END
		services:
		  moving: {image: chaos-redis, command: [redis-server, --protected-mode, "no", --save, ""], ports: ["6379"]}
		  secret: {image: chaos-redis, command: [redis-server, --save, "", --requirepass, pw], ports: ["127.0.0.1:6381:6379"]}
		  named: {image: chaos-redis, container_name: "$(uname -n)", command: [redis-server, --save, "", --requirepass, pw], ports: ["127.0.0.1:6382:6379"]}
	END
	$IN docker-compose -f other/docker-compose.yml up -d -t 0 3>&-
	$IN chaos-init compose other >other/config.yaml
	$IN docker-compose -f other/docker-compose.yml down -t 0 3>&-
	grep -A3 '^  moving:' other/config.yaml | grep -q '# .*port.* each start: no faults$'
	grep -A3 '^  moving:' other/config.yaml | grep -qx '    # compose: "moving"'
	grep -A4 '^  secret:' other/config.yaml | grep -q '^    ready: tcp '
	# a container that has the name of this machine is not this machine
	grep -A4 '^  secret:' other/config.yaml | grep -q '127.0.0.1:6381'
	grep -A1 '^  main:' other/config.yaml | grep -qx '    target: \["moving"\]'
	tail -n 1 other/config.yaml | grep -q first-load.yaml
	# A project by name, none by that name, and a service with two containers.
	run -2 --separate-stderr $IN chaos-init compose shopp
	assert_says "$stderr" chaos-init: "no compose project" '"shopp"' running "there is"
}
