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

@test "requests: method, headers, body and path arrive as asked" {
	nginx_on "${PORTS[0]}" 'location / { client_body_buffer_size 8k; client_body_in_single_buffer on;
		proxy_pass http://127.0.0.1:'"${PORTS[1]}"'; }'
	nginx_on "${PORTS[1]}"
	local url=http://127.0.0.1:${PORTS[0]} log=nginx.${PORTS[0]}/access.log
	printf 'from a file' >body
	load_rows --rps 10 --duration 0.1 "$url" >o1.csv
	load_rows --rps 10 --duration 0.1 "$url/a/b" >o2.csv
	load_rows --rps 10 --duration 0.1 -X PUT -b @body -H 'X-Test: yes' -H 'Content-Type: a/b' "$url/c" >o3.csv
	load_rows --rps 10 --duration 0.1 -b 'text' "$url/d" >o4.csv
	load_rows --rps 10 --duration 0.1 -X HEAD "$url/e" >o5.csv
	[ "$(cat "$log")" = 'POST /work [application/json] [-] [{\x22task\x22:\x22load\x22}]
GET /a/b [-] [-] [-]
PUT /c [a/b] [yes] [from a file]
POST /d [text/plain] [-] [text]
HEAD /e [-] [-] [-]' ]
	local n
	for n in 1 2 3 4 5; do [ "$(classes o$n.csv)" = ok=1 ]; done
	[ "$(awk -F, 'NR == 2 { print $7 }' o1.csv)" = "POST /work" ]
	[ "$(awk -F, 'NR == 2 { print $8 }' o2.csv)" = 3 ]
}

@test "answers: each kind of failure has its class, and every request its row" {
	local mode want port
	while read -r mode want; do
		bg dropper count "$mode"
		wait_for 5 grep -q . "$BG_OUT"
		port=$(cat "$BG_OUT")
		load_rows --rps 100 --duration 0.2 --connections 4 "http://127.0.0.1:$port/" >o.csv
		[ "$(classes o.csv)" = "$want=20" ] || fail "$mode: $(classes o.csv)"
		[ "$(cat count)" = 20 ]
	done <<-'END'
		status:200 ok
		status:302 ok
		status:404 http_4xx
		status:503 http_5xx
		status:700 http_other
		first closed
		short closed
		garbage protocol
	END
	nginx_on "${PORTS[0]}"
	load_rows --rps 100 --duration 0.2 "https://127.0.0.1:${PORTS[0]}/" >o.csv
	[ "$(classes o.csv)" = "tls=20" ]
	load_rows --rps 100 --duration 0.2 "http://no-such-host.invalid:1/" >o.csv 2>err
	[ "$(classes o.csv)" = "dns=20" ]
	grep -q "no-such-host.invalid" err
}

# libcurl sends a request that was lost on a kept connection again, by itself.
@test "wire truth: a request lost on a kept connection is reset, and never sent again" {
	local mode method port count
	for mode in close reset; do
		for method in GET POST; do
			rm -f count
			bg dropper count "$mode"
			wait_for 5 grep -q . "$BG_OUT"
			port=$(cat "$BG_OUT")
			load_rows --rps 200 --duration 0.5 --connections 3 -X "$method" --summary s.json \
				"http://127.0.0.1:$port/x" >o.csv
			whole o.csv 100
			count=$(cat count)
			[ "$count" = 100 ] || fail "$mode $method: the server read $count of 100 requests"
			# every second request of a connection was lost
			[[ $(classes o.csv) =~ ^ok=5[0-3]\ reset=(47|48|49|50)$ ]] ||
				fail "$mode $method: $(classes o.csv)"
		done
	done
	# gone for good after the first loss: the lost one is reset, not refused
	rm -f count
	bg dropper count die
	wait_for 5 grep -q . "$BG_OUT"
	load_rows --rps 50 --duration 0.5 --connections 1 "http://127.0.0.1:$(cat "$BG_OUT")/x" >o.csv
	[ "$(classes o.csv)" = "ok=1 refused=23 reset=1" ]
	[ "$(cat count)" = 2 ]
}

@test "a dead node costs refused rows only while it is dead; the first slot after it listens succeeds" {
	nginx_on "${PORTS[0]}"
	nginx_on "${PORTS[1]}"
	local victim=$BG_PID port=${PORTS[1]} down up
	load_rows --rps 500 --duration 3 --summary s.json "http://127.0.0.1:${PORTS[0]}/" \
		"http://localhost:$port/" >o.csv &
	local load=$!
	sleep 1
	kill -9 "$victim"
	down=$(date +%s.%N)
	sleep 1
	bg nginx -c "$SCRATCH/nginx.$port/conf" -p "$SCRATCH/nginx.$port"
	wait_for 5 port_open "$port"
	up=$(date +%s.%N)
	wait "$load"
	whole o.csv 1500
	[ "$(awk -F, 'NR > 1 && $5 != ""' o.csv | grep -vc "localhost:$port")" = 0 ]
	awk -F, -v down="$down" -v up="$up" -v port="$port" '
		NR == 1 || $2 !~ port { next }
		$5 == "" { next }
		$1 < down - 0.1 || $1 > up { print "failed outside the outage: " $0; bad++ }
		$5 == "refused" { refused++; next }
		$5 == "reset" || $5 == "closed" { torn++; next }
		{ print "unexpected: " $0; bad++ }
		END { print refused " refused, " torn + 0 " torn"
			exit bad || refused < 200 || torn > 10 }' o.csv
}

@test "a dead node costs no more CPU than a live one" {
	local live dead n=0
	nginx_on "${PORTS[0]}"
	nginx_on "${PORTS[1]}"
	local victim=$BG_PID urls="http://127.0.0.1:${PORTS[0]}/ http://127.0.0.1:${PORTS[1]}/"
	# shellcheck disable=SC2086
	load_rows --rps 2000 --duration 3 --summary s.json $urls >o.csv
	live=$(cpu_s)
	kill -9 "$victim"
	# shellcheck disable=SC2086
	load_rows --rps 2000 --duration 3 --summary s.json $urls >o.csv
	dead=$(cpu_s)
	n=$(summary .errors.refused)
	[ "$n" -ge 2990 ]
	echo "live $live s, dead $dead s"
	awk -v live="$live" -v dead="$dead" 'BEGIN { exit !(dead <= 1.2 * live) }'
}

@test "a frozen server shows in the latencies of all that were due meanwhile" {
	node_on "${PORTS[0]}" --delay 0..1 --workers 200
	local node=$BG_PID
	load_rows --rps 50 --duration 6 --connections 100 --summary s.json \
		"http://127.0.0.1:${PORTS[0]}" >o.csv &
	local load=$!
	sleep 2
	kill -STOP "$node"
	sleep 1.5
	kill -CONT "$node"
	wait "$load"
	whole o.csv 300
	[ "$(classes o.csv)" = ok=300 ]
	# of 6 s, 1.5 were frozen: the p90 waited 1.5 - 0.6 s; and the latencies fall linearly
	awk -F, 'NR > 1 { print $4 }' o.csv | sort -n | awk '{ v[NR] = $1 } END {
		print v[270]; exit !(v[270] > 850 && v[270] < 980) }'
	awk -F, 'NR > 1 && $4 > 200 { t = $1 + $4 / 1000; if (!min || t < min) min = t; if (t > max) max = t; n++ }
		END { print n, max - min; exit !(n >= 55 && max - min < 0.2) }' o.csv
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
	[ "$(awk -F, -v p="${PORTS[0]}" '$2 ~ p && $5 == ""' o.csv | wc -l)" = 300 ]
	# 30 of its slots fit into its share; those end at the timeout, the rest at once
	awk -F, -v p="${PORTS[1]}" 'NR == 1 || $2 !~ p { next }
		$5 == "timeout" { timeouts++; if ($4 < 500 || $4 > 650) bad++; next }
		$5 == "not_sent" { not_sent++; if ($4 > 100 || $6 != "") bad++; next }
		{ bad++ }
		END { print timeouts, not_sent, bad + 0; exit bad || timeouts < 100 || not_sent < 50 }' o.csv
	grep -q "no answer within 500ms" o.csv
	[ "$(summary '.peak_inflight <= 60')" = true ]
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
