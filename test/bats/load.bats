# chaos-load: schedule, rows, control, output, usage.

load helper
load load_helper

setup() {
	scratch
}

teardown() {
	exec 7>&-
	end_bg
}

@test "usage: wrong command lines are refused with one line and exit 2, and send nothing" {
	local line
	free_ports 1
	while IFS= read -r line; do
		# shellcheck disable=SC2086
		eval "run --separate-stderr timeout 20 chaos-load $line </dev/null"
		[ "$status" -eq 2 ] || fail "exit $status for: $line"
		[ -z "$output" ] || fail "rows for: $line"
		[ "${#stderr_lines[@]}" -eq 1 ] || fail "not one line for: $line: $stderr"
		[[ $stderr == chaos-load:* ]] || fail "$stderr"
	done <<-'END'
		--rps 10
		http://127.0.0.1:1
		--rps 0 http://127.0.0.1:1
		--rps x http://127.0.0.1:1
		--rps -5 http://127.0.0.1:1
		--rps 1e99 http://127.0.0.1:1
		--rps 10 --duration abc http://127.0.0.1:1
		--rps 10 --duration 0 http://127.0.0.1:1
		--rps 10 --timeout 0 http://127.0.0.1:1
		--rps 10 127.0.0.1:8001
		--rps 10 ftp://127.0.0.1
		--rps 10 http://
		--rps 10 http://127.0.0.1:99999
		--rps 10 'http://127.0.0.1:1/a b'
		--rps 10 http://127.0.0.1:1 redis://127.0.0.1:2
		--rps 10 redis://127.0.0.1:2/x
		--rps 10 --method GET redis://127.0.0.1:2
		--rps 10 --body x --method GET http://127.0.0.1:1
		--rps 10 --method 'G T' http://127.0.0.1:1
		--rps 10 --header NoColon http://127.0.0.1:1
		--rps 10 --header $'A: b\r\nC: d' http://127.0.0.1:1
		--rps 10 --body @/no/such/file http://127.0.0.1:1
		--rps 10 --connections 1 http://127.0.0.1:1 http://127.0.0.1:2
		--rps 10 --max-inflight 1 http://127.0.0.1:1 http://127.0.0.1:2
		--rps 10 --summary /no/such/dir/s.json http://127.0.0.1:1
		--rps 10 --summary /tmp http://127.0.0.1:1
		--rps 10 --events /no/such/dir/e http://127.0.0.1:1
		--rps 10 --events fd:77 http://127.0.0.1:1
		--rps 10 --start-at 1700000000 http://127.0.0.1:1
		--rps 10 --cacert /no/such/file https://127.0.0.1:1
		--rps 10 --no-keep-alive redis://127.0.0.1:1
		--rps 10 --insecure redis://127.0.0.1:1
		--rps 10 --http2 redis://127.0.0.1:1
		--rps 10 --expect 200 redis://127.0.0.1:1
		--rps 10 --connect-timeout 0 http://127.0.0.1:1
		--rps 10 --targets /no/such/file http://127.0.0.1:1
		--rps 10 --sumary x http://127.0.0.1:1
		--rps 10 --profile 1s@5 http://127.0.0.1:1
		--duration 10 --profile 1s@5 http://127.0.0.1:1
		--profile 1s@5,x http://127.0.0.1:1
		--profile 1s@0 http://127.0.0.1:1
		--profile 1s@5-10 http://127.0.0.1:1
		--profile 1s@5~2 http://127.0.0.1:1
		--profile 1s@5 --replay /dev/null http://127.0.0.1:1
		--replay /no/such/file http://127.0.0.1:1
		--replay /dev/null http://127.0.0.1:1
		--replay /dev/null --rps 5 http://127.0.0.1:1
		--replay /dev/null --arrivals poisson http://127.0.0.1:1
		--replay /dev/null --control http://127.0.0.1:1
		--rps 10 --speed 2 http://127.0.0.1:1
		--rps 10 --arrivals even http://127.0.0.1:1
		--rps 10 --shard 0/2 http://127.0.0.1:1
		--rps 10 --shard 3/2 http://127.0.0.1:1
		--rps 10 --shard 1 http://127.0.0.1:1
		--control --shard 1/2 http://127.0.0.1:1
	END
}

