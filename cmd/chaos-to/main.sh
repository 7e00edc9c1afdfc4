#!/bin/sh
# Writes an analysis, a verdict, events, windows or samples in a format of other tools: one filter in share/to
# for each, in jq or awk.
set -eu
program=chaos-to folder=to version=@VERSION@

usage() {
	cat <<-END
	$program: an analysis, windows, events or samples for other tools

	Usage: $program FORMAT [--run-id ID] [FILE...]
	       chaos-analyze ... | $program FORMAT

	Several files are read as one input: an analysis and a verdict, for one.

	Formats, and what they are made of:
	END
	filters | while IFS='	' read -r name file; do
		printf '  %-15s%s (%s)\n' "$name" "$(said "$file" "$name")" "$(said "$file" reads | sed 's/ /, /g')"
	done
	cat <<-END

	Options:
	      --run-id ID           read what is needed from the folder of that run
	      --runs-dir DIR        where the runs are (runs)
	      --name NAME           name of the run, where the input has none
	      --textfile FILE       of openmetrics: at each window replace this file,
	                            for a collector that reads it
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1) and chaos-formats(5).
	END
}

share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/convert.sh
. "$share/sh/convert.sh"
options='--run-id --runs-dir --name --textfile --help --version'
format='' run_id='' runs_dir=runs to_name='' textfile=''
asked "$@"
for word; do # options are taken out; what stays are files
	shift
	if [ -n "${wanted:-}" ]; then
		eval "$wanted=\$word"
		wanted=
		continue
	fi
	case $word in
	--run-id | --run-id=*) wanted=run_id ;;
	--runs-dir | --runs-dir=*) wanted=runs_dir ;;
	--name | --name=*) wanted=to_name ;;
	--textfile | --textfile=*) wanted=textfile ;;
	-?*) unknown_option "$word" ;;
	*)
		if [ -z "$format" ]; then format=$word; else set -- "$@" "$word"; fi
		;;
	esac
	case $word in --*=*) eval "$wanted=\${word#*=}"; wanted= ;; esac
done
[ -z "${wanted:-}" ] || die 2 "option '$word' needs a value"
[ -n "$format" ] || die 2 "say which format; see '$program --help'"
temporary_folder
filters >"$tmp/filters"
file=$(awk -F '\t' -v name="$format" '$1 == name { print $2; exit }' "$tmp/filters")
[ -n "$file" ] || die 2 "there is no format '$format'$(hint "$format" <"$tmp/filters")"
reads=$(said "$file" reads)
if [ -n "$textfile" ]; then
	[ "$format" = openmetrics ] || die 2 "--textfile is for openmetrics"
	[ ! -d "$textfile" ] || die 2 "cannot write '$textfile': it is a folder"
	if ! whole=$(readlink -f -- "$textfile") || { ! is_special "$textfile" && [ ! -w "${whole%/*}/" ]; }; then
		die 2 "cannot write '$textfile'"
	fi
fi

# What a run has of what the format reads: the first kind that it names, and with an analysis the verdict.
if [ -n "$run_id" ]; then
	[ $# -eq 0 ] || die 2 "either --run-id or files, not both"
	run=$runs_dir/$run_id
	[ -d "$run" ] || die 2 "there is no run '$run_id' in '$runs_dir'$(printf '%s\n' "$runs_dir"/* | sed 's,.*/,,' | hint "$run_id")"
	to_name=${to_name:-$run_id}
	case $reads in
	*analysis*)
		set -- "$run/analysis.json"
		[ ! -e "$run/verdict.json" ] || set -- "$@" "$run/verdict.json"
		# A run that ended before its analysis has a verdict alone.
		[ -e "$1" ] || [ $# -eq 1 ] || shift
		;;
	*events*) set -- "$run/events.jsonl" ;;
	*) set -- "$run"/samples*.csv ;;
	esac
fi
for input; do
	[ -r "$input" ] || die 2 "cannot read '$input'"
	[ ! -d "$input" ] || die 2 "cannot read '$input': it is a folder"
done
if [ $# -eq 0 ]; then
	[ ! -t 0 ] || die 2 "the input comes on standard input or as a file; see '$program --help'"
	first_of_input "$tmp/first"
	set -- "$tmp/first" -
fi

# --- what the input is ------------------------------------------------------------------------

head -c 65536 "$1" >"$tmp/head"
kind=
if grep -q '"schema": *"chaos-verdict/1"' "$tmp/head"; then kind=verdict; fi
if grep -q '"schema": *"chaos-analyze/1"' "$tmp/head"; then kind=analysis; fi
if grep -q '"format": *"chaos-windows/1"' "$tmp/head"; then kind=windows; fi
if grep -q '"event": *"' "$tmp/head"; then kind=events; fi
if head -n 1 "$tmp/head" | grep -v '^{' | grep -Eq '(^|[^a-zA-Z_])timestamp([^a-zA-Z_]|$)'; then kind=samples; fi
[ -s "$tmp/head" ] || die 2 "there is nothing to read"
[ -n "$kind" ] || die 2 "the input is no analysis, verdict, windows, events or samples"
case " $reads " in *" $kind "*) ;; *) die 2 "$format is made of $(echo "$reads" | sed 's/ / or /g'), and this is $kind" ;; esac

export to_name LC_ALL=C to_live="${textfile:+1}"
code=0
case $file in
*.awk)
	cat "$@" | awk -f "$share/awk/csv.awk" -f "$share/to/samples.awk" -f "$file" || code=$?
	# 2 is of awk, which could not write; the others of the filter
	case $code in 2) code=6 ;; 3) code=2 ;; 4) exit 3 ;; esac
	;;
*)
	with=$(said "$file" with)
	cat ${with:+"$share/to/$with"} "$file" >"$tmp/program"
	if [ -n "$with" ]; then slurp=-s; else slurp=-n; fi
	if [ -n "$with" ]; then # all of it is needed, and perhaps twice
		cat "$@" >"$tmp/all"
		set -- "$tmp/all"
	fi
	if [ -n "$textfile" ]; then
		{ cat "$@" | jq -r --unbuffered "$slurp" -f "$tmp/program" 2>"$tmp/err" || echo $? >"$tmp/code"; } | while IFS= read -r line; do
			printf '%s\n' "$line" >>"$tmp/text"
			[ "$line" = '# EOF' ] || continue
			if is_special "$textfile"; then
				cat "$tmp/text" >>"$textfile"
			else
				cp "$tmp/text" "$whole.new" && mv "$whole.new" "$whole"
			fi || exit 6
			: >"$tmp/text"
		done || exit 6
		[ ! -e "$tmp/code" ] || code=$(cat "$tmp/code")
	else
		cat "$@" | jq -r --unbuffered $slurp -f "$tmp/program" 2>"$tmp/err" || code=$?
	fi
	sed -n "s/^\\[\"DEBUG:\",\"\(.*\)\"\]\$/$program: $format: \1/p" "$tmp/err" | head -n 1 >&2
	if [ "$code" -ne 0 ] && [ "$code" -ne 141 ]; then
		sed -n "/^\\[\"DEBUG:/!{s/^/$program: $format: /p; q}" "$tmp/err" >&2
		code=2
		! grep -q 'writing output' "$tmp/err" || code=6
	fi
	if [ "$format" = github ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ "$code" -eq 0 ]; then
		cat "$share/to/cases.jq" "$share/to/github-summary.jq" >"$tmp/program"
		jq -r -s -f "$tmp/program" "$@" >>"$GITHUB_STEP_SUMMARY" || code=6
	fi
	;;
esac
[ "$code" -ne 141 ] || code=0 # a reader that has gone is no failure
exit "$code"
