#!/usr/bin/env bats
# chaos-analyze as a run goes on, by the clock: a load that is fed to it, files that grow, writers that pause.

bats_require_minimum_version 1.5.0
load helper
load load_helper
load live_helper

# shellcheck disable=SC2154 # stderr is set by run --separate-stderr
setup() {
	scratch
}

teardown() {
	end_bg
}

@test "a paused node: the silence is told within a second, before any request has timed out" {
	free_ports 1
	node_on "${PORTS[0]}"
	bg bash -c 'chaos-load -q --rps 50 --duration 60 http://127.0.0.1:'"${PORTS[0]}"' 2>load.err | tee l.csv |
		chaos-analyze --windows --warmup-ignore-sec 1 --stop-on "error_rate > 0.5 for 9s" >w.jsonl; echo "${PIPESTATUS[@]}" >codes'
	wait_for 30 grep -q '"start_s":12.0' w.jsonl # enough to know what is normal
	kill -STOP "${BG_PIDS[0]}"
	wait_for 10 grep -q '"rule":"silence"' w.jsonl
	run grep -c timeout l.csv
	assert_output 0
	wait_for 10 grep -q interval_open w.jsonl
	wait_for 30 test -s codes # the stop rule ends the analysis, and that the load
	assert_equal "$(cut -d' ' -f3 codes)" 4
	valid w.jsonl
	# a machine that is busy may have kept everybody waiting before, which is silence too: the last counts
	jq -sce 'map(select(.type == "rule" and .rule == "silence" and .holds))[-1]' w.jsonl >silence
	jq -e '.value >= .bound and .at_s - .since_s < .bound + 0.11' silence # it is looked at ten times a second
	# which is within a second, unless requests were sent late before, and longer silences are normal by that
	local before=1.5
	if quiet; then jq -e '.at_s - .since_s < 1' silence; else before=60; fi
	# an anomaly begins there, or goes on from what kept everybody waiting
	jq -sce --slurpfile silence silence --argjson before $before 'map(select(.type == "interval_close"))[-1] | (.reasons | index("silence"))
		and (.start_s - $silence[0].since_s | . < 1.5 and . > -$before) and .end_s > $silence[0].since_s + 8' w.jsonl
	jq -se 'map(select(.type == "rule"))[-1] | .rule == "error_rate > 0.5 for 9s" and .holds and .value == 1 and .bound == 0.5
		and .at_s - .since_s > 8.999' w.jsonl
	jq -se 'last | .type == "end" and .reason == "stop_rule"' w.jsonl
	# the last success was just before
	jq -r 'select(.type == "windows").t0' w.jsonl >t0
	jq -r .since_s silence >since
	awk -F, -v t0="$(cat t0)" -v since="$(cat since)" 'NR > 1 && $5 == "" && $1 + $4 / 1000 > last { last = $1 + $4 / 1000 }
		END { d = last - t0 - since; exit !(d < 0.01 && d > -0.01) }' l.csv
}

# quiet: no request was sent late.
quiet() { awk -F, 'NR > 1 && $6 != "" && $4 - $6 > late { late = $4 - $6 } END { exit late > 20 }' l.csv; }

# now_rows FROM TO: rows 20 ms apart, of seconds counted from the file start.
now_rows() {
	awk -v t0="$(cat start)" -v a="$1" -v b="$2" 'BEGIN { if (a == 0) print "timestamp,latency_ms,error,slot"
		for (i = a * 50; i < b * 50; i++) printf "%.6f,5.000,,%d\n", t0 + i / 50, i }'
}

# has_read FILE: the analysis with that pid has read it to its end.
has_read() {
	local fd
	for fd in "/proc/$pid/fd"/*; do
		[ "$fd" -ef "$1" ] && [ "$(awk '/^pos:/ { print $2 }' "/proc/$pid/fdinfo/${fd##*/}")" = "$(stat -c %s "$1")" ] && return
	done
	return 1
}

