# A probe of a steady-state hypothesis as a probe of a scenario, with the same tolerance; error(REASON) where there is none.

# A pattern of Python's re as one of jq: there ^ is the start of the text, and $ its end or before a last newline.
def pattern:
	reduce (gsub("\\(\\?P<"; "(?<") | gsub("\\(\\?P="; "\\k=") | explode | map([.] | implode))[] as $c ({out: "", esc: false, set: false};
		if .esc then .esc = false | .out += (if $c == "Z" then "z" else $c end)
		elif $c == "\\" then .esc = true | .out += $c
		elif $c == "[" then .set = true | .out += $c
		elif $c == "]" then .set = false | .out += $c
		elif .set then .out += $c
		elif $c == "^" then .out += "\\A"
		elif $c == "$" then .out += "(?=\\n?\\z)"
		else .out += $c end)
	| .out | if test("\\\\k=") then error("the pattern refers to a named group") else . end;

# A JSONPath of names, indices, wildcards and descents as a filter of jq.
def json_path:
	. as $whole
	| def go: if . == "" then ""
		else (capture("^(?<all>\\.\\.(?<deep>[A-Za-z_][A-Za-z0-9_-]*)|\\.(?<name>[A-Za-z_][A-Za-z0-9_-]*)|\\[(?<q>[\"'])(?<quoted>[^\"']*)[\"']\\]|\\[(?<index>-?[0-9]+)\\]|\\[\\*\\]|\\.\\*)(?<rest>.*)$")
			// error("the path '\($whole)' has more than names, indices and *")) as $m
		| (if $m.deep then "| .. | select(type == \"object\" and has(\($m.deep | tojson))) | .[\($m.deep | tojson)] "
		   elif $m.name // $m.quoted then ($m.name // $m.quoted | tojson) as $k | "| select(type == \"object\" and has(\($k))) | .[\($k)] "
		   elif $m.index then "| select(type == \"array\" and length > \($m.index)) | .[\($m.index)] "
		   else "| select(type == \"object\" or type == \"array\") | .[] " end)
		+ ($m.rest | go) end;
	sub("^\\s+|\\s+$"; "") | if startswith("$") then ". " + (.[1:] | go) else error("the path '\(.)' does not begin with $") end;

# A filter that is true of the value, in jq, of a tolerance that is a table.
def judged: if .type == "regex" then "test(\(.pattern | pattern | tojson))"
	elif .type == "range" then (.range | if type == "array" and length == 2 and all(.[]; type == "number") then . else error("a range has two numbers") end)
		| "(tostring | gsub(\"^\\\\s+|\\\\s+$\"; \"\") | try tonumber catch null) as $v | $v != null and $v >= \(.[0]) and $v <= \(.[1])"
	elif .type == "jsonpath" then
		"(. as $t | if type == \"string\" then (try fromjson catch $t) else . end) | [\(.path | json_path)] | "
		+ (if has("expect") then "(. == \(.expect | if type == "array" then . else [.] end | tojson))"
		   elif has("count") then "length == \(.count | tojson)" else "length > 0" end)
	elif .type == "probe" then error("a tolerance that is a probe itself takes the value as an argument, which nothing here does")
	else error("there is no tolerance of type '\(.type)'") end;

def words_of_process: . as $p | ($p.arguments // []) as $a
	| if ($a | type) == "string" then {words: null, shell: "\($p.path) \($a)"}
	  else {words: ([$p.path] + ($a | if type == "object" then to_entries | map(.key, .value) else . end | map(select(. != null and . != "") | tostring)))}
	  end;

# What is asked, through a shell: how the words of the command come to the filter.
def piped($how; $filter; $words): {process: (["sh", "-c", "\($how) | jq -\(if $how | startswith("echo") or test("echo \\$") then "e" else "Rse" end) \($filter | @sh) >/dev/null", "sh"] + $words)};

def seconds_of($t): if $t == null then 10 elif ($t | type) == "array" then ($t | map(select(type == "number")) | add // 10) elif ($t | type) == "number" then $t
	elif ($t | tostring | test("^[0-9.]+$")) then ($t | tonumber) else error("the timeout '\($t)' is no number") end;

def curl_words($p): seconds_of($p.timeout) as $s
	| ["curl", "-sSL", "-m", ($s | tostring), "-w", "\\n%{http_code}"]
	+ (if $p.verify_tls == false then ["-k"] else [] end)
	+ (($p.method // "GET" | ascii_upcase) as $m | if $m == "GET" then [] else ["-X", $m] end)
	+ [($p.headers // {} | to_entries[] | "-H", "\(.key): \(.value)")]
	+ (($p.arguments // {}) as $a | if $a == {} then []
	   elif ($p.method // "GET" | ascii_upcase) == "GET" then ["-G"] + [$a | to_entries[] | "--data-urlencode", "\(.key)=\(.value)"]
	   elif ($p.headers // {})["Content-Type"] == "application/json" then ["--data-raw", ($a | tojson)]
	   elif ($a | type) == "object" then [$a | to_entries[] | "--data-urlencode", "\(.key)=\(.value)"]
	   else ["--data-raw", ($a | tostring)] end)
	+ [$p.url];

def of_http($p; $tol): "split(\"\\n\") | {status: (.[-1] | tonumber), body: (.[:-1] | join(\"\\n\"))}" as $answer
	| (($p.method // "GET" | ascii_upcase) == "GET" and (($p.headers // {}) == {}) and (($p.arguments // {}) == {}) and $p.verify_tls != false) as $plain
	| if ($tol | type) == "number" and $plain then
		if $tol >= 100 and $tol <= 599 then {http: $p.url, status: $tol} else error("no answer has the status \($tol)") end
	  elif ($tol | type) == "number" then piped("\"$@\""; "\($answer) | .status == \($tol)"; curl_words($p))
	  elif ($tol | type) == "array" then piped("\"$@\""; "\($answer) | .status as $s | \($tol | tojson) | index($s) != null"; curl_words($p))
	  elif ($tol | type) == "object" then
		if $tol.target == "body" or $tol.target == "status" then piped("\"$@\""; "\($answer) | .\($tol.target) | \($tol | judged)"; curl_words($p))
		elif $tol.target == null and $tol.type == "jsonpath" then
			piped("\"$@\""; "\($answer) | .body |= (. as $t | try fromjson catch $t) | \($tol | judged)"; curl_words($p))
		elif $tol.target == null then error("a \($tol.type) of an HTTP answer needs a target, status or body: without one Chaos Toolkit fails")
		else error("the target '\($tol.target)' is not looked at here") end
	  else error("an answer is never \($tol | tojson): the tolerance is met by no answer") end;

def of_process($p; $tol): ($p | words_of_process) as $w | ($w.words // ["sh", "-c", $w.shell]) as $words
	| "\"$@\" >/dev/null 2>&1; echo $?" as $status
	| if $tol == 0 then {process: $words}
	  elif ($tol | type) == "number" then piped("{ \($status); }"; ". == \($tol)"; $words)
	  elif ($tol | type) == "array" then piped("{ \($status); }"; ". as $s | \($tol | tojson) | index($s) != null"; $words)
	  elif ($tol | type) == "object" then
		if $tol.target == "stdout" then piped("\"$@\" 2>/dev/null"; $tol | judged; $words)
		elif $tol.target == "stderr" then piped("\"$@\" 2>&1 >/dev/null"; $tol | judged; $words)
		elif $tol.target == "status" then piped("{ \($status); }"; $tol | judged; $words)
		elif $tol.target == null then error("a \($tol.type) of a process needs a target, stdout, stderr or status")
		else error("the target '\($tol.target)' is not looked at here") end
	  else error("what a process gives is never \($tol | tojson): the tolerance is met by none") end;

def of_python($p; $tol): "\($p.module).\($p.func)" as $f
	| if $f == "os.path.exists" and ($p.arguments.path | type) == "string" and $tol == true then {file: $p.arguments.path}
	  elif $f == "os.path.exists" and ($p.arguments.path | type) == "string" and $tol == false then {process: ["test", "!", "-e", $p.arguments.path]}
	  else error("Python, which is not run here: \($f)") end;

# Input: a probe, filled in.
def probe: .tolerance as $tol | .provider as $p
	| if has("tolerance") | not then error("a probe of the hypothesis has a tolerance")
	  elif ($tol | type) == "number" and ($tol | floor) != $tol then error("\($tol) is no tolerance: Chaos Toolkit takes whole numbers alone")
	  elif $p.type == "http" then of_http($p; $tol)
	  elif $p.type == "process" then of_process($p; $tol)
	  elif $p.type == "python" then of_python($p; $tol)
	  else error("there is no provider '\($p.type)'") end
	| if has("file") then . else . + {timeout: "\(seconds_of($p.timeout))s"} end;
