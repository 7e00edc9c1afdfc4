# chaos-spread: one load from several processes, joined exactly.
load helper
load load_helper

setup() {
	scratch
	free_ports 1
	URL=http://127.0.0.1:${PORTS[0]}
}

teardown() {
	[ ${#STOOD[@]} -eq 0 ] || kill -CONT "${STOOD[@]}" 2>/dev/null || true
	end_bg
}

# find_load SHARD PID: sets LOAD to the pid of that shard's load, a descendant of that process, if it is there. It starts
# no process, so that it is not over before it is found.
find_load() {
	local child children argv
	read -ra children <"/proc/$2/task/$2/children" || true
	for child in "${children[@]}"; do
		mapfile -d '' -t argv <"/proc/$child/cmdline" || continue
		case "${argv[*]} " in
		"chaos-load "*"--shard $1 "*) LOAD=$child && return ;;
		*) ! find_load "$1" "$child" || return 0 ;;
		esac
	done
	return 1
}

# parent PID: of a load its agent, of an agent the process that drives the shard.
parent() { local stat && read -r stat <"/proc/$1/stat" && set -- ${stat##*) } && echo "$2"; }

# spread_rows OPTION…: chaos-spread where its exit code is not the matter: a busy machine may send late. A place has the
# time to begin before slot 0, since what is due before it has begun is left out.
spread_rows() { chaos-spread --delay 4 "$@" || [ $? -eq 3 ]; }

# Of a link that answers in 6 ms once and slower else, and of clocks that the test gives: the answer came when three
# quarters of the way were over, the clock there is 2 s ahead.
@test "a clock is that of the shortest of ten round trips, and its error half of that" {
	local trip trips=(40 35 90 6 41 7 300 38 39 50) at=100 probe=0
	for trip in "${trips[@]}"; do
		printf '1700000000%03d000000\n1700000000%03d000000\n' $at $((at + trip)) >>times
		printf 'Welcome to this host\n#clock %d %d\n' $((probe += 1)) $((1700000002000000000 + at * 1000000 + trip * 750000)) >>answers
		at=$((at + trip + 1))
	done
	cat >look <<-'END'
		date() { echo >>asked && sed -n "$(wc -l <asked)p" times; }
		. "$1/share/spread/shard.sh"
		kind=ssh give=
		exec 4>questions 5<answers
		clock && echo "$ahead $bound"
	END
	run -0 sh look "$ROOT"
	assert_output "2001500 3001" # us; one for what was rounded
	grep . questions | cmp - <(seq -f 'clock %g' 10)
}

# The agent looks three times for half a second: of signs that come each half second it may miss three in a row.
@test "an agent is given signs of life as often after the stop as before it" {
	local wait
	cat >look <<-'END' # no time passes: the stop comes in the third wait, and the sixth is the last
		sleep() {
			echo " $1"
			waits=$((waits + 1))
			[ $waits -ne 3 ] || touch stopped
			[ $waits -lt 6 ]
		}
		. "$1/share/spread/shard.sh"
		tmp=. waits=0
		signs
	END
	{ timeout 10 sh look "$ROOT" || true; } | head -c 99 >out
	wait=$(sed -n 's/^\. \(0\.[1-5]\)$/\1/p;q' out)
	assert_equal "$(cat out)" "$(printf "%s $wait\n" . . . s s s)"
}

@test "shards together are one run: each slot once, at its time, and the analysis of one file" {
	node_on "${PORTS[0]}"
	spread_rows --on local:4 --summary load.json -- chaos-load -q --pace-slack 1s -r 200 -d 2s -X POST "$URL/work" >all.csv
	[ "$(head -n 1 all.csv | cut -d , -f 1,9)" = timestamp,slot ]
	tail -n +2 all.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 399)
	# A row's time is that of its slot in the one schedule.
	tail -n +2 all.csv | awk -F , -v start="$(jq .start_t load.json)" '{ d = $1 - start - $9 / 200 } d * d > 4e-12 { exit 1 }'
	jq -e '.due == 400 and .rows == 400 and .shard == null and [.shards[].rows] == [100, 100, 100, 100]' load.json
	for i in 0 1 2 3; do
		awk -F , -v i=$i 'NR == 1 || $9 % 4 == i' all.csv >part$i.csv
	done
	chaos-analyze --warmup-ignore-sec 0 --load-summary load.json all.csv >one.json 2>/dev/null || [ $? -eq 3 ]
	chaos-analyze --warmup-ignore-sec 0 --load-summary load.json part?.csv >four.json 2>/dev/null || [ $? -eq 3 ]
	cmp one.json four.json
	# The same from the load summaries of the shards.
	set --
	for i in 0 1 2 3; do
		jq --argjson i $i --argjson start "$(jq .start_t load.json)" '.shards[$i].summary | .start_t = $start' load.json >part$i.json
		set -- "$@" --load-summary part$i.json
	done
	chaos-analyze --warmup-ignore-sec 0 "$@" part?.csv >four.json 2>/dev/null || [ $? -eq 3 ]
	cmp one.json four.json
	awk -F , '$9 != 2' part2.csv >less.csv
	run -3 --separate-stderr chaos-analyze --warmup-ignore-sec 0 "$@" part[013].csv less.csv
	[[ $stderr == *"slot 2 is in no file: "* ]]
}

# all_told EVERY DUE: the slots of all.csv and those that load.json calls unmeasured are those that were due, each once.
all_told() {
	{ tail -n +2 all.csv | grep -v ,output, | cut -d , -f 9
		jq -r --argjson n "$1" '.shards[].slots[] | range(.[0]; .[1] + 1; $n)' load.json; } | sort -n | cmp - <(seq 0 $(($2 - 1)))
}

@test "a shard that is killed is made again: no slot twice, also where a clock is set back, and what is missing is told and no outage" {
	node_on "${PORTS[0]}"
	cat >set.c <<-'END' # the clock is set back by a second when there is a file "back"
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		#include <time.h>
		#include <unistd.h>
		int clock_gettime(clockid_t id, struct timespec *t)
		{
			int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
			int rc = real(id, t);
			if (id == CLOCK_REALTIME && access(getenv("BACK"), F_OK) == 0)
				t->tv_sec--;
			return rc;
		}
	END
	"${CC:-cc}" -shared -fPIC -o set.so set.c
	BACK=$PWD/back LD_PRELOAD=$PWD/set.so chaos-spread --on local:3 --summary load.json -- chaos-load -q --pace-slack 1s -r 45 -d 8s -X POST "$URL/work" \
		>all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 find_load 2/3 $spread
	wait_for 20 has_rows 60 all.csv
	: >back
	kill -KILL "$LOAD"
	code=0
	wait $spread || code=$?
	assert_equal "$code" 3
	grep -q 'shard 2 on local 2 .*lost; .*made again' err
	grep -q 'shard 2 on local 2 .*lost .* [0-9]* rows .*made again: slots [0-9, to]* in steps of 3 .*not measured' err
	before=$(sed -n 's/.*shard 2 on local 2 .*lost .* \([0-9]*\) rows .*made again.*/\1/p' err)
	jq -e --argjson before "$before" '.sound == false and (.reasons[0] | test("shard 2 on local 2 .*lost")) and .due == 360 and .rows + .lost == .due
		and (.shards[1] | .again == 1 and .unmeasured > 0 and .rows > $before) and .shards[0].again == 0' load.json
	grep -q ',local,.*,output,.*count=[0-9]* from=.* to=' all.csv
	all_told 3 360
	awk -F 'count=' '/,output,/ { n += $2; next } NR > 1 { n++ } END { exit n != 360 }' all.csv
	awk -F , -v OFS=, 'NR > 1 && !/,output,/ { $4 = $6 = 5 } 1' all.csv >alike.csv # how long a busy machine took is not the matter
	run -3 chaos-analyze --warmup-ignore-sec 0 --load-summary load.json alike.csv
	echo "$output" | grep -v '^chaos-analyze' | jq -e '.anomaly_windows == [] and .run_summary.lost > 0 and .run_summary.err == 0'
}

@test "a shard that stays lost: no slot is named that the schedule does not have" {
	node_on "${PORTS[0]}"
	local shard code spreads=()
	for shard in 1 2 3; do # the schedule's end is before a slot of the second
		mkdir $shard
		(cd $shard && exec chaos-spread --on local:3 --again 0 --delay 0.5 --summary load.json -- chaos-load -q --pace-slack 1s -r 25 -d 6.04s \
			-X POST "$URL/work" >all.csv 2>err) 3>&- &
		spreads[shard]=$!
	done
	for shard in 1 2 3; do
		wait_for 20 find_load $shard/3 "${spreads[shard]}"
		wait_for 20 has_rows 20 $shard/all.csv
		kill -KILL "$LOAD"
	done
	for shard in 1 2 3; do
		code=0
		wait "${spreads[shard]}" || code=$?
		assert_equal "$code" 3
		cd "$SCRATCH/$shard"
		grep "shard $shard on local $shard was lost after [0-9]* rows: slots " err
		jq -e '.slots == 151' load.json
		all_told 3 151
	done
}

@test "a place that answers with nonsense: a lost shard, exit 3, and nothing that a screen obeys" {
	cat >far <<-'END'
		#!/bin/bash
		while read -r word rest; do case $word in clock) echo "#clock $rest $(date +%s%N)" ;; go) break ;; esac; done
		printf '\033]0;x\007\302\233 hello\n' >&2
		[ ! -e torn ] || { printf 'timestamp,sl\n\n#end 137\n' && exit; }
		printf 'timestamp,slot,detail\n%s,0,\n%b\n' "$rest" "$(cat says)"
	END
	chmod +x far
	local says
	for says in '#summary {bad\n#end 0' '#summary {"sound":true}\n#end 0' '17#end 3' \
		'#summary {"due":"x","nodes":5,"errors":{}}\n#end 0' '#end 99999999999' '#end \$(touch x)'; do
		echo "$says" >says
		run -3 --separate-stderr timeout 20 chaos-spread --on ssh:h --ssh ./far --summary s.json --delay 0.1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
		# Two processes say this, in any order.
		mapfile -t lines < <(sort <<<"$stderr")
		assert_equal "${#lines[@]}" 2
		assert_says "${lines[0]}" chaos-spread: "shard 1 on h" lost "1 rows" "not measured"
		assert_equal "${lines[1]}" 'h:  ]0;x   hello'
		[ ! -s s.json ]
		[ ! -e x ]
	done
	: >torn # a header
	run -3 --separate-stderr timeout 20 chaos-spread --on ssh:h --ssh ./far --again 0 --delay 0.1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
	assert_equal "$output" ''
	rm torn
	# a summary that counts more rows than came
	echo '#summary {"due":2,"sent":2,"ok":2,"rows":2,"lost":0,"duration_s":1,"nodes":[],"errors":{},"sound":true}\n#end 0' >says
	run -3 --separate-stderr chaos-spread --on ssh:h --ssh ./far --summary s.json --delay 0.1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
	assert_line_says "$stderr" chaos-spread: "shard 1 on h" lost "slots 1" not measured
	jq -e '.sound == false and .due == 2 and .rows == 1 and .lost == 1' s.json
	# rows without a slot, twice, and torn
	printf '%s\n' 1.5,0, 1.5,2, 1.5,4, 1.5,, 1.5,0, 1.5,6, 1.5,8 >rows
	awk -F , -v shift_us=0 -v about=1 -v every=2 -v header=timestamp,slot,detail -v out=known -f "$ROOT/share/spread/rows.awk" <rows >passed
	head -n 6 rows | cmp - passed
	assert_equal "$(grep -P '\tslots\t' known)" $'1\tslots\t0 6'
}

