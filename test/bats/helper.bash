# What every bats file loads: the built programs in PATH, a state folder of the
# test's own, and safe ways to run things beside a test.

export ROOT=${BATS_TEST_DIRNAME%/*/*}
export PATH="${CHAOS_BIN:+$CHAOS_BIN:}$ROOT/build/bin:$ROOT/build/rel/test/support:$PATH:/usr/sbin"
export LC_ALL=C
bats_require_minimum_version 1.5.0
load "$ROOT/test/bats/assert"

# jq of the tests themselves is gojq, where it is there: jq 1.6 needs 25 ms to start. Programs under test start jq itself.
if command -v gojq >/dev/null; then
	jq() { gojq "$@"; }
fi

# cannot WHY: skips what the machine forbids to whoever runs the tests (another user's rights,
# namespaces), in a test or in setup: bats takes it for a failure in setup_file. run-bats counts these in its last line.
if ! declare -F cannot >/dev/null; then
	CANNOT=$(declare -f skip)
	eval "cannot ${CANNOT#skip}"
fi
# In strict mode (set by run-bats) all else that cannot be tested is a failure, not a green skip.
if [ -n "${CHAOS_STRICT:-}" ]; then
	skip() { fail "would be skipped: $*"; }
fi

# needs_terminal: for what is tried on a terminal of its own; some containers have none to give.
needs_terminal() {
	script -qec true /dev/null </dev/null >/dev/null 2>&1 || cannot "there are no pseudo-terminals here"
}

# Folder of the test (or, in setup_file, of the file), with the state folder inside it.
scratch() {
	SCRATCH=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}
	export SCRATCH XDG_STATE_HOME="$SCRATCH/state"
	cd "$SCRATCH" || return 1
}

# variant torture|brief|asan: the programs of that build come first, which is made now if it is not there.
# Files that run beside each other must not make it at once.
variant() {
	flock "$ROOT/build/$1.lock" make -s -j2 -C "$ROOT" "$1-build" >/dev/null 3>&- || return 1
	export CHAOS_BIN=$ROOT/build/$1/bin PATH=$ROOT/build/$1/bin:$PATH
}

# free_ports N: sets PORTS to an array of N ports that nobody uses.
free_ports() {
	mapfile -t PORTS < <(freeports "$1")
	[ "${#PORTS[@]}" -eq "$1" ]
}

# bg CMD…: runs it in the background without the descriptors that bats waits for;
# its pid is in BG_PID and is ended by end_bg. Its output goes to $BG_OUT and $BG_ERR.
BG_PIDS=()
bg() {
	local n=${#BG_PIDS[@]}
	BG_OUT=$SCRATCH/bg.$n.out BG_ERR=$SCRATCH/bg.$n.err
	# What an earlier one of this number wrote must not be taken for this one's.
	: >"$BG_OUT" 2>"$BG_ERR"
	"$@" >"$BG_OUT" 2>"$BG_ERR" </dev/null 3>&- &
	BG_PID=$!
	BG_PIDS+=("$BG_PID")
}

# Ends what bg started and waits for it. Call from teardown. What has ended and been waited for is left
# alone: its pid may be that of a process of another lane by now.
end_bg() {
	local pid
	for pid in $(jobs -rp); do
		[[ " ${BG_PIDS[*]} " == *" $pid "* ]] || continue
		kill -CONT "$pid" 2>/dev/null || true
		kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in "${BG_PIDS[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	BG_PIDS=()
}
# Whatever a test left: first the sessions and holders, then the nodes.
end_cluster() {
	end_bg
	[ ! -e config.yaml ] || chaos-fault down >/dev/null 2>&1 || true
}

# killed PID…: SIGKILL to all as if at one moment: none sees another die, and acts on it. All are gone then: what is
# sent SIGKILL may live on for a while on a busy machine.
killed() {
	local pid
	[ $# -eq 1 ] || kill -STOP "$@" # one would only stand still until this side comes to the next line
	kill -KILL "$@"
	for pid; do wait_for 5 gone "$pid"; done
}

# wait_for SECONDS CMD…: true as soon as the command succeeds, false after so long. SECONDS of bash would not
# do: two of its seconds may be over after one. It naps at a pipe in which nothing comes: no process is started.
wait_for() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000)) looks=0 nap=0.05
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$deadline" ] || return 1
		[ -p "$BATS_RUN_TMPDIR/nap" ] || mkfifo "$BATS_RUN_TMPDIR/nap" 2>/dev/null || true
		((++looks < 10)) || nap=0.1 # what takes longer is not known more exactly by twice the work
		read -rt $nap _ <>"$BATS_RUN_TMPDIR/nap" || true
	done
}

# has_rows COUNT FILE: more lines than that, for wait_for.
has_rows() { [ "$(wc -l <"$2")" -gt "$1" ]; }

# http_up PORT [PATH], redis_up PORT: one readiness check each, for wait_for.
http_up() {
	(exec 4<>"/dev/tcp/127.0.0.1/$1" && printf 'GET %s HTTP/1.0\r\n\r\n' "${2:-/health}" >&4 &&
		read -rt 2 line <&4 && [[ $line =~ ^HTTP/1\.[01]\ [23] ]]) 2>/dev/null
}
redis_up() { [ "$(redis-cli -p "$1" ping)" = PONG ]; }

# gone PID: no such process. A zombie counts as gone, unless other threads of it are still at their end: until then its
# ports are taken.
gone() {
	local line threads
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ ${line##*) } == [ZX]* ]] || return 1
	threads=("/proc/$1/task"/*)
	[ ${#threads[@]} -le 1 ]
}
