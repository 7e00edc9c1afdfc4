# chaos-load on Redis by those who know the nodes: sentinels, and the nodes of a cluster.

load helper
load load_helper

setup() {
	scratch
	free_ports 6
}

teardown() {
	end_bg
}

# redis_on PORT [OPTIONS]
redis_on() {
	mkdir -p "$1"
	bg redis-server --port "$1" --save "" --dir "$SCRATCH/$1" --bind 127.0.0.1 --repl-diskless-sync-delay 0 "${@:2}"
	wait_for 5 redis_up "$1"
}

# sentinel_on PORT PRIMARY
sentinel_on() {
	printf '%s\n' "port $1" "bind 127.0.0.1" "sentinel monitor it 127.0.0.1 $2 2" \
		"sentinel down-after-milliseconds it 2000" "sentinel failover-timeout it 5000" >"$1.conf"
	bg redis-sentinel "$1.conf"
	wait_for 5 redis_up "$1"
}

# all_known PORT REPLICAS: this sentinel knows both others, and so many replicas whose link is up.
all_known() {
	[ "$(redis-cli -p "$1" sentinel sentinels it | grep -c ^runid)" = 2 ] &&
		[ "$(redis-cli -p "$1" sentinel replicas it | grep -c ^ok)" = "$2" ]
}

role() { [ "$(redis-cli -p "$1" role | head -1)" = "$2" ]; }

# is_new_primary: which of B and C the sentinels have promoted, into NEW.
is_new_primary() {
	for NEW in "$B" "$C"; do
		! role "$NEW" master || return 0
	done
	return 1
}

# served PORT N: so many writes were acknowledged there.
served() { [ "$(grep -c ":$1,200,.*,INCR," "$BG_OUT")" -ge "$2" ]; }

# killed_at TIME PORT, promoted at TIME to PORT: every write before went to the first, every one after to the second,
# none failed but in between, and reads of the replicas went on throughout.
failover_is_seen() {
	awk -F, -v killed="$1" -v old=":$2\$" -v promoted="$3" -v new=":$4\$" '
		NR == 1 || $5 == "aborted" { next }
		$7 == "INCR" && $2 ~ new && $5 == "" { if (!first || $1 < first) first = $1; last_ok = $1 }
		$7 == "INCR" && $1 + $4 / 1000 < killed && ($2 !~ old || $5 != "") { print "before: " $0; bad++ }
		$7 == "INCR" && $5 != "" { failed++; if ($1 > last) last = $1; if ($2 !~ old) { print "elsewhere: " $0; bad++ } }
		$7 == "GET" && $5 != "" && $2 !~ old && $5 !~ /^(closed|reset)$/ { print "a read failed: " $0; bad++ }
		$7 == "GET" && $5 == "" && $1 > killed && $1 < promoted { reads++ }
		END { printf "failed %d, last %s, first %s, reads %d\n", failed, last, first, reads
			exit bad || failed < 20 || !first || last > promoted + 1 || first > promoted + 1 || reads < 20 }' "$BG_OUT"
}

@test "sentinels: writes go to the primary, reads to all; after a failover to the new one" {
	A=${PORTS[0]} B=${PORTS[1]} C=${PORTS[2]}
	redis_on "$A"
	local primary=$BG_PID p
	redis_on "$B" --replicaof "127.0.0.1 $A"
	redis_on "$C" --replicaof "127.0.0.1 $A"
	for p in "${PORTS[@]:3}"; do sentinel_on "$p" "$A"; done
	for p in "${PORTS[@]:3}"; do wait_for 20 all_known "$p" 2; done
	local url="redis+sentinel://127.0.0.1:${PORTS[3]},127.0.0.1:${PORTS[4]},localhost:${PORTS[5]}/it"
	bg chaos-load -q --rps 200 --key n --summary s.json "$url"
	local load=$BG_PID
	wait_for 5 served "$A" 50
	local before=$EPOCHREALTIME
	killed "$primary"
	wait_for 20 is_new_primary
	local promoted=$EPOCHREALTIME
	wait_for 5 served "$NEW" 100
	kill -INT "$load"
	wait "$load" || true
	failover_is_seen "$before" "$A" "$promoted" "$NEW"
	# nothing twice: each acknowledged one counted once
	[ "$(grep -c ":$NEW,200,.*,INCR," "$BG_OUT")" -le "$(redis-cli -p "$NEW" get n)" ]
	assert_equal "$(summary '[.nodes[] | select(startswith("redis:"))] | sort | join(" ")')" \
		"$(printf 'redis://127.0.0.1:%s\n' "$A" "$B" "$C" | sort | paste -sd' ')"
	# a name that they do not know, and sentinels of which none listens
	load_rows --rps 100 --duration 0.2 "${url%it}other" >o.csv
	[ "$(classes o.csv)" = redis_other=20 ]
	# by the one that has answered last
	grep -qE 'sentinel (127\.0\.0\.1|localhost):.*No such master' <(cut -d, -f10- o.csv) || grep -q "does not know the name" o.csv
	load_rows --rps 100 --duration 0.2 "redis+sentinel://127.0.0.1:1/it" >o.csv
	[ "$(classes o.csv)" = refused=20 ]
}