@test "usage: a log with other separators than commas is said to be one" {
	printf 'timestamp;latency_ms\n1;2\n' >semi.csv
	printf 'timestamp\tlatency_ms\n1\t2\n' >tabs.csv
	run chaos-load --replay semi.csv http://127.0.0.1:1
	[ "$status" -eq 2 ]
	assert_line_says "$output" separated "';'" not "','"
	run chaos-load --replay tabs.csv http://127.0.0.1:1
	[ "$status" -eq 2 ]
	assert_line_says "$output" separated tabs not "','"
}

@test "usage: closed standard streams are said, not written into something else" {
	run bash -c 'chaos-load --control http://127.0.0.1:1 <&-'
	[ "$status" -eq 2 ]
	assert_output --partial "standard input is closed"
	run bash -c 'chaos-load --rps 1 http://127.0.0.1:1 >&-'
	[ "$status" -eq 2 ]
	chaos-load --rps 20 --duration 0.1 --events events http://127.0.0.1:1 >o.csv 2>&- || [ $? -eq 3 ]
	jq -es 'all(.event == "load_rate")' events
}

@test "usage: the hint names the nearest option and scheme" {
	run chaos-load --rsp 10 http://127.0.0.1:1
	assert_output --partial "'--rps'"
	run chaos-load --rps 10 htp://127.0.0.1:1
	assert_line_says "$output" chaos-load: "'http'"
}

@test "schedule: 250/s for 4 s on three nodes is 1000 slots, each with one row and one request" {
	free_ports 3
	local urls=() p
	for p in "${PORTS[@]}"; do
		node_on "$p"
		urls+=("http://127.0.0.1:$p")
	done
	load_rows --rps 250 --duration 4 --summary s.json "${urls[@]}" >o.csv
	whole o.csv 1000
	[ "$(classes o.csv)" = "ok=1000" ]
	[ "$(summary '[.due, .sent, .ok, .lost, .ended]')" = '[1000,1000,1000,0,"duration"]' ]
	# slot mod 3 is the node; due times are exact
	awk -F, -v t0="$(summary .start_t)" -v urls="${urls[*]}" 'BEGIN { split(urls, u, " ") }
		NR > 1 && ($2 != u[$9 % 3 + 1] || ($1 - t0 - $9 / 250)^2 > 1e-11) { bad++ }
		END { exit bad > 0 }' o.csv
	for p in "${PORTS[@]}"; do
		curl -s "http://127.0.0.1:$p/state" >>states
	done
	[ "$(jq -s 'map(.work_done) | add' states)" = 1000 ]
}

@test "schedule: slot 0 is due at --start-at, on the anchor's clock" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	local at
	at=$(($(date +%s) + 1))
	load_rows --rps 20 --duration 0.5 --start-at "$at.25" "http://127.0.0.1:${PORTS[0]}" >o.csv
	[ "$(awk -F, '$9 == 0 { print $1 }' o.csv)" = "$at.250000" ]
	whole o.csv 10
}

@test "schedule: a profile of steps, ramps and pauses, with an event for each" {
	free_ports 1
	load_rows --profile '500ms@20, 1s@20..60, 500ms@0, 100ms@100' --events ev --summary s.json \
		"http://127.0.0.1:${PORTS[0]}" >o.csv
	whole o.csv 60
	[ "$(summary '[.due, .duration_s, .ended]')" = '[60,2.1,"duration"]' ]
	awk -F, -v t0="$(summary .start_t)" 'NR > 1 { n[int(($1 - t0) * 10 + 1e-4)]++ }
		END { exit !(n[0] == 2 && n[5] + n[6] + n[7] + n[8] + n[9] < n[10] + n[11] + n[12] + n[13] + n[14] &&
			n[15] + n[16] + n[17] + n[18] + n[19] == 0 && n[20] == 10) }' o.csv
	[ "$(jq -c '[.rate_rps, .to_rps]' ev | paste -sd' ')" = "[20,null] [20,60] [0,null] [100,null] [0,null]" ]
}

