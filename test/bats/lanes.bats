# run-bats itself: what it counts, which ports it hands out, and that it leaves nothing.
load helper

setup() {
	scratch
	mkdir bats
	export RUN_BATS_LOGS=$SCRATCH/logs
}

teardown() {
	end_bg
}

# file NAME BODY…: a bats file with one test of each body.
file() {
	local name=$1 body n=0
	shift
	for body; do printf '@test "%s %d" {\n%s\n}\n' "$name" $((n += 1)) "$body"; done >"bats/$name.bats"
}

# lanes [VARIABLE=…]: a run inside the run, with ports of its own, and nothing of the outer bats.
lanes() {
	local name outer=()
	for name in "${!BATS_@}" CHAOS_PORTS CHAOS_TEST_RUN CHAOS_STRICT TMPDIR; do outer+=(-u "$name"); done
	timeout 60 env "${outer[@]}" "$@" "$ROOT/test/run-bats" "$PWD"/bats/*.bats
}

@test "tests of all files are counted; a failure and a missing test are failures, and named at the end" {
	file good true true 'skip "why"'
	file bad true "load $ROOT/test/bats/assert"$'\n[ 1 = 1 ]\n[[ 1 = 2 ]]\ntrue'
	run -1 lanes LANES=2
	assert_line --regexp "in test file .*/bad.bats, line 7"
	assert_line --partial '`[[ 1 = 2 ]]'"' failed"
	assert_line "5 tests, 1 failures, 1 skipped"
	assert_equal "${lines[-1]}" "3 passed, 1 failed, 1 skipped"
	assert_line --regexp "^run-bats: failed: .*/bad.bats, see .*logs/bad.tap"
	rm bats/bad.bats
	run -0 lanes
	file gone 'kill -KILL $PPID' true
	run -1 lanes
	assert_line --regexp "^run-bats: [12] planned tests did not run"
	rm bats/*
	file broken '('
	run -1 lanes
	assert_line --regexp "^run-bats: failed: .*/broken.bats"
	assert_equal "${lines[-1]}" "0 passed, 1 failed, 0 skipped"
}

@test "what a file printed stands together, in one piece" {
	local name
	for name in a b c; do file $name 'sleep 0.2' 'sleep 0.2'; done
	run -0 lanes LANES=3
	run awk '/^# .*passed/ { file = substr($2, 1, 1); next } /^ok/ && $3 != file' <<<"$output"
	assert_output ""
}

@test "a process that a test leaves is named, and fails its file" {
	local there='; until grep -qx sleep /proc/$!/comm; do sleep 0.02; done'
	file leaves 'setsid sleep 60 >/dev/null 2>&1 3>&- & echo $! >'"$SCRATCH/pid$there"
	# What is given a clean environment, as programs that are faults are, has TMPDIR all the same.
	file bare '{ cd / && exec setsid env -i TMPDIR="$TMPDIR" sleep 63; } >/dev/null 2>&1 3>&- & echo $! >'"$SCRATCH/bare$there"
	file clean true
	run -1 lanes
	kill "$(cat pid)" "$(cat bare)"
	assert_line --regexp "^[0-9]+ sleep 60"
	assert_line --regexp "^[0-9]+ .*sleep 63"
	assert_line --regexp "^run-bats: failed: .*/leaves.bats"
	assert_line --regexp "^run-bats: failed: .*/bare.bats"
	refute_line --regexp "^run-bats: failed: .*/clean.bats"
	assert_equal "${lines[-1]}" "3 passed, 2 failed, 0 skipped"
}

@test "an interrupt ends every lane with what its tests have started" {
	local body="touch $SCRATCH/\$BATS_TEST_NAME
setsid sleep 61 >/dev/null 2>&1 3>&- &
sleep 62"
	file a "$body"
	file b "$body"
	bg lanes --default-signal=INT LANES=2
	wait_for 10 both_began
	kill -INT "$(pgrep -P "$BG_PID" -x timeout)"
	RC=0
	wait "$BG_PID" || RC=$?
	assert_equal "$RC" 130
	assert_says "$(cat "$BG_ERR")" run-bats: interrupted "nothing is left"
}
both_began() { [ "$(find . -maxdepth 1 -name 'test_*' | wc -l)" = 2 ]; }

