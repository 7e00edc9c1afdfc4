# chaos-audit on real Redis servers: what was deleted is what is reported, and nothing else.
bats_require_minimum_version 1.5.0

load helper
load load_helper
load analyze_helper

setup() {
	scratch
	free_ports 3
	A=${PORTS[0]} B=${PORTS[1]} NOBODY=${PORTS[2]}
	URLS=("redis://127.0.0.1:$A" "redis://127.0.0.1:$B")
	export SCHEMA=$ROOT/schema/audit.schema.json
}

teardown() {
	end_bg
}

redis_on() {
	mkdir -p "d$1"
	bg redis-server --port "$1" --save "" --dir "$SCRATCH/d$1" --bind 127.0.0.1 --repl-diskless-sync-delay 0 "${@:2}"
	wait_for 5 redis_up "$1"
}

replica_linked() { redis-cli -p "$1" info replication | grep -q master_link_status:up; }

pair() {
	redis_on "$A"
	redis_on "$B" --replicaof "127.0.0.1 $A"
	wait_for 10 replica_linked "$B"
}

# marks COUNT [options]: a load of so many marks on A, rows in s.csv.
marks() {
	load_rows --rps $(($1 * 4 / 5)) --duration 1.25 --audit=m "${@:2}" "redis://127.0.0.1:$A" >s.csv
	whole s.csv "$1"
}

# bits VALUE: sets the marks of the slots on stdin on A to it.
bits() { sed "s/.*/setbit m:{0} & $1/" | redis-cli -p "$A" >/dev/null; }

# audit STATUS [options]: of A and B, or of what the options say, into audit.json.
audit() {
	run "-$1" --separate-stderr chaos-audit --prefix m "${@:2}" <s.csv
	assert_equal "$stderr" ""
	printf '%s\n' "$output" >audit.json
	valid audit.json
}

# counts: the six of audit.json.
counts() { jq -r '[.acknowledged, .lost, .phantom, .recovered, .in_doubt, .unreplicated] | map(tostring) | join(" ")' audit.json; }

# times: of the answers of the slots on stdin, the first and the last, as awk has them from the rows.
times() {
	awk -F, 'NR == FNR { want[$1]; next } $9 in want { t = sprintf("%.6f", $1 + $4 / 1000); print t }' - s.csv | sort -n |
		sed -n '1p;$p' | paste -sd' '
}

