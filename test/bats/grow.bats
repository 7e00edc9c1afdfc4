# The toolkit grows as HACKING.md says: what each "how to add" names is enough, and not more.
load helper

# files_of TITLE: the files that the section of that title names, one a line.
files_of() {
	awk -v title="$1" 'index($0, "**" title "**") { inside = 1 } inside && /^Files:/ { print; exit }' "$ROOT/HACKING.md" |
		grep -o '`[^`]*`' | tr -d '`'
}

# name_files TITLE NAME COUNT: sets FILES to them, with NAME put in; there are COUNT.
name_files() {
	mapfile -t FILES < <(files_of "$1" | sed "s/NAME/$2/g")
	assert_equal "${#FILES[@]}" "$3"
}

# row FILE AFTER TEXT: adds TEXT after the first place of AFTER.
row() {
	awk -v after="$2" -v text="$3" '{ at = done ? 0 : index($0, after) }
		at { done = 1; $0 = substr($0, 1, at + length(after) - 1) text substr($0, at + length(after)) }
		{ print } END { exit !done }' "$1" >row && cat row >"$1" && rm row
}

# The tree in code/ with what is built of it, in which each test of this file adds and builds.
setup_file() {
	scratch
	mkdir code
	tar -C "$ROOT" -c Makefile lib cmd service man test/check.mk demo share bench schema scenarios \
		build/bin build/rel/{flags,members,libchaos.a,lib,cmd,service} | tar -C code -x
	cd code || return
	git init -q .
	echo build >.gitignore
	git add .
	git -c user.name=t -c user.email=t@localhost commit -qm tree
	export CODE=$PWD
}

setup() {
	scratch
	cd "$CODE" || return
}

teardown() {
	end_bg
	[ ! -e "$SCRATCH/config.yaml" ] || PATH=$CODE/build/bin:$PATH chaos-fault --config "$SCRATCH/config.yaml" down || true
}

# keeps_rules: what was added stands where it may, and calls nobody in a circle.
keeps_rules() {
	"$ROOT/test/check-layers" "$PWD"
	"$ROOT/test/check-circles" build/rel "$PWD"
}

# touched: what differs from the tree, one a line, without what was built.
touched() { git status --porcelain -uall | cut -c4- | sort; }
assert_touched() {
	assert_equal "$(touched)" "$(printf '%s\n' "${FILES[@]}" | sort)"
	git add . && git -c user.name=t -c user.email=t@localhost commit -qm added
}

@test "a transport: a scheme, a file and an entry" {
	name_files "A transport" tcp 3
	row lib/url/url.c '{"redis", 6379},' ' {"tcp", 7},'
	mkdir lib/net/tcp
	cp "$ROOT/test/grow/tcp.c" lib/net/tcp/
	row lib/net/transport.c 'extern const struct transport_ops ' 'tcp_transport, '
	row lib/net/transport.c '&http1_transport, ' '&tcp_transport, '
	assert_touched
	make -s build/bin/chaos-load
	keeps_rules
	free_ports 2
	bg chaos-node --port "${PORTS[0]}"
	wait_for 5 http_up "${PORTS[0]}"
	run build/bin/chaos-load --rps 50 --duration 1 "tcp://127.0.0.1:${PORTS[0]}" "tcp://127.0.0.1:${PORTS[1]}" --summary "$SCRATCH/s.json"
	assert_equal "$(awk -F, '$7 == "CONNECT" && $5 == ""' <<<"$output" | wc -l)" 25
	assert_equal "$(awk -F, '$7 == "CONNECT" && $5 == "refused"' <<<"$output" | wc -l)" 25
}

@test "a picture: a file, an entry and a command" {
	name_files "A picture" errors 3
	cp "$ROOT/test/grow/errors.c" cmd/chaos-plot/pictures/
	row cmd/chaos-plot/plot.c 'extern const struct picture_kind ' 'errors_picture, '
	row cmd/chaos-plot/plot.c 'pictures[] = {' '&errors_picture, '
	row cmd/chaos-plot/options.c 'commands[] = {' '{"errors", "[FILE]", "failed requests"},'
	assert_touched
	make -s build/bin/chaos-plot
	keeps_rules
	printf 'timestamp,latency_ms,error\n1,1,\n1.5,1,refused\n2,1,\n' |
		PATH="$PWD/build/bin:$PATH" chaos-plot errors -o errors.png | gnuplot
	assert_equal "$(head -c 8 errors.png | od -An -tx1 | tr -d ' ')" 89504e470d0a1a0a
	rm errors.png
}