# Rows that a busy machine writes late are late only then.
patient() { echo 'load: {timeout: 60s}' >config.yaml; }

windows_told() { [ "$(grep -c '"window",' w.jsonl)" -ge "$1" ]; }

@test "--follow: a file that grows, with torn lines, cut and replaced, to the first SIGINT" {
	local row rows
	patient
	date +%s.%6N >start
	bg env --default-signal=INT chaos-analyze --windows --follow s.csv --warmup-ignore-sec 0
	local pid=$BG_PID out=$BG_OUT err=$BG_ERR
	wait_for 10 grep -q "is not there yet" "$err"
	ln -s "$out" w.jsonl
	now_rows 0 3 >s.csv
	wait_for 10 windows_told 2
	now_rows 3 5 >part
	head -c 1234 part >>s.csv # ends within a row
	sleep 0.2
	tail -c +1235 part >>s.csv
	wait_for 10 grep -q '"start_s":4.0' w.jsonl
	wait_for 10 has_read s.csv
	{ now_rows 0 0; now_rows 5 6; } >new # shorter: the file is cut
	cat new >s.csv
	wait_for 10 grep -q "was cut" "$err"
	now_rows 6 7 >>s.csv
	wait_for 10 grep -q '"start_s":6.0' w.jsonl
	{ now_rows 0 0; now_rows 7.5 8; } >next
	mapfile -t rows < <(now_rows 7 7.5)
	mkfifo nap
	exec 7>>s.csv 8<>nap
	mv next s.csv
	for row in "${rows[@]}"; do # its writer goes on, and starts no process that a busy machine would keep waiting
		echo "$row" >&7
		read -rt 0.05 _ <&8 || true
	done
	exec 8>&-
	printf '1766' >&7 # torn for good
	exec 7>&-
	wait_for 10 grep -q "was replaced" "$err"
	wait_for 10 grep -q '"start_s":8.0' w.jsonl # time goes on without a row
	kill -INT "$pid"
	wait "$pid" && rc=0 || rc=$?
	assert_equal "$rc" 0
	jq -se '(last | .type == "end" and .reason == "signal" and .rows == 400 and .torn == 1 and .bad == 0
		and .duplicate == 0 and .end_s >= 8.5)
		and (map(select(.type == "window" and .final and .start_s < 8).due) == [range(8) | 50])
		and (map(select(.type == "window" and .final and .start_s >= 8).due) | add == 0)' w.jsonl
	run cat "$err"
	assert_output --partial "1 torn"
	[ "${#lines[@]}" -eq 4 ]
}

# An analysis of s.csv that has read its first second; ended by SIGINT, and its last line.
begin_follow() {
	date +%s.%6N >start
	now_rows 0 1 >s.csv
	bg env --default-signal=INT chaos-analyze --windows --follow s.csv --warmup-ignore-sec 0 --detector threshold
	pid=$BG_PID out=$BG_OUT err=$BG_ERR
	wait_for 10 grep -q '"start_s":0.0' "$out"
}

end_follow() {
	kill -INT "$pid" || true # an earlier one may have ended it
	wait "$pid" && rc=0 || rc=$?
	jq -se "last | $1" "$out"
}

@test "--follow: a log that is rotated twice at once, each file is read" {
	begin_follow
	for at in 1 2 3; do # log -> log.1 -> log.2
		[ ! -e s.csv.2 ] || mv s.csv.2 s.csv.3
		[ ! -e s.csv.1 ] || mv s.csv.1 s.csv.2
		mv s.csv s.csv.1
		{ now_rows 0 0; now_rows $at $((at + 1)); } >s.csv
	done
	wait_for 10 grep -q '"start_s":3.0' "$out"
	end_follow '.rows == 200 and .bad == 0 and .torn == 0 and .duplicate == 0'
	assert_equal "$rc" 0
	run ! grep missing "$err"
}

