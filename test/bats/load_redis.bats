# chaos-load on Redis: writes follow the master, reads go everywhere.

load helper
load load_helper

setup() {
	scratch
	free_ports 2
	A=${PORTS[0]} B=${PORTS[1]}
	URLS=("redis://127.0.0.1:$A" "redis://localhost:$B")
}

teardown() {
	end_bg
}

redis_on() {
	bg redis-server --port "$1" --save "" --dir "$SCRATCH" --bind 127.0.0.1 --repl-diskless-sync-delay 0 "${@:2}"
	wait_for 5 redis_up "$1"
}

replica_linked() { redis-cli -p "$1" info replication | grep -q master_link_status:up; }

pair() {
	redis_on "$A"
	MASTER=$BG_PID
	redis_on "$B" --replicaof "127.0.0.1 $A"
	wait_for 10 replica_linked "$B"
}

# ops FILE: rows by node, op and class.
ops() {
	awk -F, -v a=":$A" 'NR > 1 { n[($2 ~ a ? "A" : "B") " " $7 " " ($5 == "" ? "ok" : $5)]++ }
		END { for (k in n) print k, n[k] }' "$1" | sort | paste -sd';'
}

@test "half INCR on the master, half GET on all nodes in turn" {
	pair
	load_rows --rps 200 --duration 1 --key n --summary s.json "${URLS[@]}" >o.csv
	whole o.csv 200
	[ "$(ops o.csv)" = "A GET ok 50;A INCR ok 100;B GET ok 50" ]
	[ "$(redis-cli -p "$A" get n)" = 100 ]
	[ "$(awk -F, 'NR == 2 { print $3 }' o.csv)" = 200 ]
	# the order of the URLs is no matter
	load_rows --rps 200 --duration 1 --key n "${URLS[1]}" "${URLS[0]}" >o.csv
	[ "$(ops o.csv)" = "A GET ok 50;A INCR ok 100;B GET ok 50" ]
}

@test "a killed master is refused until it is back; the first slot after it listens succeeds" {
	pair
	load_rows --rps 200 --duration 4 "${URLS[@]}" >o.csv 3>&- &
	local load=$!
	wait_for 5 grep -q ,INCR, o.csv
	local alive=$EPOCHREALTIME
	killed "$MASTER"
	local down=$EPOCHREALTIME
	sleep 1
	local back=$EPOCHREALTIME
	redis_on "$A"
	local up=$EPOCHREALTIME
	wait "$load"
	whole o.csv 800
	outage o.csv "$alive" "$down" "$back" "$up" "$A"
}

# written_to PORT N: so many writes went there.
written_to() { [ "$(grep -c "^[^,]*,[^,]*:$1,200,.*,INCR," o.csv)" -ge "$2" ]; }

# moved_to_b: the last hundred writes that were due went there. While both say that they are the master, as in the
# moment of a switch, either may get them.
moved_to_b() {
	awk -F, 'NR > 1 && $7 == "INCR" && $5 != "aborted" { print $1, $2, $5 }' o.csv | sort -n | tail -n 100 |
		awk -v b=":$B" '{ n++ } $2 !~ b || $3 != "" { print; bad++ } END { exit bad || n != 100 }'
}

@test "writes follow a promotion" {
	pair
	# Until it is told to stop: how long the switch takes is no matter.
	bg chaos-load -q --rps 200 "${URLS[@]}"
	local load=$BG_PID
	ln -s "$BG_OUT" o.csv
	wait_for 5 written_to "$A" 50
	killed "$MASTER"
	wait_for 5 grep -q ,refused, o.csv
	redis-cli -p "$B" replicaof no one
	wait_for 10 written_to "$B" 130
	kill -INT "$load"
	wait "$load" || true
	whole o.csv "$(($(wc -l <o.csv) - 1))"
	moved_to_b
}

@test "a master that becomes a replica gets no more writes" {
	redis_on "$A"
	redis_on "$B"
	redis-cli -p "$B" replicaof 127.0.0.1 "$A"
	wait_for 10 replica_linked "$B"
	bg chaos-load -q --rps 200 "${URLS[@]}"
	local load=$BG_PID
	ln -s "$BG_OUT" o.csv
	wait_for 5 written_to "$A" 50
	redis-cli -p "$B" replicaof no one
	redis-cli -p "$A" replicaof 127.0.0.1 "$B"
	wait_for 10 written_to "$B" 130
	kill -INT "$load"
	wait "$load" || true
	# READONLY answers at once cast doubt on what was known; for a moment both may have been master
	[ "$(awk -F, '$7 == "INCR" && $5 != "aborted"' o.csv | sort -n | tail -50 | grep -c "^[^,]*,[^,]*:$B,200,")" = 50 ]
	# (what came to be sent late went out at once, before any answer)
	[ "$(awk -F, '$5 == "redis_readonly" && $4 - $6 < 10' o.csv | wc -l)" -le 20 ]
}

