#!/bin/sh
# Makes one HTML page of a run, which opens from disk: the report in words of chaos-llm, the pictures of
# chaos-plot as SVG, the analysis of chaos-analyze as JSON; of several runs a page that compares them.
# What the page looks like is in share/report.
set -eu
program=chaos-report version=@VERSION@
# Beside this program where it is installed, or in its source folder.
own=$(dirname "$(readlink -f "$0")")
PATH=$own:$PATH
share=$own/../share/chaos
[ -d "$share" ] || share=$own/../../share
options='--run-id --baseline-id --runs-dir --help --version'
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"

usage() {
	cat <<-END
	$program: one HTML page of a run

	Usage: $program --run-id ID [--baseline-id ID] > report.html
	       $program ID ID... > trend.html

	Examples:
	  $program --run-id run1 > report.html
	  $program --run-id run1 --baseline-id baseline1 > report.html
	  $program run1 run2 run3 > trend.html

	Options:
	      --run-id ID           the run; one that has samples alone will do
	      --baseline-id ID      compare it with the run of that name
	      --runs-dir DIR        where the runs are (runs)
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1).
	END
}

# analyse ID OF: to $tmp/ID.json, of a run alone also its windows; there, the verdict will do. What chaos-analyze refuses, it has said.
analyse() {
	case $1 in
	'' | . | .. | latest | *[!A-Za-z0-9._-]*) die 2 "'$1' is no run id" ;;
	esac
	[ "$2" -gt 1 ] || ! bare "$1" || { cat "$runs/$1/verdict.json" >"$tmp/$1.json"; return; }
	code=0
	[ "$2" -gt 1 ] && windows='' || windows=$tmp/windows
	chaos-analyze --runs-dir "$runs" --run-id "$1" ${baseline:+--baseline-id "$baseline"} \
		${windows:+--by-node --windows-to "$windows"} >"$tmp/$1.json" || code=$?
	# 1 and 3 are answers.
	case $code in
	0 | 1 | 3) [ -s "$tmp/$1.json" ] || exit 6 ;;
	*) exit $code ;;
	esac
}

# bare ID: whether it has a verdict, and ended before its first row.
bare() {
	[ -s "$runs/$1/verdict.json" ] && [ "$(cat "$runs/$1"/samples*.csv 2>/dev/null | head -n 2 | wc -l)" -lt 2 ]
}
told() { # ID: what there is to say of such a run
	jq -nRr -f "$share/jq/timeline.jq" "$runs/$1/events.jsonl" |
		jq -Rrs --arg id "$1" --slurpfile verdict "$tmp/$1.json" -f "$share/report/bare.jq" || die 2 "cannot read its verdict.json"
}

# words ID: the report in words, as Markdown. An interpretation by a model is taken from the run's own.
words() {
	events=$runs/$1/events.jsonl
	[ -s "$events" ] || events=
	code=0
	chaos-llm --no-model ${events:+--events "$events"} "$tmp/$1.json" >"$tmp/words" || code=$?
	[ -s "$tmp/words" ] || exit $code
	cat "$tmp/words"
	[ ! -r "$runs/$1/report.md" ] || awk '/^#+ Interpretation/ { on = 1 } on' "$runs/$1/report.md"
}

# figure KIND WORD...: the picture, with what a pointer over it tells. The page's headline is its title.
# Nothing if it cannot be drawn.
figure() {
	kind=$1
	shift
	chaos-plot "$kind" --no-title --terminal svg -o "$tmp/$kind.svg" "$@" >"$tmp/$kind.gp" &&
		gnuplot "$tmp/$kind.gp" && [ -s "$tmp/$kind.svg" ] || return 0
	finding=$(sed -n 's/^\*\*\(.*\)\*\*.*/\1/p' "$tmp/words.md" | head -n 1 | sed 's/\\\(.\)/\1/g') \
		awk -v "kind=$kind" -f "$share/report/figure.awk" "$tmp/$kind.gp" RS='<' "$tmp/$kind.svg"
}
of_run() { # KIND ID WORD...
	kind=$1 id=$2
	shift 2
	figure "$kind" --runs-dir "$runs" --run-id "$id" --analysis "$tmp/$id.json" "$@"
}
# section TITLE KIND ID: the same under a heading.
section() {
	of_run "$2" "$3" --windows "$tmp/windows" >"$tmp/figure"
	[ ! -s "$tmp/figure" ] || { printf '<h2>%s</h2>\n' "$1"; cat "$tmp/figure"; }
}
# pictures ID: of a run that has rows.
pictures() {
	of_run throughput "$1" --windows "$tmp/windows" >"$tmp/figures"
	[ -z "$baseline" ] || of_run compare "$1" --baseline-id "$baseline" >>"$tmp/figures"
	section 'Latency' latency "$1"
	for kind in $(jq -r '{nodes, loads} | to_entries[] | select(.value | length > 1).key' "$tmp/$1.json"); do
		section "Each ${kind%s}" "$kind" "$1"
	done
}