# The programs that are grown are built, and the node web is up.
web_up() {
	make -s build/bin/chaos-fault build/bin/chaos-node
	PATH=$PWD/build/bin:$PATH
	cd "$SCRATCH"
	free_ports 1
	echo "nodes: {web: {url: 'http://127.0.0.1:${PORTS[0]}', process: [chaos-node, --port, '${PORTS[0]}']}}" >config.yaml
	chaos-fault up
}

@test "a fault: a program" {
	name_files "A fault" mark 1
	mkdir -p libexec/faults
	cp "$ROOT/test/support/faults/mark" libexec/faults/
	assert_touched
	web_up
	bg chaos-fault mark web file="$SCRATCH/marked" by=200ms --for 60s
	wait_for 10 grep -q "marked web" "$BG_ERR" || fail "$(cat "$BG_ERR")"
	assert_equal "$(<marked)" "delay 200"
	end_bg
	assert [ ! -e marked ]
	chaos-fault down
}

@test "a fault that is built in: a name and an action" {
	name_files "A built-in fault" freeze 3
	row cmd/chaos-fault/faults/built_in.h 'BUILT_IN_FAULTS(X)' ' X(freeze, "SIGSTOP, not looked at from outside")'
	row cmd/chaos-fault/faults/action.c '#include <string.h>' "$(<"$ROOT/test/grow/freeze.c")"
	row man/chaos-fault.1 'The undo is SIGCONT.' '\n.It Cm freeze\nSIGSTOP.'
	assert_touched
	web_up
	bg chaos-fault freeze web --for 60s
	wait_for 10 grep -q "froze web" "$BG_ERR" || fail "$(cat "$BG_ERR")"
	assert_equal "$(chaos-fault ls --json | jq -r '"\(.state) \(.fault.action)"')" "paused freeze"
	end_bg
	assert_equal "$(chaos-fault ls --json | jq -r .state)" up
	assert_equal "$(chaos-fault faults --json | jq -r 'select(.program == "freeze").effect')" degraded
	assert_equal "$(chaos-fault doctor --json | jq '[.actions[] | select(.action == "freeze")] | length')" 3
	run chaos-fault --help
	assert_line --regexp '^  freeze NODE'
	run -2 chaos-fault freez web
	assert_output --partial "'freeze'"
	run -2 chaos-fault pause web --stay-down
	assert_output --partial freeze
	run -2 chaos-fault --control <<<'xxxxxxxxxx web'
	assert_output --partial freeze
	chaos-fault down
}

@test "a kind of node: a program" {
	name_files "A kind of node" pidfile 1
	mkdir -p libexec/kinds
	cp "$ROOT/libexec/kinds/pidfile" libexec/kinds/
	assert_touched
	make -s build/bin/chaos-fault build/bin/chaos-node
	PATH=$PWD/build/bin:$PATH
	cd "$SCRATCH"
	free_ports 1
	cat >config.yaml <<-EOF
		nodes:
		  web: {url: 'http://127.0.0.1:${PORTS[0]}', kind: pidfile,
		        with: {pidfile: $SCRATCH/pid, run: $(type -p chaos-node) --port ${PORTS[0]}}}
	EOF
	chaos-fault up
	assert_equal "$(chaos-fault ls --json | jq -r '"\(.state) \(.identity)"')" "up $(<pid)"
	chaos-fault kill web --for 300ms
	chaos-fault down
	assert_equal "$(chaos-fault ls --json | jq -r .state)" down
}

@test "a key of a format: a field, a row and a paragraph" {
	name_files "A key of the load summary" x 3
	row lib/stream/load_summary.h 'double cpu_user_s, cpu_system_s;' ' double cpu_child_s;'
	row lib/stream/load_summary.c 'measures[] = {' ' {"cpu_child_s", offsetof(struct load_summary, cpu_child_s)},'
	row man/chaos-formats.5 '.It Cm cpu_user_s , cpu_system_s' ' , cpu_child_s'
	assert_touched
	make -s build/bin/chaos-load
	free_ports 1
	run build/bin/chaos-load --rps 10 --duration 1 "http://127.0.0.1:${PORTS[0]}" --summary "$SCRATCH/s.json"
	assert_equal "$(jq .cpu_child_s "$SCRATCH/s.json")" 0
}

@test "a format of others: a filter" {
	name_files "A log that others write" epoch-ms 1
	cp "$ROOT/test/grow/epoch-ms.awk" share/from/
	assert_touched
	run -0 --separate-stderr bash -c 'for i in $(seq 100 199); do echo "1766500${i}000 12 $((i % 2 ? 200 : 503))"; done |
		CHAOS_PATH=share chaos-from | chaos-analyze 2>/dev/null | jq -c "[.run_summary.due, .run_summary.error_rate]"'
	assert_output "[95,0.494737]" # the first five seconds are warm-up; of the others the even ones failed
}