@test "schedule: stairs and waves" {
	free_ports 1
	load_rows --profile '400ms@50..200/4, 1s@100~100/500ms' --summary s.json "http://127.0.0.1:${PORTS[0]}" >o.csv
	whole o.csv 150
	[ "$(summary '.profile | length')" = 36 ]
	awk -F, -v t0="$(summary .start_t)" 'NR > 1 { n[int(($1 - t0) * 20 + 1e-4)]++ }
		END { exit !(n[0] + n[1] == 5 && n[6] + n[7] == 20 && n[10] > 8 && n[15] < 3 && n[20] > 8) }' o.csv
}

@test "control: a log begins with a command, is cut off by a rate of 0, and knows no other rate" {
	awk 'BEGIN { print "timestamp"; for (i = 0; i < 40; i++) printf "%.2f\n", 1700000000 + i / 50 }' >log.csv
	printf '@0.1 replay\n@0.5 rate 0\n@0.6 rate 5\nreplay\n@0.7 stop\n' >plan
	run --separate-stderr -2 chaos-load -q --control --replay log.csv --summary s.json http://127.0.0.1:1/ <plan
	[ "$(summary '[.due, .slots, .duration_s, .arrivals]')" = '[20,20,0.7,"replay"]' ]
	mapfile -t lines < <(told_besides_lateness <<<"$stderr")
	assert_equal "${#lines[@]}" 2
	assert_says "${lines[0]}" chaos-load: "line 3," "'@0.6 rate 5':" --replay "'rate 0'" "only rate"
	assert_says "${lines[1]}" chaos-load: "line 4," "'replay':" begun already
	run -2 chaos-load -q --control http://127.0.0.1:1/ <<<'replay'
	assert_line_says "$output" chaos-load: "line 1," "'replay':" "no log" --replay
}

