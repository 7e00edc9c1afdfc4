# What holds for the command line of every program of the toolkit.
load helper

setup() {
	scratch
	programs=("$ROOT"/build/bin/*)
	names=("${programs[@]##*/}")
}

# refused PROGRAM ARG…: exit 2, one line on stderr, which is in stderr then, nothing on stdout. As run, in a third of its time.
refused() {
	local code=0
	"$@" >out 2>err || code=$?
	[ $code = 2 ] && [ ! -s out ] && IFS= read -r stderr <err && [ "$(<err)" = "$stderr" ] || fail "$*: $code, $(cat out err)"
}

@test "there are programs to look at" {
	[ "${#programs[@]}" -ge 6 ]
}

@test "--help and -h: on stdout, nothing on stderr, exit 0" {
	local p flag
	for p in "${names[@]}"; do
		for flag in --help -h; do
			"$p" $flag > out 2> err
			[ ! -s err ]
			grep -q "^$p: " out
			grep -q '^Usage: ' out
			grep -qE '^ +-h, --help ' out
		done
	done
}

@test "help wins over a mistake elsewhere on the line" {
	local p
	for p in "${names[@]}"; do
		run -0 "$p" --no-such-option --help
	done
}

# It and its thirty libraries cost a start five times what the rest does.
@test "libcurl is loaded by what calls it alone" {
	local p
	for p in "${programs[@]}"; do
		run -1 grep -F libcurl <(ldd "$p" 2>&1)
	done
	LD_DEBUG=files chaos-load -q --engine own --rps 10 --duration 0.1 http://127.0.0.1:1/ >rows 2>own || :
	LD_DEBUG=files chaos-load -q --engine curl --rps 10 --duration 0.1 http://127.0.0.1:1/ >rows 2>curl || :
	run -1 grep -F libcurl own
	grep -qF libcurl curl
}

@test "where libcurl cannot be loaded, what needs it is not begun, exit 6" {
	local url
	mkdir broken
	echo "no library" >broken/libcurl.so.4
	for url in https://127.0.0.1:1 rediss://127.0.0.1:1; do
		LD_LIBRARY_PATH=broken run -6 chaos-load --rps 10 --duration 1s "$url"
		assert_says "$output" chaos-load: start libcurl: libcurl.so.4:
	done
	DOCKER_HOST=tcp://127.0.0.1:1 LD_LIBRARY_PATH=broken run -6 chaos-fault ls --config <(echo '{nodes: {a: {url: "http://127.0.0.1:1", container: a}}}')
	assert_line_says "$output" engine "'tcp://127.0.0.1:1'" asked: start libcurl
}

@test "a folder as standard input: exit 2, in one line" {
	local line words
	mkdir folder
	printf 'nodes:\n  a: {url: "http://127.0.0.1:1", process: [true]}\n' >config.yaml
	while read -r line; do
		read -ra words <<<"$line"
		refused "${words[@]}" <folder
		[[ $stderr == "${words[0]}: "*[Ss]"tandard input"*" folder"* || $stderr == "${words[0]}: cannot read '"*"': Is a directory" ]] ||
			fail "$line: $stderr"
	done <<-'END'
		chaos-analyze
		chaos-analyze --windows
		chaos-plot throughput
		chaos-plot trials -
		chaos-fault --control
		chaos-fault --control --check
		chaos-audit --prefix m redis://127.0.0.1:1
		chaos-llm
		chaos-load --control --rps 1 --duration 1s http://127.0.0.1:1
		chaos-from
		chaos-to junit
		chaos-import -
	END
}

@test "--version says name and number" {
	local p
	for p in "${names[@]}"; do
		run -0 "$p" --version
		assert_output --regexp "^$p [0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]+(-dirty)?\))?$"
	done
}