@test "k marks that were deleted are the k that are lost, with their times; one set by hand is a phantom" {
	local k
	pair
	marks 12000
	audit 0 "${URLS[@]}"
	assert_equal "$(counts)" "12000 0 0 0 0 0"
	# nothing calls libcurl for an address without TLS
	LD_DEBUG=files chaos-audit --prefix m "${URLS[@]}" <s.csv >/dev/null 2>libraries
	run -1 grep -m1 libcurl libraries
	for k in 1 17 10000; do
		shuf -i 0-11999 -n "$k" --random-source=<(yes "$k") | sort -n >gone
		bits 0 <gone
		audit 1 --list list.csv --save "m$k" "${URLS[@]}"
		assert_equal "$(counts)" "12000 $k 0 0 0 0"
		assert_equal "$(jq -r .verdict audit.json)" lost
		diff gone <(awk -F, 'NR > 1 { print $1 }' list.csv | sort -n)
		assert_equal "$(jq -r '.spans.lost | [.first_t, .last_t] | @tsv' audit.json | xargs printf '%.5f %.5f')" \
			"$(times <gone | xargs printf '%.5f %.5f')"
		assert_equal "$(jq '[.lost_spans[].lost] | add' audit.json)" "$k"
		bits 1 <gone
	done
	# again from files alone, where the servers have everything by now; rows that come twice count once
	audit 1 --from m17
	assert_equal "$(counts)" "12000 17 0 0 0 0"
	# the piece behind 2^32 slots is the last that is read, and one of marks
	(cat m17 && echo '{"server":0,"piece":16385,"bits":""}' && echo '{"server":0,"piece":16386,"bits":""}') >m18
	run -2 chaos-audit --prefix m --from m18 <s.csv
	assert_says "$output" "chaos-audit: m18:$(grep -c '' m18):" "not a piece"
	# marks of which nobody told are not lost because nobody can read which
	jq -c 'if .piece == 0 then .unread = 5 else . end' m17 >m18
	run -2 chaos-audit --prefix m --from m18 <s.csv
	assert_says "$output" chaos-audit: m18:2: "not a piece"
	# marks far behind the rows cost what their lines are, not the slots before them: a mark there is nobody's
	(cat m17 && printf '{"server":0,"piece":%d,"bits":"8001"}\n' {16000..16385}) >far
	run -1 --separate-stderr bash -c 'ulimit -t 5 && exec chaos-audit --prefix m --from far <s.csv'
	assert_equal "$(jq -c '[.lost, (.reasons[] | scan("^[0-9]+ marks have no row"))]' <<<"$output")" '[17,"772 marks have no row"]'
	# a fault acts from its request on, and one that was refused does not
	local began # between two answers, as one at that very microsecond may be of either side
	began=$(awk -F, 'NR > 1 && $5 == "" { printf "%.6f\n", $1 + $4 / 1000 }' s.csv | sort -n |
		awk 'NR == 1 { from = $1 + 0.5 } last > from && $1 - last > 0.00001 { printf "%.6f", (last + $1) / 2; exit } { last = $1 }')
	awk -v t="$began" 'BEGIN { f = "{\"t\":%.6f,\"event\":\"fault_%s\",\"fault\":\"%s\",\"action\":\"kill\",\"node\":\"a\"}\n"
		printf f f f, t - 0.3, "requested", "f1", t, "requested", "f2", t + 0.6, "injected", "f2" }' >events.jsonl
	audit 1 --from m17 --events events.jsonl
	assert_equal "$(jq '.windows[0].acknowledged' audit.json)" \
		"$(awk -F, -v t="$began" 'NR > 1 && $5 == "" && $1 + $4 / 1000 < t + 0 { n++ } END { print n }' s.csv)"
	run -1 --separate-stderr chaos-audit --text --from m17 < <(cat s.csv s.csv)
	assert_says "$output" "17 of 12,000" acknowledged lost within
	# a refused write that is there after all; an unanswered one; the rows say which
	awk -F, -v OFS=, 'NR > 1 && $9 == 5 { $3 = ""; $5 = "redis_readonly" } NR > 1 && $9 == 6 { $3 = ""; $5 = "timeout" }
		NR > 1 && $9 == 7 { $3 = ""; $5 = "closed" } 1' s.csv >t.csv
	mv t.csv s.csv
	echo 7 | bits 0
	audit 0 "${URLS[@]}"
	assert_equal "$(counts)" "11997 0 1 1 0 0"
	run -0 chaos-audit --text --prefix m "${URLS[@]}" <s.csv
	assert_says "$output" "0 of 11,997" acknowledged lost "1 phantom" "1 recovered"
}

@test "a primary killed and back with its AOF, fsync always: none is lost" {
	redis_on "$A" --appendonly yes --appendfsync always
	local server=$BG_PID
	# until there is one on both sides of the outage, however long that takes here
	bg chaos-load -q --timeout 20s --rps 1000 --audit --summary s.json "redis://127.0.0.1:$A"
	local load=$BG_PID rows=$BG_OUT
	wait_for 5 grep -q AUDIT "$rows"
	killed "$server"
	wait_for 5 grep -q ,refused, "$rows"
	local refused
	refused=$(wc -l <"$rows")
	redis_on "$A" --appendonly yes --appendfsync always
	wait_for 5 answers_behind "$refused" "$rows"
	kill -INT "$load"
	local rc=0
	wait "$load" || rc=$?
	[[ $rc =~ ^(0|3|130)$ ]]
	mv "$rows" s.csv
	run -0 --separate-stderr chaos-audit "redis://127.0.0.1:$A" <s.csv
	printf '%s\n' "$output" >audit.json
	valid audit.json
	# of the same prefix as the load, which was found on the server
	assert_equal "$(jq -r .prefix audit.json)" "$(summary .audit.prefix)"
	assert_equal "$(jq -r .verdict audit.json)" none
	assert_equal "$(jq .acknowledged audit.json)" "$(awk -F, 'NR > 1 && $5 == "" { n++ } END { print n }' s.csv)"
	# marks of another run, of which the rows prove nothing, are not taken for theirs
	local key other
	key="$(summary .audit.prefix):{0}"
	for other in chaos:audit:r1 chaos:audit:20010101T000000Z-1; do
		redis-cli -p "$A" rename "$key" "$other:{0}"
		run -2 --separate-stderr chaos-audit "redis://127.0.0.1:$A" <s.csv
		assert_equal "$stderr" \
			"chaos-audit: nothing proves that the marks of '$other' are of these rows; if they are: --prefix '$other'"
		redis-cli -p "$A" rename "$other:{0}" "$key"
	done
	# as what redis-cli reads: every acknowledged mark is there
	awk -F, 'NR > 1 && $5 == "" { print "getbit " key " " $9 }' key="$(summary .audit.prefix):{0}" s.csv |
		redis-cli -p "$A" | sort | uniq -c >there
	assert_equal "$(awk '{ print $2 }' there)" 1
}

