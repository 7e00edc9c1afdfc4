#!/usr/bin/env bats
# How soon a stop condition ends a run, and how seldom it does so without a reason.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
}

teardown() {
	end_bg
}

# healthy SEED: a minute of 50 requests a second, with rare errors, latencies with a long tail, and a hiccup of a second;
# in order of completion, as a load generator writes them.
healthy() {
	echo timestamp,status_code,latency_ms,error
	awk -v seed="$1" 'BEGIN {
		srand(seed); hiccup = int(10 + rand() * 45)
		for (i = 0; i < 3000; i++) {
			ms = 20 * exp(0.5 * sqrt(-2 * log(1 - rand())) * cos(6.2831853 * rand())) * (rand() < 0.01 ? 20 : 1)
			if (int(i / 50) == hiccup) ms *= 8
			bad = rand() < 0.01
			printf "%.6f %.6f,%s,%.3f,%s\n", 1000 + i / 50 + ms / 1000, 1000 + i / 50, bad ? "500" : "200", ms, bad ? "http_5xx" : ""
		} }' | LC_ALL=C sort -n | cut -d ' ' -f 2
}

@test "of 1,000 healthy simulated runs at most one is stopped" {
	local stopped=0 seed
	for ((seed = 1; seed <= 1000; seed++)); do
		healthy $seed | chaos-analyze --windows --stop-on 'error_rate > 0.5 for 10s' --stop-on 'p99_latency_ms > 2000 for 5s' \
			--stop-on 'throughput_rps < 25 for 3s' --stop-on 'error_rate > 0.1 for 3s' >w 2>/dev/null || {
			[ "${PIPESTATUS[1]}" -eq 4 ] || fail "seed $seed"
			stopped=$((stopped + 1))
		}
		[ "$seed" -ne 1 ] || [ "$(grep -c '"type":"window"' w)" -ge 60 ]
	done
	echo "# stopped without a reason: $stopped of 1000" >&3
	[ "$stopped" -le 1 ]
	# and the same rules do stop one that fails
	run -4 chaos-analyze --windows --stop-on 'error_rate > 0.1 for 3s' < <(healthy 1 | awk -F, 'BEGIN { OFS = FS } NR > 1 && $1 > 1030 { $2 = 500; $4 = "http_5xx" } { print }')
}

# On a machine that has the time: the processes of a busy one wait for their turn.
@test "a stop condition ends a live stream within 1.5 s of being true" {
	for n in {1..10}; do
		python3 - >"lag.$n" 3>&- <<-'END' &
		import subprocess, sys, time
		p = subprocess.Popen(["chaos-analyze", "--windows", "--stop-on", "error_rate > 0.5 for 2s"],
		                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0)
		p.stdin.write(b"timestamp,status_code,latency_ms,error\n")
		start = time.time()
		for i in range(2000):
		    due = start + i / 50
		    time.sleep(max(0, due - time.time()))
		    bad = due >= start + 7
		    if p.poll() is not None:
		        break
		    try:
		        p.stdin.write(f"{due:.6f},{'500' if bad else '200'},5.000,{'http_5xx' if bad else ''}\n".encode())
		    except BrokenPipeError:
		        break
		print(p.wait(), time.time() - start - 9)
		END
	done
	wait
	cat lag.* | sort -k2g >lags
	echo "# later than true: $(cut -d' ' -f2 lags | tr '\n' ' ')" >&3
	# windows are whole seconds of the stream: the first may begin before the errors do
	awk '$1 != 4 || $2 < -1 || $2 > 1.5 { bad = 1 } END { exit bad || NR != 10 }' lags
}