# logs ID: of each node the first lines that it logged.
logs() {
	for file in "$runs/$1/logs"/*.log; do
		[ -s "$file" ] || continue
		printf '\n### %s\n\n```\n' "$(basename "$file" .log)"
		# Text of others: without what a screen obeys, nor what ends the block.
		head -n 20 "$file" | cut -c -300 | jq -Rr 'sub("^```"; " ```") |
			gsub("(?!\t)[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ")'
		printf '```\n'
	done
}

# repeat ID: the command and the machine, from the manifest.
repeat() {
	[ -r "$runs/$1/manifest.json" ] || return 0
	printf '\n## How to repeat it\n\n'
	jq -r '"```\ncd \(.folder | @sh)\n\(.argv | @sh)\n```\n",
		"Version \(.version), seed \(.seed), on \(.machine.system) \(.machine.kernel) \(.machine.machine) with \(
			.limits.cpus) CPUs and \(.limits.open_files) descriptors."' "$runs/$1/manifest.json"
}

# head TITLE, foot: what stands around the page.
head_of() {
	printf '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
	printf '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>%s</title>\n<style>\n' \
		"$(printf %s "$1" | jq -Rr @html)"
	cat "$share/report/page.css"
	printf '</style>\n</head>\n<body>\n<main>\n'
}
foot() { # FILE.json: the analysis, in which no text can end its element
	printf '</main>\n<script type="application/json" id="analysis">\n'
	jq -ac . "$1" | sed 's/</\\u003c/g'
	printf '</script>\n<script>\n'
	cat "$share/report/page.js"
	printf '</script>\n</body>\n</html>\n'
}

markdown() { awk -v "figures=${2-}" -v "lead=${3-}" -f "$share/report/markdown.awk" "$1"; }

page() { # ID
	: >"$tmp/figures"
	: >"$tmp/more"
	if bare "$1"; then told "$1"; else words "$1"; fi >"$tmp/words.md"
	bare "$1" || pictures "$1" >"$tmp/more"
	logs "$1" >"$tmp/logs.md"
	[ ! -s "$tmp/logs.md" ] || printf '\n## What the nodes logged first\n' | cat - "$tmp/logs.md" >"$tmp/end.md"
	repeat "$1" >>"$tmp/end.md"
	head_of "$1 - chaos report"
	markdown "$tmp/words.md" "$tmp/figures"
	cat "$tmp/more"
	markdown "$tmp/end.md" '' 1
	foot "$tmp/$1.json"
}

# trials ID...: what chaos-plot draws of several runs.
trials() {
	jq -nc --arg ids "$*" '{type: "trials", format: "chaos-trials/1", kind: "repeat", run_id: $ids[:100]}'
	n=0
	for id; do
		n=$((n + 1))
		cat "$runs/$id/verdict.json" >"$tmp/verdict" 2>"$tmp/null" || : >"$tmp/verdict"
		jq -nc --argjson n "$n" --arg run_id "$id" '{type: "trial", $n, $run_id, control: false}' >"$tmp/trial"
		jq -nc --argjson trial "$(cat "$tmp/trial")" --slurpfile verdict "$tmp/verdict" --slurpfile analysis "$tmp/$id.json" \
			--argjson code null -f "$share/jq/trial.jq"
	done
}

trend() { # ID...
	for id; do jq -c --arg id "$id" '. + {run_id: $id}' "$tmp/$id.json"; done | jq -as . >"$tmp/all"
	[ -n "$list" ] || { list=$tmp/trials && trials "$@" >"$list"; }
	jq -r --slurpfile trials "$list" -f "$share/report/trend.jq" "$tmp/all" >"$tmp/words.md"
	figure trials "$list" >"$tmp/figures"
	head_of "$# runs - chaos report"
	markdown "$tmp/words.md" "$tmp/figures"
	foot "$tmp/all"
}

trap '' PIPE
asked "$@"
temporary_folder
runs=runs run='' baseline='' ids='' list=''
while [ $# -gt 0 ]; do
	case $1 in
	--run-id=* | --baseline-id=* | --runs-dir=*)
		word=$1
		shift
		set -- "${word%%=*}" "${word#*=}" "$@"
		continue
		;;
	--run-id | --baseline-id | --runs-dir)
		[ $# -gt 1 ] || die 2 "'$1' needs a value"
		case $1 in
		--run-id) run=$2 ;;
		--baseline-id) baseline=$2 ;;
		*) runs=$2 ;;
		esac
		shift
		;;
	-*)
		unknown_option "${1%%=*}"
		;;
	*) ids="$ids $1" ;;
	esac
	shift
done
# shellcheck disable=SC2086 # ids are words
set -- $ids
[ -z "$run" ] || set -- "$run" "$@"
# A run that was repeated is the runs that it is of, those that have rows.
if [ $# -eq 1 ] && [ -s "$runs/$1/trials.jsonl" ] && [ ! -e "$runs/$1/samples.csv" ]; then
	list=$runs/$1/trials.jsonl
	# shellcheck disable=SC2046 # run ids are words
	set -- $(jq -r 'select(.type == "trial" and .metrics != null).run_id' "$list")
	[ $# -gt 0 ] || die 2 "'$list' names no run that has samples"
fi
[ $# -gt 0 ] || die 2 "say which run: --run-id ID; see '$program --help'"
[ $# -eq 1 ] || [ -z "$baseline" ] || die 2 "a baseline is for one run, not for $#"
for id; do analyse "$id" $#; done
if [ $# -eq 1 ]; then page "$1"; else trend "$@"; fi >"$tmp/page"
print <"$tmp/page"
