# An experiment of the Chaos Toolkit, as chaos-scenario --places prints it, in; {scenario, config, nodes, count, cannot, notes, lint} out.
include "tolerance";
include "commands";
include "program";
include "lint";

# --- what ${x} stands for ---------------------------------------------------------

# A variable that has a secret's name is one, also in the configuration.
def entry: if type != "object" then {lit: .}
	elif .type == "env" then {env: .key, default: .default,
		secret: (.key | strings | test("(^|_)(token|secret|pass(word|wd)?|pwd|(api)?key|credentials?|auth)(_|$)"; "i"))}
	elif .type == "vault" or .type == "probe" then {bad: "its value comes from a \(.type), which nothing here asks"}
	else {lit: .} end;
def table: [(.secrets // {} | objects | .[] | objects | to_entries[] | .key as $k | .value | entry
		| {key: $k, value: (if has("lit") or .default != null then {bad: "the secret '\($k)' stands in the experiment itself: put it into an environment variable"}
			else . + {secret: true} end)}),
	(.configuration // {} | objects | to_entries[] | .value |= entry)] | from_entries;

def value_of($t; $name; $now): ($t[$name] // null) as $e
	| if $e == null then "${\($name)}"
	  elif $e.bad then error($e.bad)
	  elif $e | has("lit") then $e.lit
	  elif $now and $e.secret then error("the secret '\($name)' can stand in a probe alone")
	  elif $now then $ENV[$e.env] // $e.default // error("the environment variable \($e.env) is not set, and its value is needed now")
	  elif $e.default != null then "${env \($e.env):-\($e.default)}"
	  else "${env \($e.env)}" end;
def filled($t; $now): "\\$\\{(?<n>[A-Za-z_][A-Za-z0-9_]*)\\}" as $mark
	| walk(if type != "string" or (contains("${") | not) then .
		elif test("^\($mark)$") then value_of($t; capture($mark).n; $now)
		else gsub($mark; value_of($t; .n; $now) | tostring) end);

# --- the experiment --------------------------------------------------------------

(reduce inputs as [$p, $l, $c, $v] ({doc: null, at: {}}; .doc = (.doc | setpath($p; $v)) | .at[$p | tojson] = "\($l):\($c)")) as $all
| $all.doc as $e
| def at: $all.at[tojson];
# A part that is of another kind than it must be.
([{p: ["steady-state-hypothesis"], kind: "object"}, {p: ["rollbacks"], kind: "array"}, {p: ["configuration"], kind: "object"},
	{p: ["secrets"], kind: "object"}, {p: ["runtime"], kind: "object"}, {p: ["steady-state-hypothesis", "probes"], kind: "array"}] | map(. as $x | ($e | try getpath($x.p) catch null) as $v
	| select($v != null and ($v | type) != .kind) | "\(.p | at): '\(.p[-1])' is no \(.kind)") | .[0]) as $odd
| if ($e | type) != "object" or ($e.method | type) != "array" then {wrong: " this is no experiment of the Chaos Toolkit: it has no list 'method'"}
elif $odd then {wrong: $odd}
else
($e | table) as $t
| ($e["steady-state-hypothesis"] // {} | if type == "object" then . else {} end) as $hypothesis
| [($hypothesis.probes // []) , $e.method, ($e.rollbacks // []) | arrays | .[] | objects] as $every
# Activities with their places; a ref stands for the activity of that name.
| def activities($path): [($e | getpath($path) // [] | arrays | to_entries[]) | ($path + [.key]) as $p | .value
	| (if type == "object" and (.ref | type) == "string" then .ref as $r | first($every[] | select(.name == $r and .ref == null)) // . else . end)
	| {path: $p, at: ($p | at), a: (if type == "object" then . else {} end), name: (if type == "object" then .name // "without a name" else "no activity" end)}];
activities(["steady-state-hypothesis", "probes"]) as $probes
| activities(["method"]) as $method
| activities(["rollbacks"]) as $rollbacks
| ($e.runtime // {} | .hypothesis // {} | .strategy // "default") as $strategy
| {"default": "Edge", "before-method-only": "SoT", "after-method-only": "EoT", "continuously": "Continuous"}[$strategy] as $mode
| ($nodes | split("\n") | map(select(. != "") | capture("^(?<key>[^=]*)=(?<value>.*)$")) | from_entries) as $urls

# --- the hypothesis
| [$probes[] | . as $x | try ({at, probe: (.a | .tolerance |= filled($t; true) | filled($t; false) | probe), untimed: (.a.provider.timeout == null and .a.provider.type != "python")})
	catch {at: $x.at, cannot: "'\($x.name)': \(.)"}] as $steady

# --- the method: when each action comes, and what it is
| def words: if .provider.type == "process" then (.provider | words_of_process | .words // (.shell | if test("[|&;<>()`\"'\\\\*?]") then null else split(" ") | map(select(. != "")) end)) else null end;
def known: words as $w | if $w == null then null else ($w | command) end;
def pause($when): (.pauses // {})[$when] // 0 | filled($t; true) | if type == "number" then . elif (tostring | test("^[0-9.]+$")) then tonumber
	else error("the pause '\(.)' is no number of seconds") end;
def refused: if .provider.type == "python" then "Python, which is not run here: \(.provider.module).\(.provider.func)" + ("\(.provider.module).\(.provider.func)" | instead)
	elif .provider.type == "process" then "the program is no fault that is known here: \(.provider | filled($t; true) | words_of_process | .words // [.shell] | join(" "))"
	elif .provider.type == "http" then "a request is no fault: \(.provider.method // "GET") \(.provider.url)"
	else "it has no provider that is known" end;
(reduce $method[] as $x ({now: 0, steps: []}; . as $s | (try (
		($x.a | pause("before")) as $before | ($x.a | pause("after")) as $after
		| ($x.a | .provider |= (. // {})) as $a
		| (if $a.provider.type == "python" then null else (try ($a | known) catch null) as $raw
			| if $raw.idle then $raw else ($a | .provider |= filled($t; true) | known) end end) as $k
		| ($s.now + $before) as $at
		| $s | (if $a.background == true then . else .now = $at + $after + ($k.pause // 0) end)
		| .steps += [{at: $x.at, name: $x.name, time: $at, background: $a.background}
			+ if $k.pause then {note: "it waits \($k.pause) s, which is a pause here"}
			  elif $k.idle then {note: "it changes nothing, and its result is never checked: left out"}
			  elif $k and ($k.verb != null) then {fault: $k}
			  elif $a.type == "probe" and $a.provider.type != "process" and ($a.provider.method // "GET") == "GET" then {note: "the result of a probe in the method is never checked: left out"}
			  elif ($a.provider.type | IN("process", "http")) and ($a.background != true) then
				{program: ($a | .provider |= filled($t; true)), before: $before, after: $after, cannot: ($a | refused)}
			  else {cannot: ($a | refused)} end]
	) catch (. as $why | $s | .steps += [{at: $x.at, name: $x.name, cannot: $why}]))) ) as $m
# With --programs, what is not known becomes programs, each of what comes without anything known between.
| (if $programs == "" then [] else reduce $m.steps[] as $s ([]; if $s.program then
		if length > 0 and .[-1].open then .[-1].acts += [$s] else . + [{open: true, at: $s.at, time: ($s.time - $s.before), acts: [$s]}] end
	elif $s.fault and length > 0 then .[-1].open = false else . end) end) as $groups
| ($groups | map(.acts | length) | add // 0) as $own
| [$m.steps[] | select(.fault) | . as $s | $s.fault.nodes[] | {at: $s.at, step: $s.name, time: $s.time, verb: $s.fault.verb, heals: $s.fault.heals, name, keys}] as $faults
| [$faults[] | select($urls[.name] == null) | {at, cannot: "'\(.step)': where '\(.name)' answers is not known: say --node \(.name)=URL"}] as $unknown

# --- rollbacks
| [$rollbacks[] | . as $x | (try (.a | .provider |= (. // {} | if .type == "python" then . else filled($t; true) end) | {k: known, why: refused}) catch {k: null, why: .}) as {$k, $why}
	| if $k.verb and all($k.nodes[].name; . as $n | any($faults[]; .name == $n and (.verb as $v | $k.verb | undoes($v))))
	  then {at, names: [$k.nodes[].name], note: "'\(.name)' undoes an action, which is done here whatever happens: left out"}
	  elif $k.idle or $k.pause then {at, note: "'\(.name)' changes nothing: left out"}
	  elif $own > 0 and (.a.provider.type | IN("process", "http")) and $k == null and ($why | startswith("the secret") | not) then
		{at, undo: {a: (.a | .provider |= filled($t; true)), name}}
	  else {at, cannot: "'\(.name)': a rollback that undoes no action of the method: \($why)"} end] as $back

| [$back[] | .undo // empty] as $undo
| (if $groups == [] then [] else [$probes[] | .a | try (filled($t; true) | probe) catch empty] end) as $now
| [$groups | to_entries[] | .key as $i | .value | . + {name: "\($fault)\(if $i == 0 then "" else "-\($i + 1)" end)",
	undo: (if $i == 0 then $undo else [] end), $folder, takes: (($takes * (.acts | length)) + ([.acts[] | .before, .after] | add)),
	heals: ($undo == []), probes: $now,
	acts: (.acts | map({name, before, after, a: .program}))}] as $made
| (if $made != [] and $undo == [] and $heals == "" then [$made[].acts[] | .name] else [] end) as $bare

# --- the load: where the first probe asks, if nothing else is said
# What a variable says of user, password and query is not written down.
| (if $load != "" then $load else [$probes[] | select(.a.provider.type == "http") | .a.provider.url | strings
		| try (filled($t; false) as $marked | filled($t; true)
			| select(. == $marked or (test("^[^/]*//[^/?#]*@|\\?") | not))) catch empty][0] end) as $asked
| ($asked // "" | capture("^(?<origin>https?://[^/?#]+)(?<path>[^#]*)") // null) as $to

# An action at the very end of the method needs a phase that goes on behind it.
| ([$m.now + ([$made[].takes] | add // 0) - ([$made[].acts[] | .before, .after] | add // 0), 1] | max) as $own_length
| ([$own_length, ($faults[].time | floor + 1)] | max) as $length

# --- what is said
| ([$steady[], $back[], $unknown[] | select(.cannot) | {at, text: .cannot}]
	+ [$m.steps[] | select(.cannot) | select($made == [] or .program == null or $bare != []) | {at, text: ("'\(.name)': \(.cannot)"
		+ if .program == null then "" elif $made == [] then "; --programs DIR makes a fault of it" else "; no rollback undoes it, and --heals would say that it needs none" end)}]
	+ (if $to then [] else [{at: ([] | at),
		text: "no probe asks a URL that is known now and may be written down: --load URL says where the load goes"}] end)
	+ (if $mode or $strategy == "skip" then [] else [{at: (["runtime", "hypothesis", "strategy"] | at), text: "the strategy '\($strategy)' is none of a scenario: its probes are asked before and after as well, or all the time"}] end)
	+ [if $e.controls then {at: (["controls"] | at), text: "controls are Python, which is not run here"} else empty end,
		($probes[], $method[], $rollbacks[] | select(.a.controls) | {at, text: "'\(.name)': controls are Python, which is not run here"})]
	| unique | sort_by(.at | split(":") | map(tonumber))) as $cannot
| ([$m.steps[], $back[] | select(.note) | {at, text: (if .name then "'\(.name)': \(.note)" else .note end)}]
	+ [$steady[] | select(.probe and .untimed) | {at, text: "a probe without a timeout of its provider has 10s here"}]
	+ (if $to then [{at: ([] | at), text: "a load of \($rps) requests a second to \($to.origin)\($to.path) is added, of which the findings tell"}] else [] end)
	+ (if $length > $own_length then [{at: (["method"] | at), text: "the method lasts \($length) s, not \($own_length) s: an action comes at its end"}] else [] end)
	+ [if $bare != [] then empty else $made[] end | {at, text: ("\(.acts | length) activities in a row are the fault '\(.name)', which may take \(.takes) s, and "
		+ if .heals then "ends when the hypothesis holds again" else "is undone by the rollbacks" end)}]
	+ [$faults[] | select(.verb | IN("kill_node", "stop_node", "pause_node")) | select(.heals | not) | . as $f
		| select(any($faults[]; .name == $f.name and .time >= $f.time and (.verb | undoes($f.verb))) or any($back[]; .names // [] | index($f.name) != null) | not)
		| {at, text: "'\(.step)': nothing undoes it there; here it is undone at the end"}]
	| unique | sort_by(.at | split(":") | map(tonumber))) as $notes

# --- scenario and config
| def flow: if type == "object" then "{" + (to_entries | map("\(.key): \(.value | flow)") | join(", ")) + "}"
	elif type == "array" then "[" + (map(flow) | join(", ")) + "]"
	elif type == "string" and test("^[A-Za-z][A-Za-z0-9_./-]*$") and (ascii_downcase | IN("true", "false", "yes", "no", "on", "off", "null", "y", "n") | not) then .
	else tojson end;
(["# From an experiment of the Chaos Toolkit, by chaos-import."]
	+ [$cannot[] | "# Not turned, at \(.at): \(.text | plain)"]
	+ ["name: \($e.title // "experiment" | tojson)"]
	+ (if $e.description then ["description: \($e.description | tojson)"] else [] end)
	+ (if $to then ["loads:", "  users: {target: [\($to.origin | tojson)], requests: [{path: \($to.path | if startswith("/") then . else "/" + . end | tojson)}]}"] else [] end)
	+ (if [$steady[].probe // empty] == [] or $strategy == "skip" then [] else ["steady_state:"] + [$steady[] | select(.probe) | "  - \(.probe + {mode: ($mode // "Edge")} | flow)"] end)
	+ ["phases:", "  - name: before", "    duration: \($before)"]
	+ (if $to then ["    actions: [{type: start_load, load: users, rps: \($rps)}]"] else [] end)
	+ ["  - name: method", "    duration: \($length)s"]
	+ (if $faults + $made == [] then [] else ["    actions:"] + [$made[] | "      - \({type: .name, target: .name} + (if .time > 0 then {at: "\(.time)s"} else {} end) | flow)"]
		+ [$faults[] | "      - \({type: .verb, target: .name} + (if .time > 0 then {at: "\(.time)s"} else {} end) | flow)"] end)
	| join("\n")) as $scenario
| (["# The nodes of an experiment of the Chaos Toolkit, by chaos-import.", "nodes:"]
	+ ($faults | unique_by(.name) | map("  \(.name): \({url: ($urls[.name] // "")} + .keys + {ready: "tcp"} | flow)"))
	+ ($made | map("  \(.name): \({url: ($to.origin // ""), ready_within: "\(.takes)s"} | flow)"))
	| join("\n")) as $config
| {$scenario, config: (if $faults + $made == [] then "nodes: {}" else $config end), nodes: ($faults + $made | length),
   programs: ($made | map({name, text: program})), count: ($probes + $method + $rollbacks | length), cannot: ($cannot | map(.text |= plain)), notes: ($notes | map(.text |= plain)),
   lint: [lint($e; $probes; $method; $rollbacks; $all.at)[] | plain]}
end
