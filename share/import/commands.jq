# What a command does to a node: {verb, nodes: [{name, keys}]}, {pause: SECONDS}, {idle: true}, or null. Input: its words.

def verbs: {kill: "kill_node", stop: "stop_node", pause: "pause_node", unpause: "resume_node", start: "start_node"};
def is_kill: IN("9", "KILL", "SIGKILL");

# Takes options out of the words: $known has how many words follow each. {options, rest}, or null at an unknown one.
def options($known): reduce .[] as $w ({options: {}, rest: [], left: null};
		if . == null then .
		elif .left then .options[.left] = $w | .left = null
		elif ($w | startswith("-")) then ($w | split("=")) as $o
			| if $known[$o[0]] == null then null
			  elif ($o | length) > 1 then .options[$o[0]] = ($o[1:] | join("="))
			  elif $known[$o[0]] == 1 then .left = $o[0]
			  else .options[$o[0]] = true end
		else .rest += [$w] end) | if . == null or .left then null else . end;

def engine($key): .[0] as $verb | (.[1:] | options({"-t": 1, "--time": 1, "--timeout": 1, "-s": 1, "--signal": 1})) as $o
	| (if $o then $o.options["-s"] // $o.options["--signal"] else null end) as $signal
	| if $o == null or verbs[$verb] == null or $o.rest == [] then null
	  elif $verb == "kill" and $signal and ($signal | is_kill | not) then null
	  else {verb: verbs[$verb], nodes: ($o.rest | map({name: ., keys: {($key): .}}))} end;

def unit: options({"--user": 0, "-s": 1, "--signal": 1}) as $o | if $o == null or ($o.rest | length) < 2 then null
	else $o.rest[0] as $verb
	| if ($verb == "kill" and ($o.options["-s"] // $o.options["--signal"] // "TERM" | is_kill | not)) or ($verb | IN("kill", "stop", "start") | not) then null
	  else {verb: verbs[$verb], nodes: ($o.rest[1:] | map({name: sub("\\.service$"; ""),
		keys: {kind: "systemd", with: ({unit: .} + if $o.options["--user"] then {user: "true"} else {} end)}}))} end end;

def pods: options({"-l": 1, "--selector": 1, "-n": 1, "--namespace": 1, "--force": 0, "--grace-period": 1, "--now": 0, "--wait": 0}) as $o
	| if $o == null or ($o.rest | length) != 2 or $o.rest[0] != "delete" or ($o.rest[1] | IN("pod", "pods", "po") | not) then null
	  else ($o.options["-l"] // $o.options["--selector"]) as $sel | ($o.options["-n"] // $o.options["--namespace"]) as $ns
	  | if $sel == null then null
		else {verb: (if $o.options["--grace-period"] == "0" then "kill_node" else "stop_node" end), heals: true,
		nodes: [{name: ($sel | sub(".*="; "")), keys: {kind: "kubernetes", with: ({selector: $sel} + if $ns then {namespace: $ns} else {} end)}}]} end end;

def command: (.[0] | sub(".*/"; "")) as $p | .[1:]
	| if ($p | IN("docker", "podman")) and .[0] == "compose" then .[1:] | engine("compose")
	  elif ($p | IN("docker", "podman")) and .[0] == "container" then .[1:] | engine("container")
	  elif $p | IN("docker", "podman") then engine("container")
	  elif $p == "docker-compose" then engine("compose")
	  elif $p == "systemctl" then unit
	  elif $p == "kubectl" then pods
	  elif $p == "sleep" and length == 1 and (.[0] | test("^[0-9]+(\\.[0-9]+)?s?$")) then {pause: (.[0] | rtrimstr("s") | tonumber)}
	  elif $p | IN("echo", "printf", "true", "ls", "cat", "pwd", "date", "test") then {idle: true}
	  else null end;

# What undoes what, of the same node.
def undoes($fault): . == "start_node" and ($fault | IN("kill_node", "stop_node")) or . == "resume_node" and $fault == "pause_node";

# What here does the same as a function of an extension.
def instead: if test("^chaosk8s.*(terminate_pods|delete_pods|kill_microservice)$") then "; a node of kind kubernetes takes kill_node for that"
	elif test("^chaostoxi\\.") then "; a node with 'via' takes latency, bandwidth, reset and others for that"
	elif test("^chaosprometheus|^chaoshttp") then "; a rule of the load, or a probe with curl and jq, tells that" else "" end;
