# junit: JUnit XML: a case for each expectation, gate, comparison and threshold
# reads: analysis verdict
# with: cases.jq

def xml: tostring | gsub("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]"; " ") | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;") | gsub("\""; "&quot;")
	| gsub("\n"; "&#10;") | gsub("\t"; "&#9;");
def attributes: to_entries | map(" \(.key)=\"\(.value | xml)\"") | join("");

# Times of a log without a date count from 0 or so, and are none of 1970.
. as $in | cases as $cases | analysis as $a |
{tests: ($cases | length), failures: ($cases | count("failure")), errors: ($cases | count("error"))} as $n |
($a.input.duration_s // 0) as $time |
"<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
"<testsuites\({name: "chaos"} + $n + {time: $time} | attributes)>",
"  <testsuite\({name: ($in | title)} + $n + {skipped: ($cases | count("skipped")), time: $time}
	+ (if ($a.input.start_epoch_s // 0) >= 86400 then {timestamp: ($a.input.start_epoch_s | floor | strftime("%Y-%m-%dT%H:%M:%S"))} else {} end)
	| attributes)>",
"    <properties>",
("line", "recovery_time_sec", "error_rate" | . as $key |
	{name: ., value: ({line: ($in | line), recovery_time_sec: $a.recovery_time_sec, error_rate: $a.run_summary.error_rate}[$key])}
	| select(.value != null) | "      <property\(attributes)/>"),
"    </properties>",
($cases[] | "    <testcase\({name, classname: "chaos.\(.class | gsub(" "; "_"))", time: 0} | attributes)" + (
	if .result == "ok" then "/>"
	elif .result == "skipped" then "><skipped\({message: .text} | attributes)/></testcase>"
	else "><\(.result)\({message: .text, type: .class} | attributes)" + (
		if (.detail // "") == "" then "/>" else ">\(.detail | xml)</\(.result)>" end) + "</testcase>" end)),
"  </testsuite>",
"</testsuites>"