@test "schedule: a replay's slots are due as its rows were, in order of time, whoever made the log" {
	free_ports 1
	local url=http://127.0.0.1:${PORTS[0]}
	load_rows --profile 1s@50..150,200ms@0,100ms@100 --arrivals poisson "$url" >log.csv
	load_rows --replay log.csv --summary s.json "$url" >o.csv
	whole o.csv "$(($(wc -l <log.csv) - 1))"
	[ "$(summary '[.due, .ended, .arrivals]')" = "[$(($(wc -l <log.csv) - 1)),\"duration\",\"replay\"]" ]
	# the due times, counted from the first
	for f in log o; do
		awk -F, 'NR > 1 { print $9, $1 }' $f.csv | sort -n | awk 'NR == 1 { first = $2 } { printf "%d %.6f\n", $1, $2 - first }' >$f.due
	done
	paste -d' ' log.due o.due | awk '($2 - $4)^2 > 1e-11 { exit 1 }'
	# three times as fast; times of another making, unsorted, quoted and in milliseconds
	printf 'who,timestamp\n"a\nb",1766500031500\n"x, y","1766500030000"\nc,1766500030300\n' >log.csv
	load_rows --replay log.csv --speed 3 --summary s.json "$url" >o.csv
	[ "$(awk -F, -v t0="$(summary .start_t)" 'NR > 1 { printf "%d:%.1f\n", $9, $1 - t0 }' o.csv | sort | paste -sd' ')" = "0:0.0 1:0.1 2:0.5" ]
	# files put together: a byte order mark, blanks, columns in another order; none of which may be there twice
	printf 'timestamp,op, op\n1,a,b\n' >twice.csv
	run -2 chaos-load --replay twice.csv "http://127.0.0.1:1/"
	assert_output --partial "two columns 'op'"
	printf 'timestamp, what\n10.1, x\n\357\273\277what, timestamp\n11, 10\n\357\273\277timestamp\n 10.3\n' >log.csv
	load_rows --replay log.csv --summary s.json "$url" >o.csv
	[ "$(awk -F, -v t0="$(summary .start_t)" 'NR > 1 { printf "%d:%.1f\n", $9, $1 - t0 }' o.csv | sort | paste -sd' ')" = "0:0.0 1:0.1 2:0.3" ]
	printf 'timestamp,what,timestamp\n1,2,3\n' >log.csv
	run -2 chaos-load --replay log.csv "$url"
	assert_says "$output" chaos-load: --replay: header "'log.csv'" two "'timestamp'"
	# a quote within a field is a byte like others
	printf 'timestamp,what\n10,5" pipe\n10.1,6" pipe\n10.2,7" pipe\n10.3,x\n' >log.csv
	load_rows --replay log.csv "$url" >o.csv
	whole o.csv 4
	# a row that cannot be read costs no other, but the log is refused if they are more than one in a hundred
	{
		printf 'what,timestamp\na,10\n"b,10.1\n'
		seq -f 'c,10.%03g' 100 309
		head -c 100000 /dev/zero | tr '\0' x
		printf ',10.4\n"d'
	} >log.csv
	run --separate-stderr chaos-load -q --replay log.csv "$url"
	[ "${#lines[@]}" -eq 212 ]
	assert_line_says "$stderr" log.csv: "3 rows" replayed: "line 3:"
	printf 'what,timestamp\na,10\nb,soon\nc,10.2\n' >log.csv
	run -2 chaos-load --replay log.csv "$url"
	assert_says "$output" chaos-load: --replay: log.csv: "line 3:" "'soon'" UNIX "s, ms, us or ns"
	# further apart than any schedule, and than 64 bits hold
	for speed in 1 0.001; do
		printf 'timestamp\n0\n1700000000\n' >log.csv
		run --separate-stderr chaos-load -q --replay log.csv --speed "$speed" --summary no.json "$url"
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[ ! -e no.json ]
		[[ $stderr == *"--replay: log.csv: "*" 1700000000"*" s "*" 300000000 s "* ]]
	done
	# marker rows are no requests
	printf 'timestamp,latency_ms,error,op,detail\n10,1,,GET,\n11,,local,output,"count=5 from=10 to=11"\n10.1,1,,GET,\n' >log.csv
	run --separate-stderr chaos-load -q --replay log.csv "$url"
	[ "${#lines[@]}" -eq 3 ]
	[[ $stderr == *"log.csv lost rows in 1 places"* ]]
}

@test "schedule: shards together are the whole, also where arrivals are random" {
	free_ports 1
	local kind i at url=http://127.0.0.1:${PORTS[0]} plan
	load_rows --rps 200 --duration 1 --arrivals poisson "$url" >log.csv
	printf '%s 1\n' /a /b /c >targets
	for kind in constant replay poisson; do
		at=$(($(date +%s) + 1))
		plan=(--profile '500ms@100..300,500ms@300~200/200ms' --arrivals "$kind")
		[ "$kind" != replay ] || plan=(--replay log.csv)
		for i in 1 2 3 0/0; do
			local shard=(--shard "$i/3")
			[ "$i" != 0/0 ] || shard=() # all of it
			load_rows "${plan[@]}" --targets targets --seed 5 --start-at "$at" \
				"${shard[@]}" --summary "s.${i%/*}.json" "$url" >"o.${i%/*}.csv" 2>err &
		done
		wait
		for i in 1 2 3; do
			[ "$(awk -F, -v i="$i" 'NR > 1 && $9 % 3 != i - 1' "o.$i.csv")" = "" ]
		done
		awk -F, 'FNR > 1 { print $9, $1, $2, $7 }' o.[123].csv | sort -n >shards
		awk -F, 'NR > 1 { print $9, $1, $2, $7 }' o.0.csv | sort -n >all
		diff shards all
		[ "$(wc -l <all)" -gt 150 ]
		[ "$(jq -r .shard s.2.json)" = 2/3 ]
		[ "$(jq -c .slots s.?.json | uniq)" = "$(wc -l <all)" ]
	done
	# the gaps of the last one are random
	[ "$(awk 'NR > 120 { printf "%.4f\n", $2 - last } { last = $2 }' all | sort -u | wc -l)" -gt 50 ]
}