# cluster_of_two: A has the lower half of the slots, B the upper one.
cluster_of_two() {
	A=${PORTS[0]} B=${PORTS[1]}
	local p
	for p in 0 1; do
		redis_on "${PORTS[p]}" --cluster-enabled yes --cluster-port "${PORTS[p + 2]}" --cluster-require-full-coverage no
	done
	redis-cli -p "$A" cluster addslotsrange 0 8191
	redis-cli -p "$B" cluster addslotsrange 8192 16383
	redis-cli -p "$A" cluster meet 127.0.0.1 "$B" "${PORTS[3]}"
	for p in "$A" "$B"; do wait_for 10 both_ok "$p"; done
}

both_ok() { redis-cli -p "$1" cluster info | grep -q 'state:ok' && [ "$(redis-cli -p "$1" cluster slots | grep -c '^[0-9]*$')" -ge 6 ]; }

# answered CLASS PORT: how often that server has refused so.
answered() { redis-cli -p "$2" info errorstats | sed -n "s/^errorstat_$1:count=\([0-9]*\).*/\1/p" | grep . || echo 0; }

@test "a cluster: each key at its node; a thousand MOVED; ASK: one row a slot, and each command once" {
	cluster_of_two
	echo '{"run": "INCR k:{slot}"}' >mix.jsonl
	# By the map nothing is sent on.
	load_rows --rps 2000 --duration 1 --requests mix.jsonl --summary s.json "redis+cluster://127.0.0.1:1,127.0.0.1:$B" >o.csv
	whole o.csv 2000
	[ "$(classes o.csv)" = ok=2000 ]
	[ "$(($(redis-cli -p "$A" dbsize) + $(redis-cli -p "$B" dbsize)))" = 2000 ]
	[ "$(grep -c ":$A,200" o.csv)" = "$(redis-cli -p "$A" dbsize)" ]
	[ "$(answered MOVED "$A") $(answered MOVED "$B")" = "0 0" ]
	# To a user who may not ask for the map MOVED alone tells: of a node that has nothing, for every slot.
	redis-cli -p "$A" acl setuser app on '>p@w' '~*' +incr +set +asking +readonly
	redis-cli -p "$B" acl setuser app on '>p@w' '~*' +incr +set +asking +readonly
	load_rows --rps 2000 --duration 1 --requests mix.jsonl --summary s.json "redis+cluster://app:p%40w@127.0.0.1:$B" \
		>o.csv 2>err
	whole o.csv 2000
	[ "$(classes o.csv)" = ok=2000 ]
	[ "$(answered MOVED "$B")" -ge 900 ]
	[ "$(grep -c 'slots.*NOPERM' err)" = 1 ]
	[[ "$(summary '.reasons | tostring')" == *slots*NOPERM* ]]
	local k
	for k in 0 1 500 1999; do [ "$(redis-cli -c -p "$A" get "k:$k")" = 2 ]; done
	[ "$(redis-cli -p "$A" info commandstats | sed -n 's/^cmdstat_incr:calls=\([0-9]*\).*/\1/p')" = \
		"$((2 * $(redis-cli -p "$A" dbsize)))" ]
	# A slot on its way: what is not there any more is asked for at its new node, once.
	local slot
	slot=$(redis-cli -p "$A" cluster keyslot '{t}')
	[ "$slot" -gt 8191 ]
	redis-cli -p "$A" cluster setslot "$slot" importing "$(redis-cli -p "$B" cluster myid)"
	redis-cli -p "$B" cluster setslot "$slot" migrating "$(redis-cli -p "$A" cluster myid)"
	echo '{"run": "SET {t}:{slot} v"}' >mix.jsonl
	load_rows --rps 200 --duration 1 --requests mix.jsonl "redis+cluster://127.0.0.1:$A" >o.csv
	[ "$(classes o.csv) $(grep -c ":$A,200" o.csv) $(answered ASK "$B")" = "ok=200 200 200" ]
	[ "$(redis-cli -p "$A" cluster countkeysinslot "$slot")" = 200 ]
	# The same in a pipeline: of a thousand MOVED, and of ASK.
	echo '{"run": "INCR p:{slot}"}' >mix.jsonl
	load_rows --rps 4000 --duration 0.3 -c 2 --pipeline 50 --requests mix.jsonl "redis+cluster://app:p%40w@127.0.0.1:$B" \
		>o.csv 2>err
	whole o.csv 1200
	[ "$(classes o.csv)" = ok=1200 ]
	for k in 0 1 500 1199; do [ "$(redis-cli -c -p "$A" get "p:$k")" = 1 ]; done
	[ "$(redis-cli -p "$A" info commandstats | sed -n 's/^cmdstat_incr:calls=\([0-9]*\).*/\1/p')" = \
		"$((2 * $(redis-cli -p "$A" --scan --pattern 'k:*' | wc -l) + $(redis-cli -p "$A" --scan --pattern 'p:*' | wc -l)))" ]
	echo '{"run": "SET {t}:p{slot} v"}' >mix.jsonl
	load_rows --rps 500 --duration 0.2 --pipeline 20 --requests mix.jsonl "redis+cluster://127.0.0.1:$A" >o.csv
	[ "$(classes o.csv) $(grep -c ":$A,200" o.csv) $(answered ASK "$B")" = "ok=100 100 300" ]
	# Of two keys the first one is there already: TRYAGAIN is no execution, and the command is asked again until both are.
	redis-cli -p "$B" cluster setslot "$slot" stable
	redis-cli -p "$B" set '{t}x' 1
	redis-cli -p "$B" cluster setslot "$slot" migrating "$(redis-cli -p "$A" cluster myid)"
	printf '%s\n' asking 'set {t}y 1' | redis-cli -p "$A" >said
	grep -q OK said
	echo '{"run": "MGET {t}x {t}y"}' >mix.jsonl
	bg chaos-load -q -r 100 --timeout 2s --requests mix.jsonl "redis+cluster://127.0.0.1:$A"
	local load=$BG_PID
	ln -sf "$BG_OUT" m.csv
	wait_for 5 grep -q redis_tryagain m.csv
	redis-cli -p "$B" migrate 127.0.0.1 "$A" '{t}x' 0 1000
	local moved=$EPOCHREALTIME
	wait_for 5 served_since "$moved" 30
	kill -INT "$load"
	wait "$load" || true
	whole m.csv "$(($(wc -l <m.csv) - 1))"
	# Each was asked six times in 310 ms at most; whose last time was after the migration has its answer.
	awk -F, -v moved="$moved" 'NR > 1 && $5 == "redis_tryagain" { if ($4 < 309 || $1 > moved) bad++ }
		NR > 1 && $5 == "" && $1 < moved - 0.05 { late++ } NR > 1 && $5 == "" && $1 > moved { after++ }
		$5 != "" && $5 !~ /^(redis_tryagain|aborted|error)$/ { bad++ }
		END { print late, after; exit bad || !late || after < 30 }' m.csv
}

# served_since TIME N: so many that were due since then have succeeded.
served_since() { [ "$(awk -F, -v t="$1" 'NR > 1 && $1 > t && $5 == ""' m.csv | wc -l)" -ge "$2" ]; }

@test "URLs of topologies that are wrong are said, and nothing is sent" {
	says() {
		local pieces
		IFS='|' read -ra pieces <<<"chaos-load:|$1"
		run -2 chaos-load -r 1 -d 1 "${@:2}"
		assert_says "$output" "${pieces[@]}"
	}
	says "127.0.0.1:1|name|sentinels" redis+sentinel://127.0.0.1:1
	says "127.0.0.1:x|port" redis+cluster://127.0.0.1:1,127.0.0.1:x
	says "redis+cluster|URLs" redis+cluster://127.0.0.1:1 redis://127.0.0.1:2
	says "redis+sentinell|'redis+sentinel'?" redis+sentinell://127.0.0.1:1/it
	says "x|number|database" redis+sentinel://127.0.0.1:1/it/x
	says "127.0.0.1:2|host" redis://127.0.0.1:1,127.0.0.1:2
}
