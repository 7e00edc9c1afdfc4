# chaos-init: a first config from what is running, which the other programs take as it is.
load helper

setup() {
	scratch
	mkdir project
}

teardown() {
	end_bg
}

# taken: config.yaml passes what the closing lines ask for.
taken() {
	chaos-fault ls >nodes
	chaos-scenario --check --scenario "$ROOT/scenarios/first-load.yaml" >plan
}

@test "URLs: nodes with their paths, a load of each protocol, and words for what did not answer" {
	free_ports 3
	bg chaos-node --port "${PORTS[0]}"
	bg redis-server --port "${PORTS[1]}" --save ''
	wait_for 5 http_up "${PORTS[0]}"
	wait_for 5 redis_up "${PORTS[1]}"
	chaos-init "http://127.0.0.1:${PORTS[0]}/health" "redis://:pw@127.0.0.1:${PORTS[1]}" \
		"http://127.0.0.1:${PORTS[2]}/" >config.yaml 2>err
	grep -qx "    ready: GET /health" config.yaml
	grep -q "answered .*GET /health .*200" config.yaml
	grep -q "^    url: \"http://127.0.0.1:${PORTS[2]}\"   # .*not answer" config.yaml
	grep -q "^    url: \"redis://:pw@127.0.0.1:${PORTS[1]}\"" config.yaml
	grep -qx "  127.0.0.1-${PORTS[1]}:" config.yaml
	grep -A2 '^  main:' config.yaml | grep -qx "    requests: \[{path: \"/health\"}\]"
	grep -q 'GET chaos:init' config.yaml
	assert_equal "$(tail -n 1 err)" "    chaos-scenario --scenario $ROOT/scenarios/first-load.yaml --run-id first"
	taken
	grep -q "main 20/s on 127.0.0.1-${PORTS[0]}$" plan
	# what answers with no success is not what the first scenario sends to, if there is something better
	chaos-init "http://127.0.0.1:${PORTS[0]}/nowhere" "redis://127.0.0.1:${PORTS[1]}" >config.yaml 2>err
	taken
	grep -q "main 20/s on 127.0.0.1-${PORTS[1]}$" plan
	grep -A2 "^  127.0.0.1-${PORTS[0]}:$" config.yaml | grep -q 'that was no success'
	chaos-init "redis://127.0.0.1:${PORTS[1]}" 2>err >config.yaml
	taken
	grep -q "main 20/s on 127.0.0.1-${PORTS[1]}$" plan
}

@test "what labels of containers say adds no line to the config, and nothing that a screen obeys" {
	echo '{"name": "a\nb: {process: [x]}\u001b[1m", "at": "y\u202e", "protocol": "other"} {"name": "c", "at": "z", "protocol": "http", "url": "http://h:1",
		"path": "/", "status": "200", "run": {"compose": "x\n\u009b"}, "note": "n\nevil: {}"}' |
		command jq -rs --arg how compose --arg scenarios s -f "$ROOT/share/init/config.jq" >config.yaml
	run -1 grep -E '^(b|evil):' config.yaml
	[ "$(tr -d '\n' <config.yaml | grep -cP '(*UTF)[\x00-\x1f\x7f-\x9f\x{202a}-\x{202e}]')" = 0 ]
	chaos-fault ls
}

