# chaos-load on HTTP: nodes that die, hang, lie and come back.

load helper
load load_helper

setup() {
	scratch
	free_ports 3
}

teardown() {
	end_bg
}

cpu_s() { summary '.cpu_user_s + .cpu_system_s'; }

a_dead_node_is_refused() {
	nginx_on "${PORTS[0]}"
	local victim=$BG_PID port=${PORTS[0]}
	load_rows --rps 500 --duration 5 --summary s.json "http://localhost:$port/" >o.csv 3>&- &
	local load=$!
	wait_for 5 grep -q ,200, o.csv
	local alive=$EPOCHREALTIME
	killed "$victim"
	local down=$EPOCHREALTIME
	sleep 2
	local back=$EPOCHREALTIME
	bg nginx -c "$SCRATCH/nginx.$port/conf" -p "$SCRATCH/nginx.$port"
	wait_for 5 port_open "$port"
	local up=$EPOCHREALTIME
	wait "$load"
	whole o.csv 2500
	outage o.csv "$alive" "$down" "$back" "$up"
}
@test "a dead node costs refused rows only while it is dead; the first slot after it listens succeeds (own engine)" { ENGINE=own a_dead_node_is_refused; }
@test "a dead node costs refused rows only while it is dead; the first slot after it listens succeeds (libcurl)" { ENGINE=curl a_dead_node_is_refused; }

# Runs of both in turn, so that what else the machine does hits both alike; the sums are compared.
# Wake-ups are shared in both: where a busy machine wakes a run late, it would wake up less often, and cost less.
@test "a dead node costs no more CPU than a live one" {
	local live=http://127.0.0.1:${PORTS[0]}/ other=http://127.0.0.1:${PORTS[1]}/
	local dead=http://127.0.0.1:${PORTS[2]}/ ratio
	nginx_on "${PORTS[0]}"
	nginx_on "${PORTS[1]}"
	for _ in {1..12}; do
		load_rows -q --pace-slack 20ms --rps 2000 --duration 0.4 --summary s.json "$live" "$other" >o.csv
		cpu_s >>live
		load_rows -q --pace-slack 20ms --rps 2000 --duration 0.4 --summary s.json "$live" "$dead" >o.csv
		[ "$(summary .errors.refused)" -ge 390 ]
		cpu_s >>dead
	done
	ratio=$(bc -l <<<"($(paste -sd+ dead)) / ($(paste -sd+ live))")
	echo "dead / live: $ratio, of $(paste -d/ dead live | paste -sd' ')"
	awk -v ratio="$ratio" 'BEGIN { exit !(ratio <= 1.2) }'
}

@test "a frozen server shows in the latencies of all that were due meanwhile" {
	node_on "${PORTS[0]}" --delay 0..1 --workers 200
	local node=$BG_PID
	load_rows --rps 50 --duration 4 --connections 100 --summary s.json \
		"http://127.0.0.1:${PORTS[0]}" >o.csv 3>&- &
	local load=$!
	wait_for 5 grep -q ,200, o.csv
	kill -STOP "$node"
	wait_for 5 stands_still "$node"
	# It stood still for longer than between these two.
	local from=$EPOCHREALTIME
	sleep 1.5
	local to=$EPOCHREALTIME
	kill -CONT "$node"
	wait "$load"
	whole o.csv 200
	[ "$(classes o.csv)" = ok=200 ]
	# Each has waited from when it was due, so the latencies fall linearly; all ended at once, when it went on, unless this
	# side stood still just then.
	awk -F, -v from="$from" -v to="$to" -v still="$(summary .max_pacing_ms)" 'NR > 1 && $1 > from && $1 < to { t = $1 + $4 / 1000; if (!min || t < min) min = t; if (t > max) max = t; n++ }
		END { print n, min - to, max - min; exit !(n >= 70 && min > to - 0.001 && max - min < (to - from) / 4 + still / 1000) }' o.csv
}

@test "a node that hangs takes nothing from the others, and the timeout runs from the due time" {
	node_on "${PORTS[0]}" --delay 0..1
	node_on "${PORTS[1]}" --delay 0..1
	local frozen=$BG_PID
	kill -STOP "$frozen"
	load_rows --rps 200 --duration 3 --timeout 500ms --connections 20 --max-inflight 60 --summary s.json \
		"http://127.0.0.1:${PORTS[0]}" "http://127.0.0.1:${PORTS[1]}" >o.csv
	kill -CONT "$frozen"
	whole o.csv 600
	# unless this side stood still for as long as half the timeout
	[ "$(awk -F, -v p="${PORTS[0]}" '$2 ~ p && $5 == ""' o.csv | wc -l)" = 300 ] || jq -e '.max_pacing_ms > 250' s.json
	# 30 of its slots fit into its share; those end at the timeout, the rest at once, or when this side goes on
	awk -F, -v p="${PORTS[1]}" -v still="$(summary .max_pacing_ms)" 'NR == 1 || $2 !~ p { next }
		$5 == "timeout" && $4 >= 500 { timeouts++; late += $4 > 650 + still; next }
		$5 == "not_sent" && $6 == "" { not_sent++; late += $4 > 100 + still; next }
		{ print; bad++ }
		END { print timeouts, not_sent, bad + 0, late + 0; exit bad || late > 30 || timeouts < 100 || not_sent < 50 }' o.csv
	grep -q "no answer within 500ms" o.csv
	[ "$(summary '.peak_inflight <= 60')" = true ]
}

