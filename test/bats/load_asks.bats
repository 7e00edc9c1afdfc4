# chaos-load on HTTP: what is asked for, of whom, by which way, and what counts as a success.

load helper
load load_helper

setup() {
	scratch
	free_ports 2
	AT=127.0.0.1:${PORTS[0]}
	LOG=nginx.${PORTS[0]}/access.log
}

teardown() {
	end_bg
}

# Every engine must do the same.
each_engine() {
	local ENGINE
	for ENGINE in own curl; do
		rm -rf nginx.*
		"$1"
		end_bg
	done
}

# refused PIECES OPTIONS…: exit 2, nothing sent, and one line with these pieces, "|" between them.
refused() {
	local pieces
	IFS='|' read -ra pieces <<<"chaos-load:|$1"
	shift
	run --separate-stderr chaos-load "$@"
	[ "$status" -eq 2 ] || fail "exit $status for: $*"
	[ -z "$output" ] || fail "rows for: $*"
	assert_says "$stderr" "${pieces[@]}" || fail "for: $*"
}

take_turns() {
	nginx_on "${PORTS[0]}"
	printf 'from a file' >body
	printf '\357\273\277%s\n' '# what is asked for' >targets # with a byte order mark
	printf '%s\n' '' 'GET /a' $'PUT\t/b  @body' /c 'DELETE /d?x=1,2' >>targets
	load_rows --rps 100 --duration 0.2 --targets targets -H 'X-Test: y' "http://$AT" >o.csv
	[ "$(classes o.csv)" = ok=20 ]
	logged 20 "$LOG"
	# op is a function of the slot
	[ "$(awk -F, 'NR > 1 { print $9 % 4, $7 }' o.csv | sort -u | paste -sd';')" = '0 GET /a;1 PUT /b;2 GET /c;3 DELETE /d?x=1%2C2' ]
	[ "$(grep -c '^PUT /b .* \[y\]' "$LOG")" = 5 ]
	[ "$(grep -c '^DELETE /d ' "$LOG")" = 5 ]
}
@test "targets: lines without weights take turns, each with its method and body" { each_engine take_turns; }

@test "targets: weights are shares, drawn by seed and slot; shards agree; a URL names its node" {
	nginx_on "${PORTS[0]}"
	nginx_on "${PORTS[1]}"
	printf '%s\n' 'GET /often 8' '/seldom' "POST http://localhost:${PORTS[1]}/there 3" >targets
	local i at pids=()
	at=$(($(date +%s) + 1))
	for i in 1/1 1/2 2/2; do
		load_rows --rps 600 --duration 1 --targets targets --seed 7 --start-at "$at" --shard $i "http://$AT" >"o.${i/\//}.csv" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	awk -F, 'FNR > 1 { print $9, $2, $7, $1 }' o.12.csv o.22.csv | sort -n >shards
	awk -F, 'FNR > 1 { print $9, $2, $7, $1 }' o.11.csv | sort -n >all
	diff shards all
	awk '$4 == "/there" && $2 !~ /localhost/ || $4 != "/there" && $2 !~ /127.0.0.1/ { exit 1 }
		{ n[$4]++ }
		END { exit !(n["/often"] > 350 && n["/often"] < 450 && n["/there"] > 110 && n["/there"] < 190 && n["/seldom"] > 25 && n["/seldom"] < 80) }' all
	load_rows --rps 600 --duration 1 --targets targets --seed 8 "http://$AT" >o.csv
	[ "$(awk -F, 'NR > 1 { print $9, $7 }' o.csv | sort -n | cksum)" != "$(awk '{ print $1, $3 " " $4 }' all | cksum)" ]
}

