# What a scenario does not test or leaves behind, a line each, of its values with their places and its plan:
#
#	chaos-scenario --places --scenario s.yaml | jq -nr --arg file s.yaml --slurpfile plan <(chaos-scenario --check=json …) -f lint.jq

def seconds: if type == "number" then . else
	[scan("([0-9.]+)(us|ms|s|m|h)?") | (.[0] | tonumber) * ({us: 1e-6, ms: 1e-3, m: 60, h: 3600}[.[1] // "s"] // 1)] | add // 0 end;
# What values the metric of a rule can have. What has no answer in time is a failure, and counts as the timeout.
def range: .load as $load | .metric
	| if . == "error_rate" then [0, 1] elif test("_pct$") then [null, null]
	  elif test("_(latency|all)_ms$") then
		[0, ([$plan[0].loads[] | select($load == null or "\(.name):" == $load) | .timeout_s * 1000] | max // infinite)]
	  else [0, infinite] end;
# {load, metric, op, v}, {within}, or null where only a run can tell.
def rule: (capture("^\\s*([A-Za-z0-9._-]+:)?\\s*recovered\\s+within\\s+(?<d>\\S+)") | {within: (.d | seconds)})
	// (capture("^\\s*(?<load>[A-Za-z0-9._-]+:)?\\s*(?<metric>[a-z0-9_]+)\\s*(?<op><=|>=|==|!=|<|>)\\s*(?<v>[0-9.]+)\\s*(?<pct>%)?(\\s+for\\s+\\S+)?\\s*$")
		| .v = (.v | tonumber) / (if .pct then 100 else 1 end)) // null;
# Whether such a rule is true of every value, or of none.
def always: range as [$lo, $hi] | .op as $op | .v as $v | if $lo == null then false
	elif $op == "<" then $hi < $v elif $op == "<=" then $hi <= $v elif $op == ">" then $lo > $v elif $op == ">=" then $lo >= $v
	elif $op == "!=" then $v < $lo or $v > $hi else false end;
def never: range as [$lo, $hi] | .op as $op | .v as $v | if $lo == null then false
	elif $op == ">" then $hi <= $v elif $op == ">=" then $hi < $v elif $op == "<" then $lo >= $v elif $op == "<=" then $lo > $v
	elif $op == "==" then $v < $lo or $v > $hi else false end;
def listed: if type == "array" then to_entries[] | {key: [.key], value} elif type == "string" then {key: [], value: .} else empty end;

(reduce inputs as [$p, $l, $c, $v] ({doc: null, at: {}}; .doc = (.doc | setpath($p; $v)) | .at[$p | tojson] = "\($l):\($c)")) as $all
| $all.doc as $s | $plan[0] as $plan
| def at: $all.at[tojson];
def found($path; text): {at: ($path | at), text: text};
[$plan.timeline[] | select(.type == "fault" and .undo != null)] as $faults
| [$plan.timeline[] | select(.type == "load")] as $loads
| ([$faults[].at_s] | min) as $first
| def loaded($from; $to): [$loads[].load] | unique | any(.[]; . as $name | [$loads[] | select(.load == $name)] |
	any(.[]; .at_s >= $from and .at_s < $to and (.rps > 0 or .to_rps > 0 or .replays)) or
	([.[] | select(.at_s <= $from)] | last | . != null and (.to_rps > 0 or .replays)));
# --- each action with its faults in the plan
[$s.phases | to_entries[] | .key as $i | $plan.phases[$i] as $phase | (.value.actions // [] | to_entries[]) | .key as $k | .value as $a
	| {path: ["phases", $i, "actions", $k], a: $a, phase: $phase, name: (($a.type // "") | sub("_node$"; "")),
	   time: ($phase.start_s + (($a.at // 0) | seconds))}
	| . as $x | .planned = [$plan.timeline[] | select(.type == "fault" and .action == $x.name and .phase == $x.phase.name and .at_s >= $x.time - 1e-6)]
	| .faults = [.planned[] | select(.undo != null)]] as $actions
| [
	($actions[] | select(.faults != [] and all(.faults[]; .undo.at_s >= $plan.duration_s - 1e-6)) | . as $x | found($x.path;
		if $x.a.for then "'\($x.a.type)' lasts to the end of the run: its recovery is not seen"
		else "'\($x.a.type)' has no 'for', and nothing lifts it before the run ends: its recovery is not seen" end)),
	($actions[] | select(.a.type | IN("restart_node", "start_node", "resume_node")) | . as $x | select(.planned != [])
		| select(any($faults[]; .at_s < $x.time + 1e-6 and any(.nodes[]; . as $n | $x.planned[0].nodes | index($n) != null)) | not)
		| found($x.path; "'\($x.a.type)' lifts nothing: no fault of the node comes before it")),
	(if $faults != [] and $s.steady_state == null and ([$s.phases[], $actions[].a | .expect | select(. != null)] == [])
		then found([]; "nothing is expected: without 'expect' and 'steady_state' the run holds whatever happens") else empty end),
	# --- steady state
	($s.steady_state // [] | listed | .key as $k | .value as $v | (["steady_state"] + $k) as $path
		| if ($v | type) == "string" and $first != null and (loaded(0; $first) | not) then
			found($path; "nothing measures it: no load is on before the first fault at \($first) s")
		  elif ($v | type) == "object" and ($v.mode // "SoT") != "EoT" and $v.mode != "OnChaos" and $first != null and $first < 0.5 then
			found($path; "nothing measures it: the first fault comes at \($first) s, and a probe is asked twice a second")
		  elif ($v | type) == "object" and $v.mode == "OnChaos" and $faults == [] then found($path; "nothing measures it: there is no fault")
		  elif ($v | type) == "string" and ($v | rule | . != null and has("metric") and always) then found($path; "it cannot fail: \($v)")
		  else empty end),
	# --- stop conditions
	($s.stop_conditions // [] | listed | .key as $k | .value as $v | select(($v | type) == "string") | ($v | rule) as $r
		| select($r.metric and ($r | never)) | found(["stop_conditions"] + $k; "it cannot stop anything: \($v)")),
	# --- expectations
	([($s.phases | to_entries[] | {path: ["phases", .key, "expect"], expect: .value.expect, phase: $plan.phases[.key]}),
	  ($actions[] | {path: (.path + ["expect"]), expect: .a.expect, phase, own: .faults})][] | . as $x | (.expect | listed) | .key as $k | .value as $v
		| ($v | tostring | rule) as $r | ($x.path + $k) as $path
		| (if $x.own then $x.own else [$faults[] | select(.at_s < $x.phase.start_s + $x.phase.duration_s)] end) as $of
		| if $r == null then empty
		  elif $r.within then [$of[] | $plan.duration_s - .undo.at_s | select(. > 0) | . * 1000 | round / 1000] as $left
			| if $left == [] then empty
			  elif ($left | max) < $r.within then
				found($path; "it cannot be missed: the run ends \($left | max) s after the fault is lifted")
			  elif ($left | min) < $r.within + 5 then
				found($path; "a recovery just in time is not seen: that takes five good seconds, and the run ends "
					+ "\($left | min) s after the fault is lifted")
			  else empty end
		  elif $r | always then found($path; "it cannot fail: \($v)")
		  elif $r | never then found($path; "it cannot hold: \($v)")
		  elif $x.own == null and (loaded($x.phase.start_s; $x.phase.start_s + $x.phase.duration_s) | not) then
			found($path; "no load is on in this phase, so it cannot be judged")
		  else empty end)
  ] | map(select(.at)) | unique | sort_by(.at | split(":") | map(tonumber))[] | "\($file):\(.at): \(.text)"