# answers_behind N FILE: there are acknowledged writes behind its first N lines.
answers_behind() { tail -n "+$(($1 + 1))" "$2" | grep -q ',200,[0-9.]*,,.*,AUDIT,'; }

@test "a promotion by hand: the losses are those that redis-cli reads, bit by bit; read before the heal there are none" {
	pair
	# Promoted under the load of every second slot, however many of them are sent by then; the others come after that.
	load_rows --rps 400 --duration 1 --shard 1/2 --audit=m "${URLS[0]}" >s.csv 3>&- &
	local load=$!
	# of a prefix without any mark nothing is decided: some are there
	wait_for 5 sh -c "[ \$(redis-cli -p $B bitcount 'm:{0}') -ge 10 ]"
	redis-cli -p "$B" replicaof no one
	wait "$load"
	load_rows --rps 400 --duration 1 --shard 2/2 --audit=m "${URLS[0]}" | tail -n +2 >>s.csv
	whole s.csv 400
	# two primaries of one history are no rest, and nobody knows yet
	audit 3 --timeout 0 "${URLS[@]}"
	assert_equal "$(counts)" "400 0 0 0 400 0"
	assert_equal "$(jq -r .reasons[0] audit.json)" \
		"the servers did not come to rest: '${URLS[0]}' and '${URLS[1]}' are both primary, and of one history"
	variant brief
	run -0 --separate-stderr env CHAOS_MUTANT=early chaos-audit --text --prefix m --timeout 0 "${URLS[@]}" <s.csv
	assert_says "$output" "0 of 400" acknowledged lost
	run -1 --separate-stderr env CHAOS_MUTANT=unknown chaos-audit --text --prefix m --timeout 0 "${URLS[@]}" <s.csv
	# healed while the audit waits
	chaos-audit --prefix m --list list.csv "${URLS[@]}" <s.csv >audit.json 3>&- &
	local audit=$!
	wait_for 5 sh -c "redis-cli -p $B client list | grep -q cmd=info"
	redis-cli -p "$A" replicaof 127.0.0.1 "$B"
	wait "$audit" || assert_equal $? 1
	valid audit.json
	seq 0 399 | sed 's/.*/getbit m:{0} &/' | redis-cli -p "$B" >bits
	awk '$1 == 0 { print NR - 1 }' bits >gone
	[ "$(wc -l <gone)" -ge 200 ]
	[ "$(wc -l <gone)" -le 390 ]
	diff gone <(awk -F, 'NR > 1 { print $1 }' list.csv | sort -n)
	assert_equal "$(jq '[.nodes[].holes] | add' audit.json)" 0
	[ "$(jq .quiet.waited_s audit.json | cut -c1-4)" != 0.00 ]
	run -1 --separate-stderr env CHAOS_MUTANT=twice chaos-audit --prefix m "${URLS[@]}" < <(cat s.csv s.csv)
	assert_equal "$(jq .acknowledged <<<"$output")" 800
}

