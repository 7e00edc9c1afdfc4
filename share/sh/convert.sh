# What chaos-from and chaos-to share: messages, output, and filters by name. It is sourced, with program, version,
# folder ("from" or "to") and share set.
# shellcheck shell=sh disable=SC2154

die() { # CODE WORD...
	code=$1
	shift
	printf '%s: %s\n' "$program" "$*" >&2
	exit "$code"
}

# Standard input to standard output; a reader that has gone is no failure.
print() {
	{ why=$(trap '' PIPE; LC_ALL=C cat 2>&1 >&3); } 3>&1 && return
	case $why in
	*": Broken pipe") exit 0 ;;
	*) die 6 "cannot write:${why##*:}" ;;
	esac
}

# NAME <tab> FILE of each filter, also of those of $CHAOS_PATH; the first of a name counts.
filters() {
	{ printf '%s\n' "$share"; printf '%s' "${CHAOS_PATH:-}" | tr : '\n'; } | while read -r place || [ -n "$place" ]; do
		for file in "$place/$folder"/*.awk "$place/$folder"/*.jq; do
			name=${file##*/}
			case $name in common.* | last.* | samples.* | cases.*) continue ;; esac
			[ ! -r "$file" ] || printf '%s\t%s\n' "${name%.*}" "$file"
		done
	done
}
said() { sed -n "s/^# $2: //p" "$1" | head -n 1; } # FILE KEY: what its first comment says

# Behind an unknown WORD: the word of standard input that is near to it, or where to look.
hint() {
	awk -v word="$1" -v program="$program" '
		function least(a, b) { return a < b ? a : b }
		{
			for (j = 0; j <= length(word); j++) d[j] = j
			for (i = 1; i <= length($1); i++) {
				corner = d[0]; d[0] = i
				for (j = 1; j <= length(word); j++) {
					above = d[j]
					d[j] = least(corner + (substr($1, i, 1) != substr(word, j, 1)), 1 + least(above, d[j - 1]))
					corner = above
				}
			}
			if (best == "" || d[length(word)] < distance) { best = $1; distance = d[length(word)] }
		}
		END {
			if (best != "" && distance <= 1 + length(word) / 3) printf "; did you mean '\''%s'\''?", best
			else printf "; see '\''%s --help'\''", program
		}'
}
unknown_option() { die 2 "unknown option '$1'$(echo "$options" | tr ' ' '\n' | hint "$1")"; }

# What wins over all else: help, version, completion.
asked() {
	for word; do
		case $word in
		-h | --help) usage | print; exit ;;
		--version) echo "$program $version" | print; exit ;;
		--completion) echo "complete -o default -W '$(filters | cut -f 1 | tr '\n' ' ')$options' $program" | print; exit ;;
		esac
	done
}

# Up to 64 KiB of standard input, at least one line that is not blank, as soon as it is there.
first_of_input() { # FILE
	was=-1 size=0
	: >"$1"
	while [ "$size" -gt "$was" ] && [ "$size" -lt 65536 ]; do
		dd bs=65536 count=1 2>/dev/null >>"$1"
		was=$size size=$(wc -c <"$1")
		[ "$(LC_ALL=C tr -cd '\n' <"$1" | wc -c)" -eq 0 ] || break
	done
}