@test "a process that drives a shard dies by itself: told, the load ends, and exit 6" {
	node_on "${PORTS[0]}"
	chaos-spread --on local:2 --summary load.json -- chaos-load -q --pace-slack 1s -r 50 -d 60s -X POST "$URL/work" \
		>all.csv 2>err 3>&- &
	spread=$!
	of_second() { [ "$(awk -F , '$9 % 2 == 1' all.csv | wc -l)" -gt 10 ]; }
	wait_for 20 of_second
	wait_for 20 find_load 2/2 $spread
	kill -KILL "$(parent "$(parent "$LOAD")")"
	code=0
	wait_for 20 gone $spread || kill -KILL $spread
	wait $spread || code=$?
	assert_says "$code $(told_besides_lateness <err)" "6 chaos-spread:" drives "shard 2" died "load ends"
	jq -e '.ended == "signal" and .rows == .due and .shards[1].rows > 9' load.json
	[ "$(wc -l <all.csv)" -eq "$(($(jq .rows load.json) + 1))" ]
}

@test "a signal ends all shards, a reader that goes ends them quietly, and nothing is left" {
	node_on "${PORTS[0]}"
	# to the whole process group, as timeout sends it
	setsid chaos-spread --on local:2 --summary load.json -- chaos-load -q --pace-slack 1s -r 50 -d 60s -X POST "$URL/work" >all.csv 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	from=$EPOCHREALTIME
	kill -TERM -- -$spread
	code=0
	wait_for 20 gone $spread
	wait $spread || code=$?
	assert_equal $code 143
	jq -e '.ended == "signal" and .rows == .due' load.json
	[ "$(wc -l <all.csv)" -eq "$(($(jq .rows load.json) + 1))" ]
	# as the man page has it, unless the loads stood still
	tail -n +2 all.csv | awk -F , -v last="$from" -v still="$(jq .max_pacing_ms load.json)" '$1 > last + 2 + still / 1000 { exit 1 }'
	run -0 sh -c 'chaos-spread --on local:2 -- chaos-load -q --pace-slack 10s -r 100 -d 60s -X POST "$1/work" 2>err | head -n 3' sh "$URL"
	[ "${#lines[@]}" -eq 3 ]
	[ -z "$(told_besides_lateness <err)" ] || fail "$(cat err)"
	run -6 sh -c 'chaos-spread --on local:2 -- chaos-load -q -r 100 -d 60s -X POST "$1/work" 3>&- >/dev/full' sh "$URL"
	assert_output --partial 'No space left'
	# at any moment before slot 0: also where the loads are being started, and told to
	local moment
	for moment in 01 03 05 06 07 08 10 20; do
		chaos-spread --on local:2 --delay 9 -- chaos-load -q -r 100 -d 60s -X POST "$URL/work" >none.csv 2>err 3>&- &
		spread=$!
		sleep "0.$moment"
		kill -TERM $spread
		code=0
		wait_for 10 gone $spread || kill -KILL $spread
		wait $spread || code=$?
		assert_equal "$code $(cat err)" '143 '
		[ "$(wc -l <none.csv)" -le 1 ]
	done
	printf '#!/bin/sh\nexec sleep 9 3>&-\n' >silent
	chmod +x silent
	run -143 timeout --preserve-status 0.5 chaos-spread --on ssh:a,b --ssh ./silent -- chaos-load -r 1 -d 60s "$URL/work"
	assert_output ''
	run ! ls -d "${TMPDIR:-/tmp}"/chaos-spread.*
}

