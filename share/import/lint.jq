# What an experiment of the Chaos Toolkit does not check or put back.
include "tolerance";
include "commands";

def opposites: [["create", "delete"], ["create", "remove"], ["add", "remove"], ["add", "del"], ["apply", "delete"], ["start", "stop"], ["enable", "disable"],
	["drain", "uncordon"], ["cordon", "uncordon"], ["attach", "detach"], ["register", "deregister"], ["connect", "disconnect"], ["pause", "unpause"],
	["pause", "resume"], ["freeze", "thaw"], ["stop", "restart"], ["up", "down"], ["touch", "rm"], ["kill", "start"], ["mount", "umount"], ["inject", "remove"]]
	| map(., reverse);
# What an activity does, in words: the verb may be any of them.
def said: .provider as $p | if $p.type == "python" then [($p.func // "" | split("_")[])]
	elif $p.type == "process" then ($p | words_of_process | .words // (.shell | split(" "))) | map(sub(".*/"; "")) | map(select(startswith("-") | not))
	else [($p.method // "GET" | ascii_downcase), ($p.url // "" | split("/")[])] end;
# The pair of opposite verbs by which the second undoes the first, or null.
def undone_by($b): said as $x | ($b | said) as $y
	| if .provider.type != $b.provider.type then null
	  elif .provider.type == "http" then (if .provider.url == $b.provider.url and ([$x[0], $y[0]] | IN(["post", "delete"], ["put", "delete"])) then ["post", "delete"] else null end)
	  else first(opposites[] | . as $pair | select(($x | index($pair[0])) != null and ($y | index($pair[1])) != null)) // null end;
# Arguments that both have, and that differ.
def differs($b): if .provider.type == "python" then (.provider.arguments // {}) as $x | ($b.provider.arguments // {}) as $y
		| if ($x | type) != "object" or ($y | type) != "object" then null else
			first($x | to_entries[] | select($y[.key] != null and $y[.key] != .value) | "\(.key) is '\($y[.key])', and '\(.value)' in the action") // null end
	elif .provider.type == "process" then said as $x | ($b | said) as $y
		| if ($x | index($y[-1])) or ($y | index($x[-1])) then null else "it is for '\($y[-1])', and the action for '\($x[-1])'" end
	else null end;
def unbound: .provider.type != "python" and .provider.timeout == null;
def idle: .provider.type == "process" and ((.provider | words_of_process | .words // (.shell | split(" "))) | command | .idle or .pause);

def lint($e; $probes; $method; $rollbacks; $at): [
	(if $probes == [] then {at: "1:1", text: "no steady-state hypothesis has a probe: nothing is measured"} else empty end),
	($probes[] | . as $x | (try (.a | probe | empty) catch .) as $why
		| select($why | test("never|is no tolerance|needs a target|has a tolerance|no answer has")) | {at, text: "'\($x.name)': \($why)"}),
	($method[], $rollbacks[] | select(.a | has("tolerance")) | {at: ($at[.path + ["tolerance"] | tojson] // .at),
		text: "'\(.name)': the tolerance is never checked: Chaos Toolkit looks at those of the hypothesis alone"}),
	($probes[], $method[], $rollbacks[] | select(.a.timeout != null) | {at: ($at[.path + ["timeout"] | tojson] // .at),
		text: "'\(.name)': this timeout is never read: it belongs into the provider"}),
	($probes[], $method[], $rollbacks[] | select(.a.provider | type == "object") | select(.a | unbound) | select(.a | idle | not)
		| {at, text: "'\(.name)': without a timeout of its provider it may last for ever"}),
	# --- undo: a rollback, or a later action
	($method | to_entries[] | .key as $i | .value | select(.a.provider | type == "object") | select(.a.type == "action") | select(.a | idle | not) | . as $x
		| [($rollbacks[], $method[$i + 1:][]) | select(.a.provider | type == "object") | . as $y | select($x.a | undone_by($y.a)) | {at, name, differs: ($x.a | differs($y.a))}] as $undo
		| if any($method[:$i][]; select(.a.provider | type == "object") | .a as $b | ($b | undone_by($x.a)) and ($b | differs($x.a)) == null) then empty
		  elif $undo == [] then {at, text: "'\(.name)': no rollback undoes it"}
		  elif all($undo[]; .differs) then {at: $undo[0].at, text: "'\($undo[0].name)' does not match '\(.name)': \($undo[0].differs)"}
		  else empty end),
	($rollbacks[] | select(.a.provider | type == "object") | . as $y | select(.a | idle | not)
		| select(any($method[]; select(.a.provider | type == "object") | .a | undone_by($y.a)) | not) | {at, text: "'\(.name)' undoes no action of the method"}),
	(if $rollbacks != [] and ($e.runtime.rollbacks.strategy // "default") == "default" then
		{at: ($at["[\"rollbacks\"]"] // "1:1"), text: "rollbacks are skipped when the experiment is interrupted or fails, without runtime.rollbacks.strategy: always"} else empty end)
	] | unique | sort_by(.at | split(":") | map(tonumber)) | map("\(.at): \(.text)");
