# memtier: memtier_benchmark --json-out-file FILE --print-percentiles 50,95,99
# guess: ^[{]"configuration":|"ALLSTATS":[{]
# lacks: single requests: these are counts by second; failures, which it does not count; a closed loop
# takes: --start

(."ALL STATS" // ("this JSON has no ALL STATS" | halt_error(2))) as $all |
(if env.from_start != "0" then env.from_start | tonumber
	else ($all.Runtime."Start time" // 0) / 1000 end) as $start |
([$all.Totals."Time-Serie" // empty] | if . == [] then [$all | to_entries[] | .value | objects | ."Time-Serie" // empty] else . end) as $series |
if $series == [] then "it has no Time-Serie: this version of memtier writes none" | halt_error(2) else . end |
"timestamp,node,length_s,closed_loop,ok,err,p50_ms,p95_ms,p99_ms",
([$series[] | to_entries[] | .key |= tonumber] | group_by(.key)[] |
	.[0].value as $one | (map(.value.Count) | add) as $n |
	[$start + .[0].key, env.from_node, 1, null, $n, null,
	 (if length == 1 and $n > 0 then $one."p50.00", $one."p95.00", $one."p99.00" else null, null, null end)] |
	map(. // "" | tostring) | join(","))