@test "a scenario audits between load and end: lost_writes is judged, and in verdict, line and analysis" {
	mkdir -p d
	cat >config.yaml <<-END
		anomaly_detection: {warmup_ignore_sec: 0}
		nodes:
		  store:
		    url: redis://127.0.0.1:$A
		    process: [redis-server, --port, "$A", --save, "", --dir, $SCRATCH/d, --bind, 127.0.0.1]
		    ready: ping
		loads:
		  marks:
		    target: [store]
		    audit: true
		    commands: [{run: AUDIT}, {run: GET x}]
		    pace_slack: 20ms
	END
	cat >s.yaml <<-END
		phases:
		  - {duration: 3s, actions: [{type: start_load, load: marks, rps: 100}]}
		  - {duration: 2s, expect: [lost_writes == 0], actions: [{type: kill_node, target: store, for: 1s}]}
	END
	run chaos-scenario --scenario s.yaml --run-id r --progress none --unsteady
	[ "$status" -eq 1 ] || [ "$status" -eq 3 ] # on a busy machine, where the load was late
	assert_equal "$(jq -c '.expectations[] | [.text, .result]' runs/r/verdict.json)" '["lost_writes == 0","missed"]'
	cp runs/r/audit.json audit.json
	valid audit.json
	# what was acknowledged before the kill is gone: the server kept nothing on disk
	local lost
	lost=$(jq '.windows[0].acknowledged' audit.json)
	[ "$lost" -gt 20 ]
	[ "$(jq .lost audit.json)" -ge "$lost" ]
	assert_equal "$(jq '.windows[3].lost' audit.json)" 0
	assert_equal "$(jq .lost audit.json)" "$(jq .lost_writes runs/r/verdict.json)"
	assert_equal "$(jq -c '[.acknowledged, .lost, .verdict]' audit.json)" "$(jq -c '.audit | [.acknowledged, .lost, .verdict]' runs/r/analysis.json)"
	[[ $(jq -r .line runs/r/verdict.json) == *", $(jq .lost audit.json) of $(jq .acknowledged audit.json) acknowledged writes lost"* ]]
	SCHEMA=$ROOT/schema/verdict.schema.json valid runs/r/verdict.json
	SCHEMA=$ROOT/schema/analysis.schema.json valid runs/r/analysis.json
	# the gate, by hand; what a busy machine did to the latency is not the matter
	jq '.sound = true' runs/r/load.json >sound.json
	local by=(chaos-analyze --run-id r --load-summary sound.json --detector threshold --throughput-drop-threshold 1)
	run -1 "${by[@]}" --fail-on 'lost_writes > 0'
	jq '.verdict = "undecidable" | .reasons = ["why"]' audit.json >u.json
	run -3 "${by[@]}" --audit u.json --fail-on 'lost_writes > 0'
	jq -e '.not_judged[] | select(.what == "lost_writes" and .reason == "why")' < <(chaos-analyze --run-id r --audit u.json)
}

