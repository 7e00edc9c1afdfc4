# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by who sources it
# What the load benches share; sourced, not run. Each measures ratios within one run: ours and a peer
# in turns, medians of $ROUNDS (5) turns of $SECONDS_EACH (3) seconds, CPU time being user and system
# seconds of the process. Load generators run on the first core, servers and readers on the last.
#
#	PEERS		a folder with peers that are not on PATH
#	BENCH_WITH	a command that all measured programs are run with alike: 'chrt -f 10' keeps
#			the rest of a busy machine away
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PWD/build/bin:$PWD/build/rel/test/support:${PEERS:+$PEERS:}$PATH:/usr/sbin
export LC_ALL=C
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3} status=0
tmp=$(mktemp -d)
# In a file, since servers are started in subshells as well.
cleanup() {
	xargs -r kill -9 <"$tmp/pids" 2>/dev/null || true
	rm -rf "$tmp"
}
: >"$tmp/pids"
trap cleanup EXIT

read -ra with <<<"${BENCH_WITH:-}"
cores=$(nproc)
generator=("${with[@]}" taskset -c 0)
server=("${with[@]}" taskset -c $((cores - 1)))
slack_ms=1

calc() { awk "BEGIN { print $1 }"; }
holds() { awk "BEGIN { exit !($1) }"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# verdict NAME VALUE OP BOUND: prints it, and remembers a miss.
verdict() {
	local told=ok
	holds "$2 $3 $4" || told=MISSED status=1
	printf '%-62s %8.3f  (bound %s %.3f)  %s\n' "$1" "$2" "$3" "$4" "$told"
}
not_measured() { printf '%-62s not measured: %s\n' "$1" "$2"; }

# has PROGRAM NAME…: whether it is here; if not, each of the measurements is told as missing.
has() {
	local program=$1 name
	shift
	command -v "$program" >/dev/null && return
	for name in "$@"; do not_measured "$name" "$program not found"; done
	return 1
}

# cpu_of COMMAND…: user and system seconds of a command, its output in $tmp/out.
cpu_of() { { TIMEFORMAT='%3U %3S'; time "$@" >"$tmp/out" 2>&1; } 2>&1 | awk '{ print $1 + $2 }'; }

# wait_port PORT: until somebody listens there.
wait_port() {
	local tries
	for ((tries = 0; tries < 500; tries++)); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
		sleep 0.02
	done
	echo "bench: nobody listens on port $1" >&2
	exit 1
}

# nginx_on PORT [ssl] [DIRECTIVES OF THE SERVER] [TEXT]: one nginx worker, which answers with the text.
nginx_on() {
	local dir=$tmp/$1
	mkdir "$dir"
	cat >"$dir/conf" <<-END
		daemon off; master_process off; pid $dir/pid; error_log $dir/error.log;
		events { worker_connections 8192; }
		http {
			access_log off; client_body_temp_path $dir; proxy_temp_path $dir;
			fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
			server { listen 127.0.0.1:$1 ${2:-}; keepalive_requests 1000000000; ${3:-}
				location / { return 200 "${4:-ok}\n"; } }
		}
	END
	nginx_again "$1"
}

# serve PORT COMMAND…: in the background, until it listens; its pid is in $serve_pid.
serve() {
	"${server[@]}" "${@:2}" >/dev/null 2>&1 &
	serve_pid=$!
	echo "$serve_pid" >>"$tmp/pids"
	disown
	wait_port "$1"
}
nginx_again() { serve "$1" nginx -c "$tmp/$1/conf" -p "$tmp/$1"; }

# load RATE OPTION-OR-URL…: a run of ours, its rows to a pipe that is read, its summary in $tmp/s.json.
# Exit 3 says that the machine was busy: what is measured shows that as well.
load() {
	local rate=$1 rc=0
	shift
	{ "${generator[@]}" chaos-load -q --rps "$rate" --duration "$seconds" --connections 16 \
		--pace-slack ${slack_ms}ms --summary "$tmp/s.json" "$@" 2>"$tmp/err" || rc=$?
	[ $rc -eq 0 ] || [ $rc -eq 3 ] || { cat "$tmp/err" >&2; exit 1; }; } | cat >"$tmp/rows"
}
summary() { jq -r "$1" "$tmp/s.json"; }
cpu_s='(.cpu_user_s + .cpu_system_s)'

# turns FUNCTION OTHER: both in turns; leaves their medians in $a and $b, and the median of the ratios of
# the pairs in $ratio. Each prints a number.
turns() {
	local turn
	: >"$tmp/pairs"
	for ((turn = 0; turn < rounds; turn++)); do
		a=$($1)
		b=$($2)
		echo "$a $b" >>"$tmp/pairs"
	done
	a=$(cut -d' ' -f1 "$tmp/pairs" | median)
	b=$(cut -d' ' -f2 "$tmp/pairs" | median)
	ratio=$(awk '{ print $1 / $2 }' "$tmp/pairs" | median)
}