# Neither this one nor that of --events asks whether the load was in time, with so little --delay.
@test "--send: the copy stands where a word is the file, and in no text that ends alike; it is not read byte by byte" {
	node_on "${PORTS[0]}"
	printf 'a body' >x
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >words\nfor w; do case $w in --body=@*) cat "${w#*@}" >copy ;; esac; done\nexec chaos-load "$@"\n' >recorder
	chmod +x recorder
	run chaos-spread --on local:1 --delay 0.3 --send x -- ./recorder -q -X POST -r 10 -d 300ms --body=@x --header 'A: b@x' --header=B:=x "$URL/work"
	mapfile -t words <words
	assert_equal "${words[9]} ${words[10]}" 'A: b@x --header=B:=x'
	cmp x copy
	run chaos-spread --on local:1 --delay 0.3 --send x -- ./recorder -q -X POST -r 10 -d 300ms --body id=x --header='A: //sent/1' "$URL/work"
	mapfile -t words <words
	assert_equal "${words[8]} ${words[9]}" 'id=x --header=A: //sent/1'
	head -c 1000000 /dev/urandom >x
	printf '#!/bin/sh\ncat "$1" >copy\ngrep syscr "/proc/$PPID/io" >reads\nexec chaos-load -q -r 10 -d 300ms "$2/health"\n' >recorder
	run -3 chaos-spread --on local:1 --again 0 --delay 0.1 --send x -- ./recorder x "$URL"
	cmp x copy
	[ "$(cut -d ' ' -f 2 reads)" -lt 10000 ]
}

