# Activities that nothing here knows, as a fault program (chaos-fault-programs(7)).
include "tolerance";

# For a line of its own: what a terminal or YAML would take for more than text is a blank.
def plain: gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+"; " ");

# A line of sh that does what an activity does. Chaos Toolkit goes on after an action that failed; a fault that failed is none.
def line: .provider as $p
	| if $p.type == "http" then "curl -sSL -o /dev/null \(curl_words($p)[2:] | map(select(. != "-w" and . != "\\n%{http_code}")) | map(@sh) | join(" "))"
	  else ($p | words_of_process) as $w | if $w.words then $w.words | map(@sh) | join(" ") else "( \($w.shell)\n)" end end;
# A line that is true while a probe, as of a scenario, passes.
def passes: if .file then "[ -e \(.file | @sh) ]"
	elif .http then "[ \"$(curl -sL -o /dev/null -m \(.timeout | rtrimstr("s")) -w '%{http_code}' \(.http | @sh))\" = \(.status) ]"
	else "{ \(.process | map(@sh) | join(" ")); } >/dev/null 2>&1" end;
def pause_line: if . > 0 then "sleep \(.)" else empty end;

# Input: {name, acts: [{a, before, after}], undo: [{a}], folder, takes, heals, probes}
def program: . as $g
	| ([.acts[].name, .undo[].name] | join("; ") | plain) as $words
	| ["#!/bin/sh", "# By chaos-import, of an experiment: \($words)", "set -eu", "case $1 in", "describe)",
	   "\tcat <<-'JSON'", "\t" + ({past: "did the method at", effect: "none", kinds: ["remote"], needs: ["jq", "curl"],
		within_s: {inject: .takes, revert: .takes}} + (if .heals then {ends: "target"} else {} end) | tojson), "\tJSON", "\texit", "\t;;",
	   "plan)", "\tcat <<-'JSON'", "\t" + ({state: {}, does: [.acts[].name],
		verifies: ["nothing: its commands have ended with 0"],
		undoes: (if .heals then ["nothing: it waits until the hypothesis holds again"] else [.undo[].name] end)} | tojson), "\tJSON", "\texit", "\t;;", "esac",
	   "cat >/dev/null", "cd \(.folder | @sh)", "case $1 in", "inject)",
	   (.acts[] | (.before | pause_line), (.a | line + if .type == "probe" then " || :" else "" end), (.after | pause_line)) , "\t;;",
	   "revert)", (if .heals then "\t:" else (.undo[].a | line) end), "\t;;",
	   "verify-reverted)", (if .heals then (.probes[] | "\(passes) || exit 75"), "\t:" else "\t:" end), "\t;;", "esac"]
	| join("\n");