# told FILTER: of the events in ev. A line without @ takes effect when it is read, so what is due follows from when
# its event says that this was.
told() { jq -rs --argjson t0 "$(summary .start_t)" "def at(n): map(select(.line == n))[0].t - \$t0; $1" ev; }

# control_on [OPTION…]: a load that takes commands from descriptor 7, until it is closed; its rows are in o.csv.
control_on() {
	mkfifo control
	chaos-load -q --control --events ev --summary s.json "$@" "http://127.0.0.1:${PORTS[0]}" <control >o.csv 3>&- &
	BG_PID=$!
	BG_PIDS+=("$BG_PID")
	exec 7>control
}

@test "control: rates, ramps and stop as told; bad lines are answered and do no harm" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	control_on
	{
		printf '%s\n' 'rate 20' 'rat 5' '# a comment' '' '@1 ramp 20 100 1s' '@x rate 3' \
			'rate -5' 'ramp 1 2' 'rate 1 2 3 4 5 6 7' '@2.5 stop'
		printf 'rate\0 5\n'
		head -c 100000 /dev/zero | tr '\0' x
		echo
	} >&7
	wait "$BG_PID" || echo $? >rc
	exec 7>&-
	assert_equal "$(cat rc)" 2
	# 20 a second from the first line on, 60 in the ramp, 50 in the last half second
	whole o.csv "$(told '20 * (1 - at(1)) + 60 + 50 | ceil')"
	[ "$(summary .ended)" = stop ]
	[ "$(jq -c 'select(.event == "error") | .line' ev | paste -sd' ')" = "2 6 7 8 9 11 12" ]
	[ "$(jq -c 'select(.event == "load_rate") | [.line, .rate_rps, .to_rps]' ev | paste -sd' ')" = \
		"[1,20,null] [5,20,100] [10,0,null]" ]
	told 'at(5) | . > 0.99 and . < 1.01 or error'
}

@test "control: a torn last line of a pipe is answered and not obeyed; in a file it is what was meant" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	control_on
	echo 'rate 20' >&7
	wait_for 5 grep -q load_rate ev
	printf 'rate 5' >&7 # of 50, or of 500
	exec 7>&-
	wait "$BG_PID" || echo $? >rc
	assert_equal "$(cat rc)" 2
	[ "$(jq -c 'select(.event == "error") | .line' ev)" = 2 ]
	[ "$(jq -c 'select(.event == "load_rate") | .rate_rps' ev | paste -sd' ')" = "20 0" ]
	printf 'rate 20\n@0.5 stop' >plan
	load_rows --control --summary s.json "http://127.0.0.1:${PORTS[0]}" <plan >o.csv
	whole o.csv 10
	[ "$(summary .ended)" = stop ]
}

@test "control: without --events bad lines are told on stderr" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	run --separate-stderr bash -c "echo 'rat 5' | chaos-load --control http://127.0.0.1:${PORTS[0]}"
	[ "$status" -eq 2 ]
	assert_line_says "$stderr" chaos-load: "line 1" "'rat'" "'rate'?"
}

@test "control: the end of input stops the load" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	control_on --duration 60
	echo 'rate 50' >&7
	wait_for 5 grep -q ,200, o.csv
	sleep 0.5
	exec 7>&-
	wait "$BG_PID" || [ $? -eq 3 ]
	[ "$(summary .ended)" = end_of_input ]
	[ "$(summary .due)" = "$(told '50 * (last.t - $t0 - at(1)) | ceil')" ]
	whole o.csv "$(summary .due)"
	run chaos-load --control "http://127.0.0.1:${PORTS[0]}" </dev/null
	[ "$status" -eq 0 ]
}