@test "an agent that is killed: its end is that of its rows, and its copies go" {
	node_on "${PORTS[0]}"
	mkdir tmp
	echo x >x
	TMPDIR=$SCRATCH/tmp chaos-spread --on local:1 --delay 4 --again 0 --send x -- chaos-load -q --pace-slack 1s -r 25 -d 4s -X POST --body=@x "$URL/work" \
		>all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	wait_for 20 find_load 1/1 $spread
	kill -KILL "$(parent "$LOAD")"
	code=0
	wait_for 15 gone $spread || kill -KILL $spread
	wait $spread || code=$?
	assert_equal $code 3
	[ "$(wc -l <all.csv)" -eq 101 ]
	no_files() { [ -z "$(ls tmp)" ]; }
	wait_for 5 no_files
}

@test "killed, with a load that stands still; and who takes the rows is killed: told, nothing is left" {
	node_on "${PORTS[0]}"
	mkdir tmp
	export TMPDIR=$SCRATCH/tmp
	no_files() { [ -z "$(ls tmp)" ]; }
	local code rows
	chaos-spread --on local:2 --summary load.json -- chaos-load -q -r 50 -d 60s -X POST "$URL/work" >all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	wait_for 20 find_load 2/2 $spread
	kill -STOP "$LOAD"
	kill -KILL $spread
	wait $spread || true
	wait_for 10 gone "$LOAD" || fail "the load stands still"
	wait_for 10 no_files || fail "$(ls tmp)"
	[ ! -e load.json ]
	# the same where the agent is killed
	rm all.csv
	chaos-spread --on local:1 -- chaos-load -q -r 50 -d 60s -X POST "$URL/work" >all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	wait_for 20 find_load 1/1 $spread
	kill -STOP "$LOAD"
	kill -KILL "$(parent "$LOAD")"
	kill -KILL $spread
	wait $spread || true
	wait_for 10 gone "$LOAD" || { kill -KILL "$LOAD" && fail "the load stands still"; }
	wait_for 10 no_files || fail "$(ls tmp)"
	rm all.csv
	chaos-spread --on local:1 -- chaos-load -q --pace-slack 10s -r 50 -d 60s -X POST "$URL/work" >all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	wait_for 20 find_load 1/1 $spread
	kill -KILL "$(pgrep -x mawk -P "$(parent "$(parent "$LOAD")")")"
	code=0
	wait_for 10 gone $spread || kill -KILL $spread
	wait $spread || code=$?
	assert_says "$code $(told_besides_lateness <err)" "6 chaos-spread:" rows "shard 1" "signal 9" "load ends"
	wait_for 10 no_files || fail "$(ls tmp)"
}