# The same lines from a file of requests: what they send, to the byte, is in the log of a real server.
from_json() {
	nginx_on "${PORTS[1]}" 'location / { return 200 "ok of $uri\n"; }
		location /gone { return 201 "other\n"; }'
	nginx_on "${PORTS[0]}" "location / { proxy_pass http://127.0.0.1:${PORTS[1]}; }" # which reads bodies, and logs them
	printf 'of a file {seq 3}' >body
	cat >mix.jsonl <<-'END'
		{"path": "/i/{rand 1 3}?s={slot}", "weight": 4.0, "headers": {"X-Test": "{slot}", "Accept": ""}}
		{"method": "PUT", "path": "/b", "body": "@body", "contains": "ok of /b", "expect": "200-299"}
		{"path": "/gone", "expect": 201, "contains": "ok", "weight": 2}
		POST /w/{seq 2} @body
	END
	local i
	for i in 1/1 1/2 2/2; do
		load_rows --rps 400 --duration 0.5 --requests mix.jsonl --seed 9 --shard $i -H 'X-Test: line' \
			--engine "$ENGINE" "http://$AT" >"o.${i/\//}.csv"
	done
	whole o.11.csv 200
	logged 400 "$LOG"
	# slots, ops and classes of two shards are those of the whole
	diff <(cut -d, -f5,7,9 o.11.csv | sort) <(cut -d, -f5,7,9 o.12.csv o.22.csv | sort | uniq | sort)
	[ "$(awk -F, 'NR > 1 { n[$7 " " $5]++ } END { for (k in n) if (n[k] > 9) print k }' o.11.csv | sort | paste -sd';')" = \
		'GET /gone http_content;GET /i/{rand%201%203}?s={slot} ;POST /w/{seq%202} ;PUT /b ' ]
	grep -q ",http_content,.*'ok'" o.11.csv
	# each slot sent the same, whole or sharded
	local sent
	sent=$(sort "$LOG" | uniq -c | awk '{ print $1 % 2 }' | sort -u)
	[ "$sent" = 0 ] || fail "$(sort "$LOG" | uniq -c)"
	[ "$(grep -c '^GET /i/[123] .*\[{slot}\]' "$LOG")" -gt 100 ]
	[ "$(sed -n 's/^PUT \/b .*\[line\] //p' "$LOG" | sort -u | paste -sd';')" = '[of a file 0];[of a file 1];[of a file 2]' ]
	[ "$(grep -o '^POST /w/[01] ' "$LOG" | sort -u | wc -l)" = 2 ]
}
@test "requests: a file of JSON objects, with placeholders, is the same for each engine and shard" { each_engine from_json; }

# wrong FILTER OPTION…: an error event, of which the filter is true.
wrong() {
	run -2 --separate-stderr chaos-load --check --events fd:1 --rps 1 "${@:2}" http://127.0.0.1:1
	jq -e ".event == \"error\" and .code == 2 and (\"chaos-load: \" + .message) == \$said and ($1)" \
		--arg said "$stderr" <<<"$output" || fail "$output"
}

@test "--check with --events: what is wrong is an event, with the options and the request as keys" {
	wrong '.options == ["max-inflight"] and .request_line == null' --max-inflight 0
	wrong '.options == ["speed", "replay"]' --speed 3
	wrong '.options == []' --colour
	wrong '.options == ["requests", "method"]' --method PUT --requests r.jsonl
	printf '/ok\n{"path": "b"}\n' >r.jsonl
	wrong '.request_line == 2 and (.why | startswith("\u0027path\u0027: "))' --requests r.jsonl
	printf '{"path": "/a",, }\n' >r.jsonl
	wrong '.request_line == 1 and (.why | test("^[^0-9:r]"))' --requests r.jsonl
	printf '/ok\n{"run": "GET a"}\n' >r.jsonl
	wrong '.request_line == 2 and (.why | startswith("it is for Redis"))' --requests r.jsonl
	: >r.jsonl
	wrong '.request_line == null and .why == null' --requests r.jsonl
	run -2 chaos-load --events e --max-inflight 0 http://127.0.0.1:1
	[ ! -e e ]
}

