# github: annotations of a GitHub workflow; the summary goes to $GITHUB_STEP_SUMMARY as well
# reads: analysis verdict
# with: cases.jq

def data: tostring | gsub("(?!\n)[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ") | gsub("%"; "%25") | gsub("\n"; "%0A");
def property: data | gsub(":"; "%3A") | gsub(","; "%2C");

title as $title | line as $line | cases as $cases |
($cases[] | select(.result == "error" or .result == "failure") | "::error title=\("\($title): \(.name)" | property)::\(.text | data)"),
($cases[] | select(.result == "skipped" and (.class | IN("expectation", "gate", "verdict")))
	| "::warning title=\("\($title): \(.name)" | property)::\(.text | data)"),
"::notice title=\($title | property)::\($line | data)"