@test "undecidable: a server that cannot be read, rows that are missing, marks on a replica alone; never a password" {
	export REDISCLI_AUTH=geheim
	redis_on "$A" --requirepass geheim
	load_rows --rps 100 --duration 1 --audit=m --wait 1 --timeout 4s --summary s.json "redis://:geheim@127.0.0.1:$A" >s.csv
	[ "$(cut -d, -f10 s.csv | sort | uniq -c | xargs)" = "100 0 1 replicas" ]
	run -0 --separate-stderr chaos-audit --prefix m --wait 1 --save m.jsonl "redis://:geheim@127.0.0.1:$A" <s.csv
	assert_equal "$stderr" ""
	printf '%s\n' "$output" >audit.json
	assert_equal "$(counts)" "100 0 0 0 0 100"
	run ! grep -q geheim audit.json m.jsonl
	for url in "redis://:falsch@127.0.0.1:$A" "redis://:geheim@127.0.0.1:$NOBODY"; do
		run -3 --separate-stderr chaos-audit --prefix m --timeout 100ms "$url" <s.csv
		printf '%s\n' "$output" >audit.json
		valid audit.json
		assert_equal "$(counts)" "100 0 0 0 100 0"
		[[ $(jq -r .reasons[0] audit.json) == *"cannot read 'redis://127.0.0.1:"* ]]
		run ! grep -q 'geheim\|falsch' audit.json
	done
	for url in "redis+sentinel://127.0.0.1:$NOBODY/it" "redis+cluster://127.0.0.1:$NOBODY"; do
		run -3 --separate-stderr chaos-audit --timeout 100ms "$url" <s.csv
		printf '%s\n' "$output" >audit.json
		valid audit.json
		assert_equal "$(jq -r .reasons[0] audit.json)" \
			"the servers did not come to rest: cannot ask '127.0.0.1:$NOBODY' for the servers: connect to 127.0.0.1:$NOBODY: Connection refused"
	done
	# a row less: its mark has none
	sed '$d' s.csv >t.csv
	run -3 --separate-stderr chaos-audit --text --prefix m "redis://:geheim@127.0.0.1:$A" <t.csv
	assert_says "$output" undecidable "99 acknowledged" lost "1 marks" "no row" prefix twice
	# the last row is torn: whose mark it was nobody knows
	{ head -n 51 s.csv; printf 1; } >t.csv
	tail -n 50 s.csv | awk -F, '{ print "setbit m:{0} " $9 " 0" }' | redis-cli -p "$A" >/dev/null
	run -3 --separate-stderr chaos-audit --text --prefix m "redis://:geheim@127.0.0.1:$A" <t.csv
	assert_output --partial "lost: 1 rows cannot be read"
	# one of the others says no slot, and its mark is lost
	head -n 51 s.csv | awk -F, -v OFS=, 'NR == 3 { print $9 >"slot"; $9 = "" } 1' >t.csv
	redis-cli -p "$A" setbit 'm:{0}' "$(cat slot)" 0 >/dev/null
	run -3 --separate-stderr chaos-audit --text --prefix m "redis://:geheim@127.0.0.1:$A" <t.csv
	assert_output --partial "lost: 1 rows cannot be read"
	redis-cli -p "$A" setbit 'm:{0}' "$(cat slot)" 1 >/dev/null
	# rows at the end of the file of a run are missing, and their marks are lost
	mkdir -p runs/cut
	head -n 51 s.csv >runs/cut/samples.csv
	cp s.json runs/cut/load.json
	run -3 --separate-stderr chaos-audit --text --run-id cut "redis://:geheim@127.0.0.1:$A"
	assert_line --regexp "lost: 50 rows are missing: 100 were due.*load summary"
	assert_equal "$stderr" ""
	cp audit.json runs/cut/
	run -3 --separate-stderr chaos-audit --text --run-id cut --timeout 100ms "redis://127.0.0.1:$NOBODY"
	assert_says "$stderr" chaos-audit: audit "'cut'" "'runs/cut/audit.json'"
	tail -n 50 s.csv | awk -F, '{ print "setbit m:{0} " $9 " 1" }' | redis-cli -p "$A" >/dev/null
	# a slot that no load has
	sed -E 's/(,AUDIT,[0-9]+),99,/\1,99999999999,/' s.csv >t.csv
	run -3 --separate-stderr chaos-audit --prefix m "redis://:geheim@127.0.0.1:$A" <t.csv
	assert_equal "$(jq -c '[.input.bad, .acknowledged]' <<<"$output")" "[1,99]"
	# what is on a replica alone was read, and decides nothing
	jq -c 'if .servers then .servers += [{node: "redis://192.0.2.1:1", role: "replica", offset: 0}] else . end' m.jsonl >r.jsonl
	jq -c 'select(.piece == 0) | .server = 1' m.jsonl >piece
	sed -i '2s/"bits":"../"bits":"00/' r.jsonl
	sed -i '2r piece' r.jsonl
	run -3 --separate-stderr chaos-audit --text --from r.jsonl <s.csv
	assert_line --regexp "(^|[^0-9])8 marks .*replica .*primary"
	# slots and times that leap, and parts of microseconds, are told as they stood in a pipe
	jq -c 'if .piece == 0 then .bits = "" else . end' m.jsonl >empty.jsonl
	{ echo timestamp,node,latency_ms,op,slot
		printf '17665000%s,redis://n%d:1,%s,AUDIT,%d\n' 30 1 0.25 5 30.0000029 1 0.0001 6 99.5 2 40000 200000; } |
		chaos-audit --from empty.jsonl --list leaps.csv >/dev/null || [ $? = 1 ]
	run -0 tail -n 3 leaps.csv
	assert_output "5,1766500030.000250,redis://n1:1,lost
6,1766500030.000003,redis://n1:1,lost
200000,1766500139.500000,redis://n2:1,lost"
	# and what a user types wrong
	run -2 --separate-stderr chaos-audit "redis://127.0.0.1:$A" <<<timestamp,latency_ms,op,slot
	assert_says "$stderr" chaos-audit: "none of 0 rows" audited "op AUDIT" "'chaos-load --audit'"
	run -2 --separate-stderr chaos-audit "redis://127.0.0.1:$A" </dev/null
	[[ $stderr == "chaos-audit: 'stdin' is empty: "* ]]
	run -2 --separate-stderr chaos-audit http://127.0.0.1:1 <s.csv
	assert_equal "$stderr" "chaos-audit: 'http://127.0.0.1:1' is no redis://HOST:PORT"
	run -2 --separate-stderr chaos-audit --from s.csv <s.csv
	[[ $stderr == "chaos-audit: s.csv:1:"* ]]
	rm -r runs
	run -2 --separate-stderr chaos-audit --run-id none
	assert_says "$stderr" chaos-audit: "'none'" "'runs'"
}