@test "killed with all its processes: the next start takes the folder away, and none of a run that lives" {
	node_on "${PORTS[0]}"
	mkdir tmp
	export TMPDIR=$SCRATCH/tmp
	printf x >x
	local dead lives
	setsid chaos-spread --on local:2 --send x -- chaos-load -q -r 50 -d 60s -X POST --body=@x "$URL/work" >dead.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 dead.csv
	dead=$(ls tmp)
	kill -KILL -- -$spread
	wait $spread || true
	assert_equal "$(ls tmp)" "$dead"
	wait_for 5 flock -n "tmp/$dead/lock" true # all of them are dead, which may be later than the first
	chaos-spread --on local:1 -- chaos-load -q -r 50 -d 60s -X POST "$URL/work" >lives.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 lives.csv
	lives=$(ls tmp)
	[[ $lives == chaos-spread.* ]]
	[[ $lives != *"$dead"* ]]
	chaos-spread --on local:1 --delay 0.5 -- chaos-load -q -r 10 -d 200ms -X POST "$URL/work" >/dev/null || [ $? -eq 3 ]
	assert_equal "$(ls tmp)" "$lives"
	kill -TERM $spread
	wait $spread || [ $? -eq 143 ]
	[ -z "$(ls tmp)" ]
}

@test "a folder for temporary files that knows no locks is no obstacle" {
	node_on "${PORTS[0]}"
	mkdir tmp bin
	printf '#!/bin/sh\necho "flock: Function not implemented" >&2\nexit 71\n' >bin/flock
	chmod +x bin/flock
	TMPDIR=$SCRATCH/tmp PATH=$SCRATCH/bin:$PATH spread_rows --on local:1 -- \
		chaos-load -q --pace-slack 1s -r 10 -d 1s -X POST "$URL/work" >rows.csv 2>err
	assert_equal "$(wc -l <rows.csv) $(told_besides_lateness <err) $(ls tmp)" "11  "
}