@test "control: a plan in a file runs to its stop" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	printf '%s\n' '@0 rate 50' '@1 rate 0' '@1.5 rate 10' '@2 stop' >plan
	load_rows --control --summary s.json "http://127.0.0.1:${PORTS[0]}" <plan >o.csv
	whole o.csv 55
	# nothing is due in the pause
	awk -F, -v t0="$(summary .start_t)" 'NR > 1 && $1 > t0 + 0.99 && $1 < t0 + 1.5 - 1e-6 { bad++ }
		END { exit bad > 0 }' o.csv
}

@test "control: a long plan in a file is read before slot 0, and holds up none" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	awk 'BEGIN { for (i = 0; i < 40000; i++) printf "@%.6f rate 50\n", i / 40000; print "@1 stop" }' >plan
	load_rows --control --events ev --summary s.json "http://127.0.0.1:${PORTS[0]}" <plan >o.csv
	whole o.csv 50
	[ "$(grep -c load_rate ev)" -eq 40001 ]
	# it is read before slot 0: nothing of the load is yet under way
	strace -f -o trace -e trace=read,timerfd_settime,connect chaos-load -q --control \
		"http://127.0.0.1:${PORTS[0]}" <plan >o.csv || [ $? -eq 3 ]
	[ "$(awk '/read\(0,/ { last = NR } END { print last }' trace)" -gt 0 ]
	run awk '/read\(0,/ { reads = 1 } /timerfd_settime/ && reads { n++ } / = 0$/ && /read\(0,/ { print n + 0; exit }' trace
	assert_output 0
}

@test "output: a reader that leaves ends it quietly with 0" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	run bash -c "chaos-load --rps 100 --duration 30 http://127.0.0.1:${PORTS[0]} | head -1; echo \${PIPESTATUS[0]}"
	assert_line --index 0 "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,detail"
	assert_line --index 1 0
	[ "${#lines[@]}" -eq 2 ]
}

@test "output: a full disk ends it with one line and exit 6" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	run bash -c "chaos-load -q --rps 100 --duration 30 --summary s.json http://127.0.0.1:${PORTS[0]} 2>&1 >/dev/full"
	[ "$status" -eq 6 ]
	assert_output --partial "No space left on device"
	[ "$(summary '[.ended, .sound, .rows, .lost == .due]')" = '["output_error",false,0,true]' ]
}

@test "output: a slow reader costs rows, which are counted and marked, never the schedule" {
	free_ports 1
	nginx_on "${PORTS[0]}"
	# a hundred kilobytes a second, until all have been asked for: however long this takes, and at most a minute
	slowly() { for ((i = 0; i < 600 && $(wc -l <"$1") < 60000; i++)); do head -c 10240; sleep 0.1; done; }
	export -f slowly
	run bash -c "chaos-load -q --rps 20000 --duration 3 --timeout 60s --connections 64 --max-inflight 60000 --summary s.json http://127.0.0.1:${PORTS[0]}/ 2>err |
		{ slowly nginx.${PORTS[0]}/access.log; cat; } >o.csv; exit \${PIPESTATUS[0]}"
	[ "$status" -eq 3 ]
	[ "$(summary '[.due, .sound]')" = '[60000,false]' ]
	grep -q "rows were lost" err
	local lost rows marked
	lost=$(summary .lost)
	rows=$(awk -F, 'NR > 1 && $7 != "output"' o.csv | wc -l)
	marked=$(sed -n 's/.*,output,0,,"count=\([0-9]*\) .*/\1/p' o.csv | paste -sd+ | bc)
	[ "$lost" -gt 0 ]
	[ $((rows + lost)) -eq 60000 ]
	[ "$(summary .rows)" = "$rows" ]
	[ "$(summary '.output_blocked_s > .duration_s / 2')" = true ]
	[ "$marked" -eq "$lost" ]
	# the requests went out all the same
	[ "$(summary '.sent')" = 60000 ]
	logged 60000 "nginx.${PORTS[0]}/access.log"
}

