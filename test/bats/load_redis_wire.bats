# chaos-load and chaos-audit on Redis over TLS and Unix sockets, and pipelines.

load helper
load load_helper

setup() {
	scratch
	free_ports 3
}

teardown() {
	end_bg
}

# redis_on [OPTIONS]: on the first port, with a socket.
redis_on() {
	bg redis-server --port "${PORTS[0]}" --bind 127.0.0.1 --save "" --dir "$SCRATCH" --unixsocket "$SCRATCH/r.sock" "$@"
	REDIS=$BG_PID
	wait_for 5 redis_up "${PORTS[0]}"
}

@test "rediss: certificates are checked by name; whom to trust is said; a wrong one is class tls, and sends nothing" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	export REDISCLI_AUTH=pw
	redis_on --tls-port "${PORTS[1]}" --tls-cert-file cert.pem --tls-key-file key.pem --tls-ca-cert-file cert.pem \
		--tls-auth-clients no --requirepass "$REDISCLI_AUTH"
	local url="rediss://:pw@localhost:${PORTS[1]}"
	load_rows -r 500 -d 0.2 --key n --cacert cert.pem "$url/2" >o.csv
	whole o.csv 100
	[ "$(classes o.csv) $(redis-cli -p "${PORTS[0]}" -n 2 get n)" = "ok=100 50" ]
	[ "$(awk -F, 'NR == 2 { print $2 }' o.csv)" = "rediss://localhost:${PORTS[1]}" ]
	load_rows -r 50 -d 0.2 --key n --insecure "rediss://:pw@127.0.0.1:${PORTS[1]}/2" >o.csv
	[ "$(classes o.csv) $(redis-cli -p "${PORTS[0]}" -n 2 get n)" = "ok=10 55" ]
	# an authority that nobody knows; another name; a closed port
	load_rows -r 50 -d 0.2 --key n "$url" >o.csv
	[ "$(classes o.csv)" = tls=10 ]
	grep -q 'self-signed certificate"$' o.csv
	load_rows -r 50 -d 0.2 --key n --cacert cert.pem "rediss://:pw@127.0.0.1:${PORTS[1]}" >o.csv
	[ "$(classes o.csv)" = tls=10 ]
	grep -q "target host name '127.0.0.1'" o.csv
	load_rows -r 50 -d 0.2 -k rediss://localhost:1 >o.csv
	[ "$(classes o.csv)" = refused=10 ]
	[ "$(redis-cli -p "${PORTS[0]}" get n)" = "" ]
	# marks are written and read back by the same way
	load_rows -r 500 -d 0.2 --pipeline 4 --audit=m --cacert cert.pem "$url" >o.csv
	run -0 chaos-audit --cacert cert.pem --prefix m "$url" <o.csv
	[ "$(jq -c '[.acknowledged, .lost]' <<<"$output")" = "[100,0]" ]
	# what stays wrong is not waited for: 30 s would be too long
	for url in "$url" "rediss+sentinel://localhost:${PORTS[1]}/it" "rediss+cluster://localhost:${PORTS[1]}"; do
		run -3 timeout 10 chaos-audit --prefix m "$url" <o.csv
		assert_output --partial "self-signed certificate"
	done
	run -3 timeout 10 chaos-audit --cacert cert.pem --prefix m "rediss://:falsch@localhost:${PORTS[1]}" <o.csv
	assert_output --partial WRONGPASS
}