@test "--events: at any descriptor, also those that the program has itself" {
	node_on "${PORTS[0]}"
	local n
	for n in 3 7 8 10 12; do
		run bash -c "chaos-spread --on local:1 --delay 0.3 --events fd:$n -- chaos-load -q --pace-slack 1s -r 10 -d 200ms '$URL/health' $n>events" 3>&-
		assert_equal "$(jq -c '[.event, .shards]' events)" '["load_ready",1]'
	done
	# A summary too goes to a descriptor that is open on a file, and through a link: nothing is replaced there.
	ln -s load.json link.json
	spread_rows --on local:1 --summary link.json -- chaos-load -q --pace-slack 1s -r 10 -d 200ms "$URL/health" >/dev/null
	[ -L link.json ]
	{ spread_rows --on local:1 --summary /dev/fd/7 -- chaos-load -q --pace-slack 1s -r 10 -d 200ms "$URL/health"; } 7>through >/dev/null
	{ spread_rows --on local:1 --summary /dev/fd/9 -- chaos-load -q --pace-slack 1s -r 10 -d 200ms "$URL/health"; } 9>beside >/dev/null
	jq -s -e 'map(.due) == [2, 2, 2]' load.json through beside
	cp "$(command -v chaos-spread)" before
	run -2 bash -c 'exec chaos-spread --on local:1 --events fd:10 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/ 10>&-'
	assert_says "$output" chaos-spread: --events: "'/dev/fd/10'"
	cmp before "$(command -v chaos-spread)"
	run -2 chaos-spread --on local:1 --events fd:x --check -- chaos-load
	assert_says "$output" chaos-spread: "--events fd:x:" descriptor number fd:5
	run -2 chaos-spread --on local:1 --events fd: --check -- chaos-load
}

