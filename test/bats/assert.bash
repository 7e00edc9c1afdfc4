# What tests say of $output, $lines and $status after a `run`; each prints what is wrong and fails.

# bats keeps a stack trace before each command, to tell of the one that fails: a tenth of the CPU that all tests take. The
# trace is taken once, where bash says that a command failed; a teardown or an `exit` that ends a test has none.
bats_debug_trap() { trap - DEBUG; }
bats_error_trap() {
	bats_check_status_from_trap
	[ -n "$BATS_DEBUG_LAST_STACK_TRACE_IS_VALID" ] || bats_capture_stack_trace
	BATS_DEBUG_LAST_STACK_TRACE_IS_VALID=1
}

# The clock of --timing, which starts date twice for each test.
get_mills_since_epoch() { echo $((${EPOCHREALTIME/./} / 1000)); }

# fail WORD…: or what stands on standard input.
fail() {
	if [ $# -gt 0 ]; then printf '%s\n' "$*"; else cat; fi >&2
	return 1
}
unlike() { printf -- '-- %s\n   wanted: %s\n      got: %s\n' "$1" "$2" "$3" >&2; return 1; }

assert() { "$@" || fail "failed: $*"; }
refute() { ! "$@" || fail "succeeded: $*"; }
assert_equal() { [[ $1 == "$2" ]] || unlike 'is not equal' "$2" "$1"; }
assert_regex() { [[ $1 =~ $2 ]] || unlike 'does not match' "$2" "$1"; }
assert_success() { [ "$status" -eq 0 ] || unlike 'exit status' 0 "$status: $output"; }
assert_failure() {
	if [ $# -gt 0 ]; then
		[ "$status" -eq "$1" ] || unlike 'exit status' "$1" "$status: $output"
	else
		[ "$status" -ne 0 ] || unlike 'exit status' 'not 0' "0: $output"
	fi
}

# fits MODE WANTED TEXT: 0 or 1; 2 for a wrong expression.
fits() {
	case $1 in
	--partial) [[ $3 == *"$2"* ]] ;;
	--regexp) [[ $3 =~ $2 ]] ;;
	--exact) [[ $3 == "$2" ]] ;;
	*) return 2 ;;
	esac
}
# A mode, --partial or --regexp, may stand before what is wanted; "-" is what stands on standard input.
assert_output() {
	[ "${1:-}" != - ] || set -- "$(cat)"
	[ $# -gt 0 ] || { [ -n "$output" ] || fail 'there is no output'; return; }
	[ $# -eq 2 ] || set -- --exact "$1"
	fits "$1" "$2" "$output" || unlike "output, $1" "$2" "$output"
}
refute_output() {
	local rc=0
	[ $# -gt 0 ] || { [ -z "$output" ] || unlike output nothing "$output"; return; }
	[ $# -eq 2 ] || set -- --exact "$1"
	fits "$1" "$2" "$output" || rc=$?
	[ $rc -eq 1 ] || unlike "output, $1" "not $2" "$output"
}

# in_order LINE PIECE…: it has all pieces, in this order, each from the start of a word or number to the end of one.
in_order() {
	local rest=$1 piece
	for piece in "${@:2}"; do
		[[ $rest =~ (^|[^[:alnum:].])"$piece"([^[:alnum:].]|[.][^0-9]|[.]?$) ]] || return
		rest=${rest#*"${BASH_REMATCH[0]}"}
	done
}
# assert_says TEXT PIECE…: one line, which begins with the first piece and has the others in this order. What stands
# between them is wording. assert_line_says: one of its lines has the pieces so.
assert_says() {
	{ [[ $1 != *$'\n'* && $1 == "$2"* ]] && in_order "$@"; } || unlike 'is not one line that says' "$(printf '[%s] ' "${@:2}")" "$1"
}
assert_line_says() {
	local line
	while IFS= read -r line; do
		! in_order "$line" "${@:2}" || return 0
	done <<<"$1"
	unlike 'no line says' "$(printf '[%s] ' "${@:2}")" "$1"
}

# any_line MODE WANTED: as fits, of the lines.
any_line() {
	local line rc=1
	for line in "${lines[@]}"; do
		rc=0
		fits "$1" "$2" "$line" || rc=$?
		[ $rc -eq 1 ] || break
	done
	return $rc
}
# assert_line [--index N] [MODE] WANTED
assert_line() {
	if [ "$1" = --index ]; then
		[ $# -eq 4 ] || set -- "$1" "$2" --exact "$3"
		fits "$3" "$4" "${lines[$2]}" || unlike "line $2, $3" "$4" "${lines[$2]}"
	else
		[ $# -eq 2 ] || set -- --exact "$1"
		any_line "$1" "$2" || unlike "a line, $1" "$2" "$output"
	fi
}
refute_line() {
	local rc=0
	[ $# -eq 2 ] || set -- --exact "$1"
	any_line "$1" "$2" || rc=$?
	[ $rc -eq 1 ] || unlike "a line, $1" "none with $2" "$output"
}
