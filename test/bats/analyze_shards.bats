#!/usr/bin/env bats
# chaos-analyze on the rows of several shards: those of one schedule, and what is not.

bats_require_minimum_version 1.5.0
load helper
load analyze_helper

setup() {
	scratch
}

@test "files of shards are one run: the bytes of one file, in any order" {
	samples 50 40 's>=10 && s<14' >all.csv
	chaos-analyze all.csv >want.json
	for i in 0 1 2; do
		awk -F, -v OFS=, -v i=$i 'NR == 1 || NR % 3 == i' all.csv >shard$i.csv
	done
	chaos-analyze shard2.csv shard0.csv - <shard1.csv | cmp want.json -
	# Second 0 is that of the one that begins first, also where others have more rows than are held back until it is known.
	samples 1000 16 >many.csv
	for i in 0 1 2; do awk -F, -v i=$i 'NR == 1 || $9 % 3 == i' many.csv >many$i.csv; done
	chaos-analyze many.csv >many.json
	chaos-analyze many1.csv - many2.csv <many0.csv | cmp many.json -
	{ cat all.csv; sed 1d all.csv; } >twice.csv
	run -0 --separate-stderr chaos-analyze twice.csv
	jq -e '.input.rows == 2000 and .input.rows_duplicate == 2000' <<<"$output"
	# A bad row is told with its file, and may be the one that is missing; a bad file ends it all.
	echo "x,1" >>shard2.csv
	run -0 --separate-stderr chaos-analyze shard?.csv
	assert_line_says "$stderr" skipped: "1 bad" "'shard2.csv' line $(wc -l <shard2.csv):" "2 of 10 fields"
	sed -i 30d shard2.csv
	run -0 chaos-analyze shard?.csv
	jq -e '.input.slots_missing == 0 and .input.seconds_unmeasured == 0' <(chaos-analyze shard?.csv 2>/dev/null)
	run -2 chaos-analyze all.csv nowhere.csv
	assert_says "$output" chaos-analyze: "'nowhere.csv'" "No such file or directory"
}

@test "files that are not the shards of one schedule are refused, and what no file has is not judged" {
	samples 50 20 >all.csv
	for i in 0 1 2; do awk -F, -v i=$i 'NR == 1 || $9 % 3 == i' all.csv >$i.csv; done
	cp 1.csv copy.csv
	awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.6f", $1 + 7) } 1' 1.csv >late.csv
	awk -F, -v OFS=, -v t="$T0" 'NR > 1 { $1 = sprintf("%.6f", t + ($1 - t) * 1.02) } 1' 1.csv >slow.csv
	awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.6f", $1 + 0.09) } 1' 1.csv >near.csv
	awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.6f", $1 + 100) } 1' 1.csv >behind.csv
	while IFS='|' read -ra says; do
		run -2 --separate-stderr chaos-analyze ${says[0]}
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
		assert_output ""
	done <<-'END'
		0.csv 1.csv copy.csv 2.csv|333 slots|1 to 997|steps of 3|'copy.csv'|'1.csv':|twice|(--load NAME=FILE)
		--load m=0.csv --load m=1.csv --load m=copy.csv|333 slots|1 to 997|steps of 3|'copy.csv'|'1.csv':|twice|(--load NAME=FILE)
		late.csv 0.csv 2.csv|slot 2 of '2.csv'|6.980 s before slot 1 of 'late.csv':|one clock|one schedule|at most 0.1 s
		0.csv slow.csv 2.csv|slot 998 of '2.csv'|0.379 s before slot 997 of 'slow.csv':|one clock|one schedule|at most 0.1 s
		behind.csv 0.csv 2.csv|slot 2 of '2.csv'|99.980 s before slot 1 of 'behind.csv':|one clock|one schedule|at most 0.1 s
	END
	run -0 chaos-analyze 0.csv near.csv 2.csv
	# A whole shard, half of one, one slot: the seconds with them are as those of which rows were dropped.
	run -3 --separate-stderr chaos-analyze 0.csv 2.csv
	assert_line_says "$stderr" "333 slots" "1 to 997" "steps of 3" "no file:"
	jq -e '.run_summary.due == 0 and .input.slots_missing == 333 and .input.seconds_unmeasured == 20' <<<"$output"
	head -n 200 1.csv >half.csv
	run -3 --separate-stderr chaos-analyze 0.csv half.csv 2.csv --fail-on 'error_rate > 0.5' --fail-on 'due > 5'
	assert_line_says "$stderr" "134 slots" "598 to 997" "steps of 3" "no file:"
	local analysis=$output
	valid /dev/stdin <<<"$analysis"
	jq -e '.run_summary.due == 300 and .anomaly_windows == [] and .verdict.result == "inconclusive"
		and .verdict.reasons == ["due > 5", "shards_missing"]' <<<"$analysis"
	sed 100d 1.csv >less.csv
	run -3 --separate-stderr chaos-analyze 0.csv 2.csv less.csv
	assert_line_says "$stderr" chaos-analyze: "slot 295" "no file:"
	jq -e '.input.seconds_unmeasured == 1' <<<"$output"
	# What a marker tells of, a ragged end, and rows without a slot.
	sed "s|^\\([^,]*\\),\\([^,]*\\),.*,295,.*|\\1,\\2,,,local,,output,,,\"count=1 from=$(sed -n 's/,.*,295,.*//p' 1.csv) to=$(sed -n 's/,.*,295,.*//p' 1.csv)\"|" 1.csv >marker.csv
	run -0 --separate-stderr chaos-analyze 0.csv 2.csv marker.csv
	jq -e '.input.lost == 1 and .input.slots_missing == 0' <<<"$output"
	sed '$d' 2.csv >ragged.csv
	run -0 chaos-analyze 0.csv 1.csv ragged.csv
	cut -d, -f1-8 1.csv >plain.csv
	run -0 chaos-analyze 0.csv 2.csv plain.csv
	# Loads one after the other, also when the shards of both are parts of files.
	for i in 0 1 2; do
		awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.6f", $1 + 20) } 1' $i.csv >next$i.csv
		cat $i.csv next$i.csv >both$i.csv
	done
	run -0 chaos-analyze next2.csv 0.csv next0.csv 1.csv next1.csv 2.csv
	jq -e '.input.rows == 2000' <<<"$output"
	chaos-analyze both?.csv | cmp - <(echo "$output")
}