@test "progress: each second is told, as lines or as objects, and on a terminal in one line" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	# of a second with 50: they are more where it is told late, and the next one has begun
	local url=http://127.0.0.1:${PORTS[0]} some='[5-7][0-9]'
	load_rows --profile 1s@40,1s@80,500ms@0 --progress json "$url" 2>json >o.csv
	whole o.csv 120
	[ "$(grep '^{' json | jq -s 'map(.due) | add')" = 120 ]
	run ! grep -v -e '^{' -e '^chaos-load: not sound: ' json # no totals in words
	# unless this side stood still for all of a second: then one line is of both
	[ "$(grep '^{' json | jq -s '.[1] | [.second, (.p50_latency_ms > 0), (.inflight >= 0), .errors]' -c)" = '[1,true,true,{}]' ] ||
		grep '^{' json | jq -se '.[0].p99_pacing_ms > 500'
	load_rows --rps 50 --duration 1.5 --progress plain http://127.0.0.1:1 2>plain >o.csv
	grep -q "^0s  due $some/s  ok 0/s  refused $some/s  p50 -.*  sent $some/s  in flight" plain || fail "$(cat plain)"
	load_rows --rps 50 --duration 1.5 "$url" 2>none >o.csv
	run grep -c due none
	[ "$output" = 0 ]
	needs_terminal
	script -qec "chaos-load --rps 50 --duration 1.5 $url >o.csv" /dev/null </dev/null >screen || [ $? -eq 3 ]
	grep -q $'\r\033\[K'"0s  due $some/s" screen || fail "$(cat -v screen)"
	grep -q $'\r\033\[Kchaos-load: due 75' screen
	grep -q $'  ok [0-9]*/s.*\r\r' screen # whose next line overwrites it, and clears the rest
	[ "$(grep -c 'chaos-load: ' screen)" -eq "$(grep -c $'chaos-load: .*\033\[J\r$' screen)" ]
	# in whole lines, where another program reads the rows and writes there
	script -qec "chaos-load --rps 50 --duration 1.5 http://127.0.0.1:1 | awk '{ print \"row\", NR; fflush() }'" /dev/null </dev/null >screen
	grep -q "^0s  due $some/s  ok 0/s  refused $some/s" screen || fail "$(cat -v screen)"
	[ "$(grep -c $'^row [0-9]*\r$' screen)" -eq 76 ] || fail "$(cat -v screen)"
	# whole words in a narrow one; nothing where the rows go, too
	script -qec "stty cols 44; chaos-load --rps 50 --duration 1.5 http://127.0.0.1:1 >o.csv" /dev/null >screen </dev/null || [ $? -eq 3 ]
	grep -q $'\r\033\[K'"0s  due $some/s  ok 0/s  refused $some/s"$'\(  p50 -\)*\r' screen || fail "$(cat -v screen)"
	script -qec "chaos-load --rps 50 --duration 1.5 $url" /dev/null >screen </dev/null || [ $? -eq 3 ]
	run grep -c '0s  due' screen
	[ "$output" = 0 ]
}

@test "a reader of messages that has stalled holds up neither the end nor a signal" {
	mkfifo stalled
	exec 7<>stalled
	run ! dd if=/dev/zero of=stalled oflag=nonblock conv=notrunc bs=4096 # until it holds no more, however much that is
	assert_regex "$output" '[1-9][0-9]* bytes'
	local ends
	for ends in 200ms 1m; do
		rm -f rows # of the one before
		setsid chaos-load --rps 50 --duration $ends http://127.0.0.1:1 >rows 2>&7 </dev/null 3>&- &
		local load=$!
		wait_for 5 grep -q refused rows
		[ $ends = 200ms ] || kill -TERM "$load"
		wait_for 5 gone "$load"
	done
}

# unread PORT: the server there has a request that it has not read.
unread() { ss -tnH state established "sport = :$1" | awk '$1 > 0 { found = 1 } END { exit !found }'; }