@test "how a span is written stands in the help and the page of each program that takes one" {
	local p name
	for name in analyze audit fault llm load proxy; do
		p=chaos-$name
		"$p" --help | grep -qE '^(D|SPAN) is a time span: .*150ms' || fail "$p --help"
		grep -qE '^\.Ar (D|SPAN) is a time span: ' "$ROOT/build/man/$p.1" || fail "$p(1)"
	done
	# What is no option's kind takes spans too.
	chaos-analyze --warmup-ignore-sec 0 --fault-at 0m..0.1m "$ROOT/test/golden/formats/load.samples.csv" >spans.json 2>/dev/null || [ $? -eq 3 ]
	jq -e '.faults[0] | .reverted_s - .injected_s == 6' spans.json
	chaos-analyze --help | grep -A2 -e '--fault-at' | grep -q 1m30s
}

@test "the options in help fit a terminal of 80 columns" {
	local p
	for p in "${names[@]}"; do
		"$p" --help | LC_ALL=C.UTF-8 awk -v p="$p" '/^Options:/ { on = 1 } on && length($0) > 80 { print p ": " $0; bad = 1 } END { exit bad }'
	done
}

@test "an unknown option is exit 2, one line on stderr, nothing on stdout, with the nearest name" {
	local p
	for p in "${names[@]}"; do
		run -2 --separate-stderr "$p" --vershun
		assert_output ""
		assert_equal "$stderr" "$p: unknown option '--vershun'; did you mean '--version'?"
		run -2 --separate-stderr "$p" --qqqqqqqqqq
		assert_output ""
		assert_equal "$stderr" "$p: unknown option '--qqqqqqqqqq'; see '$p --help'"
		run -2 --separate-stderr "$p" -%
		assert_equal "$stderr" "$p: unknown option '-%'; see '$p --help'"
	done
}

@test "each option that takes a value says so when it has none" {
	local p option
	for p in "${names[@]}"; do
		while read -r option; do
			refused "$p" "$option"
			[[ $stderr == "$p: $option needs a value: "?* ]]
		done < <("$p" --mdoc-options | sed -nE 's/^\.It Fl Fl ([a-z0-9-]+) Ar .*/--\1/p')
	done
}

@test "numbers are taken whole or not at all" {
	local p option value
	for p in "${names[@]}"; do
		# Options whose value is called N, from the program's own table.
		while read -r option; do
			for value in "" 1x 0x10 1e999 nan; do
				refused "$p" "--$option=$value"
				[[ $stderr == "$p: --$option: '"* ]]
			done
		done < <("$p" --mdoc-options | sed -nE 's/^\.It Fl Fl ([a-z0-9-]+) Ar N( .*)?$/\1/p')
	done
}

@test "a named input that cannot be read is exit 2 in every reader" {
	local p
	echo '{}' >a.json
	for p in "chaos-analyze" "chaos-analyze --baseline" "chaos-plot throughput" \
		"chaos-plot compare a.json --baseline" "chaos-plot throughput --windows" \
		"chaos-plot throughput a.json --events" "chaos-llm" "chaos-llm a.json --events" \
		"chaos-scenario --check --run-id x --mode http --scenario"; do
		local at
		for at in . none.csv a.json/x; do
			# shellcheck disable=SC2086
			run -2 --separate-stderr $p "$at" </dev/null
			[ "${#stderr_lines[@]}" -eq 1 ] || fail "$p $at: $stderr"
		done
	done
}

@test "programs in sh without room for temporary files: one line, exit 6, which is no answer" {
	echo '{}' >x.json
	for call in "chaos-to junit x.json" "chaos-import x.json" "chaos-from wrk" "chaos-spread --on local:1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1"; do
		run -6 env TMPDIR=/nonexistent $call </dev/null
		assert_says "$output" "${call%% *}:" "'/nonexistent'"
	done
}