@test "rediss: what a server that hung has accepted is used when it goes on; each write is sent once; a late generator waits" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	redis_on --tls-port "${PORTS[1]}" --tls-cert-file cert.pem --tls-key-file key.pem --tls-ca-cert-file cert.pem \
		--tls-auth-clients no
	echo '{"run": "INCR n"}' >incr.jsonl
	kill -STOP "$REDIS"
	bg chaos-load -q -r 200 -d 4 -t 400ms --requests incr.jsonl --cacert cert.pem --summary s.json "rediss://localhost:${PORTS[1]}"
	local load=$BG_PID sent ok on_server
	ln -s "$BG_OUT" o.csv
	wait_for 10 grep -q timeout o.csv
	# what comes late opens few connections at a time, and what waits for them is counted
	kill -STOP "$load"
	sleep 0.3
	kill -CONT "$load" "$REDIS"
	wait "$load" || [ $? -eq 3 ]
	[ "$(summary '.max_wait_ms > 0')" = true ]
	whole o.csv 800
	ok=$(awk -F, 'NR > 1 && $5 == "" { n++ } END { print n + 0 }' o.csv)
	sent=$(awk -F, 'NR > 1 && $6 != "" { n++ } END { print n + 0 }' o.csv)
	on_server=$(redis-cli -p "${PORTS[0]}" get n)
	[ "$ok" -gt 0 ]
	[ "$ok" -le "$on_server" ]
	[ "$on_server" -le "$sent" ]
	[ "$(summary '.errors | keys - ["timeout"]')" = "[]" ]
}

@test "rediss: a server far away has all the connections that it needs, or the run is not sound" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
		-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	redis_on --tls-port "${PORTS[1]}" --tls-cert-file cert.pem --tls-key-file key.pem --tls-ca-cert-file cert.pem \
		--tls-auth-clients no
	bg chaos-proxy -a none "127.0.0.1:${PORTS[2]}=127.0.0.1:${PORTS[1]}" --toxic latency:latency=300
	wait_for 5 grep -q listens "$BG_ERR"
	load_rows -r 200 -d 2 -t 1s --pace-slack 1s --key n --cacert cert.pem --summary s.json "rediss://localhost:${PORTS[2]}" >o.csv
	whole o.csv 400
	[ "$(summary '.ok == 400 or (.sound | not)')" = true ]
}

@test "unix: a socket with password and database is a node like others; what is no such URL is said" {
	export REDISCLI_AUTH=p/w
	redis_on --requirepass "$REDISCLI_AUTH"
	load_rows -r 500 -d 0.2 --key n "unix://:p%2Fw@$SCRATCH/r.sock?db=3" >o.csv
	[ "$(classes o.csv) $(redis-cli -p "${PORTS[0]}" -n 3 get n)" = "ok=100 50" ]
	[ "$(awk -F, 'NR == 2 { print $2 }' o.csv)" = "unix://$SCRATCH/r.sock" ]
	load_rows -r 50 -d 0.2 "unix://$SCRATCH/r.sock" >o.csv
	[ "$(classes o.csv)" = redis_auth=10 ]
	load_rows -r 50 -d 0.2 "unix://$SCRATCH/none.sock" >o.csv
	[ "$(classes o.csv)" = refused=10 ]
	load_rows -r 500 -d 0.2 --audit=m "unix://:p%2Fw@$SCRATCH/r.sock" >o.csv
	run -0 chaos-audit --prefix m "unix://:p%2Fw@$SCRATCH/r.sock" <o.csv
	[ "$(jq -c '[.acknowledged, .lost]' <<<"$output")" = "[100,0]" ]
	run -2 chaos-load -r 1 -d 1 unix://run/r.sock
	assert_line_says "$output" slashes unix:///path/to.sock
	run -2 chaos-load -r 1 -d 1 "unix:///r.sock?password=pw"
	assert_says "$output" chaos-load: socket path "?db=N:" "unix://USER:PASSWORD@/path/to.sock?db=0"
	run -2 chaos-load -r 1 -d 1 --pipeline 4 http://127.0.0.1:1
	assert_output --partial "--pipeline is for Redis"
}

# sizes: each answer is that of its own slot: the values have one byte and forty in turns.
sizes() {
	awk -F, 'NR > 1 && $5 == "" && $8 != ($9 % 2 ? 47 : 7) { print; bad++ } END { exit bad }' o.csv
}

# answered_since TIME: waits until something that was due then has its answer.
answered_since() { wait_for 10 awk -F, -v t="$1" 'NR > 1 && $1 > t && $5 == "" { found = 1 } END { exit !found }' o.csv; }