@test "errors have their class: READONLY, no password, wrong password, refused" {
	pair
	load_rows --rps 100 --duration 0.4 "redis://127.0.0.1:$B" >o.csv
	[ "$(classes o.csv)" = "ok=20 redis_readonly=20" ]
	grep -q "READONLY You can't write" o.csv
	redis-cli -p "$A" config set requirepass secret
	load_rows --rps 100 --duration 0.2 "redis://127.0.0.1:$A" >o.csv
	[ "$(classes o.csv)" = "redis_auth=20" ]
	load_rows --rps 100 --duration 0.2 "redis://:wrong@127.0.0.1:$A" >o.csv
	[ "$(classes o.csv)" = "redis_auth=20" ]
	run grep -c wrong o.csv
	assert_output 0
	load_rows --rps 100 --duration 0.2 "redis://:secret@127.0.0.1:$A/3" >o.csv
	[ "$(classes o.csv)" = "ok=20" ]
	[ "$(redis-cli -p "$A" -a secret --no-auth-warning -n 3 get chaos:counter)" = 10 ]
	killed "$MASTER"
	load_rows --rps 100 --duration 0.2 "redis://localhost:$A" >o.csv
	[ "$(classes o.csv)" = "refused=20" ]
}

@test "a frozen master: its requests time out from their due times, the replica's reads go on" {
	pair
	kill -STOP "$MASTER"
	load_rows --rps 100 --duration 1.5 --timeout 300ms --summary s.json "${URLS[1]}" "${URLS[0]}" >o.csv
	kill -CONT "$MASTER"
	whole o.csv 150
	# unless this side stood still for as long as half the timeout
	[ "$(awk -F, -v b=":$B" '$2 ~ b && $7 == "GET" && $5 == ""' o.csv | wc -l)" = 38 ] || jq -e '.max_pacing_ms > 150' s.json
	# nobody has ever said that it is master: the first node refuses a write, then this one gets them
	awk -F, -v a=":$A" -v still="$(summary .max_pacing_ms)" 'NR > 1 && $2 ~ a { n++; late += $4 > 450 + still; if ($5 != "timeout" || $4 < 300) bad++ }
		$5 == "redis_readonly" { refused++ }
		END { print n, late, bad, refused; exit bad || !refused || late * 3 > n || n != 37 + 75 - refused }' o.csv
}

@test "requests: weighted commands with keys and values by slot; reads on all nodes, writes on the master" {
	pair
	cat >mix.jsonl <<-'END'
		{"run": "SET user:{rand 1 5} {slot}", "weight": 1}
		{"run": "SET big:{seq 2}", "value_bytes": 300, "weight": 1}
		{"run": "GET user:{rand 1 5}", "weight": 6}
	END
	load_rows --rps 400 --duration 0.5 --requests mix.jsonl --seed 3 "${URLS[@]}" >o.csv
	whole o.csv 200
	[ "$(classes o.csv)" = ok=200 ]
	[ "$(awk -F, 'NR > 1 { print $7 }' o.csv | sort -u | paste -sd';')" = \
		'GET user:{rand%201%205};SET big:{seq%202};SET user:{rand%201%205}' ]
	# each key has the number of the last slot that set it, as its rows tell
	[ "$(awk -F, '$7 ~ /SET user/ { print $9 }' o.csv | sort -n | tail -1)" = \
		"$(redis-cli -p "$A" --raw mget user:1 user:2 user:3 user:4 user:5 | sort -n | tail -1)" ]
	[ "$(redis-cli -p "$A" strlen big:0) $(redis-cli -p "$A" strlen big:1)" = "300 300" ]
	[ "$(redis-cli -p "$A" dbsize)" = 7 ]
	awk -F, -v b=":$B" '$7 ~ /^SET/ && $2 ~ b { bad++ } $7 ~ /^GET/ { n[$2 ~ b]++ }
		END { exit bad || n[0] < 50 || n[1] < 50 }' o.csv
}

@test "nodes that do not tell their role: writes find the master" {
	pair
	local p
	for p in "$A" "$B"; do
		redis-cli -p "$p" acl setuser app on '>pw' '~*' +get +incr
	done
	load_rows --rps 100 --duration 1 --key n --summary s.json "redis://app:pw@localhost:$B" "redis://app:pw@127.0.0.1:$A" \
		>o.csv 2>err
	# said once, and by itself no fault of the run
	[ "$(grep -c 'not tell .*ROLE\b.*(NOPERM' err)" = 1 ]
	[ "$(summary '[.reasons[] | select(test("does not tell its ROLE"))] | length')" = 1 ]
	[ "$(summary '.sound or (.reasons | length) > 1')" = true ]
	whole o.csv 100
	[[ $(classes o.csv) =~ ^ok=[0-9]+\ redis_readonly=[0-9]+$ ]] || fail "$(classes o.csv)"
	# what was sent when the first refusal had come was written, and only that
	awk -F, 'NR == FNR { end = $1 + $4 / 1000; if ($5 == "redis_readonly" && (!first || end < first)) first = end; next }
		$7 != "INCR" { next }
		{ after = $1 + ($4 - $6) / 1000 - first }
		$5 == "" ? after < -5e-6 : after > 5e-6 { print after, $0; bad++ } END { exit bad > 0 }' o.csv o.csv
	assert_equal "$(redis-cli -p "$A" get n)" "$(grep -c ",200,.*,INCR," o.csv)"
	# a proxy that never answers the question
	bg chaos-proxy "127.0.0.1:0=127.0.0.1:$A" -t latency:latency=60000,match.command=ROLE
	wait_for 5 grep -q 'listens on 127' "$BG_ERR"
	load_rows --rps 100 --duration 0.2 "redis://localhost:$B" \
		"redis://$(sed -n 's/.* listens on \(127[^,]*\), for .*/\1/p' "$BG_ERR")" >o.csv 2>err
	[ "$(grep -c 'not tell .*ROLE:' err)" = 1 ] || fail "$(cat err)"
}