@test "help into a full disk and with no output is exit 6, into a closed pipe a quiet 0" {
	local p
	for p in "${names[@]}"; do
		run -6 --separate-stderr bash -c "'$p' --help > /dev/full"
		assert_says "$stderr" "$p:" write "No space left on device"
		run -6 --separate-stderr bash -c "trap '' PIPE; '$p' --help > /dev/full"
		assert_says "$stderr" "$p:" write "No space left on device"
		run -6 --separate-stderr bash -c "'$p' --help >&-"
		assert_says "$stderr" "$p:" write "Bad file descriptor"
		run -0 --separate-stderr bash -c "set -o pipefail; '$p' --help | true"
		assert_equal "$stderr" ""
	done
}

@test "completion offers run ids, modes and nodes" {
	scratch
	mkdir -p runs/first runs/second
	printf 'nodes:\n  web-1:\n    url: http://127.0.0.1:1\n  # x\n  web-2: {}\nload:\n  web-x: 1\n' >config.yaml
	complete_of() {
		"$1" --completion | sed "s/.* -W '\(.*\)' .*/\1/" >list
		compgen -W "$(cat list)" -- "$2"
	}
	assert_equal "$(complete_of chaos-analyze sec)" second
	assert_equal "$(complete_of chaos-scenario fi)" first
	assert_equal "$(complete_of chaos-scenario red)" redis
	assert_equal "$(complete_of chaos-fault web)" $'web-1\nweb-2'
	assert_equal "$(complete_of chaos-plot du)" dumb
	for p in chaos-audit chaos-llm chaos-report chaos-to; do
		assert_equal "$(complete_of $p sec)" second
	done
	printf 'nodes:\n    web-3:\n        url: http://127.0.0.1:1\n    web-4: {}\n' >config.yaml
	assert_equal "$(complete_of chaos-fault web)" $'web-3\nweb-4'
	for metric in $(complete_of chaos-analyze | grep '[_.]'); do
		run ! grep -q "no metric" <(chaos-analyze --fail-on "$metric > 0" nothere.csv 2>&1)
	done
	assert_equal "$(complete_of chaos-analyze error_r)" $'error_rate\nerror_recovery_time_s'
	assert_equal "$(complete_of chaos-analyze recovery_after)" recovery_after_revert_s
}

@test "completion offers every option of every program" {
	local p
	for p in "${names[@]}"; do
		"$p" --completion > completion
		bash -c '. ./completion && complete -p '"$p" > registered
		"$p" --help | grep -oE -- '^ {2,6}(-[a-zA-Z0-9], )?--[a-z0-9-]+' | grep -oE -- '--.*' | sort -u >options
		[ -s options ]
		run comm -23 options <(grep -oE -- '--[a-z0-9-]+' registered | sort -u)
		assert_output ""
	done
}

@test "an unreadable or broken config is exit 2 and names its place" {
	local p used=0
	printf 'http_nodes:\n  - http://127.0.0.1:1\n  - htp://x\n' > bad.yaml
	for p in "${names[@]}"; do
		"$p" --mdoc-options | grep -q '^\.It Fl Fl config ' || continue
		used=$((used + 1))
		case $p in
		chaos-fault) set -- ls ;;
		chaos-plot | chaos-llm) continue ;; # only once there is a run; see their own tests
		chaos-proxy) continue ;; # a list of proxies in JSON; see its own tests
		chaos-scenario) set -- --scenario "$ROOT/scenarios/baseline.yaml" --run-id x --mode http --check ;;
		chaos-analyze) printf 'timestamp,latency_ms\n1,1\n' > s.csv; set -- s.csv ;;
		*) set -- ;;
		esac
		run -2 --separate-stderr "$p" --config missing.yaml "$@" </dev/null
		assert_says "$stderr" "$p:" open "'missing.yaml'" "No such file or directory"
		run -2 --separate-stderr "$p" --config bad.yaml "$@" </dev/null
		[[ $stderr == "$p: bad.yaml:3:5: 'htp://x' has an unknown scheme"* ]]
		[ ! -e runs ]
	done
	[ "$used" -ge 2 ]
}