@test "the pause between a load and a later one is no anomaly; one in the midst of a load is" {
	samples 50 30 >a.csv
	awk -F, -v OFS=, 'NR > 1 { $1 = sprintf("%.6f", $1 + 90.4) } 1' a.csv >b.csv
	chaos-analyze b.csv a.csv >a.json
	valid a.json
	jq -e '.anomaly_windows == [] and .input.seconds == 121 and .input.seconds_unmeasured == 61 and .input.slots_missing == 0' a.json
	awk -F, -v OFS=, 'NR > 1 { $9 += 1500 } 1' b.csv >goes_on.csv
	chaos-analyze a.csv goes_on.csv | jq -e '.anomaly_windows == [{start_sec: 30, end_sec: 90}]'
}

@test "load summaries of shards are those of one load, and each is there" {
	samples 50 20 >all.csv
	for i in 0 1; do awk -F, -v i=$i 'NR == 1 || $9 % 2 == i' all.csv >$i.csv; done
	jq -n --argjson t "$T0" '{schema: "chaos-load/1", start_t: $t, duration_s: 20, profile: [{at_s: 0, rate_rps: 50}], timeout_s: 5,
		seed: 1, sound: true, shard: null}' >whole.json
	for i in 1 2; do jq ".shard = \"$i/2\"" whole.json >$i.json; done
	chaos-analyze --load-summary whole.json all.csv >want.json
	chaos-analyze --load-summary 2.json --load-summary 1.json 0.csv 1.csv | cmp want.json -
	jq '.sound = false' 2.json >unsound.json
	run -3 --separate-stderr chaos-analyze --load-summary unsound.json --load-summary 1.json 0.csv 1.csv
	jq -e '.input.load_sound == false' <<<"$output"
	run -3 --separate-stderr chaos-analyze --load-summary 1.json 0.csv 1.csv
	assert_line_says "$stderr" chaos-analyze: "no load summary" "shard 2/2"
	for file in 0.csv -; do # one shard is not the load, also from a pipe
		run -3 --separate-stderr chaos-analyze --load-summary 1.json $file < <(cat 0.csv)
		assert_line_says "$stderr" "499 slots" "1 to 997" "steps of 2" "no file:"
	done
	# The second was ended at 12.01 s, and does not have what was due later; something before that is missing all the same.
	jq '.slots = 1000' 1.json >long.json
	jq '.slots = 601 | .ended = "signal" | .duration_s = 12.01' 2.json >short.json
	awk -F, 'NR == 1 || $9 <= 600' 1.csv >ended.csv
	for summaries in '--load-summary long.json --load-summary short.json' '--load-summary short.json --load-summary long.json'; do
		run -0 --separate-stderr chaos-analyze $summaries 0.csv ended.csv
		assert_says "$stderr" chaos-analyze: shards ended "12.0 s" "not judged"
		jq -e '.anomaly_windows == [] and .input.slots_missing == 0 and .input.seconds_unmeasured == 8
			and .run_summary.throughput_rps == 50' <<<"$output"
		run -3 --separate-stderr chaos-analyze $summaries 0.csv <(sed 99d ended.csv)
		[[ $stderr == *"slot 195 is in no file: "* ]]
	done
	run -3 --separate-stderr chaos-analyze --load-summary 1.json --load-summary 2.json 0.csv ended.csv
	while IFS='|' read -ra says; do
		jq "${says[0]}" 2.json >x.json
		run -2 --separate-stderr chaos-analyze --load-summary 1.json --load-summary x.json 0.csv 1.csv
		assert_says "$stderr" chaos-analyze: "${says[@]:1}"
	done <<-'END'
		.shard = "1/2"|summaries|'1.json'|'x.json'|both|shard 1/2
		.shard = "2/3"|summaries|'1.json'|'x.json'|not of shards|one load:|I/N
		.shard = null|summaries|'1.json'|'x.json'|not of shards|one load:|I/N
		.shard = "3/2"|'x.json'|load summary:|'shard'|'3/2'|INDEX/COUNT|2/3
		.profile[0].rate_rps = 51|summaries|'1.json'|'x.json'|not of one load:|differ in profile
		.profile += [{at_s: 10, rate_rps: 50}]|summaries|'1.json'|'x.json'|not of one load:|differ in profile
		.timeout_s = 2|summaries|'1.json'|'x.json'|not of one load:|differ in timeout_s
		.seed = 2|summaries|'1.json'|'x.json'|not of one load:|differ in seed
		.start_t += 0.5|summaries|'1.json'|'x.json'|not of one load:|start_t|0.500 s|at most 0.1 s
	END
}
