#!/usr/bin/env bats
# What chaos-scenario shows on a terminal while a run goes on.
bats_require_minimum_version 1.5.0

setup() {
	load helper
	load scenario_helper
	scratch
	needs_terminal
}

teardown() {
	local columns
	for columns in 40 80 200; do
		[ ! -e $columns.yaml ] || chaos-fault --config $columns.yaml down >/dev/null 2>&1 || true
	done
}

# on COLUMNS: runs s.yaml on a terminal of that width; what it shows to screen.COLUMNS, its frames to frames.COLUMNS.
on() {
	script -qec "stty cols $1 rows 24; chaos-scenario --config $1.yaml --scenario s.yaml --run-id r$1" /dev/null \
		>"screen.$1" </dev/null 3>&-
	python3 "$ROOT/test/support/screen.py" "$1" "screen.$1" >"frames.$1"
}

# shows REGEX: as a whole row of some frame at this width.
shows() { grep -qE "$1" frames.$columns || fail "no '$1' in $(cat frames.$columns)"; }

# sparkline FRAMES: a cell more each second, or none where the machine stood still; always scaled to the highest, and
# blank for a second without a success.
sparkline() {
	local row cells=0
	while IFS= read -r row; do
		[[ $row =~ ^[\ ▁▂▃▄▅▆▇]*█[\ ▁▂▃▄▅▆▇█]*\ at\ most\ [1-9][0-9]*\ ok/s$ ]] || [[ $row =~ ^\ +at\ most\ 0\ ok/s$ ]] ||
			fail "no sparkline: '$row'"
		row=${row% at most *}
		[ $((${#row} - cells)) -eq 0 ] || [ $((${#row} - cells)) -eq 1 ] || fail "from $cells cells to '$row'"
		cells=${#row}
	done < <(grep -E ' at most [0-9]+ ok/s$' "$1")
	[ "$cells" -ge 2 ] || fail "$cells cells: $(cat "$1")"
}

@test "six rows at 40, 80 and 200 columns: no row wraps, and each tells what it should" {
	local columns pids=()
	export LANG=C.UTF-8
	unset LC_ALL LC_CTYPE
	cat > s.yaml <<-END
	phases:
	  - {name: normal, duration: 2s, actions: [{type: start_load, rps: 30}]}
	  - {name: 火災 in the middle of a name that is longer than any narrow terminal is, duration: 6s,
	     actions: [{type: kill_node, target: service-node-2, for: 3s}]}
	END
	for columns in 40 80 200; do
		cluster
		mv config.yaml $columns.yaml
		[ $columns != 200 ] || export NO_COLOR=1
		(on $columns || true) &
		pids+=($!)
	done
	wait "${pids[@]}"
	for columns in 40 80 200; do
		# the bar with a mark where the second phase begins, and what is left; never more than six rows
		shows '^\[=+\|[=-]+\] [2-7]/8 s, [0-9] s to go$'
		run ! grep -q '^>' <(awk -v RS='\f\n' '/^\[=/' frames.$columns)
		shows '^phase 2 of 2, [0-9] s to go: 火災'
		shows '^due 30/s, ended [0-9]+/s: [0-9]+ ok, [1-9]'
		shows '^last second p50 [0-9.e+]+ ms, p99 [0-9.e+]+ ms$'
		shows '^1 active: kill service-node-2 \([0-2]\.[0-9] s\)'
		sparkline frames.$columns
		awk -v RS='\f\n' -F'\n' '/^\[=+/ { rows = 0; for (i = 1; i <= NF; i++) rows += $i != ""; if (rows > most) most = rows }
			END { exit most != 6 }' frames.$columns
		# what is left at the end has no part of it
		awk -v RS='\f\n' '{ last = $0 } END { print last }' frames.$columns | tr -d '\n> ' >last
		grep -q lookat last
		run ! grep -q togo last
	done
	grep -q $'\033\[31m' screen.80
	run ! grep -q $'\033\[3[13]m' screen.200
}
