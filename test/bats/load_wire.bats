# chaos-load on HTTP: the truth of the wire. Whatever a server does to its connections, no request is
# sent twice, and none that got no answer is a success. Slot i asks for /i, so that the server's own
# notes can be held against the rows.

load helper
load load_helper

setup() {
	scratch
	free_ports 2
}

teardown() {
	end_bg
}

# targets METHOD N: N lines that take turns, in the file targets.
targets() {
	local i
	for ((i = 0; i < $2; i++)); do echo "$1 /$i"; done >targets
}

# dropper_on MODE [SOCKET]: AT is its port or path.
dropper_on() {
	rm -f count count.ids
	bg dropper count "$@"
	wait_for 5 grep -q . "$BG_OUT"
	AT=$(cat "$BG_OUT")
}

# true_rows N: o.csv and s.json against what the server noted.
true_rows() {
	whole o.csv "$1"
	# a proxy is asked for whole URLs
	sed -E 's|^http://[^/]*||' count.ids >ids
	[ -z "$(cut -d' ' -f1 ids | sort | uniq -d)" ] || fail "sent twice: $(cut -d' ' -f1 ids | sort | uniq -d | head -3)"
	local read answered ok sent
	read=$(wc -l <ids)
	answered=$(grep -c ' answered$' ids)
	ok=$(summary .ok)
	sent=$(summary .sent)
	[ "$ok" -le "$answered" ] || fail "$ok successes, $answered answers"
	[ "$read" -le "$sent" ] || fail "$read read, $sent sent"
	[ "$read" = "$1" ] || fail "$read of $1 were read"
	awk -F, 'NR > 1 && $5 == "" { sub(/.* /, "", $7); print $7 }' o.csv | sort >successes
	awk '$2 == "answered" { print $1 }' ids | sort >answers
	[ -z "$(comm -23 successes answers)" ] || fail "successes without an answer: $(comm -23 successes answers)"
	[ "$(awk -F, 'NR > 1 && $5 != "" && $5 != "reset"' o.csv | wc -l)" = 0 ] || fail "$(classes o.csv)"
	[ "$(summary .errors.reset)" -ge 30 ] || fail "$(classes o.csv)"
}

# wire_rows …: each request is sent, and fails by the wire alone. How long a busy machine takes for a hundred of them
# on a few connections, and for a handshake before each second one, is another matter: no time runs out over it.
wire_rows() { load_rows --timeout 60s "$@"; }

# every_method WHERE: a server that loses each second request of a connection, in each way; WHERE says
# how to reach it.
every_method() {
	local way method
	for way in close reset; do
		for method in GET POST; do
			targets "$method" 100
			dropper_on "$way" ${SOCKET:+"$SOCKET"}
			"$1"
			wire_rows --rps 400 --duration 0.25 --connections 3 --targets targets \
				--summary s.json "${WHERE[@]}" >o.csv
			true_rows 100
		done
	done
}

plain() { WHERE=("http://127.0.0.1:$AT"); }
@test "nothing is sent twice: plain HTTP (own engine)" { ENGINE=own every_method plain; }
@test "nothing is sent twice: plain HTTP (libcurl)" { ENGINE=curl every_method plain; }

on_socket() { WHERE=(--unix-socket "$AT" http://localhost); }
@test "nothing is sent twice: a Unix socket (own engine)" { SOCKET=$SCRATCH/sock ENGINE=own every_method on_socket; }
@test "nothing is sent twice: a Unix socket (libcurl)" { SOCKET=$SCRATCH/sock ENGINE=curl every_method on_socket; }

# The proxy is the server that loses requests, and is asked for names that only it could know.
proxied() { WHERE=(--proxy "http://127.0.0.1:$AT" http://nowhere.invalid); }
@test "nothing is sent twice: a proxy" { every_method proxied; }

redirected() { WHERE=(--location "http://127.0.0.1:$AT"); }
@test "nothing is sent twice: where redirects would be followed" { every_method redirected; }

@test "nothing is sent twice: TLS" {
	local way method
	for way in close reset; do
		for method in GET POST; do
			targets "$method" 100
			dropper_on "$way"
			tls_before "${PORTS[0]}" "$AT"
			wire_rows --rps 400 --duration 0.25 --connections 3 --targets targets --summary s.json \
				--cacert cert.pem "https://localhost:${PORTS[0]}" >o.csv
			true_rows 100
			kill "$BG_PID"
			wait_for 5 port_closed "${PORTS[0]}"
		done
	done
}

port_closed() { ! port_open "$1"; }

# A server may say that it has not looked at a stream, which allows to send it again. We do not.
@test "nothing is sent twice: HTTP/2 streams that are refused, and connections that go away" {
	local mode method most
	for mode in ok refuse goaway close; do
		for method in GET POST; do
			rm -f count
			bg h2dropper count "$mode"
			wait_for 5 grep -q . "$BG_OUT"
			tls_before "${PORTS[0]}" "$(cat "$BG_OUT")" "alpn h2"
			# one at a time, so that which of them is lost is known
			wire_rows --rps 100 --duration 0.4 --connections 1 --http2 -X "$method" --summary s.json \
				--cacert cert.pem "https://localhost:${PORTS[0]}/x" >o.csv
			whole o.csv 40
			[ "$(cat count)" = 40 ] || fail "$mode $method: the server read $(cat count) of 40"
			most=20
			[ "$mode" != ok ] || most=40
			[ "$(summary .ok)" = "$most" ] || fail "$mode $method: $(classes o.csv): $(grep -v ,200, o.csv | sed -n '2p')"
			[ "$(summary .errors.reset)" = $((40 - most)) ] || [ "$mode" = ok ] ||
				fail "$mode $method: $(classes o.csv)"
			kill "$BG_PID"
			wait_for 5 port_closed "${PORTS[0]}"
		done
	done
}

@test "nothing is sent twice: HTTP/2 without TLS" {
	rm -f count
	bg h2dropper count refuse
	wait_for 5 grep -q . "$BG_OUT"
	wire_rows --rps 100 --duration 0.4 --http2 --summary s.json "http://127.0.0.1:$(cat "$BG_OUT")/x" >o.csv
	whole o.csv 40
	[ "$(cat count)" = 40 ]
}
