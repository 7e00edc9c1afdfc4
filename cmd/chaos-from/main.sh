#!/bin/sh
# Makes samples, or counts, of the log of another tool: one filter in share/from for each format, in awk or
# jq. Here is what they share: options, the guess, encodings, and the way from input to output.
set -eu
program=chaos-from folder=from version=@VERSION@

usage() {
	cat <<-END
	$program: samples from the log of another tool

	Usage: $program [FORMAT] [OPTION]... < log | chaos-analyze

	Without a format it is guessed, and said on standard error.

	Formats:
	END
	filters | while IFS='	' read -r name file; do printf '  %-14s %s\n' "$name" "$(said "$file" "$name")"; done
	cat <<-END

	Options:
	      --node URL            the node, where the log does not tell it
	      --start TIME          UNIX time of the start, where the log has none (0)
	      --zone +HHMM          zone of times without one (this machine's)
	      --time COLUMN         of csv: when a request began
	      --latency COLUMN      of csv: how long it took
	      --unit UNIT           of csv: s, ms, us or ns, where its name does not
                            end in it
	      --status COLUMN       of csv: HTTP status
	      --success VALUE,...   of csv: what the status says of a success, if
                            it is no HTTP status
	      --op COLUMN           of csv: what was asked
	      --times start|end     of csv, jmeter and combined: which of a request
                            its times are (start; of combined unknown)
	      --as rate|increase    of prometheus: what the values are (rate)
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1) and chaos-formats(5).
	END
}

share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/convert.sh
. "$share/sh/convert.sh"
format='' options='--node --start --zone --time --latency --unit --status --success --op --times --as --help --version'
from_node='' from_start=0 from_zone=$(date +%z) from_time='' from_latency='' from_unit='' from_status='' from_success='' from_op='' from_times='' from_as=''
given='' guessed=''
asked "$@"
while [ $# -gt 0 ]; do
	case $1 in
	--*=*)
		option=$1
		shift
		set -- "${option%%=*}" "${option#*=}" "$@"
		continue
		;;
	--node | --start | --zone | --time | --latency | --unit | --status | --success | --op | --times | --as)
		[ $# -gt 1 ] || die 2 "option '$1' needs a value"
		given="$given $1"
		eval "from_${1#--}=\$2"
		shift
		;;
	-?*) unknown_option "$1" ;;
	*)
		[ -z "$format" ] || die 2 "unexpected '$1' behind '$format': the log comes on standard input"
		format=$1
		;;
	esac
	shift
done
case $from_start in *[!0-9.]* | '') die 2 "--start '$from_start' is no UNIX time in seconds" ;; esac
case $from_unit in '' | s | ms | us | ns) ;; *) die 2 "--unit '$from_unit' is none of s, ms, us and ns" ;; esac
case $from_as in '' | rate | increase) ;; *) die 2 "--as '$from_as' is neither rate nor increase" ;; esac
case $from_times in '' | start | end) ;; *) die 2 "--times '$from_times' is neither start nor end" ;; esac
case $from_zone in [-+][0-9][0-9][0-9][0-9] | [-+][0-9][0-9]:[0-9][0-9] | Z) ;; *) die 2 "--zone '$from_zone' is not like +0200" ;; esac
temporary_folder
filters >"$tmp/filters"
if [ -n "$format" ]; then
	why=$(awk -F '\t' -v name="$format" '$1 == name { print $3; exit }' "$share/from/refused")
	[ -z "$why" ] || die 2 "$format: $why"
	file=$(awk -F '\t' -v name="$format" '$1 == name { print $2; exit }' "$tmp/filters")
	[ -n "$file" ] || [ ! -d "$format" ] || die 2 "'$format' is a folder: the log comes on standard input"
	[ -n "$file" ] || die 2 "there is no format '$format'$(hint "$format" <"$tmp/filters")"
fi
takes() { case " --node --zone $(said "$1" takes) " in *" $2 "*) ;; *) return 1 ;; esac; } # FILE OPTION
takers() { filters | while IFS='	' read -r name path; do ! takes "$path" "$1" || echo "$name"; done | sort -u | paste -s -d , | sed 's/,/, /g'; }
heed_all() { # what was given means nothing to the others
	for option in $given; do
		takes "$file" "$option" || die 2 "'$option' is for $(takers "$option"), not for $format$guessed"
	done
}
[ -z "$format" ] || heed_all
[ ! -t 0 ] || die 2 "the log comes on standard input: $program ${format:-FORMAT} < log; see '$program --help'"
first_of_input "$tmp/first"
[ "$size" -gt 0 ] || die 2 "there is nothing on standard input"
case $(od -An -tx1 -N2 "$tmp/first" | tr -d ' \n') in
fffe | feff) decode='iconv -f UTF-16 -t UTF-8' ;; # reads all before it writes
1f8b) decode='gzip -dc' ;;
0000) decode='cat' ;;
00*) decode='iconv -f UTF-16BE -t UTF-8' ;;
*00) decode='iconv -f UTF-16LE -t UTF-8' ;;
*) decode='cat' ;;
esac
$decode <"$tmp/first" 2>/dev/null | LC_ALL=C tr -d '\000\r' | LC_ALL=C sed '1s/^\xef\xbb\xbf//; 20q' >"$tmp/head" || :
case $(head -c 1 "$tmp/head") in '{') tr -d ' \t\n' <"$tmp/head" >>"$tmp/head.json"; cat "$tmp/head.json" >>"$tmp/head" ;; esac
is_like() { LC_ALL=C grep -Eq -e "$1" "$tmp/head"; }

