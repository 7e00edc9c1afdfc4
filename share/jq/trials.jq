# What came of the trials of a repeat, for people: every trial, median and range, and what no gate can be.
#
#	jq -rs -f share/jq/trials.jq runs/ID/trials.jsonl

def names: ["throughput_rps", "error_rate", "p50_latency_ms", "p99_latency_ms", "recovery_after_revert_s"];
def short: if . == null then "-" elif . == 0 then "0" else . as $v | (1000 / pow(10; $v | fabs | log10 | floor)) as $f
	| ($v * $f | round) / $f | tostring end;
# {v, c}: a number, and whether it is only known to be larger.
def cell: if .v == null then "-" else (if .c then "> " else "" end) + (.v | short) end;
def pick(name): {v: .metrics[name], c: (.censored | index(name) != null)};
def pad($n): . + " " * ([$n - length, 1] | max);
def row($widths): [., $widths] | transpose | map(.[1] as $w | .[0] // "" | pad($w)) | add | sub(" +$"; "");
# Of an even number the mean of the two in the middle, unless one of them is not known.
def median: ((length - 1) / 2) as $m | .[$m | floor] as $a | .[$m | ceil] as $b
	| if $a.c or $b.c then $a else {v: (($a.v + $b.v) / 2), c: false} end;

map(select(.type == "trial" and (.control | not))) as $all
| [.[] | select(.type == "trial" and .control)] as $control
| [names[] as $m | [$all[] | pick($m) | select(.v != null)] | sort_by([.c, .v])] as $sorted
| (["trial", "verdict"] + names) as $head
| [$head | map(length + 2) | .[0] = ([$all[].run_id, "control"] | map(length) | max + 2) | .[1] = 15][0] as $widths
| ($head | row($widths)),
  ($all[] | [.run_id, (.verdict // "-")] + [names[] as $m | pick($m) | cell] | row($widths)),
  (["median", ""] + [$sorted[] | if . == [] then "-" else median | cell end] | row($widths)),
  (["from", ""] + [$sorted[] | if . == [] then "-" else .[0] | cell end] | row($widths)),
  (["to", ""] + [$sorted[] | if . == [] then "-" else .[-1] | cell end] | row($widths)),
  ($control[] | ["control", (.verdict // "-")] + [names[] as $m | pick($m) | cell] | row($widths)),
  # An expectation that some identical runs hold and others miss says nothing of a change.
  ([$all[].expectations | to_entries[]] | group_by(.key)[] | map(.value)
	| select((map(.result) | unique | index("held")) and (map(.result) | index("missed")))
	| (map(.value | numbers) | sort) as $values
	| "no gate: \(.[0].text | gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ")): \(map(select(.result == "held")) | length) of \(length) identical runs hold it"
	  + if $values == [] then "" else ", with \($values[0] | short) to \($values[-1] | short)" end)