# children PID: all its descendants.
children() { local child; for child in $(cat "/proc/$1/task"/*/children 2>/dev/null); do echo "$child"; children "$child"; done; }

@test "a stop before the start, also where a link takes nothing: ended at once, and no process and no file is left" {
	printf '#!/bin/sh\nexec sleep 7777 3>&-\n' >silent
	chmod +x silent
	head -c 400000 /dev/zero >big
	mkfifo input
	mkdir tmp
	export TMPDIR=$SCRATCH/tmp
	local spread all child code
	for links in 'ssh:a --ssh ./silent' local:2; do # the latter waits for 'start'
		code=0
		exec 9<>input
		echo '@1 stop' >&9
		chaos-spread --on $links --send big --control -- chaos-load -q "$URL" <input 2>err 3>&- 9>&- &
		spread=$!
		answered() { compgen -G "tmp/chaos-spread.*/1.0.from"; }
		wait_for 10 answered
		[ "$links" != local:2 ] || wait_for 10 has_bound
		all=$(children $spread)
		kill -TERM $spread
		wait_for 5 gone $spread || kill -KILL $spread
		wait $spread || code=$?
		assert_equal "$code $(cat err)" '143 '
		for child in $all; do wait_for 3 gone "$child"; done
		[ -z "$(ls tmp)" ] || fail "$(ls tmp)"
	done
	# and the end of input
	run -130 timeout 10 chaos-spread --on local:1 --control -- chaos-load -q "$URL" <<<'@1 stop'
}
has_bound() { [ "$(cat tmp/chaos-spread.*/[12].0.out | grep -c bound)" -eq 2 ]; }

@test "what cannot be meant is refused, and a place that cannot be reached sends nothing anywhere" {
	run -2 chaos-spread --on lokal:2 -- chaos-load
	assert_says "$output" chaos-spread: lokal:2 "'local:N'?"
	run -2 chaos-spread --on local:0 -- chaos-load
	run -2 chaos-spread --on ssh:a,,b -- chaos-load
	run -2 chaos-spread --on ssh:-oProxyCommand=x -- chaos-load
	run -2 chaos-spread --sumary x --on local:1 -- chaos-load
	assert_says "$output" chaos-spread: --sumary "'--summary'?"
	run -2 chaos-spread --on local:1 -- chaos-load --shard 1/2
	run -2 chaos-spread --on local:1 chaos-load
	run -2 chaos-spread --on local:1 --again many -- chaos-load
	run -2 chaos-spread --on kubernetes:2 --kubectl true --image 'a b' -- chaos-load
	run -6 chaos-spread --on ssh:x --ssh false -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
	assert_line_says "$output" chaos-spread: "no load" "from: x"
	# Of a kubectl without a cluster: its words once, and a line of what may be left.
	printf '#!/bin/sh\nfor n in 1 2 3; do echo "E$n $1" >&2; done\nprintf "no \\033cluster\\n" >&2\nexit 1\n' >kubectl
	chmod +x kubectl
	run -6 chaos-spread --on kubernetes:2 --kubectl ./kubectl -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
	assert_equal "${#lines[@]}" 6
	assert_says "${lines[4]}" chaos-spread: "no Job" "nothing was sent"
	assert_says "${lines[5]}" chaos-spread: Job chaos-spread "no cluster"
	mkdir full
	unshare -rm true || skip "no mount namespaces here"
	run -6 unshare -rm sh -c 'mount -t tmpfs -o size=16k none full && TMPDIR=full chaos-spread --on local:1 -- chaos-load -r 1 -d 1s "$1"' sh "$URL"
	assert_equal "${#lines[@]}" 1
	assert_says "$output" chaos-spread: "'full"
}

# family PID: it and its descendants, one a line, each behind its parent.
family() {
	local child
	echo "$1"
	for child in $(pgrep -P "$1"); do family "$child"; done
}

@test "all that is here stands still for two seconds, as a machine may: the load goes on" {
	node_on "${PORTS[0]}"
	local code=0
	chaos-spread --on local:2 --delay 4 --summary load.json -- chaos-load -q --pace-slack 10s --timeout 10s -r 50 -d 5s -X POST "$URL/work" >all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 has_rows 20 all.csv
	mapfile -t STOOD < <(family $spread)
	kill -STOP "${STOOD[@]}" 2>/dev/null || true # some live for an instant only
	mapfile -t STOOD < <(family $spread | tac)
	kill -STOP "${STOOD[@]}" 2>/dev/null || true
	sleep 2 # longer than the agents wait for a sign of life
	kill -CONT "${STOOD[@]}" 2>/dev/null || true # those who wait for one first
	wait $spread || code=$?
	[ $code -eq 0 ] || [ $code -eq 3 ] || fail "$code: $(cat err)"
	jq -e '.ended == "duration" and .rows == 250 and .due == 250' load.json
}