@test "an answer anywhere makes a write acknowledged: no timeout or refusal before it hides its loss" {
	local bits=0f # of the slots 0 to 7: the first four are absent
	{ echo timestamp,node,status_code,latency_ms,error,op,slot
		for slot in 0 1 2 3 4 5 6 7; do echo "176650003$slot,redis://n:1,200,1,,AUDIT,$slot"; done; } >s.csv
	sed '1n; 2!d; s/,200,1,,/,,5000,timeout,/' s.csv | sed 1d >late
	sed '1n; 3!d; s/,200,1,,/,,1,redis_readonly,/' s.csv | sed 1d >>late
	sed '1n; 8!d; s/,200,1,,/,,5000,timeout,/' s.csv | sed 1d >>late
	sed '1r late' s.csv >t.csv
	printf '%s\n' '{"schema":"chaos-audit-marks/1","prefix":"m","piece_bits":262144,"quiet":true,"waited_s":0,"how":"","servers":[{"node":"redis://n:1","role":"primary","offset":0}]}' \
		"{\"server\":0,\"piece\":0,\"bits\":\"$bits\"}" >m.jsonl
	mv t.csv first.csv
	{ cat s.csv; cat late; } >behind.csv
	{ sed -n 1p s.csv; cat late; cat s.csv; } >parts.csv
	for rows in first behind parts; do
		mv $rows.csv s.csv
		audit 1 --from m.jsonl
		assert_equal "$rows: $(counts)" "$rows: 8 4 0 0 0 0"
		jq -e '.input.duplicate == 3 and .input.refused == 0 and .input.unanswered == 0' audit.json
	done
}

# rows_of FIRST LAST STEP: rows of these slots, each one acknowledged.
rows_of() {
	awk -v first="$1" -v last="$2" -v step="$3" 'BEGIN { print "timestamp,node,status_code,latency_ms,error,op,slot"
		for (i = first; i <= last; i += step) printf "%.3f,redis://n:1,200,1.000,,AUDIT,%d\n", 1766500030 + i / 1000, i }'
}
NO_MARKS='{"schema":"chaos-audit-marks/1","prefix":"m","piece_bits":262144,"quiet":true,"waited_s":0,"how":"","servers":[{"node":"redis://n:1","role":"primary","offset":0}]}'

@test "rows of other ops that are there twice stand in for none that is missing" {
	mkdir -p runs/r1
	rows_of 0 7 1 | sed 's/AUDIT,[1357]$/GET,&/; s/GET,AUDIT/GET/' >runs/r1/samples.csv
	echo '{"schema":"chaos-load/1","due":10,"audit":{"prefix":"m","piece_bits":262144}}' >runs/r1/load.json
	printf '%s\n' "$NO_MARKS" '{"server":0,"piece":0,"bits":"aa"}' >m.jsonl
	tail -n 4 runs/r1/samples.csv | grep ,GET, >again
	cat again >>runs/r1/samples.csv
	run -3 --separate-stderr chaos-audit --run-id r1 --from m.jsonl
	jq -e '.reasons == ["2 rows are missing: 10 were due, as the load summary says"] and .input.rows == 10 and .input.duplicate == 2' <<<"$output"
	# nor where the file is there a second time, behind a header of its own
	cat runs/r1/samples.csv runs/r1/samples.csv >twice
	mv twice runs/r1/samples.csv
	run -3 --separate-stderr chaos-audit --run-id r1 --from m.jsonl
	jq -e '.reasons == ["2 rows are missing: 10 were due, as the load summary says"] and .input.duplicate == 12' <<<"$output"
}