# refused: "NAME: why" of an output that has no axis of time. One look at all of them, since most logs are none of them.
refused() {
	sed '/^#/d' "$share/from/refused" | cut -f 2 >"$tmp/refused"
	! LC_ALL=C grep -Eq -f "$tmp/refused" "$tmp/head" ||
		while IFS='	' read -r name like why; do
			case $name in '#'*) continue ;; esac
			! is_like "$like" || { echo "$name: $why"; break; }
		done <"$share/from/refused"
}
# guess: the filter of the log; a special format goes before the general one of which it is a case.
guess() {
	cut -f 2 "$tmp/filters" | tr '\n' '\0' | xargs -0 awk '/^# guess: / { like = substr($0, 10); rank = 0 } /^# rank: / { rank = $3 }
		/^[^#]|^$/ && like != "" { print rank "\t" FILENAME "\t" like; like = "" }' | sort -s -n |
		while IFS='	' read -r _ path like; do
			! is_like "$like" || { echo "$path"; break; }
		done
}
name_of() { basename "${1%.*}"; }

if [ -z "$format" ]; then
	why=$(refused)
	[ -z "$why" ] || die 2 "taken for $why"
	file=$(guess)
	[ -n "$file" ] || die 2 "this is no log that is known by its first line: say its format; see '$program --help'"
	format=$(name_of "$file") guessed=', which this log is taken for'
	heed_all
	printf '%s: taken for %s (%s)\n' "$program" "$format" "$(said "$file" "$format")" >&2
fi
lacks=$(said "$file" lacks)
[ -z "$lacks" ] || printf '%s: %s: cannot be told: %s\n' "$program" "$format" "$lacks" >&2


export LC_ALL=C from_filter="$format" from_node from_start from_zone from_time from_latency from_unit \
	from_status from_success from_op from_times from_as
through=$(said "$file" through) # of a binary format: what makes lines of it
input() { # Its last line is marked, which tells whether it was whole.
	cat "$tmp/first" - | $decode | ${through:-cat}
	printf '\001\n'
}
code=0
# What comes through a pipe is passed on as it comes; from a file it is faster by the block.
awk='awk'
if command -v mawk >/dev/null; then
	awk='mawk -W interactive'
	[ ! -f /dev/stdin ] || awk='mawk'
fi
case $file in
*.awk)
	input | $awk -f "$share/awk/csv.awk" -f "$share/from/common.awk" -f "$file" -f "$share/from/last.awk" || code=$?
	case $code in 2) code=6 ;; 3) code=2 ;; esac # 3 is of the filter, 2 of awk, which could not write
	;;
*)
	columns=$(said "$file" columns)
	if [ -n "$columns" ]; then # an object a line
		{
			printf 'def rows: (\n'
			cat "$file"
			printf '\n); "%s", (inputs | select(. != "\\u0001") | if endswith("\\u0001") then "\\u0001" else try (fromjson | rows) catch ("?", (input_line_number | debug | empty)) end)' \
				"$columns"
		} >"$tmp/program"
		input | jq -nRr --unbuffered -f "$tmp/program" 2>"$tmp/err" |
			$awk -v tell="$program: $format: the log is cut off: its last line has no end, and is left out" '
				/^\001$/ { print tell > "/dev/stderr"; printf "?"; next }
				{ print } NR > 1 && !/^[?]/ { n = 1 } END { exit n ? 0 : 3 }' || code=$?
		bad=$(grep -c DEBUG "$tmp/err") || :
		case $code in
		2) code=6 ;;
		3) code=2; printf '%s: %s: no request in it\n' "$program" "$format" >&2 ;;
		esac
		[ "$bad" -eq 0 ] || printf '%s: %s: %s lines are not of this format, the first line %s\n' "$program" "$format" "$bad" \
			"$(sed -n 's/.*DEBUG:",\([0-9]*\).*/\1/p; 1q' "$tmp/err")" >&2
	else
		input | tr -d '\001' | jq -r -f "$file" 2>"$tmp/err" || code=$?
		sed -n "s/^\\[\"DEBUG:\",\"\\(.*\\)\"\\]\$/$program: $format: \\1/p" "$tmp/err" >&2
		if [ "$code" -ne 0 ] && [ "$code" -ne 141 ]; then
			sed -n "1s/^parse error: /it is cut off or no JSON: /; 1s/^jq: error ([^)]*): //; 1s/^/$program: $format: /p" "$tmp/err" >&2
			code=2
			! grep -q 'writing output' "$tmp/err" || code=6
		fi
	fi
	;;
esac
if [ "$code" -eq 2 ] && [ -z "$guessed" ]; then # another format was named, perhaps
	looks=$(refused) path=$(guess)
	[ -n "$looks" ] || [ -z "$path" ] || [ "$path" = "$file" ] || looks="$(name_of "$path") ($(said "$path" "$(name_of "$path")"))"
	[ -z "$looks" ] || printf '%s: %s: this log looks like %s\n' "$program" "$format" "$looks" >&2
fi
# A reader that has gone is no failure.
[ "$code" -ne 141 ] || code=0
exit "$code"