# says TEXT CLASSES: what becomes of requests to a server that answers each with TEXT.
says() {
	bg answers count "$1"
	wait_for 5 test -s "$BG_OUT"
	load_rows --rps 100 --duration 0.2 "redis://127.0.0.1:$(<"$BG_OUT")" >o.csv
	assert_equal "$(classes o.csv)" "$2"
}

@test "an answer that nobody asked for, of the wrong type, too long or with too many items is no success" {
	says $':1\r\n' "ok=10 protocol=10"
	says $':1\r\n$1\r\n1\r\n' "protocol=20"
	says $':1\r\n:' "protocol=20"
	says $'*100000000\r\n' "protocol=20"
	says $'*4000\r\n*100\r\n' "protocol=20"
	says $'endless:$2000000000\r\n' "protocol=20"
	says endless:+ "protocol=20"
}

@test "a Redis Cluster is said, and exit 3" {
	bg answers count $'-MOVED 7365 127.0.0.1:7001\r\n'
	wait_for 5 test -s "$BG_OUT"
	run -3 chaos-load -q --rps 100 --duration 0.2 --summary s.json "redis://127.0.0.1:$(<"$BG_OUT")"
	[[ $output == *"Redis Cluster"*"20 commands"* ]]
	assert_equal "$(summary .errors)" '{"redis_moved":20}'
}

@test "--audit sets each slot's own bit; WAIT says how many replicas have it; a prefix serves once" {
	pair
	load_rows --rps 200 --duration 1 --audit=m --wait 1 --summary s.json "${URLS[@]}" >o.csv
	whole o.csv 200
	[ "$(ops o.csv)" = "A AUDIT ok 200" ]
	[ "$(head -1 o.csv | cut -d, -f9-)" = slot,replicas,detail ]
	[ "$(cut -d, -f10 o.csv | sort | uniq -c | xargs)" = "200 1 1 replicas" ]
	[ "$(redis-cli -p "$A" bitcount 'm:{0}')" = 200 ]
	[ "$(redis-cli -p "$A" getbit 'm:{0}' 199)" = 1 ]
	[ "$(command jq -c .audit s.json)" = '{"prefix":"m","piece_bits":262144,"wait":1}' ]
	# fewer replicas than asked for: acknowledged all the same, after half of the timeout
	load_rows --rps 20 --duration 1 --timeout 6s --audit=n --wait 2 "${URLS[@]}" >o.csv
	[ "$(classes o.csv)" = ok=20 ]
	[ "$(cut -d, -f10 o.csv | sort | uniq -c | xargs)" = "20 1 1 replicas" ]
	# a mark that was there is no success
	load_rows --rps 20 --duration 1 --audit=m "${URLS[0]}" >o.csv
	[ "$(classes o.csv)" = protocol=20 ]
	# the second piece, and a share of a mix
	printf '%s\n' '{"run": "AUDIT"}' '{"run": "GET x", "weight": 3}' >mix.jsonl
	load_rows --rps 1000000 --duration 0.27 --max-inflight 1 --audit=p --shard 262144/262145 "${URLS[0]}" >o.csv
	[ "$(awk -F, 'NR == 2 { print $9 }' o.csv)" = 262143 ]
	[ "$(redis-cli -p "$A" getbit 'p:{0}' 262143)" = 1 ]
	load_rows --rps 200 --duration 1 --requests mix.jsonl --audit=q --summary s.json "${URLS[0]}" >o.csv
	[ "$(redis-cli -p "$A" bitcount 'q:{0}')" = "$(grep -c ,AUDIT, o.csv)" ]
	grep -q ',GET x,\|,GET%20x,' o.csv
	run -2 chaos-load -r 1 -d 1 --requests mix.jsonl "${URLS[0]}"
	assert_says "$output" chaos-load: "'mix.jsonl'" AUDIT marks "--audit[=PREFIX]"
	run -2 chaos-load -r 1 -d 1 --audit --shard 1/2 "${URLS[0]}"
	assert_output --partial "--audit=PREFIX"
	run -2 chaos-load -r 1 -d 1 --audit http://127.0.0.1:1
	assert_output --partial "--audit is for Redis"
}
