# Nodes as people have them: where they run, with which variables and signals, and behind which others.
load helper
load fault_helper

setup() {
	scratch
	free_ports 3
	cat >app.py <<-'EOF'
		import http.server, os, signal, sys
		if os.environ.get("BROKEN"):
		    print("no config\nnothing works", flush=True)
		    sys.exit(3)
		class Answer(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        self.send_response(200)
		        self.end_headers()
		        about = [os.getcwd(), *map(os.environ.get, ("TOKEN", "PLAIN", "BOTH"))]
		        self.wfile.write("|".join(map(str, about)).encode())
		    def log_message(self, *rest):
		        pass
		def stop(signo, frame):
		    open("stopped", "w").write(signal.Signals(signo).name)
		    os._exit(0)
		signal.signal(signal.SIGINT, stop)
		signal.signal(signal.SIGTERM, stop)
		http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
	EOF
	printf '# secrets\nexport TOKEN="s3cr et"\r\nBOTH=file\n' >.env
	config
}

# config: web by a program beside it, which needs cache.
config() {
	cat >config.yaml <<-EOF
		nodes:
		  web:
		    url: http://127.0.0.1:${PORTS[0]}
		    process: [python3, app.py]
		    ready: GET /
		    env: {PORT: ${PORTS[0]}, PLAIN: yes, BOTH: table}
		    env_file: .env
		    needs: [cache]
		    stop_signal: INT
		  cache:
		    url: redis://127.0.0.1:${PORTS[1]}
		    process: [redis-server, --port, "${PORTS[1]}", --save, ""]
		    cwd: data
	EOF
	mkdir -p data
}

teardown() { end_cluster; }

page() { curl -fsS "http://127.0.0.1:${PORTS[0]}/"; }

# bad PIECES SED...: that change to the config is refused with exit 2 and one line of those pieces, "|" between them.
bad() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-fault:|$1"
	config
	sed -i "${@:2}" config.yaml
	run -2 chaos-fault up
	assert_says "$output" "${pieces[@]}"
}

@test "a program beside the config: its folder, its variables, what it needs first, also after a fault" {
	run -0 chaos-fault --control --check <<<"up web"
	assert_equal "$(jq -c .nodes <<<"$output")" '["cache","web"]'
	run -0 chaos-fault up web
	assert_line --index 0 --partial "cache is up"
	assert_line --index 1 --partial "web is up"
	assert_equal "$(page)" "$SCRATCH|s3cr et|yes|table"
	[ "$(readlink "/proc/$(field cache pid)/cwd")" = "$SCRATCH/data" ]
	run -0 chaos-fault kill web --all-down --for 100ms --json
	refute_output --partial "s3cr"
	assert_equal "$(page)" "$SCRATCH|s3cr et|yes|table"
	run -0 chaos-fault --dry-run restart web
	assert_output --partial "in $SCRATCH, "
	refute_output --partial "s3cr"
	run -0 chaos-fault ls --json
	refute_output --partial "s3cr"
	run -1 grep -rl s3cr "$XDG_STATE_HOME"
	run -1 grep -aq s3cr "/proc/$(field cache pid)/environ"
	run -0 chaos-fault down
	assert_equal "$(cat stopped)" SIGINT
}

@test "a guard puts it back as it was; a session brings up what its nodes need" {
	bg chaos-fault --control --bring-up web
	wait_for 20 grep -q session_start "$BG_OUT"
	end_bg
	assert_equal "$(jq -r 'select(.event == "node_ready").node' "$BG_OUT" | xargs)" "cache web"
	chaos-fault up 2>/dev/null
	bg chaos-fault kill web --all-down
	wait_for 20 grep -q "Ctrl-C puts it back" "$BG_ERR"
	kill -KILL "$BG_PID"
	wait_for 20 page
	assert_equal "$(page)" "$SCRATCH|s3cr et|yes|table"
}

@test "what does not come up shows its last lines, and what needs it is not started" {
	sed -i 's/PLAIN: yes/BROKEN: 1/' config.yaml
	run -6 chaos-fault up
	assert_line_says "$output" "up 'web':" exited starting: "nothing works"
	assert_line "chaos-fault: web | no config"
	assert_line "chaos-fault: web | nothing works"
	chaos-fault down 2>/dev/null
	config
	sed -i 's/redis-server, .*/sh, -c, "echo first; exit 1"]/' config.yaml
	run -6 chaos-fault up web
	assert_line_says "$output" "up 'web':" "'cache'" needs "not up"
	refute_line --partial "cache | first"
	is web down
}

@test "wrong keys: exit 2 with their place, and nothing is touched" {
	bad "config.yaml:13:5:|key|'neads'|'needs'?" "13s/cwd: data/needs: [web]/;13s/needs/neads/"
	bad "config.yaml:13:13:|'cache'|'web'|needs" "13s/cwd: data/needs: [web]/"
	bad "config.yaml:8:13:|node|'cashe'|'cache'?" "8s/cache/cashe/"
	bad "config.yaml:8:13:|'web'|'web'|needs" "8s/cache/web/"
	bad "config.yaml:8:13:|'cache'|brought up" "12s/process: .*/ready: ping/;13d"
	bad "config.yaml:13:10:|'cwd'|'process'" "12s/process: .*/container: c/"
	bad "'signal'|'kill_signal'|same key" "9s/stop_signal: INT/{signal: INT, kill_signal: INT}/;9s/[{}]//g;9s/, /\n    /"
	bad "'web':|env_file:|open|'$SCRATCH/.none'" "s/.env$/.none/"
	bad "'cache':|folder|'$SCRATCH/none'" "s/cwd: data/cwd: none/"
	config
	printf 'A=1\nsecret word\n' >.env
	run -2 chaos-fault up
	assert_says "$output" chaos-fault: "'web':" env_file: "$SCRATCH/.env:2:1:" NAME=VALUE
	is web down
	is cache down
}