@test "--follow: the rest of what is there counts when a signal comes, also of the files behind" {
	begin_follow
	kill -STOP "$pid"
	now_rows 1 2 >>s.csv
	mv s.csv s.csv.1
	{ now_rows 0 0; now_rows 2 3; } >s.csv
	kill -INT "$pid"
	kill -CONT "$pid"
	end_follow '.rows == 150'
	assert_equal "$rc" 0
}

@test "--follow: a file of a log that was gone at once is told, exit 3" {
	begin_follow
	kill -STOP "$pid" # whatever the machine does
	mkdir old
	{ now_rows 0 0; now_rows 1 2; } >next
	mv s.csv old/0
	mv next s.csv
	mv s.csv old/1
	{ now_rows 0 0; now_rows 2 3; } >s.csv
	rm s.csv
	{ now_rows 0 0; now_rows 3 4; } >s.csv # removed, and made anew
	kill -CONT "$pid"
	wait_for 10 grep -q '"start_s":3.0' "$out"
	end_follow '.rows == 100'
	assert_equal "$rc" 3
	grep "replaced again before it could be opened: rows are missing" "$err"
	grep "parts of the log are missing" "$err"
}

@test "--follow: where the kernel gives no watch, that is told, also of a file that comes later" {
	[ "$(unshare -Ur cat /proc/sys/user/max_inotify_instances)" -gt 0 ] || skip "no user namespace here"
	date +%s.%6N >start
	bg env --default-signal=INT unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_inotify_instances
		exec chaos-analyze --windows --follow s.csv --warmup-ignore-sec 0 --detector threshold'
	pid=$BG_PID out=$BG_OUT err=$BG_ERR
	wait_for 10 grep -q "is not there yet" "$err"
	run ! grep watched "$err"
	now_rows 0 1 >s.csv
	wait_for 10 grep -q '"start_s":0.0' "$out"
	mv s.csv s.csv.1
	{ now_rows 0 0; now_rows 1 2; } >s.csv
	wait_for 10 grep -q '"start_s":1.0' "$out"
	end_follow '.rows == 100'
	assert_equal "$rc" 0
	assert_equal "$(grep -c "'s[.]csv' .*be watched: .*replaced .*missed" "$err")" 1
}

@test "--follow: a log that is cut in place, and longer than before by the time it is looked at" {
	begin_follow
	now_rows 1 2 >>s.csv
	wait_for 10 grep -q '"start_s":1.0' "$out"
	wait_for 10 has_read s.csv
	kill -STOP "$pid"
	cp s.csv s.csv.1
	{ now_rows 0 0; now_rows 2 5; } >new
	cat new >s.csv
	kill -CONT "$pid"
	wait_for 10 grep -q '"start_s":4.0' "$out"
	end_follow '.rows == 250 and .bad == 0 and .torn == 0'
	run cat "$err"
	assert_line --regexp "'s[.]csv' .*cut: .*start; .* [0-9]+[.][0-9]+ s .*missing"
}

@test "--follow: a log whose writer pauses before it opens the new one: read until that has a line, and then told" {
	begin_follow
	exec 7>>s.csv
	mv s.csv s.csv.1
	: >s.csv # as logrotate makes it
	for at in 1 2; do
		wait_for 10 grep -q "\"start_s\":$at.0" "$out" # time goes on without a row
		now_rows $((at + 1)) $((at + 2)) >&7
	done
	run ! grep replaced "$err"
	{ now_rows 0 0; now_rows 4 5; } >s.csv
	wait_for 10 grep -q "was replaced" "$err"
	now_rows 5 6 >&7
	exec 7>&-
	wait_for 10 grep -q "is still written to" "$err"
	end_follow '.rows == 200 and .bad == 0 and .torn == 0'
	assert_equal "$rc" 3
}