# hangs_for MS OPTIONS: rows in o.csv of requests to a server that never answers those of the first MS, which
# begin at FIRST.
hangs_for() {
	bg answers count "hang:$1"
	wait_for 5 test -s "$BG_OUT"
	status=0
	chaos-load --rps 200 --duration 1.2 --timeout 900ms --columns wait_ms --summary s.json "${@:2}" \
		"http://127.0.0.1:$(<"$BG_OUT")/" >o.csv 2>err || status=$?
	whole o.csv 240
	FIRST=$(sed -n 2p "$BG_OUT")
}

@test "requests that hang hold up no others: an outage is as long as it was (own engine and libcurl)" {
	local engine
	for engine in own curl; do
		hangs_for 500 --engine $engine
		# All that were sent before the first that was answered hang, at once, and none that was sent after them.
		# Half a second is counted from when the first has come, by the server's clock; the timeout would show as 0.9.
		# Where this side stood still, what came to be sent late, or not at all, had less time than the others, and says
		# nothing; there may be few others then.
		awk -F, -v first="$FIRST" -v still="$(summary .max_pacing_ms)" 'NR == 1 { next }
			$10 != "0.000" { waited++ }
			$6 == "" || $4 - $6 > 400 { late++; next }
			{ sent = $1 + ($4 - $6) / 1000 }
			$5 != "" { failed++; if (sent > last) last = sent }
			$5 == "" { answered++; if (!again || sent < again) again = sent }
			END { print failed, answered, last - first, again - last, waited, late
				exit !((still > 250 || (failed > 40 && answered > 40 && !late)) && last - first < 0.51 &&
					(!answered || again - last > -0.05) && !waited) }' o.csv
		assert_equal "$(summary .wait_s)" 0
	done
}

@test "--connections is a hard cap: what waits for one is told, summed up, in a column, and not sound" {
	hangs_for 500 --connections 20
	[ "$status" -eq 3 ]
	[ "$(awk -F, 'NR == 1 { print $10 "," $11 }' o.csv)" = wait_ms,detail ]
	[ "$(grep -c "not sound: .*\\b[12] seconds\\? .*waited .*--connections 20\\b" err)" = 1 ]
	awk -F, -v s="$(summary .wait_s)" -v max="$(summary .max_wait_ms)" '
		NR > 1 { sum += $10 / 1000; if ($10 > most) most = $10 }
		END { print sum, s, most, max; exit !(s > 10 && sum - s < 0.01 && s - sum < 0.01 && most - max < 0.01 && max - most < 0.01) }' o.csv
}

@test "sockets: no more than --connections" {
	node_on "${PORTS[0]}" --delay 300..300
	bg chaos-load -q --rps 100 --duration 2 --connections 5 "http://127.0.0.1:${PORTS[0]}"
	local load=$BG_PID out=$BG_OUT most=0 n
	wait_for 5 grep -q ,200, "$out"
	for _ in $(seq 30); do
		n=$(find "/proc/$load/fd" -lname 'socket:*' 2>/dev/null | wc -l)
		[ "$n" -le "$most" ] || most=$n
		sleep 0.02
	done
	# the event loop has a socket pair of its own at most
	[ "$most" -ge 5 ] && [ "$most" -le 7 ]
}

@test "localhost is the loopback interface, also where no file and no resolver knows the name" {
	unshare -m true 2>/dev/null || cannot "no mount namespaces for this user"
	node_on "${PORTS[0]}"
	echo 'hosts: files' > nsswitch.conf
	chmod 644 nsswitch.conf
	for engine in own curl; do
		unshare -m sh -c 'mount --bind /dev/null /etc/hosts && mount --bind nsswitch.conf /etc/nsswitch.conf &&
			! getent ahosts localhost >&2 && exec "$@"' - \
			chaos-load -q --engine "$engine" --rps 50 --duration 1 \
			"http://localhost:${PORTS[0]}/health" >o.csv || [ $? -eq 3 ]
		whole o.csv 50
		assert_equal "$(classes o.csv)" "ok=50"
	done
}
