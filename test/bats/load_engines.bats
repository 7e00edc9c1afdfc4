# chaos-load on HTTP: what both engines must do alike.

load helper
load load_helper

setup() {
	scratch
	free_ports 3
}

teardown() {
	end_bg
}

requests_arrive() {
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
	logged 5 "$log"
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
@test "requests: method, headers, body and path arrive as asked (own engine)" { ENGINE=own requests_arrive; }
@test "requests: method, headers, body and path arrive as asked (libcurl)" { ENGINE=curl requests_arrive; }

answers_have_classes() {
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
	ENGINE=auto load_rows --rps 100 --duration 0.2 "https://127.0.0.1:${PORTS[0]}/" >o.csv
	[ "$(classes o.csv)" = "tls=20" ]
	load_rows --rps 100 --duration 0.2 "http://no-such-host.invalid:1/" >o.csv 2>err
	[ "$(classes o.csv)" = "dns=20" ]
	grep -q "no-such-host.invalid" err
}
@test "answers: each kind of failure has its class, and every request its row (own engine)" { ENGINE=own answers_have_classes; }
@test "answers: each kind of failure has its class, and every request its row (libcurl)" { ENGINE=curl answers_have_classes; }

# libcurl sends a request that was lost on a kept connection again, by itself.
nothing_is_sent_twice() {
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
			# every second request of a connection was lost; libcurl may drop one before that
			[[ $(classes o.csv) =~ ^ok=5[0-9]\ reset=(4[1-9]|50)$ ]] ||
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
@test "wire truth: a request lost on a kept connection is reset, and never sent again (own engine)" { ENGINE=own nothing_is_sent_twice; }
@test "wire truth: a request lost on a kept connection is reset, and never sent again (libcurl)" { ENGINE=curl nothing_is_sent_twice; }

@test "wire truth: the same over TLS; and who the node is, is checked" {
	local method before
	bg dropper count close
	wait_for 5 grep -q . "$BG_OUT"
	tls_before "${PORTS[0]}" "$(cat "$BG_OUT")"
	local url=https://localhost:${PORTS[0]}/x
	load_rows --rps 50 --duration 0.2 "$url" >o.csv
	[ "$(classes o.csv)" = tls=10 ]
	[ ! -e count ]
	before=0
	for method in GET POST; do
		load_rows --rps 200 --duration 0.5 --connections 3 -X "$method" --cacert cert.pem "$url" >o.csv
		whole o.csv 100
		[ "$(cat count)" = $((before + 100)) ] || fail "$method: $(cat count) - $before"
		before=$(cat count)
		# every second request of a connection; libcurl may drop one before that
		[[ $(classes o.csv) =~ ^ok=[56][0-9]\ reset=[345][0-9]$ ]] || fail "$method: $(classes o.csv)"
	done
	load_rows --rps 50 --duration 0.02 --insecure "https://127.0.0.1:${PORTS[0]}/x" >o.csv
	[ "$(classes o.csv)" = ok=1 ]
}

# The server takes no second request on a connection.
no_connection_twice() {
	bg dropper count close
	wait_for 5 grep -q . "$BG_OUT"
	load_rows --rps 200 --duration 0.5 --connections 3 --no-keep-alive "http://127.0.0.1:$(cat "$BG_OUT")/x" >o.csv
	[ "$(classes o.csv)" = ok=100 ]
	[ "$(cat count)" = 100 ]
}
@test "keep-alive off: a connection for each request (own engine)" { ENGINE=own no_connection_twice; }
@test "keep-alive off: a connection for each request (libcurl)" { ENGINE=curl no_connection_twice; }

@test "engine: the own one says what it is not for; auto takes libcurl then" {
	run chaos-load --rps 1 --engine own https://127.0.0.1:1
	[ "$status" -eq 2 ]
	assert_output --partial "https"
	run chaos-load --rps 1 --engine own -H 'Transfer-Encoding: chunked' -b x http://127.0.0.1:1
	[ "$status" -eq 2 ]
	run chaos-load --rps 1 --engine owl http://127.0.0.1:1
	[ "$status" -eq 2 ]
	nginx_on "${PORTS[0]}"
	load_rows --rps 20 --duration 0.1 -H 'Transfer-Encoding: chunked' -b x "http://127.0.0.1:${PORTS[0]}/" >o.csv
	[ "$(classes o.csv)" = ok=2 ]
}

@test "an endless status line is the server's fault, whoever speaks" {
	local engine
	bg answers count 'endless:HTTP/1.1 200 '
	wait_for 5 test -s "$BG_OUT"
	for engine in own curl; do
		load_rows --engine $engine --rps 50 --duration 0.2 "http://127.0.0.1:$(<"$BG_OUT")/" >o.csv
		assert_equal "$engine $(classes o.csv)" "$engine protocol=10"
	done
}

# nginx_tls_on PORT TLS_PORT: with its certificate in cert.pem.
nginx_tls_on() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	nginx_on "$1" "listen 127.0.0.1:$2 ssl; ssl_certificate $SCRATCH/cert.pem; ssl_certificate_key $SCRATCH/key.pem;
		location / { return 200; }"
	wait_for 5 port_open "$2"
}

@test "https: a late generator opens few connections at a time, and what waits for one is counted" {
	nginx_tls_on "${PORTS[0]}" "${PORTS[1]}"
	local nginx=$BG_PID
	bg chaos-load -q --rps 200 --duration 2 --timeout 8s --cacert cert.pem --summary s.json "https://localhost:${PORTS[1]}"
	local load=$BG_PID
	ln -s "$BG_OUT" o.csv
	wait_for 5 has_rows 1 o.csv
	kill -STOP "$load" "$nginx"
	sleep 2 # beyond the last slot
	kill -CONT "$load"
	wait_for 5 grep -q '^State:.S' "/proc/$load/status" # all have been sent that may be, before one is answered
	kill -CONT "$nginx"
	wait "$load" || [ $? -eq 3 ]
	whole o.csv 400
	[ "$(classes o.csv)" = ok=400 ]
	[ "$(summary '.max_wait_ms > 0')" = true ]
}

@test "https: a server far away has all the connections that it needs, or the run is not sound" {
	nginx_tls_on "${PORTS[0]}" "${PORTS[1]}"
	bg chaos-proxy -a none "127.0.0.1:${PORTS[2]}=127.0.0.1:${PORTS[1]}" --toxic latency:latency=200
	wait_for 5 grep -q listens "$BG_ERR"
	load_rows --rps 200 --duration 2 --timeout 2s --pace-slack 1s --cacert cert.pem --summary s.json \
		"https://localhost:${PORTS[2]}" >o.csv
	whole o.csv 400
	[ "$(summary '.ok == 400 or (.sound | not)')" = true ] || fail "$(classes o.csv)"
}
