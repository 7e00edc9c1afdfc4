# What is known of all shards: from lines SHARD TRY KEY VALUE, as shard.sh and rows.awk write them, an array with
# an object for each shard. Where a shard was lost or came late, gaps has what is not measured: count, from and to
# (UNIX times), slots (ranges, of which each holds every $count-th slot); said has the same in words.
# $start is the UNIX time of slot 0.
def number: try tonumber catch null;
def ms: if . == null then null else number / 1000 end;
def is_summary: all(.due, .sent, .ok, .rows, .duration_s; type == "number") and (.nodes | type) == "array"
	and (.errors | type) == "object" and all(.errors[]; type == "number") and ((.reasons // []) | type) == "array"
	and all(.slots, .skipped, .lost, .wait_s, .output_blocked_s, .cpu_user_s, .cpu_system_s, .peak_inflight;
		. == null or type == "number");
def attempt: (map({(.[2]): .[3]}) | add) as $k | {
	host: $k.host, ahead: ($k.ahead | ms), bound: ($k.bound | ms), ahead_after: ($k.ahead_after | ms),
	bound_after: ($k.bound_after | ms),
	code: (($k.code // "") | select(test("^[0-9]{1,3}$")) // null | if . then tonumber else null end),
	rows: ($k.rows // "0" | number), marked: ($k.marked // "0" | number), ok: ($k.ok // "0" | number),
	first: ($k.first // "" | number), last: ($k.last // "" | number),
	errors: (map(select(.[2] == "error") | .[3] | split(" ") | {(.[0]): (.[1] | number)}) | add // {}),
	slots: (map(select(.[2] == "slots") | .[3] | split(" ") | map(number)) | sort),
	summary: (($k.summary // "" | fromjson? | objects | select(is_summary)) // null)
};
# Of every $n-th slot from $from below $to, the ranges that are not among those ranges.
def without($from; $to; $n): [.[] | select(.[0] >= $from and .[0] < $to)]
	| reduce (.[], [$to, $to]) as [$a, $b] ({at: $from, gaps: []};
		(if $a > .at then .gaps += [[.at, $a - $n]] else . end) | .at = ([.at, $b + $n] | max))
	| .gaps;
def in_words: map(if .[0] == .[1] then "\(.[0])" else "\(.[0]) to \(.[1])" end)
	| .[:5] + if length > 5 then ["\(length - 5) more spans"] else [] end | join(", ");

[inputs | split("\t") | [(.[0] | tonumber), (.[1] | tonumber), .[2], (.[3:] | join("\t"))]]
| group_by(.[0]) | length as $n
| map({shard: .[0][0], tries: (group_by(.[1]) | map(attempt))})
# How many slots the schedule had, as the shards that have come to its end say; a stop finds some earlier than others.
| ([.[].tries[-1].summary.slots | numbers] | min) as $all
| ([.[].tries[-1].summary | select(. != null) | .duration_s] | max) as $duration
| map(
	.shard as $i | ($i - 1) as $zero | .tries as $tries | $tries[-1] as $latest
	| ($tries | map(.slots[]) | sort) as $slots
	# Where each part of it begins and ends; one that has no rows has no part.
	| ([{last: $start, begin: $zero}] + [$tries[] | . as $t
			| (if .summary then $zero + (.summary.skipped // 0) * $n else .slots[0][0] // null end) as $begin
			| select($begin != null) | {begin: $begin, first, last: (.last // .first), marked}]
		+ [if $latest.summary == null and $all != null and $duration != null
			then {begin: ($zero + (([$all - $zero, 0] | max) / $n | ceil) * $n), first: ($start + $duration)}
			# Rows that its summary counts and that never came.
			elif $latest.summary.rows > $latest.rows
			then {begin: ($zero + (($latest.summary.skipped // 0) + $latest.summary.due) * $n), first: $latest.last}
			else empty end]) as $parts
	| [range(1; $parts | length) as $k | $parts[$k - 1] as $a | $parts[$k] as $b
		| ($slots | without($a.begin; $b.begin; $n)) as $missing
		| (($missing | map((.[1] - .[0]) / $n + 1) | add // 0) - ($a.marked // 0)) as $count
		| select($count > 0)
		| {count: $count, from: ($a.last // $start), to: ($b.first // ($start + ($duration // 0))), slots: $missing}] as $gaps
	| ($gaps | map(.count) | add // 0) as $unmeasured
	| ($tries[:-1] | map(.rows) | add // 0) as $before
	| {shard: $i, host: $latest.host, offset_ms: $latest.ahead, error_ms: $latest.bound, after_ms: $latest.ahead_after,
		after_error_ms: $latest.bound_after, code: $latest.code, rows: ($before + $latest.rows), again: ($tries | length - 1),
		unmeasured: $unmeasured, slots: [$gaps[].slots[]], gaps: $gaps,
		# What one that was made again had told of its first parts is what their rows say.
		summary: ($latest.summary | if . == null then null else
			.due += (.skipped // 0) | .rows = ([.rows, $latest.rows] | min) + $before | .lost += $unmeasured
			| .ok += ($tries[:-1] | map(.ok) | add // 0) | .sent += $before
			| reduce ($tries[:-1][].errors | to_entries[]) as $e (.; .errors[$e.key] += $e.value) | del(.skipped) end)}
	| .said = "shard \($i) on \(.host) "
		+ (if .summary == null and .rows == 0 and .code != null then "ended with \(.code) and sent nothing"
			elif .summary == null then "was lost after \(.rows) rows"
			elif .again > 0 then "was lost after \($before) rows and made again"
			elif $latest.summary.rows > $latest.rows then "lost rows" else "came late" end)
		+ (if $unmeasured > 0 then ": slots \([$gaps[].slots[]] | in_words)\(if $n > 1 then " in steps of \($n)" else "" end) are not measured"
				+ if .summary == null or .again > 0 then "; what was due before it was lost may have been sent" else "" end
			elif .summary == null and .rows > 0 then "; what it had still to send is not measured" else "" end)
	| if .summary and .unmeasured == 0 and .again == 0 then .said = null else . end)