@test "programs in sh show what a user typed without what a terminal obeys" {
	local hostile=$'a\e]0;t\a\xc2\x9b1m\xd8\x9c\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\nb\xc3\xa4'
	for program in chaos-from chaos-to chaos-init chaos-spread chaos-report; do
		run -2 "$program" "$hostile"
		assert_equal "${#lines[@]}" 1
		assert_output --partial "'a ]0;t  1m    "
	done
}

# ended CLOSING PROGRAM ARG…: a run in an empty folder with that done to its descriptors; its code is in code, what it wrote
# on standard output in $OUT, and all files that are in the folder then, with their sums, in files.
ended() {
	local how=$1
	shift
	rm -rf at
	mkdir at
	code=0
	(cd at && XDG_STATE_HOME=$SCRATCH/at/state && export XDG_STATE_HOME && bash -c "exec \"\$@\" $how" - "$@" <../in.csv >../out 2>../err) || code=$?
	files=$(cd at && find . -type f ! -name guard.log -exec sum {} + | sort)
}

@test "closed standard descriptors: no file takes their place, and no message or row strays into one" {
	local p how usual usual_files size used=0 commands
	{
		echo timestamp,node,status_code,latency_ms,error,slot
		for i in {0..99}; do echo "$((1700000000 + i / 10)),http://127.0.0.1:1,200,5,,$i"; done
		echo torn,line
	} >in.csv
	chaos-analyze in.csv >a.json 2>/dev/null
	echo '[{"name": "x"}]' >bad.json
	# Each opens a file, and has something to say.
	commands="chaos-analyze --windows-to w.jsonl ../in.csv
chaos-plot throughput ../in.csv
chaos-llm ../a.json
chaos-llm --output r.md --model x --base-url http://127.0.0.1:1/v1 ../a.json
chaos-audit --prefix m --save marks.jsonl --timeout 100ms redis://127.0.0.1:1
chaos-proxy --decisions d.json --config ../bad.json
chaos-scenario --scenario ../in.csv --run-id x
chaos-load --rps 20 --duration 0.1 --pace-slack 2s --summary s.json --events e.jsonl http://127.0.0.1:1
chaos-fault --config ../bad.json ls
chaos-node --port 0 --name"
	while read -ra p; do
		ended '' "${p[@]}"
		[ -s err ] || fail "${p[*]}: nothing is said"
		usual=$code usual_files=$files size=$(stat -c %s out)
		for how in '<&-' '>&-' '2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
			ended "$how" "${p[@]}"
			run ! grep -rl "^${p[0]}: " at
			[ "${p[0]}" = chaos-load ] || [[ $how == *'<'* ]] || assert_equal "$files" "$usual_files"
			case $how in
			*'>&-'*) [ "$size" -eq 0 ] || [ "$code" -ne 0 ] || [[ $how == '2>&-' ]] || fail "${p[*]} $how: exit 0 without its output" ;;
			esac
			[[ $how != '2>&-' ]] || assert_equal "$code" "$usual"
			[[ $how != '>&-' ]] || [ "$size" -eq 0 ] || grep -q "^${p[0]}: .*standard output" err || fail "${p[*]}: $(cat err)"
		done
		used=$((used + 1))
	done <<<"$commands"
	assert_equal "$used" 10
}

@test "programs in sh with closed standard descriptors: as many lines, and the same exit code" {
	local how p usual
	printf 'timestamp,latency_ms\n1,2\n' >in.csv
	chaos-analyze in.csv >a.json 2>/dev/null || true
	while read -ra p; do
		ended '' "${p[@]}"
		usual="$code $(wc -l <out)"
		for how in '2>&-' '<&-'; do
			ended "$how" "${p[@]}"
			assert_equal "${p[0]} $how: $code $(wc -l <out)" "${p[0]} $how: $usual"
			run ! grep -F 'file descriptor' err
		done
	done <<-END
		chaos-to junit ../a.json
		chaos-init http://127.0.0.1:1
		chaos-spread --on local:2 -- chaos-load http://127.0.0.1:1 --pace-slack 2s -r 20 -d 100ms
	END
}
