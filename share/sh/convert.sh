# What chaos-from and chaos-to share beyond common.sh: filters by name. It is sourced, with folder
# ("from" or "to") and share set beside what common.sh needs.
# shellcheck shell=sh disable=SC2154

# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"

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
completion_words() { filters | cut -f 1 | tr '\n' ' '; }
said() { sed -n "s/^# $2: //p" "$1" | head -n 1; } # FILE KEY: what its first comment says

# Up to 64 KiB of standard input, at least one line that is not blank, as soon as it is there.
first_of_input() { # FILE
	no_folder
	was=-1 size=0
	: >"$1"
	while [ "$size" -gt "$was" ] && [ "$size" -lt 65536 ]; do
		dd bs=65536 count=1 2>/dev/null >>"$1"
		was=$size size=$(wc -c <"$1")
		[ "$(LC_ALL=C tr -cd '\n' <"$1" | wc -c)" -eq 0 ] || break
	done
}