@test "ports: each loopback port is asked once, others never; how each was started and is stopped" {
	unshare -n true 2>/dev/null || cannot "no network namespace can be made here"
	cat >nginx.conf <<-END
		pid $SCRATCH/nginx.pid;
		error_log $SCRATCH/error.log;
		events {}
		http {
			access_log $SCRATCH/access.log;
			server { listen 8080; location / { return 200 "hello"; } }
			server { listen 127.0.0.1:8081; location / { return 503; } }
		}
	END
	cat >inside <<-'END'
		ip link set lo up
		ip address add 192.0.2.9/32 dev lo
		nginx -c "$PWD/nginx.conf" -g 'daemon off;' & nginx=$!
		redis-server --bind 127.0.0.1 --port 6390 --save '' >/dev/null & first=$!
		(cd project && exec redis-server --bind 192.0.2.9 --port 6391 --protected-mode no --save '' >/dev/null) & second=$!
		redis-server --bind 127.0.0.1 --port 6392 --requirepass pw --save '' >/dev/null & third=$!
		(cd project && exec chaos-node --port 8082 --name mine) & node=$!
		(exec -a 'sshd: node [listener]' chaos-node --port 8084) & titled=$!
		python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 8083))
		while True: c = s.accept()[0]; c.sendall(b"220 mail"); c.close()' & mail=$!
		# On IPv6 alone, where there is IPv6.
		python3 -c 'import socket, time
		some = [socket.create_server(("::1", port), family=socket.AF_INET6) for port in (8085, 8086)]
		open("both", "w")
		time.sleep(60)' 2>/dev/null & six=$!
		until [ -e both ] || ! kill -0 $six 2>/dev/null; do sleep 0.02; done
		trap 'kill $nginx $first $second $third $node $mail $titled $six; wait' EXIT
		until redis-cli -p 6390 ping && redis-cli -h 192.0.2.9 -p 6391 ping && redis-cli -p 6392 ping && [ -s nginx.pid ] &&
			(: <>/dev/tcp/127.0.0.1/8083) && curl -fs 127.0.0.1:8082/health && curl -fs 127.0.0.1:8084/health; do sleep 0.02; done >/dev/null 2>&1
		connections() { redis-cli "$@" info stats | sed -n 's/^total_connections_received:\([0-9]*\).*/\1/p'; }
		before="$(connections -p 6390) $(connections -h 192.0.2.9 -p 6391)"
		chaos-init ports >config.yaml || exit
		echo "$before $(connections -p 6390) $(connections -h 192.0.2.9 -p 6391)" >connections
		echo $nginx $node >pids
		chaos-fault ls >nodes && chaos-scenario --check --scenario "$ROOT/scenarios/first-load.yaml" >plan
	END
	unshare -n bash inside 2>err
	[ "$(grep -c 'GET / HTTP/1.0' access.log)" -eq 2 ]
	read -r first second first_after second_after <connections
	[ $((first_after - first)) -eq 3 ]   # the question, the one for a password, and the test's own
	[ $((second_after - second)) -eq 1 ] # the test's own
	run ! grep -qi 'attack' ./*.log
	read -r nginx node <pids
	# a title is no command
	run ! grep -q 'process: .*sshd' config.yaml
	grep -A5 '^  chaos-node-8084:' config.yaml | grep -q '# .*no faults .*title .*: kill [0-9][0-9]* '
	grep -A3 '^  nginx-8080:' config.yaml | grep -qx '    ready: GET /'
	grep -A4 '^  nginx-8080:' config.yaml | grep -q "stop it there (kill $nginx)"
	grep -A5 '^  nginx-8080:' config.yaml | grep -q "# process: \[.*\"$SCRATCH/nginx.conf\".*\"daemon off;\""
	grep -A2 '^  nginx-8081:' config.yaml | grep -q 'ready: tcp'
	grep -A5 '^  chaos-node-8082:' config.yaml | grep -qF '# process: ["chaos-node","--port","8082","--name","mine"]'
	grep -A5 '^  chaos-node-8082:' config.yaml | grep -qF "# cwd: \"$SCRATCH/project\""
	grep -A2 '^  redis-server-6390:' config.yaml | grep -qx '    ready: ping'
	grep -q '^  # redis-server-6391: .* 192.0.2.9:6391 .*not asked' config.yaml
	grep -qF '# process: ["redis-server","--port","6390"]' config.yaml
	# One that wants a password is neither asked for PING nor loaded.
	grep -A1 '^  redis-server-6392:' config.yaml | grep -q 'asks for a password'
	grep -A2 '^  redis-server-6392:' config.yaml | grep -q '^    ready: tcp '
	grep -A1 '^  redis:' config.yaml | grep -qx '    target: \["redis-server-6390"\]'
	# What takes no load and no faults is not said to take either.
	grep -A3 '^  python3.*-8083:' config.yaml | grep -q 'neither HTTP nor Redis.* no load$'
	grep -A3 '^  python3.*-8083:' config.yaml | grep -q '# .*no faults .*started here: stop it'
	[ ! -e both ] || [ "$(grep -c '^  python3.*-808[56]:' config.yaml)" -eq 2 ]
	grep -q 'main 20/s on nginx-8080$' plan
	# With the process uncommented and stopped there, it is started here.
	sed -i '/chaos-node-8082:/,/^  [a-z]/s/^    # process/    process/' config.yaml
	chaos-fault ls | grep -q '^chaos-node-8082 .* process'
}

@test "a signal ends those that look with it: nothing is said later, nothing is left" {
	free_ports 1
	bg chaos-node --port "${PORTS[0]}"
	wait_for 5 http_up "${PORTS[0]}"
	mkdir curls tmp
	printf '#!/bin/bash\necho $$ >"%s/curls/$$"\nwhile [ -e "%s/held" ]; do sleep 0.02; done\n' "$SCRATCH" "$SCRATCH" >curl
	chmod +x curl
	touch held
	TMPDIR=$SCRATCH/tmp PATH=$SCRATCH:$PATH bg chaos-init ports
	asked_some() { compgen -G 'curls/*' >/dev/null; }
	wait_for 10 asked_some
	kill -TERM "$BG_PID"
	code=0
	wait "$BG_PID" || code=$?
	assert_equal "$code" 143
	all_gone() { for pid in $(cat curls/*); do ! kill -0 "$pid" 2>/dev/null || return 1; done; }
	rm held
	wait_for 10 all_gone
	no_lookers() { ! pgrep -f '^/bin/sh .*/chaos-init ports$' -s 0 >/dev/null; }
	wait_for 10 no_lookers
	assert_equal "$(cat "$BG_ERR")$(ls tmp)" ''
}