@test "requests: what is wrong is told with file and line, and nothing is sent" {
	local line want
	while IFS='|' read -r line want; do
		printf '/ok\n%s\n' "$line" >r.jsonl
		refused "r.jsonl:2:|$want" --rps 10 --requests r.jsonl http://127.0.0.1:1
	done <<-'END'
		{"paht": "/a"}|key|'paht'|'path'?
		{"path": "/{rnd 1 2}"}|'path':|'{rnd 1 2}'|placeholder|'{rand A B}'?
		{"path": "/a", "expect": 404}|'expect':|'404':|status|400
		{"path": "/a", "expect": [200, 204]}|'expect':|text|statuses|"200-299,304"
		{"path": "/a", "weight": 1.5}|'weight':|'1.5'|whole|1
		{"path": "/a b"}|'path':|'/a b'|blank
		{"path": ""}|'path':|''|start|'/'
		{"method": "HEAD", "contains": "x"}|HEAD|no body
		{"path": "/a", "run": "GET a"}|'path'|HTTP|'run'
		{"value_bytes": 3}|'value_bytes'|Redis
		{"body": "a\\u0000"}|NUL
		{"run": "monitor"}|'run':|'monitor'|connection
		{"run": "CLIENT reply OFF"}|'run':|'CLIENT reply'|connection
	END
	for line in '{"path": "/a", "path": "/b"}' '{"path": "/a", "headers": {"A": "1", "A": "2"}}'; do
		printf '/ok\n%s\n' "$line" >r.jsonl
		refused "duplicate" --rps 10 --requests r.jsonl http://127.0.0.1:1
		[[ $stderr == "chaos-load: r.jsonl:2:"[0-9]* ]]
	done
	for line in SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE MULTI EXEC WATCH SELECT HELLO RESET QUIT AUTH; do
		printf '{"run": "%s a"}\n' "$line" >r.jsonl
		refused "r.jsonl:1:|'run':|'$line'|connection" --rps 10 --requests r.jsonl redis://127.0.0.1:1
	done
	echo '{"run": "CLIENT ID"}' >r.jsonl
	run -0 chaos-load --check --rps 10 --requests r.jsonl redis://127.0.0.1:1
	printf '\n{"path": "/a",, }\n' >r.jsonl
	refused "r.jsonl:2:15:" --rps 10 --requests r.jsonl http://127.0.0.1:1
	echo '{"run": "GET a"}' >r.jsonl
	refused "r.jsonl:1|Redis|'http://127.0.0.1:1'" --rps 10 --requests r.jsonl http://127.0.0.1:1
	refused "--targets|twice" --rps 10 --requests r.jsonl --targets r.jsonl redis://127.0.0.1:1
	refused "--method:|'post'|'POST'?" --rps 10 -X post http://127.0.0.1:1
	refused "--requests|--key" --rps 10 --requests r.jsonl --key a redis://127.0.0.1:1
}

@test "targets: what is wrong is told with file, line and column, and nothing is sent" {
	local line want
	while IFS='|' read -r line want; do
		printf '/ok\n%b\n' "$line" >targets
		refused "$want" --rps 10 --targets targets "http://127.0.0.1:1"
	done <<-'END'
		GTE /a|targets:2:|column 1:|'GTE'|'GET'?
		GET|targets:2:|'GET'|URL
		GET a|targets:2:|'a'|start|'/'
		GET /a x|targets:2:|column 8:|'x'|weight
		GET /a 0|targets:2:|'0'|weight
		GET /a 2 3|targets:2:|'3'|weight
		GET /a @/no/such|targets:2:|/no/such
		GET /a @targets|targets:2:|body|GET
		POST /a 1 @targets x|targets:2:|column 20:|'x'|weight
		htp://h/a|targets:2:|'http'?
		redis://h|targets:2:|HTTP
		/a\0b|'targets'|NUL
	END
	echo '# nothing' >targets
	refused "'targets'" --rps 10 --targets targets "http://127.0.0.1:1"
	echo /a >targets
	refused "'targets'|paths" --rps 10 --targets targets
	refused "'http://127.0.0.1:1'|path|'/x'" --rps 10 --targets targets http://127.0.0.1:1/x
	refused "--method" --rps 10 --targets targets -X GET http://127.0.0.1:1
	refused "is for HTTP" --rps 10 --targets targets redis://127.0.0.1:1
	echo http://127.0.0.1:1/a >targets
	refused "'http://127.0.0.1:2'" --rps 10 --targets targets http://127.0.0.1:2
}

expect_statuses() {
	nginx_on "${PORTS[0]}" 'location /a { return 204; } location /b { return 302 /a; } location /c { return 404; }'
	load_rows --rps 100 --duration 0.1 --expect 200-299 "http://$AT/b" >o.csv
	[ "$(classes o.csv)" = http_other=10 ]
	grep -q '302.*"status 302 is not what is expected"' o.csv
	load_rows --rps 100 --duration 0.1 --expect 200,302 "http://$AT/b" >o.csv
	[ "$(classes o.csv)" = ok=10 ]
	load_rows --rps 100 --duration 0.1 --expect 302 "http://$AT/c" >o.csv
	[ "$(classes o.csv)" = http_4xx=10 ]
}
@test "expect: a status outside is http_other; 400 and more stay what they are" { each_engine expect_statuses; }

