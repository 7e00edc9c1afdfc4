#!/usr/bin/env bash
# chaos-load on plain HTTP: CPU per request against one nginx worker with 16 connections, rows
# streaming to a pipe that is read, as ratios to peers within one run. Peers (wrk, wrk2, hey) are looked for
# on PATH and in $PEERS; what is missing is said.
# shellcheck disable=SC2317 # functions are called through others
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/build/bin:$PWD/build/rel/test/support:${PEERS:+$PEERS:}$PATH:/usr/sbin
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3} status=0
tmp=$(mktemp -d)
pids=()
cleanup() {
	kill -9 "${pids[@]}" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# verdict NAME VALUE BOUND: prints it, and remembers a miss.
verdict() {
	if awk -v v="$2" -v b="$3" 'BEGIN { exit !(v <= b) }'; then
		printf '%-52s %7.3f <= %-7.3f ok\n' "$1" "$2" "$3"
	else
		printf '%-52s %7.3f >  %-7.3f MISSED\n' "$1" "$2" "$3"
		status=1
	fi
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }

port=$(freeports 1)
url=http://127.0.0.1:$port/
cat >"$tmp/conf" <<-END
	daemon off; master_process off; pid $tmp/pid; error_log $tmp/error.log;
	events { worker_connections 512; }
	http {
		access_log off; client_body_temp_path $tmp; proxy_temp_path $tmp;
		fastcgi_temp_path $tmp; uwsgi_temp_path $tmp; scgi_temp_path $tmp;
		server { listen 127.0.0.1:$port; keepalive_requests 1000000000;
			location / { return 200 "ok\n"; } }
	}
END
nginx -c "$tmp/conf" -p "$tmp" 2>/dev/null &
pids+=($!)
disown
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.02; done

# ours RATE ENGINE: CPU in us for each request that was answered.
ours() {
	chaos-load -q --engine "$2" --rps "$1" --duration "$seconds" --connections 16 --pace-slack 1ms \
		--summary "$tmp/s.json" "$url" 2>/dev/null | cat >"$tmp/o.csv"
	jq -r '(.cpu_user_s + .cpu_system_s) * 1e6 / .ok' "$tmp/s.json"
}

# cpu_of COMMAND…: user and system seconds of a command, its output in $tmp/out.
cpu_of() { { TIMEFORMAT='%3U %3S'; time "$@" >"$tmp/out" 2>&1; } 2>&1 | awk '{ print $1 + $2 }'; }

# The peers: CPU in us per answered request.
wrk_cpu() {
	local s
	s=$(cpu_of wrk -t1 -c16 -d"${seconds}s" "$url")
	awk -v s="$s" '/ requests in / { print s * 1e6 / $1 }' "$tmp/out"
}
wrk2_cpu() {
	local s
	s=$(cpu_of wrk2 -t1 -c16 -d"${seconds}s" -R"$1" "$url")
	awk -v s="$s" '/ requests in / { print s * 1e6 / $1 }' "$tmp/out"
}
hey_cpu() {
	local s
	s=$(cpu_of hey -z "${seconds}s" -c 16 -q $(($1 / 16)) "$url")
	awk -v s="$s" '/\[200\]/ { print s * 1e6 / $2 }' "$tmp/out"
}

# compare NAME BOUND RATE COMMAND…: ours against a peer, in turns.
compare() {
	local name=$1 bound=$2 rate=$3
	shift 3
	: >"$tmp/ours"
	: >"$tmp/peer"
	for ((i = 0; i < rounds; i++)); do
		ours "$rate" own >>"$tmp/ours"
		"$@" >>"$tmp/peer"
	done
	local a b
	a=$(median <"$tmp/ours") b=$(median <"$tmp/peer")
	verdict "$name ($(printf '%.1f / %.1f us' "$a" "$b"))" "$(ratio "$a" "$b")" "$bound"
}

has() { command -v "$1" >/dev/null || { echo "$1 is not on PATH or in \$PEERS: not compared" && false; }; }

compare "CPU, own engine / libcurl at 5000/s" 0.7 5000 ours 5000 curl
# what may cost more at saturation is the pacing and a row for each request
if has wrk; then compare "CPU at 20000/s / wrk's at saturation" 1.4 20000 wrk_cpu; fi
if has wrk2; then
	compare "CPU at 5000/s / wrk2's" 1.2 5000 wrk2_cpu 5000
	compare "CPU at 20000/s / wrk2's" 1.0 20000 wrk2_cpu 20000
fi
if has hey; then compare "CPU at 20000/s / hey's" 0.35 20000 hey_cpu 20000; fi

# An open loop at 0.6 times what wrk does in a closed one: still on time.
if has wrk; then
	for ((i = 0; i < rounds; i++)); do
		wrk -t1 -c16 -d"${seconds}s" "$url" | awk '/^Requests\/sec/ { print $2 }' >>"$tmp/closed"
	done
	rate=$(awk -v r="$(median <"$tmp/closed")" 'BEGIN { printf "%d", 0.6 * r }')
	for ((i = 0; i < rounds; i++)); do
		ours "$rate" own >/dev/null
		jq -r .p99_pacing_ms "$tmp/s.json" >>"$tmp/pacing"
		jq -r '(.errors.not_sent // 0) / .due' "$tmp/s.json" >>"$tmp/shed"
	done
	verdict "pacing p99 at $rate/s (0.6 of wrk's closed loop), ms" "$(median <"$tmp/pacing")" 2
	verdict "not sent at $rate/s, of all due" "$(median <"$tmp/shed")" 0
fi
exit $status
