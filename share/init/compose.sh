# The containers of a compose project, for chaos-init, which sources it.
# shellcheck shell=sh disable=SC2154

engine() { # PATH
	# shellcheck disable=SC2086 # a list of words
	curl -sf -m 10 $engine_at"$1"
}

find_engine() {
	host=${DOCKER_HOST:-}
	for socket in /var/run/docker.sock "${XDG_RUNTIME_DIR:-/nowhere}/docker.sock" \
		"${XDG_RUNTIME_DIR:-/nowhere}/podman/podman.sock" /run/podman/podman.sock; do
		[ -n "$host" ] || [ ! -S "$socket" ] || host=unix://$socket
	done
	case $host in
	unix://*) engine_at="--unix-socket ${host#unix://} http://engine" ;;
	tcp://*:*) engine_at=http://${host#tcp://} ;;
	tcp://*) engine_at=http://${host#tcp://}:2375 ;;
	*) die 6 "there is no engine: DOCKER_HOST '$host' is neither unix:// nor tcp://, and no usual socket is there" ;;
	esac
	engine /_ping >/dev/null || die 6 "the engine at $host does not answer"
}

# The containers of the project, by service; a container with several published ports comes as often. From a container
# beside them (whose host name is the start of its id, unless it was given another) they are reached by their own names and ports.
from_compose() {
	find_engine
	engine /containers/json >"$tmp/all" || die 6 "the engine does not list its containers"
	project=$(jq -r --arg want "$1" --arg here "$PWD" '
		map(.Labels | select(."com.docker.compose.project") |
			{name: ."com.docker.compose.project", at: ."com.docker.compose.project.working_dir"}) | unique |
		(map(select(.name == $want)), map(select($want == "" and .at == $here)), map(select($want == ""))) |
		select(length == 1) | .[0].name' "$tmp/all" | head -n 1)
	[ -n "$project" ] || die 2 "$(jq -r --arg want "$1" '
		[.[].Labels."com.docker.compose.project" // empty] | unique | if length == 0 then "no compose project is running"
		elif $want != "" then "no compose project \"" + $want + "\" is running; there is " + join(", ")
		else "several compose projects are running; name one of " + join(", ") end |
		gsub("[[:cntrl:]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"; " ")' "$tmp/all")"
	beside=$(engine "/containers/$(uname -n)/json" | jq -c --arg host "$(uname -n)" '
		select(.Id // "" | startswith($host)) | .NetworkSettings.Networks // {} |
		keys - ["bridge", "host", "none", "podman"]') || :
	for id in $(jq -r --arg p "$project" '.[] | select(.Labels."com.docker.compose.project" == $p) | .Id' "$tmp/all"); do
		engine "/containers/$id/json" >>"$tmp/containers" || die 6 "the engine does not know container $id any more"
	done
	jq -cs --arg project "$project" --argjson beside "${beside:-[]}" 'group_by(.Config.Labels."com.docker.compose.service") | .[] |
		length as $copies | sort_by(.Name) | .[] | .Config.Labels."com.docker.compose.service" as $service |
		(.Name | ltrimstr("/")) as $container | {
			name: (if $copies == 1 then $service else $container end),
			run: (if $copies == 1 then {compose: $service, project: $project} else {container: $container} end),
			health: (.Config.Healthcheck.Test // ["NONE"] | .[0] != "NONE"),
			at: "container \($container)", note: (if .HostConfig.AutoRemove then "removes itself: no faults" else null end)
		} + (.HostConfig.PortBindings as $asked | any(.NetworkSettings.Networks // {} | keys[]; IN($beside[])) as $near |
			[.NetworkSettings.Ports // {} | to_entries[] | select(.key | endswith("/tcp")) | .key as $port |
			if $near then {address: "\(if $copies == 1 then $service else $container end):\($port | rtrimstr("/tcp"))"}
			else .value // [] | .[] | {address: ((.HostIp | if . == "" or . == "0.0.0.0" or . == "::" then "127.0.0.1"
				elif contains(":") then "[\(.)]" else . end) + ":" + .HostPort)} +
			if .HostPort | IN($asked[$port] // [] | .[].HostPort) then {} else {note: "the engine chose this port, and chooses anew at each start: no faults"} end end
			] | unique | if length == 0 then [{address: null}] else . end | .[])' "$tmp/containers" >"$tmp/nodes"
	looks "$tmp/nodes" / /health /healthz
}
