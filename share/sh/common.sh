# What the programs in sh share: messages, output, what wins over all else. It is sourced, with program,
# version and options set; usage is the program's.
# shellcheck shell=sh disable=SC2154

# A closed one would be taken by the next file that is opened, and sh ends where it redirects one.
true 3>&2 || exec 2>/dev/null
{ true 3<&0; } 2>/dev/null || exec </dev/null

# Standard input as one line, with blanks for what a terminal obeys instead of showing it: those of lib/base/text.c.
plain() {
	tr '\000-\037\177' ' ' | LC_ALL=C sed "$(printf 's/\302[\200-\237]/ /g
		s/\330\234/ /g
		s/\342\200[\216\217\250-\256]/ /g
		s/\342\201[\246-\251]/ /g')"
}

die() { # CODE WORD...
	code=$1
	shift
	printf '%s: %s\n' "$program" "$(printf '%s' "$*" | plain)" >&2
	exit "$code"
}

# Standard input to standard output; a reader that has gone is no failure.
print() {
	{ true 3>&1; } 2>/dev/null || die 6 "cannot write: Bad file descriptor" # else the shell would say it, in its own way
	{ why=$(trap '' PIPE; LC_ALL=C cat 2>&1 >&3); } 3>&1 && return
	case $why in
	*": Broken pipe") exit 0 ;;
	*) die 6 "cannot write:${why##*:}" ;;
	esac
}

# True of a device, a pipe, or a descriptor by name: it is written to, where a file is replaced when the new one is whole.
is_special() {
	case $1 in /dev/std* | /dev/fd/*) return 0 ;; esac
	[ -e "$1" ] && [ ! -f "$1" ]
}

# Behind an unknown WORD: the words of standard input that are longer by a part, or the one that is near to it, or where
# to look. What follows a colon is shown, not compared.
hint() {
	awk -v word="$1" -v program="$program" '
		function least(a, b) { return a < b ? a : b }
		{
			named = $1
			sub(/:.*/, "", named)
			if (index(named, word "-") == 1) longer = longer (longer == "" ? "" : ", ") "'\''" $1 "'\''"
			for (j = 0; j <= length(word); j++) d[j] = j
			for (i = 1; i <= length(named); i++) {
				corner = d[0]; d[0] = i
				for (j = 1; j <= length(word); j++) {
					above = d[j]
					d[j] = least(corner + (substr(named, i, 1) != substr(word, j, 1)), 1 + least(above, d[j - 1]))
					corner = above
				}
			}
			if (best == "" || d[length(word)] < distance) { best = $1; distance = d[length(word)] }
		}
		END {
			if (longer != "") printf "; did you mean %s?", longer
			else if (best != "" && distance <= 1 + length(word) / 3) printf "; did you mean '\''%s'\''?", best
			else printf "; see '\''%s --help'\''", program
		}'
}
unknown_option() { die 2 "unknown option '$1'$(echo "$options" | tr ' ' '\n' | hint "$1")"; }

# Help, version, completion: of the words that `completion_words` prints, the options, and the runs where there is one for them.
completion_words() { :; }
completion_runs() {
	# shellcheck disable=SC2016 # the shell that completes lists them
	case " $options " in *" --run-id "*) printf ' $(ls runs 2>/dev/null)' ;; esac
}
# Where print cannot write it says so; what is before it in the pipe is not to add that its own reader is gone.
asked() {
	for word; do
		case $word in
		-h | --help) usage 2>/dev/null | print; exit ;;
		--version) echo "$program $version" 2>/dev/null | print; exit ;;
		--completion) echo "complete -o default -W '$(completion_words)$options$(completion_runs)' $program" 2>/dev/null | print; exit ;;
		esac
	done
}

# What is read from a folder looks like the end of an input.
no_folder() { [ ! -d /dev/stdin ] || die 2 "cannot read standard input: it is a folder"; }

# What is done at the end of a program that has a temporary_folder; by a signal too, also by one that comes at another's end.
at_end() { rm -rf "$tmp"; }
ended_by() { # CODE
	trap '' HUP INT PIPE TERM
	trap - EXIT
	at_end
	exit "$1"
}
# Sets tmp. What makes it takes no signal: its name would be lost.
temporary_folder() {
	tmp=
	trap "trap '' HUP INT PIPE TERM; at_end" EXIT
	trap 'ended_by 129' HUP
	trap 'ended_by 130' INT
	trap 'ended_by 141' PIPE
	trap 'ended_by 143' TERM
	{ tmp=$(trap '' HUP INT TERM && mktemp -d "${TMPDIR:-/tmp}/$program.XXXXXX"); } 2>/dev/null ||
		die 6 "cannot write in '${TMPDIR:-/tmp}'"
}

# Locks tmp, by a descriptor 9 that is not for children which may live longer, and takes away those of the same program that nobody
# locks any more: they were killed with all their processes.
lock_folder() {
	command -v flock >/dev/null || return 0
	for lock in "${TMPDIR:-/tmp}/$program".*/lock; do
		if [ -f "$lock" ] && [ -O "${lock%/*}" ] && flock -n "$lock" true; then rm -rf "${lock%/*}"; fi
	done
	exec 9>"$tmp/lock.new"
	! flock 9 2>/dev/null || mv "$tmp/lock.new" "$tmp/lock" # it is there when it is locked; some file systems have no locks
}