@test "--follow: a log that gets its name back is read on where it was left" {
	begin_follow
	mv s.csv a.csv
	{ now_rows 0 0; now_rows 1 2; } >s.csv
	wait_for 10 grep -q "was replaced: .* from its start" "$err"
	kill -STOP "$pid" # else it might see that a.csv is written to before that is s.csv again
	now_rows 2 3 >>a.csv
	mv s.csv b.csv
	mv a.csv s.csv
	kill -CONT "$pid"
	wait_for 10 grep -q "was replaced: .* had this name before" "$err"
	now_rows 3 4 >>s.csv
	end_follow '.rows == 200 and .bad == 0 and .torn == 0'
	assert_equal "$rc" 0
}

@test "--follow: a link that leads to the log, whose target is rotated" {
	mkdir logs
	: >logs/0
	ln -s logs/0 s.csv
	begin_follow
	for at in 1 2; do
		mv logs/0 logs/$at
		{ now_rows 0 0; now_rows $at $((at + 1)); } >logs/0
	done
	wait_for 10 grep -q '"start_s":2.0' "$out"
	end_follow '.rows == 150 and .bad == 0'
	assert_equal "$rc" 0
}

@test "--follow: a run directory, to the end of its run" {
	mkdir -p runs/r1
	patient
	bg chaos-analyze --windows --follow --run-id r1 --warmup-ignore-sec 0
	local pid=$BG_PID out=$BG_OUT
	date +%s.%6N >start
	{
		printf '{"t":%s,"event":"run_start","run_id":"r1"}\n' "$(cat start)"
		printf '{"t":%s,"event":"load_rate","rate_rps":50}\n' "$(cat start)"
	} >runs/r1/events.jsonl
	ln -s "$out" w.jsonl
	wait_for 10 windows_told 2 # the start is known, no row is there: silence is shown
	now_rows 0 3 >runs/r1/samples.csv
	printf '{"t":%s,"event":"load_rate","rate_rps":0,"reason":"duration"}\n' "$(awk '{ printf "%.6f", $1 + 3 }' start)" >>runs/r1/events.jsonl
	wait_for 10 has_read runs/r1/samples.csv
	printf '{"t":%s,"event":"run_end","reason":"done"}\n' "$(awk '{ printf "%.6f", $1 + 3.5 }' start)" >>runs/r1/events.jsonl
	wait "$pid" && rc=0 || rc=$?
	jq -se --argjson t0 "$(cat start)" '.[0].t0 == $t0 and (last | .reason == "run_end" and .end_s == 3 and .rows == 150)
		and (map(select(.type == "window" and .final).due) == [50, 50, 50])' w.jsonl
}

@test "--follow --duration: no longer, and the analysis at the end" {
	date +%s.%6N >start
	now_rows 0 2 >s.csv
	echo 'load: {timeout: 1s}' >config.yaml
	run -0 --separate-stderr chaos-analyze --follow --duration 3 --warmup-ignore-sec 0 --detector threshold s.csv
	jq -e '.input.duration_s == 3 and .input.seconds == 3 and .input.rows == 100
		and .anomaly_windows == [{start_sec: 2, end_sec: 2}]' <<<"$output"
}

@test "a slow writer: parts of rows, and nothing for a while" {
	patient
	date +%s.%6N >start
	slow() {
		now_rows 0 2 >two
		head -c 1000 two
		sleep 1.3
		tail -c +1001 two | head -c 777
		sleep 0.1
		tail -c +1778 two
		# The rest comes when time alone has told of the second before, not when a clock says that it must have.
		wait_for 20 grep -q '"start_s":3.0' w.jsonl
		now_rows 4 5
	}
	slow 3>&- | chaos-analyze --windows --warmup-ignore-sec 0 >w.jsonl
	jq -se '(map(select(.type == "window" and .final).due) == [50, 50, 0, 0, 50])
		and (map(select(.type == "window" and (.final | not)).start_s)[0:4] == [0, 1, 2, 3])
		and (last | .rows == 150 and .late == 0 and .bad == 0 and .torn == 0)' w.jsonl
}