@test "a pipeline: slots go out while earlier ones wait, on one connection; each once, and its answer is its own" {
	redis_on
	redis-cli -p "${PORTS[0]}" mset v:0 x v:1 "$(printf '%040d' 0)"
	echo '{"run": "GET v:{seq 2}"}' >get.jsonl
	# until it is told to stop: how long it takes to stop the server is no matter
	bg chaos-load -q -r 400 -c 1 --pipeline 1000 --columns wait_ms --pace-slack 50ms --requests get.jsonl \
		"redis://127.0.0.1:${PORTS[0]}"
	local load=$BG_PID
	ln -s "$BG_OUT" o.csv
	wait_for 5 grep -q ',50,0.000,$' o.csv
	kill -STOP "$REDIS"
	sleep 0.4
	kill -CONT "$REDIS"
	answered_since "$EPOCHREALTIME"
	kill -INT "$load"
	wait "$load" || [ $? -eq 130 ]
	whole o.csv "$(($(wc -l <o.csv) - 1))"
	[[ "$(classes o.csv)" =~ ^(aborted=[0-9]+ )?ok=[0-9]+$ ]]
	sizes
	# sent in the pause, not kept back until after it
	[ "$(awk -F, '$4 > 100' o.csv | wc -l)" -gt 50 ]
	[ "$(awk -F, 'NR > 1 && $10 > 0' o.csv | wc -l)" = 0 ]
	# the probes of roles have one, and redis-cli those of its calls
	[ "$(redis-cli -p "${PORTS[0]}" info stats | sed -n 's/^total_connections_received:\([0-9]*\).*/\1/p')" -lt 12 ]
}

@test "a pipeline whose first requests time out: the later ones get their own answers, or time out themselves" {
	redis_on
	redis-cli -p "${PORTS[0]}" mset v:0 x v:1 "$(printf '%040d' 0)"
	printf '%s\n' '{"run": "GET v:{seq 2}"}' >get.jsonl
	bg chaos-load -q -r 400 -c 1 --pipeline 200 --timeout 300ms --requests get.jsonl "redis://127.0.0.1:${PORTS[0]}"
	local load=$BG_PID
	ln -s "$BG_OUT" o.csv
	wait_for 5 grep -q ',20,$' o.csv
	kill -STOP "$REDIS"
	wait_for 5 grep -q ,timeout, o.csv
	# until they have ended, their connection is the one that there may be; another one asks for the role
	for ((i = 0; i < 20; i++)); do
		sockets=("/proc/$load/fd"/*)
		[ "$(readlink "${sockets[@]}" | grep -c ^socket:)" -le 2 ] || { kill -CONT "$REDIS"; fail "too many connections"; }
	done
	kill -CONT "$REDIS"
	answered_since "$EPOCHREALTIME"
	kill -INT "$load"
	wait "$load" || [ $? -eq 130 ]
	whole o.csv "$(($(wc -l <o.csv) - 1))"
	[[ "$(classes o.csv)" =~ ^(aborted=[0-9]+ )?ok=[0-9]+\ timeout=[0-9]+$ ]]
	sizes
	# behind those that timed out, and sent before the server went on, some were answered
	awk -F, 'NR > 1 && $5 == "timeout" { if ($9 > last) last = $9 } NR > 1 && $5 == "" && $4 > 20 { late[$9] }
		END { for (k in late) if (k + 0 > last) n++; exit !n }' o.csv
	# a killed server: all that were under way are lost, each a row; nothing is sent twice
	echo '{"run": "INCR k:{slot}"}' >incr.jsonl
	bg chaos-load -q -r 400 -d 1 -c 2 --pipeline 200 --requests incr.jsonl "redis://127.0.0.1:${PORTS[0]}"
	load=$BG_PID
	rm o.csv
	ln -s "$BG_OUT" o.csv
	wait_for 5 grep -q ',20,$' o.csv
	redis-cli -p "${PORTS[0]}" client kill type normal
	wait "$load" || [ $? -eq 3 ]
	whole o.csv 400
	[ "$(redis-cli -p "${PORTS[0]}" keys 'k:*' | xargs redis-cli -p "${PORTS[0]}" mget | sort | uniq -c | awk '{ print $2 }')" = 1 ]
}
