#!/usr/bin/env bash
# chaos-load: what a dead node costs against a live one, and how exact the pacing is
# against a bare timerfd loop. Ratios of medians within one run.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH=$PWD/build/bin:$PWD/build/rel/test/support:$PATH:/usr/sbin
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
		printf '%-44s %8.3f <= %-8.3f ok\n' "$1" "$2" "$3"
	else
		printf '%-44s %8.3f >  %-8.3f MISSED\n' "$1" "$2" "$3"
		status=1
	fi
}

# server PORT: one nginx worker.
server() {
	local dir=$tmp/$1
	mkdir "$dir"
	cat >"$dir/conf" <<-END
		daemon off; master_process off; pid $dir/pid; error_log $dir/error.log;
		events { worker_connections 512; }
		http {
			access_log off; client_body_temp_path $dir; proxy_temp_path $dir;
			fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
			server { listen 127.0.0.1:$1; keepalive_requests 1000000000;
				location / { return 200 "ok\n"; } }
		}
	END
	nginx -c "$dir/conf" -p "$dir" 2>/dev/null &
	pids+=($!)
	disown
	until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.02; done
}

# load FILTER RATE PORT…: a run; prints what the filter takes from its summary.
load() {
	local filter=$1 rate=$2
	shift 2
	chaos-load -q --rps "$rate" --duration "$seconds" --connections 16 --summary "$tmp/s.json" \
		"${@/#/http://127.0.0.1:}" 2>"$tmp/err" | cat >"$tmp/o.csv"
	jq -r "$filter" "$tmp/s.json"
}

mapfile -t ports < <(freeports 3)
for p in "${ports[@]}"; do server "$p"; done

cpu='.cpu_user_s + .cpu_system_s'
for ((i = 0; i < rounds; i++)); do load "$cpu" 2000 "${ports[@]}"; done >"$tmp/live"
for rate in 50 1000 5000; do
	for ((i = 0; i < rounds; i++)); do
		timerloop "$rate" "$seconds" >>"$tmp/bare.$rate"
		load .p99_pacing_ms "$rate" "${ports[0]}" >>"$tmp/paced.$rate"
	done
done
kill -9 "${pids[2]}"
for ((i = 0; i < rounds; i++)); do load "$cpu" 2000 "${ports[@]}"; done >"$tmp/dead"

live=$(median <"$tmp/live") dead=$(median <"$tmp/dead")
verdict "CPU with one of three nodes dead / alive" "$(bc -l <<<"$dead / $live")" 1.2
printf '%-44s %8.1f us\n' "CPU per request at 2000/s" "$(bc -l <<<"$live * 1000000 / 2000 / $seconds")"
for rate in 50 1000 5000; do
	bare=$(median <"$tmp/bare.$rate") paced=$(median <"$tmp/paced.$rate")
	verdict "pacing error p99 at $rate/s (bare loop $bare), ms" "$paced" "$(bc -l <<<"1 + 1.5 * $bare")"
done
exit $status