@test "signals: what is under way is aborted, the summary written, and the signal died of" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 0..1
	local node=$BG_PID signal
	for signal in INT TERM HUP; do
		# A background job of a script ignores SIGINT; env gives it back.
		bg env --default-signal=INT chaos-load --rps 50 --summary s.json "http://127.0.0.1:${PORTS[0]}"
		local load=$BG_PID out=$BG_OUT
		wait_for 5 grep -q ,200, "$out"
		kill -STOP "$node"
		wait_for 5 stands_still "$node"
		wait_for 5 unread "${PORTS[0]}"
		kill "-$signal" "$load"
		local rc=0
		wait "$load" || rc=$?
		kill -CONT "$node"
		[ "$rc" -eq $((128 + $(kill -l "$signal"))) ]
		whole "$out" "$(summary .due)"
		[[ $(classes "$out") =~ ^aborted=[0-9]+\ ok=[0-9]+$ ]]
		[ "$(summary .ended)" = signal ]
		[ "$(summary '.slots == .due')" = true ]
	done
}

@test "soundness: descriptors that run out are this side's fault, and exit 3" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 500..500
	for n in 4 5 6 12; do
		run -6 bash -c "ulimit -n $n; exec chaos-load --rps 5 --duration 1 http://127.0.0.1:1" 3>&-
		assert_line --partial "Too many open files"
	done
	run bash -c "ulimit -n 48; chaos-load -q --rps 100 --duration 0.5 --timeout 4s --summary s.json \
		http://127.0.0.1:${PORTS[0]} 2>err >o.csv"
	[ "$status" -eq 3 ]
	[ "$(classes o.csv)" = ok=50 ]
	grep -q "not sound: .* waited .*ulimit -n" err
	[ "$(summary .wait_s)" != 0 ]
	run bash -c "ulimit -n 24; chaos-load -q --rps 50 --duration 1 --connections 64 --summary s.json \
		http://127.0.0.1:${PORTS[0]} 2>/dev/null >o.csv"
	[ "$status" -eq 3 ]
	[[ $(classes o.csv) == local=* ]]
	grep -q "Too many open files" o.csv
	[ "$(summary .sound)" = false ]
}

@test "soundness: more than one core can send is this side's fault, and exit 3; the slots have their rows" {
	free_ports 1
	nginx_on "${PORTS[0]}"
	run bash -c "taskset -c 0 chaos-load -q --rps 400000 --duration 0.25 --summary s.json \
		http://127.0.0.1:${PORTS[0]}/ 2>err >o.csv"
	[ "$status" -eq 3 ]
	grep -qE "sent late.*--pace-slack|no CPU time to spare" err
	# On a busy machine the disk may be slow as well: then rows are lost, and counted.
	[ "$(awk -F, 'NR > 1 && $9 != "" { print $9 }' o.csv | sort -nu | wc -l)" -eq "$(summary .rows)" ]
	[ "$(summary '[.due, .sound, .rows + .lost]')" = '[100000,false,100000]' ]
}

@test "pace slack: what is more than a shared wake-up needs is left to a busy machine" {
	free_ports 1
	node_on "${PORTS[0]}"
	load_rows -r 200 -d 3 --pace-slack 1s --summary s.json -X GET "http://127.0.0.1:${PORTS[0]}/health" >o.csv
	whole o.csv 600
	# If wake-ups were as far apart as the slack allows, no more than one in ten would be in time. A machine that stands
	# still for a part of the time delays the rest.
	awk -F, 'NR > 1 && $6 != "" && $4 - $6 < 100 { n++ } END { print n + 0; exit n < 200 }' o.csv || fail "$(jq -c . s.json)"
	jq -e '.sound or .p99_pacing_ms > 1000 or (.reasons | all(test("no CPU time to spare")))' s.json || fail "$(jq -c . s.json)"
}

@test "--connections too few for the rate: those have their answers for which there is time, and cost no connection else" {
	free_ports 1
	node_on "${PORTS[0]}" --delay 10
	# two at a time of 10 ms each are 200 of the 1,000 a second
	run -3 chaos-load -q -r 1000 -d 2 -t 500ms --connections 2 --summary s.json "http://127.0.0.1:${PORTS[0]}" >o.csv
	jq -e '.rows == 2000 and .errors.timeout > 0 and .ok > .sent / 2' s.json || fail "$(jq -c . s.json)"
}