@test "ports: a process that is over while it is looked at is none, and nothing is said of it" {
	# In a network of its own: it asks all that listens on the machine, also what counts who asks.
	unshare -n true 2>/dev/null || cannot "no network namespace can be made here"
	bg unshare -n sh -c 'ip link set lo up && exec chaos-node --port 8080'
	wait_for 5 grep -q 'listens on' "$BG_ERR"
	mkdir bin
	for name in sed readlink; do # each that is started to look at it finds it gone
		printf '#!/bin/sh\ncase $* in */proc/%s/*) kill -KILL %s; while [ -e /proc/%s/exe ]; do :; done ;; esac 2>/dev/null\nexec %s "$@"\n' \
			"$BG_PID" "$BG_PID" "$BG_PID" "$(type -P $name)" >bin/$name
	done
	chmod +x bin/*
	PATH=$PWD/bin:$PATH run -0 --separate-stderr nsenter -n -t "$BG_PID" chaos-init ports
	[[ $stderr != *"cannot open"* ]] || fail "$stderr"
	assert_line "  chaos-node-8080:"
}

@test "what it cannot do is one line, and no config" {
	run -2 --separate-stderr chaos-init
	assert_says "$stderr" chaos-init: compose, ports URLs "'chaos-init --help'"
	run -2 --separate-stderr chaos-init composed
	assert_says "$stderr" chaos-init: "'composed'" compose, ports URL "'chaos-init --help'"
	run -2 --separate-stderr chaos-init postgres://x
	assert_says "$stderr" chaos-init: "'postgres://x'" not http:// https:// redis:// rediss:// unix:/// URL
	DOCKER_HOST=unix://$SCRATCH/none run -6 --separate-stderr chaos-init compose
	assert_says "$stderr" chaos-init: engine "unix://$SCRATCH/none" "not answer"
	assert_equal "$output" ""
	run -2 --separate-stderr chaos-init ports 80
	assert_equal "$stderr" "chaos-init: unexpected '80'"
	[ -z "$(ls "${TMPDIR:-/tmp}"/chaos-init.* 2>/dev/null)" ]
}

@test "the password of a URL is no argument of another program" {
	local program
	mkdir bin
	for program in awk curl grep jq sed; do
		printf '#!/bin/sh\nprintf "%%s\\n" "$0 $*" >>"%s/arguments"\nexec %s "$@"\n' "$SCRATCH" "$(type -P $program)" >bin/$program
	done
	chmod +x bin/*
	free_ports 1
	bg chaos-node --port "${PORTS[0]}"
	wait_for 5 http_up "${PORTS[0]}"
	PATH=$SCRATCH/bin:$PATH chaos-init "http://me:s3cret@127.0.0.1:${PORTS[0]}/health" >config.yaml 2>err
	grep -q 'me:s3cret@' config.yaml
	grep -q 'answered .*GET /health .*200' config.yaml
	grep -q '/curl ' arguments
	run -1 grep s3cret arguments
}