@test "expect: what no reader would take for a success is refused" {
	refused "'404':|status|400" --rps 1 --expect 200-299,404 http://127.0.0.1:1
	refused "'299-200'" --rps 1 --expect 299-200 http://127.0.0.1:1
	refused "'2xx'" --rps 1 --expect 2xx http://127.0.0.1:1
	refused "''" --rps 1 --expect 200, http://127.0.0.1:1
	refused "'20'" --rps 1 --expect 20 http://127.0.0.1:1
}

secrets_arrive() {
	nginx_on "${PORTS[0]}" 'location / { if ($http_authorization != "Basic Ym9iOnMzY3JldA==") { return 401; } return 200; }
		location /t { if ($http_authorization != "Bearer t0ken.x") { return 401; } return 200; }'
	printf '\357\273\277bob:s3cret\r\n' >user
	printf '\357\273\277t0ken.x' >token
	load_rows --rps 50 --duration 0.1 --user-file user --summary s.json "http://$AT/" >o.csv 2>err
	[ "$(classes o.csv)" = ok=5 ]
	load_rows --rps 50 --duration 0.1 --bearer-file token "http://$AT/t" >>o.csv 2>>err
	[ "$(grep -c ,200, o.csv)" = 10 ]
	load_rows --rps 50 --duration 0.1 --bearer-file token "http://$AT/" >o2.csv 2>>err
	[ "$(classes o2.csv)" = http_4xx=5 ]
	run grep -E 's3cret|t0ken|Ym9iO' o.csv o2.csv err s.json
	[ "$status" -eq 1 ]
}
@test "secrets: basic and bearer authentication from a file, which are in no output" { each_engine secrets_arrive; }

@test "secrets: what is wrong with the file is told, not what is in it" {
	printf 's3cret' >user
	refused "--user-file:|'user'|USER:PASSWORD" --rps 1 --user-file user http://127.0.0.1:1
	[[ $stderr != *s3cret* ]]
	printf 'a:s3cret\nb:x\n' >user
	refused "--user-file:|'user'|one line" --rps 1 --user-file user http://127.0.0.1:1
	[[ $stderr != *s3cret* ]]
	: >token
	refused "--bearer-file:|'token'|token" --rps 1 --bearer-file token http://127.0.0.1:1
	refused "--bearer-file|'/no/such'" --rps 1 --bearer-file /no/such http://127.0.0.1:1
	echo t >token
	echo a:b >user
	refused "--user-file|--bearer-file|together" --rps 1 --bearer-file token --user-file user http://127.0.0.1:1
	refused "--bearer-file|--header 'Authorization'|together" --rps 1 --bearer-file token -H 'authorization: x' http://127.0.0.1:1
	refused "--bearer-file|'http://127.0.0.1:1'|user" --rps 1 --bearer-file token http://u:p@127.0.0.1:1
}

by_socket() {
	nginx_on "${PORTS[0]}" "listen unix:$SCRATCH/sock; location / { return 200 \$host; }"
	load_rows --rps 50 --duration 0.1 --unix-socket sock --summary s.json http://app.invalid/x >o.csv
	[ "$(classes o.csv)" = ok=5 ]
	[ "$(awk -F, 'NR == 2 { print $2, $8 }' o.csv)" = "http://app.invalid 11" ]
	[ "$(summary .engine)" = "$ENGINE" ]
	load_rows --rps 50 --duration 0.1 --unix-socket nowhere http://app.invalid/x >o.csv
	[ "$(classes o.csv)" = refused=5 ]
	grep -q "No such file or directory" o.csv
}
@test "unix socket: the URL's host is what is asked for, not where it goes" { each_engine by_socket; }

@test "unix socket: Redis too" {
	bg redis-server --port 0 --unixsocket "$SCRATCH/redis.sock" --save "" --dir "$SCRATCH"
	wait_for 5 redis-cli -s redis.sock ping
	load_rows --rps 100 --duration 0.2 --unix-socket redis.sock redis://localhost >o.csv
	[ "$(classes o.csv)" = ok=20 ]
}