@test "what an answer behind a timeout costs in memory: of few slots little, whatever their numbers" {
	rows_of 99999 99999999 100000 >wide.csv
	printf '%s\n' "$NO_MARKS" >m.jsonl
	{ sed -n 1p wide.csv; tail -n 1 wide.csv | sed 's/,200,1.000,,/,,5000.000,timeout,/'; sed 1d wide.csv; } >s.csv
	audit 3 --from m.jsonl
	jq -e '.acknowledged == 1000 and .input.duplicate == 1 and .input.unanswered == 0' audit.json
	[ "$(peakrss chaos-audit --prefix m --from m.jsonl <s.csv)" -le 31250 ]
}

# says STATUS PIECES [options]: what chaos-audit says of s.csv, in pieces with "|" between them.
says() {
	run "-$1" --separate-stderr chaos-audit --text "${@:3}" <s.csv
	IFS='|' read -ra pieces <<<"$2"
	assert_says "$output$stderr" "${pieces[@]}"
}

@test "a prefix: as chaos-load prints it; none of it, another one, and marks of another run decide nothing" {
	local none="undecidable|100 acknowledged" url="redis://127.0.0.1:$A" word
	redis_on "$A"
	mkdir -p runs/r
	chaos-load --rps 100 --duration 1 --audit=m: --summary runs/r/load.json "$url" >s.csv 2>said || [ $? = 3 ]
	assert_line_says "$(<said)" chaos-load: marks "'m:'" "chaos-audit --prefix 'm:'"
	cp s.csv runs/r/samples.csv
	for word in m: m:: 'm::*'; do
		says 0 "0 of 100|acknowledged|lost" --prefix "$word" "$url"
	done
	says 3 "$none|no mark|'m:'|database" --prefix m: "$url/3"
	says 3 "$none|no mark|'shop'|'m:'" --prefix shop --save none.jsonl "$url"
	says 3 "$output" --from none.jsonl
	says 2 "chaos-audit:|--prefix 'm':|--from|'shop'" --from none.jsonl --prefix m
	says 0 "0 of 100|acknowledged|lost" --run-id r --prefix 'm::*'
	says 2 "chaos-audit:|--prefix 'shop':|the run|'m:'" --run-id r --prefix shop
	# as a run of an hour ago left them
	redis-cli -p "$A" eval 'return redis.call("restore", "shop:{0}", 0, redis.call("dump", "m::{0}"), "idletime", 3600)' 0
	for word in first "and again"; do
		run -3 chaos-audit --text --prefix shop "$url" <s.csv
		assert_line --regexp "^undecidable .*100 acknowledged .*'shop' .*another run: .*last access was 36"
	done
	# all are there, and hardly one was sent
	awk -F, -v OFS=, 'NR > 11 { $3 = ""; $5 = "redis_readonly" } 1' s.csv >t.csv
	run -3 chaos-audit --text --prefix m: "$url" <t.csv
	assert_line --regexp "lost: 90 writes .*refused or never sent .*another run"
	# of the run's own prefix and servers none at all is a loss
	redis-cli -p "$A" flushall
	run -1 chaos-audit --text --run-id r
	assert_line_says "$output" "100 of 100" acknowledged lost
}

@test "a terminal is told what is waited for, and Ctrl-C ends the waiting" {
	needs_terminal
	genrows 100 1000 AUDIT >s.csv
	mkfifo keys
	# a shell without job control starts what is in the background deaf to Ctrl-C
	env --default-signal=INT script -qefc "chaos-audit --prefix m --timeout 30s redis://127.0.0.1:$NOBODY <s.csv" /dev/null <keys >screen 2>&1 3>&- &
	local terminal=$! rc=0
	BG_PIDS+=("$terminal")
	exec 9>keys
	wait_for 10 grep -q "waiting .*2[0-9] s .*--timeout.* read 'redis://127.0.0.1:$NOBODY'" screen
	printf '\003' >&9
	wait "$terminal" || rc=$?
	exec 9>&-
	assert_equal "$rc" 130
	# nobody who reads the messages from a file is told
	run -3 --separate-stderr chaos-audit --prefix m --timeout 1s "redis://127.0.0.1:$NOBODY" <s.csv
	assert_equal "$stderr" ""
}