@test "no two lanes have a port in common, nor two runs; in a lane a port comes again last of all" {
	local body='freeports 3 >'"$SCRATCH"'/ports.$BATS_ROOT_PID; freeports 3 >>'"$SCRATCH"'/ports.$BATS_ROOT_PID
wait_for() { until [ "$(ls '"$SCRATCH"'/ports.* | wc -l)" = 4 ]; do sleep 0.02; done; }
wait_for'
	file a "$body"
	file b "$body"
	bg lanes LANES=2
	run -0 lanes LANES=2 RUN_BATS_LOGS=$SCRATCH/logs2
	wait "$BG_PID"
	assert_equal "$(cat ports.* | sort | uniq -d)" ""
	assert_equal "$(cat ports.* | wc -l)" 24
	# Of this lane's own ports six that are free: others take none of them meanwhile.
	local range=${CHAOS_PORTS:-27000-31000@} first
	range=${range%@*}
	for ((first = ${range#*-} - 5; first >= ${range%-*}; first -= 6)); do
		export CHAOS_PORTS=$first-$((first + 5))@$SCRATCH/next
		rm -f next
		! freeports 6 || break
	done
	rm next
	assert_equal "$(freeports 4; freeports 2)" "$(seq "$first" $((first + 5)))"
	assert_equal "$(freeports 1)" "$first"
	CHAOS_PORTS=15990 run -2 freeports 1
	assert_says "$output" freeports: CHAOS_PORTS=FIRST-LAST@FILE: range
}

@test "where other runs have the blocks of ports there are fewer lanes" {
	local block fd taken=() ROOT=$SCRATCH/copy
	# One with folders of its own, for blocks that are taken here are taken from nobody.
	mkdir -p blocks copy/test/bats
	touch copy/test/bats/lanes
	sed "s,^blocks=.* size,blocks=$SCRATCH/blocks size," "$BATS_TEST_DIRNAME/../run-bats" >copy/test/run-bats
	chmod +x copy/test/run-bats
	file a true
	file b true
	file c true
	# all but two
	for block in {10200..13800..400} {15000..26600..400}; do
		exec {fd}>>"blocks/$block"
		flock "$fd"
		taken+=("$fd")
	done
	[ ${#taken[@]} -eq 40 ]
	run -0 lanes LANES=3
	assert_line_says "$output" "2 of 3 lanes" "other runs" blocks
	assert_equal "${lines[-1]}" "3 passed, 0 failed, 0 skipped"
	run -0 lanes LANES=2
	refute_line --partial "other runs have"
	exec {block}>>blocks/14200 {fd}>>blocks/14600
	flock "$block"
	flock "$fd"
	run -1 lanes
	assert_says "$output" run-bats: "all blocks of ports" "$SCRATCH/blocks" "other runs"
	for fd in "${taken[@]}" "$block" "$fd"; do exec {fd}>&-; done
}

@test "files of one group do not run beside each other, and the order may be drawn" {
	local order
	run -2 env ORDER=sorted "$ROOT/test/run-bats"
	run -2 env LANES=0 "$ROOT/test/run-bats"
	run -2 "$ROOT/test/run-bats" no.bats
	for name in a b c d e f; do file $name '[ -z "$ORDER$SEED$LANES" ]'; done
	order() { grep -o '^# [a-f]\.bats' <<<"$output"; }
	run -0 lanes LANES=1 ORDER=random SEED=7
	order=$(order)
	run -0 lanes LANES=1 ORDER=random SEED=7
	assert_equal "$(order)" "$order"
	assert_line "# random order, SEED=7"
	assert_equal "$(sort <<<"$order")" "$(printf '# %s.bats\n' a b c d e f)"
	# These names are of the group "time" in the table.
	rm bats/*
	local body='mkdir '"$SCRATCH/busy"' && sleep 0.3 && rmdir '"$SCRATCH/busy"
	file load "$body"
	file load_http "$body"
	run -0 lanes LANES=2
	run -0 lanes GROUP=time
	run -2 lanes GROUP=docker
}

@test "end_bg ends what still runs, stopped or not; a pid that was waited for may be another's" {
	local running
	kill() {
		echo "$*" >>kills
		builtin kill "$@"
	}
	bg sleep 60
	running=$BG_PID
	bg true
	wait "$BG_PID"
	bg sleep 61
	builtin kill -STOP "$BG_PID"
	end_bg
	unset -f kill
	assert_equal "$(<kills)" "$(printf -- '-CONT %d\n-TERM %d\n' "$running" "$running" "$BG_PID" "$BG_PID")"
}