@test "proxy: names are its to look up; the environment's is not used unless asked for" {
	nginx_on "${PORTS[0]}"
	load_rows --rps 50 --duration 0.1 --proxy "$AT" http://nowhere.invalid/p >o.csv 2>err
	[ "$(classes o.csv)" = ok=5 ]
	logged 5 "$LOG"
	[ "$(grep -c ' /p ' "$LOG")" = 5 ]
	[ -z "$(told_besides_lateness <err)" ] || fail "$(cat err)"
	export http_proxy=http://$AT
	load_rows --rps 50 --duration 0.1 http://127.0.0.1:1/q >o.csv
	[ "$(classes o.csv)" = refused=5 ]
	load_rows --rps 50 --duration 0.1 --proxy env http://127.0.0.1:1/q >o.csv
	[ "$(classes o.csv)" = ok=5 ]
	# it answers, but makes no tunnels
	load_rows --rps 50 --duration 0.1 --proxy "http://$AT" https://nowhere.invalid/ >o.csv
	[ "$(classes o.csv)" = unreachable=5 ]
	grep -q 'CONNECT.* 4[0-9][0-9]' o.csv
	load_rows --rps 50 --duration 0.1 --proxy http://127.0.0.1:1 http://nowhere.invalid/ >o.csv
	[ "$(classes o.csv)" = refused=5 ]
	refused "'sock5://h'|'socks5'?" --rps 1 --proxy sock5://h http://127.0.0.1:1
	local bad
	for bad in http://u:s3cret@h:99999 'u:s3cret@[::1:1' socks5://u:s3cret@h:x http://; do
		refused "--proxy" --rps 1 --proxy "$bad" http://127.0.0.1:1
		[[ $stderr != *s3cret* ]] || fail "$stderr"
	done
	refused "--unix-socket|--proxy|together" --rps 1 --proxy h --unix-socket s http://127.0.0.1:1
}

