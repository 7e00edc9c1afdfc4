# The config of the nodes found, with what was guessed beside its line; $how and $scenarios are given. Flow values
# are JSON, which YAML takes.

# Text of others, such as labels of containers: neither a line of its own nor what a screen obeys.
def plain: gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ");
def comment: if . == null or . == "" then "" else "   # " + . end;
def answer: if .status and (.protocol | startswith("http")) then "answered GET \(.path) with \(.status)"
	elif .protocol == "https" then "speaks TLS"
	elif .protocol == "redis" and .status == "NOAUTH" then "Redis, and asks for a password: redis://USER:PASSWORD@..."
	elif .protocol == "redis" then (if .address then "answered as Redis does" else null end)
	elif .protocol == "http" then "did not answer" else "speaks neither HTTP nor Redis: takes \(if .run then "faults, " else "" end)no load" end;
def good: .status != null and (.status | test("^[123]"));
def open_redis: .protocol == "redis" and .status != "NOAUTH";
def scheme: if .protocol == "other" then "http" else .protocol end;
# Names that a config takes; of what is named twice, the second has a number.
def named: map(.name |= (gsub("[^A-Za-z0-9._-]"; "-") | sub("^[.-]+"; "") | .[:60])) | group_by(.name) | map(if length == 1 then .[] else to_entries[] |
	.value + {name: (if .key == 0 then .value.name else "\(.value.name)-\(.key + 1)" end)} end);
def flow: to_entries | map("\(.key): \(.value | tojson)") | join(", ");
# Of a container with several ports, the one that spoke.
map(with_entries(if .value | type == "string" then .value |= plain else . end)) |
(if $how == "compose" then group_by(.name) | map(sort_by(if .protocol == "other" then 1 else 0 end) | .[0] +
	{others: (map(.address) | .[1:] | map(select(.)))}) else . end) as $all |
(reduce ($all[] | select(.url or .address)) as $n ([]; if any(.url and .url == $n.url) then . else . + [$n] end) |
	named) as $nodes |
# The load of the scenarios that anybody has: HTTP, unless only Redis gave an answer that is a success.
(any($nodes[]; (.protocol | startswith("http")) and good) or all($nodes[]; open_redis | not)) as $by_http |
([$nodes[] | select(.protocol == "http" or (.protocol == "https" and .url))] | group_by([.path, good]) |
	sort_by(.[0] | good | not) | to_entries | map(
		"  \(if .key == 0 and $by_http then "main" else .value[0].name end):",
		"    target: \(.value | map(.name) | tojson)",
		"    requests: [{path: \(.value[0].path | tojson)}]\(if .value[0] | good then "" else
			"   # that was no success: give a path that answers with one" end)")) as $http |
([$nodes[] | select(open_redis)] | if length == 0 then [] else
	["  \(if $by_http then "redis" else "main" end):", "    target: \(map(.name) | tojson)",
	 "    commands: [{run: GET chaos:init}]   # reads a key that is not there"] end) as $redis |
([$nodes[] | select(.run and .note == null and (if $by_http then .protocol != "redis" else open_redis end))] | sort_by(.protocol != "http") | .[0].name) as $victim |
["# Written by chaos-init \($how). What was guessed is said beside each line; chaos-config(5) explains the keys.",
 "nodes:"] +
[$nodes[] | "  \(.name):",
	"    url: \(.url // "\(scheme)://\(.address)" | tojson)\([if $how == "compose" then .at else null end, answer, .note,
		(if .others // [] == [] then null else "also at " + (.others | join(", ")) end)] |
		map(select(.)) | join("; ") | comment)",
	(.note as $note | .run // {} | to_entries[] | "    \(if $note then "# " else "" end)\(.key): \(.value | tojson | plain)"),
	(if .health and .note == null then "    # ready when its health check says so"
	 elif open_redis then "    ready: ping"
	 elif .protocol == "redis" then "    ready: tcp   # ping, and a load, once its URL has the password"
	 elif good then "    ready: GET \(.path)"
	 else "    ready: tcp   # a path that answers when all is well would be better: ready: GET /health" end),
	(if .run then empty
	 elif .comm == "docker-proxy" then "    # A container has it: chaos-init compose makes a node of that, which takes faults."
	 elif .process then
		"    # It takes \(if .protocol == "other" or .status == "NOAUTH" then "" else "load, but " end)no faults until it is started here: stop it there (\(.stop)), then use",
		"    # process: \(.process | tojson | plain)\(if .title then "   # from its title, which may not tell all" else "" end)",
		"    # cwd: \(.cwd | tojson)"
	 elif .comm then "    # It takes no faults until it is started here, and its title does not tell how: \(.stop) stops it there."
	 elif .url then "    # process: [PROGRAM, ARGUMENTS]   # how to start it here, if it is to take faults"
	 else "    # Whose process it is cannot be seen: as root this says how it is started." end)] +
[$all[] | select(.url == null and .address == null) | if $how == "compose" then
	"  # \(.name): publishes no port, so it can neither be loaded nor be seen to be down (\(.at))" else
	"  # \(.name): listens at \(.at) alone, and was not asked" end] +
["loads:" + if $http + $redis == [] then " {}   # nothing here answered HTTP or Redis" else "" end] + $http + $redis +
["# Next, with this as config.yaml:"] +
if $victim then ["#   chaos-fault kill \($victim) --for 5s --dry-run",
	"#   chaos-scenario --scenario \($scenarios)/first.yaml --run-id first"]
else ["#   chaos-fault ls", "#   chaos-scenario --scenario \($scenarios)/first-load.yaml --run-id first"] end | .[]
