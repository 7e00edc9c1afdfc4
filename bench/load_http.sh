#!/usr/bin/env bash
# chaos-load on HTTP against peers: CPU for each answered request with one nginx worker, 16
# connections and rows streaming to a pipe that is read, and how much one core can do on schedule.
# Peers (wrk, wrk2, hey) are looked for on PATH and in $PEERS; what is missing is said.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

mapfile -t ports < <(freeports 2)
url=http://127.0.0.1:${ports[0]}/
nginx_on "${ports[0]}"

# Each prints the CPU in us for an answered request, at $rate.
us_each() {
	[ "${2:-0}" -gt 0 ] || { echo "bench: nothing was answered: $(tail -n 1 "$tmp/out")" >&2; exit 1; }
	calc "$1 * 1000000 / $2"
}
ours() {
	load "$rate" --engine own "$url"
	summary "$cpu_s * 1e6 / .ok"
}
ours_by_curl() {
	load "$rate" --engine curl "$url"
	summary "$cpu_s * 1e6 / .ok"
}
wrk_at_most() {
	local s
	s=$(cpu_of "${generator[@]}" wrk -t1 -c16 -d"${seconds}s" "$url")
	us_each "$s" "$(awk '/ requests in / { print $1 }' "$tmp/out")"
}
wrk2_paced() {
	local s
	s=$(cpu_of "${generator[@]}" wrk2 -t1 -c16 -d"${seconds}s" -R"$rate" "$url")
	us_each "$s" "$(awk '/ requests in / { print $1 }' "$tmp/out")"
}
hey_paced() {
	local s
	s=$(cpu_of "${generator[@]}" hey -z "${seconds}s" -c 16 -q $((rate / 16)) "$url")
	us_each "$s" "$(awk '/\[200\]/ { print $2 }' "$tmp/out")"
}

# compare NAME BOUND RATE OURS PEER
compare() {
	rate=$3
	turns "$4" "$5"
	verdict "$1, $(printf '%.1f / %.1f us' "$a" "$b")" "$ratio" '<=' "$2"
}

compare "CPU, own engine / libcurl at 5000/s" 0.7 5000 ours ours_by_curl
if has wrk2 "CPU / wrk2's at 5000/s" "CPU / wrk2's at 20000/s"; then
	compare "CPU / wrk2's at 5000/s" 1.2 5000 ours wrk2_paced
	compare "CPU / wrk2's at 20000/s" 1.0 20000 ours wrk2_paced
fi
if has hey "CPU / hey's at 20000/s"; then compare "CPU / hey's at 20000/s" 0.35 20000 ours hey_paced; fi

# How many requests a second wrk gets answered in a closed loop.
closed_loop() { wrk_at_most >/dev/null; awk '/^Requests\/sec/ { print $2 }' "$tmp/out"; }

# The highest open-loop rate that is held: all sent and answered, and in time. Down from what
# the closed loop did, in steps of 5 %; a rate is held if most of the turns held it.
on_time() {
	local good=0 turn
	for ((turn = 0; turn < rounds && good <= rounds / 2 && turn - good <= rounds / 2; turn++)); do
		load "$1" --engine own "$url"
		[ "$(summary ".ok == .due and .p99_pacing_ms <= $slack_ms + 1")" = false ] || good=$((good + 1))
	done
	[ $good -gt $((rounds / 2)) ]
}
highest_rate() {
	local part
	for ((part = 100; part > 5; part -= 5)); do
		rate=$(calc "int($closed * $part / 100)")
		if on_time "$rate"; then return; fi
	done
}

most="highest rate on one core in time / wrk's closed loop"
at_most="CPU at the highest rate without not_sent / wrk's at saturation"
if [ "$cores" -lt 2 ]; then
	not_measured "$most" "one core is not enough for both sides"
	not_measured "$at_most" "one core is not enough for both sides"
elif has wrk "$most" "$at_most"; then
	closed=$(for ((i = 0; i < rounds; i++)); do closed_loop; done | median)
	highest_rate
	verdict "$most, $rate / ${closed%.*}" "$(calc "$rate / $closed")" '>=' 0.6
	compare "$at_most" 1.4 "$rate" ours wrk_at_most
fi

# TLS is libcurl's: what may it cost more than libcurl itself, at the same pace with the same slack?
tls="TLS at 5000/s: CPU / a bare libcurl multi loop's"
tls_url=https://localhost:${ports[1]}/
ours_tls() {
	load "$rate" --cacert "$tmp/cert.pem" "$tls_url"
	summary "$cpu_s * 1e6 / .ok"
}
bare_tls() { "${generator[@]}" curlloop "$rate" "$seconds" 16 "$slack_ms" "$tls_url" "$tmp/cert.pem"; }
if has openssl "$tls"; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key.pem" -out "$tmp/cert.pem" -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	nginx_on "${ports[1]}" ssl "ssl_certificate $tmp/cert.pem; ssl_certificate_key $tmp/key.pem;"
	compare "$tls" 1.2 5000 ours_tls bare_tls
fi
exit $status