@test "redirects: followed only with --location; each slot is one row, and no body goes out twice" {
	nginx_on "${PORTS[0]}" 'location /end { return 200; } location /302 { return 302 /end; } location /307 { return 307 /end; }
		location /loop { return 302 /loop; } location /gone { return 302 http://127.0.0.1:'"${PORTS[1]}"'/; }'
	load_rows --rps 50 --duration 0.1 "http://$AT/302" >o.csv
	[ "$(cut -d, -f3,5 o.csv | sort | uniq -c | awk '{ print $1 $2 }' | paste -sd' ')" = "5302, 1status_code,error" ]
	load_rows --rps 50 --duration 0.1 -L "http://$AT/302" >o.csv
	whole o.csv 5
	[ "$(classes o.csv)" = ok=5 ]
	logged 15 "$LOG" # none comes after the log is empty
	: >"$LOG"
	load_rows --rps 50 --duration 0.1 -L -b body "http://$AT/302" >o.csv
	[ "$(classes o.csv)" = ok=5 ]
	logged 10 "$LOG"
	[ "$(cut -d' ' -f1,2,5- "$LOG" | sort | uniq -c | awk '{ print $1, $2, $3, $4 }' | paste -sd';')" = "5 GET /end [-];5 POST /302 [-]" ]
	: >"$LOG"
	load_rows --rps 50 --duration 0.1 -L -b body "http://$AT/307" >o.csv
	[ "$(classes o.csv)" = http_other=5 ]
	grep -q ',307,.* body ' o.csv
	# a request that is asked for later is noted behind all that were asked for before
	load_rows --rps 50 --duration 0.1 -L "http://$AT/307" >o.csv
	[ "$(classes o.csv)" = ok=5 ]
	logged 15 "$LOG"
	[ "$(cut -d' ' -f1,2 "$LOG" | sort | uniq -c | awk '{ print $1, $2, $3 }' | paste -sd';')" = "5 GET /307;5 GET /end;5 POST /307" ]
	load_rows --rps 50 --duration 0.1 -L "http://$AT/loop" >o.csv
	[ "$(classes o.csv)" = http_other=5 ]
	load_rows --rps 50 --duration 0.1 -L "http://$AT/gone" >o.csv
	[ "$(classes o.csv)" = refused=5 ]
	end_bg
	# the user's headers reach the node after a redirect as well, and no other host
	nginx_on "${PORTS[1]}"
	nginx_on "${PORTS[0]}" 'location /end { return 200; } location /302 { return 302 /end; }
		location /gone { return 302 http://127.0.0.1:'"${PORTS[1]}"'/; }'
	: >"$LOG"
	load_rows --rps 50 --duration 0.1 -L -H "X-Test: s3cret" "http://$AT/gone" >o.csv
	[ "$(classes o.csv)" = ok=5 ]
	logged 5 "$LOG"
	logged 5 "nginx.${PORTS[1]}/access.log"
	[ "$(cut -d' ' -f1,2,4 "$LOG" "nginx.${PORTS[1]}/access.log" | sort | uniq -c | awk '{ print $1, $3, $4 }' | paste -sd';')" = "5 / [-];5 /gone [s3cret]" ] ||
		fail "$(cat "$LOG" "nginx.${PORTS[1]}/access.log")"
	load_rows --rps 50 --duration 0.1 -L -H "X-Test: s3cret" "http://$AT/302" >o.csv
	logged 15 "$LOG"
	[ "$(grep -c '/end .*s3cret' "$LOG")" = 5 ]
}

@test "HTTP/2: over TLS and without, and nothing else" {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	nginx_on "${PORTS[0]}" 'location / { return 200 $server_protocol; }'
	end_bg
	local conf=nginx.${PORTS[0]}/conf
	sed -i "s|listen 127.0.0.1:${PORTS[0]};|listen 127.0.0.1:${PORTS[0]} http2; listen 127.0.0.1:${PORTS[1]} ssl http2; ssl_certificate $SCRATCH/cert.pem; ssl_certificate_key $SCRATCH/key.pem;|; s|log_format all '|&\$server_protocol |" "$conf"
	bg nginx -c "$SCRATCH/$conf" -p "$SCRATCH/nginx.${PORTS[0]}"
	wait_for 5 port_open "${PORTS[0]}"
	wait_for 5 port_open "${PORTS[1]}"
	load_rows --rps 1000 --duration 0.2 --http2 --cacert cert.pem --summary s.json "https://localhost:${PORTS[1]}/" >o.csv
	[ "$(summary .engine)" = curl ]
	[ "$(classes o.csv)" = ok=200 ]
	load_rows --rps 100 --duration 0.2 --http2 -b x "http://$AT/" >o.csv
	[ "$(classes o.csv)" = ok=20 ]
	logged 220 "$LOG"
	[ "$(grep -c '^HTTP/2.0 GET' "$LOG") $(grep -c '^HTTP/2.0 POST' "$LOG")" = "200 20" ]
	# a node that answers in HTTP/1.1 was not measured over HTTP/2
	sed -i 's/ http2;/;/g' "$conf"
	end_bg
	bg nginx -c "$SCRATCH/$conf" -p "$SCRATCH/nginx.${PORTS[0]}"
	wait_for 5 port_open "${PORTS[0]}"
	wait_for 5 port_open "${PORTS[1]}"
	load_rows --rps 100 --duration 0.1 --http2 --cacert cert.pem "https://localhost:${PORTS[1]}/" >o.csv
	[ "$(classes o.csv)" = protocol=10 ]
	grep -q "does not speak HTTP/2" o.csv
}

@test "not one success: what may have been meant is said" {
	free_ports 3
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	nginx_on "${PORTS[0]}" 'location / { return 200; }'
	end_bg
	local conf=nginx.${PORTS[0]}/conf
	sed -i "s|listen 127.0.0.1:${PORTS[0]};|& listen 127.0.0.1:${PORTS[1]} ssl; ssl_certificate $SCRATCH/cert.pem; ssl_certificate_key $SCRATCH/key.pem;|" "$conf"
	bg nginx -c "$SCRATCH/$conf" -p "$SCRATCH/nginx.${PORTS[0]}"
	wait_for 5 port_open "${PORTS[1]}"
	chaos-load --rps 50 --duration 0.1 "https://localhost:${PORTS[1]}/" >o.csv 2>err || [ $? -eq 3 ]
	grep -q "needs --cacert FILE, or -k" err || fail "$(cat err)"
	chaos-load --rps 50 --duration 0.1 --cacert cert.pem "https://localhost:${PORTS[1]}/" >o.csv 2>err || [ $? -eq 3 ]
	run ! grep -- --cacert err
	# the system's CAs are read once, not for each connection
	strace -f -e trace=openat -o opened chaos-load -q --rps 50 --duration 0.2 "https://localhost:${PORTS[1]}/" >o.csv || [ $? -eq 3 ]
	[ "$(classes o.csv)" = tls=10 ]
	[ "$(grep -c 'ca-certificates.crt\|/cert.pem' opened)" -le 1 ] || fail "$(cat opened)"
	bg chaos-node --port "${PORTS[2]}"
	wait_for 5 port_open "${PORTS[2]}"
	chaos-load --rps 50 --duration 0.1 --http2 "http://127.0.0.1:${PORTS[2]}/work" >o.csv 2>err || [ $? -eq 3 ]
	grep -q "perhaps .* HTTP/2 without TLS" err || fail "$(cat err)"
	chaos-load --rps 50 --duration 0.1 "http://127.0.0.1:${PORTS[2]}/work" >o.csv 2>err || [ $? -eq 3 ]
	run ! grep HTTP/2 err
}

# The first address of the name is silent, the second serves.
silent_first() {
	bg deaf
	wait_for 5 grep -q . "$BG_OUT"
	local port
	port=$(cat "$BG_OUT")
	bg chaos-node --bind ::1 --port "$port" --delay 0
	wait_for 5 curl -sf "http://[::1]:$port/health"
	load_rows --rps 20 --duration 1 -X GET "http://silent.localhost:$port/health" >o.csv
	whole o.csv 20
	[ "$(classes o.csv)" = ok=20 ] || fail "$(cat o.csv)"
}

@test "addresses: one that is silent does not hide the next" {
	[ -e /proc/net/if_inet6 ] || cannot "there is no IPv6 here"
	each_engine silent_first
}

connect_gives_up() {
	bg deaf
	wait_for 5 grep -q . "$BG_OUT"
	local port
	port=$(cat "$BG_OUT")
	node_on "${PORTS[0]}"
	load_rows --rps 100 --duration 1 --connect-timeout 100ms --timeout 3s "http://127.0.0.1:$port/" "http://$AT/health" >o.csv
	whole o.csv 100
	[ "$(grep ":$port" o.csv | cut -d, -f5 | sort | uniq -c | xargs)" = "50 timeout" ] || fail "$(cat o.csv)"
	[ "$(grep -c '"no connection within 100ms"' o.csv)" = 50 ]
	# That this machine stood still meanwhile shows in what was due then: it was sent late. Of the first half of all, since
	# behind the last nothing is due that would show it.
	awk -F, -v port=":$port" '
		NR == 1 { next }
		{ due[$9] = $1; took[$9] = $4; late[$9] = $6 == "" ? 0 : $4 - $6 }
		index($2, port) && $9 < 50 { deaf[$9] }
		END {
			for (i in deaf) {
				still = 0
				for (k in due)
					if (due[k] >= due[i] && due[k] < due[i] + took[i] / 1000 && late[k] > still) still = late[k]
				if (took[i] < 100 || took[i] - still > 1000) { print "slot " i ": " took[i] " ms, stood still " still; bad = 1 }
			}
			exit bad
		}' o.csv
}
@test "connect timeout: a host that does not answer costs so long, not the request's timeout" { each_engine connect_gives_up; }

@test "engine: what the own one does not support is said, with exit 2" {
	refused "--engine|'own'|https|'curl'" --rps 1 --engine own https://127.0.0.1:1
	refused "--engine|'own'|HTTP/2|'curl'" --rps 1 --engine own --http2 http://127.0.0.1:1
	refused "--engine|'own'|proxies|'curl'" --rps 1 --engine own --proxy h http://127.0.0.1:1
	refused "--engine|'own'|redirects|'curl'" --rps 1 --engine own -L http://127.0.0.1:1
}

@test "urls: from a file or a descriptor, behind those given; what is wrong is told" {
	node_on "${PORTS[0]}"
	node_on "${PORTS[1]}"
	printf '\357\273\277# mine\n\n  http://127.0.0.1:%s \r\n' "${PORTS[1]}" >urls
	load_rows --rps 100 --duration 1s --urls urls --summary s.json "http://$AT" >o.csv
	assert_equal "$(summary .nodes)" "[\"http://$AT\",\"http://127.0.0.1:${PORTS[1]}\"]"
	assert_equal "$(classes o.csv)" ok=100
	exec 8<urls
	load_rows --rps 100 --duration 1s --urls fd:8 --summary s.json >o.csv
	exec 8<&-
	assert_equal "$(summary .nodes)" "[\"http://127.0.0.1:${PORTS[1]}\"]"
	echo '# none' >urls
	refused "--urls 'urls':|no URL" --rps 1 --urls urls
	refused "--urls 'nowhere':|open|No such file or directory" --rps 1 --urls nowhere
	refused "--urls 'fd:x':|descriptor" --rps 1 --urls fd:x
	refused "--urls 'fd:99'" --rps 1 --urls fd:99
}
