#!/bin/sh
# Writes a first config.yaml: from a running compose project, from what listens on this machine, or from
# URLs. What it guesses is a comment beside its line. sh, jq, curl, awk and find; it changes nothing.
set -eu
program=chaos-init
# Beside this program where it is installed, or in its source folder.
share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"

usage() {
	cat <<-END
	$program: writes a first config from what is running

	Usage: $program compose [PROJECT] > config.yaml
	       $program ports > config.yaml
	       $program URL... > config.yaml

	Commands:
	  compose [PROJECT]         the containers of a running compose project, with their
	                            published ports and health checks
	  ports                     what listens on this machine: each port that a loopback
	                            address reaches is asked once, as GET / would
	  URL...                    http://, https:// and redis:// URLs

	Options:
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1) and chaos-config(5).
	END
}

# look HOST:PORT PATH: one request that HTTP and Redis alike take for a question. Prints the protocol and
# the status: "http 200", "https", "redis", "redis NOAUTH" or "other". It has no Host header, which
# Redis would take for an attack.
look() {
	answer=$(curl -gsi --http1.0 --http0.9 --noproxy '*' -m 2 -H Host: -H User-Agent: -H Accept: "http://$1$2" |
		head -c 2000 | LC_ALL=C tr -d '\000\r') || :
	case $answer in
	HTTP/*"sent to HTTPS port"* | "$(printf '\025\003')"*) echo https ;;
	HTTP/*) echo "http $(printf %.3s "${answer#HTTP/* }")" ;;
	-NOAUTH*) echo redis NOAUTH ;;
	-ERR* | -DENIED* | -LOADING* | +*) echo redis ;;
	*) echo other ;;
	esac
}

# looks NODES.jsonl PATH...: to each object with an address adds protocol, status and path: of the first
# path with a status below 400, else of the first.
looks() {
	nodes=$1
	shift
	n=1000
	while read -r node; do
		n=$((n + 1))
		address=$(printf %s "$node" | jq -r '.address // empty')
		{
			found=other at=$1
			for path in ${address:+"$@"}; do
				this=$(look "$address" "$path")
				[ "$path" != "$1" ] || found=$this
				case $this in
				"http "[123]*) found=$this at=$path; break ;;
				http*) ;;
				*) break ;;
				esac
			done
			printf '%s' "$node" | jq -c --arg found "$found" --arg path "$at" '. + {path: $path} +
				($found | split(" ") | {protocol: .[0], status: .[1]})' >"$tmp/look.$n"
		} &
	done <"$nodes"
	wait
	cat "$tmp"/look.*
}

# --- compose ------------------------------------------------------------------------------

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

# The containers of the project, by service; a container with several published ports comes as often.
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
		else "several compose projects are running; name one of " + join(", ") end' "$tmp/all")"
	for id in $(jq -r --arg p "$project" '.[] | select(.Labels."com.docker.compose.project" == $p) | .Id' "$tmp/all"); do
		engine "/containers/$id/json" >>"$tmp/containers" || die 6 "the engine does not know container $id any more"
	done
	jq -cs --arg project "$project" 'group_by(.Config.Labels."com.docker.compose.service") | .[] |
		length as $copies | sort_by(.Name) | .[] | .Config.Labels."com.docker.compose.service" as $service |
		(.Name | ltrimstr("/")) as $container | {
			name: (if $copies == 1 then $service else $container end),
			run: (if $copies == 1 then {compose: $service, project: $project} else {container: $container} end),
			health: (.Config.Healthcheck.Test // ["NONE"] | .[0] != "NONE"),
			at: "container \($container)", note: (if .HostConfig.AutoRemove then "removes itself: no faults" else null end)
		} + ([.NetworkSettings.Ports // {} | to_entries[] | select(.key | endswith("/tcp")) | .value // [] | .[] |
			(.HostIp | if . == "" or . == "0.0.0.0" or . == "::" then "127.0.0.1" elif contains(":") then "[\(.)]" else . end)
			+ ":" + .HostPort] | unique | if length == 0 then [null] else . end | .[] | {address: .})' "$tmp/containers" >"$tmp/nodes"
	looks "$tmp/nodes" / /health /healthz
}

# --- ports --------------------------------------------------------------------------------

# "ADDRESS INODE" of each listener, loopback for those that listen on every address.
listeners() {
	for table in /proc/net/tcp /proc/net/tcp6; do
		[ ! -r $table ] || awk '
			function number(hex,    i, n) {
				for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
				return n
			}
			$4 == "0A" {
				split($2, at, ":")
				ip = at[1]
				sub(/^0000000000000000FFFF0000/, "", ip)
				if (ip ~ /^0+$/) ip = "127.0.0.1"
				else if (ip == "00000000000000000000000001000000") ip = "[::1]"
				else if (length(ip) == 8) ip = number(substr(ip, 7)) "." number(substr(ip, 5, 2)) "." \
					number(substr(ip, 3, 2)) "." number(substr(ip, 1, 2))
				else ip = "[an IPv6 address]"
				print ip ":" number(at[2]), $10
			}' $table
	done | sort -t: -k2n -u
}

# started PID: how a process was started, and the word that stops it, as JSON.
started() {
	[ -r "/proc/$1/cmdline" ] || return # nobody's that can be seen, or over by now
	unit=$(sed -n 's,.*/system\.slice/\([^/]*\.service\).*,\1,p' "/proc/$1/cgroup" 2>/dev/null | head -n 1)
	tr '\0' '\n' <"/proc/$1/cmdline" 2>/dev/null | jq -Rsc --arg stop "${unit:+systemctl stop $unit}" --arg pid "$1" \
		--arg cwd "$(readlink "/proc/$1/cwd" 2>/dev/null)" --arg comm "$(cat "/proc/$1/comm" 2>/dev/null)" '
		split("\n")[:-1] | (.[0] // "" | contains(" ") and ($comm == "nginx" or $comm == "redis-server")) as $title |
		if $title then .[0] | ltrimstr("nginx: master process ") | sub(" -g daemon off;$"; "") | split(" ") else . end |
		{process: (if .[0] == null then null elif $comm == "nginx" then . + ["-g", "daemon off;"]
			elif $comm == "redis-server" and $title then [.[0], "--port", (.[1] | split(":") | last)] else . end),
		 cwd: $cwd, stop: (if $stop != "" then $stop else "kill \($pid)" end), comm: $comm, title: $title}'
}

from_ports() {
	listeners >"$tmp/listeners"
	find /proc/[0-9]*/fd -lname 'socket:*' -printf '%l %p\n' 2>/dev/null >"$tmp/sockets" || :
	while read -r address inode; do
		pid=$(sed -n "s,^socket:\[$inode\] /proc/\([0-9]*\)/.*,\1,p" "$tmp/sockets" | sort -n | head -n 1)
		{ started "${pid:-0}" || echo null; } | jq -c --arg address "$address" '($address | split(":") | last) as $port |
			(. // {}) + {name: "\(.comm // "port")-\($port)", at: $address,
			 address: (if $address | test("^(127\\.|\\[::1\\])") then $address else null end)}'
	done <"$tmp/listeners" >"$tmp/nodes"
	[ -s "$tmp/nodes" ] || die 2 "nothing listens on this machine"
	looks "$tmp/nodes" /
}

# --- URLs ---------------------------------------------------------------------------------

from_urls() {
	for url in "$@"; do
		case $url in
		http://?* | https://?* | redis://?*) ;;
		*://*) die 2 "'$url' is not an http://, https:// or redis:// URL" ;;
		*) die 2 "'$url' is neither compose, ports nor a URL; see '$program --help'" ;;
		esac
		status=
		[ "${url#http}" = "$url" ] || status=$(curl -gsk -o /dev/null -m 5 -w '%{http_code}' "$url") || :
		jq -cn --arg url "$url" --arg status "$status" '($url | capture("^(?<s>[a-z]+)://(?<at>[^/?#]*)(?<path>/[^#]*)?")) as $u |
			{url: "\($u.s)://\($u.at)", name: ($u.at | sub(".*@"; "")), protocol: $u.s, path: ($u.path // "/"),
			 status: (if $status == "" or $status == "000" then null else $status end)}'
	done
}

# --- the config ---------------------------------------------------------------------------

# Flow values are JSON, which YAML takes.
write_config() { # HOW SCENARIO
	jq -rs --arg how "$1" --arg scenarios "$2" '
	def comment: if . == null or . == "" then "" else "   # " + . end;
	def answer: if .status and (.protocol | startswith("http")) then "answered GET \(.path) with \(.status)"
		elif .protocol == "https" then "speaks TLS"
		elif .protocol == "redis" and .status == "NOAUTH" then "Redis, and asks for a password: redis://USER:PASSWORD@..."
		elif .protocol == "redis" then (if .address then "answered as Redis does" else null end)
		elif .protocol == "http" then "did not answer" else "speaks neither HTTP nor Redis: takes \(if .run then "faults, " else "" end)no load" end;
	def good: .status != null and (.status | test("^[123]"));
	def scheme: if .protocol == "other" then "http" else .protocol end;
	# Names that a config takes; of what is named twice, the second has a number.
	def named: map(.name |= (gsub("[^A-Za-z0-9._-]"; "-") | sub("^[.-]+"; "") | .[:60])) | group_by(.name) | map(if length == 1 then .[] else to_entries[] |
		.value + {name: (if .key == 0 then .value.name else "\(.value.name)-\(.key + 1)" end)} end);
	def flow: to_entries | map("\(.key): \(.value | tojson)") | join(", ");
	# Of a container with several ports, the one that spoke.
	(if $how == "compose" then group_by(.name) | map(sort_by(if .protocol == "other" then 1 else 0 end) | .[0] +
		{others: (map(.address) | .[1:] | map(select(.)))}) else . end) as $all |
	(reduce ($all[] | select(.url or .address)) as $n ([]; if any(.url and .url == $n.url) then . else . + [$n] end) |
		named) as $nodes |
	([$nodes[] | select(.protocol == "http" or (.protocol == "https" and .url))] | group_by([.path, good]) |
		sort_by(.[0] | good | not) | to_entries | map(
			"  \(if .key == 0 then "main" else .value[0].name end):",
			"    target: \(.value | map(.name) | tojson)",
			"    requests: [{path: \(.value[0].path | tojson)}]\(if .value[0] | good then "" else
				"   # that was no success: give a path that answers with one" end)")) as $http |
	([$nodes[] | select(.protocol == "redis")] | if length == 0 then [] else
		["  \(if $http == [] then "main" else "redis" end):", "    target: \(map(.name) | tojson)",
		 "    commands: [{run: GET chaos:init}]   # reads a key that is not there"] end) as $redis |
	([$nodes[] | select(.run and .note == null)] | sort_by(.protocol != "http") | .[0].name) as $victim |
	["# Written by chaos-init \($how). What was guessed is said beside each line; chaos-config(5) explains the keys.",
	 "nodes:"] +
	[$nodes[] | "  \(.name):",
		"    url: \(.url // "\(scheme)://\(.address)" | tojson)\([if $how == "compose" then .at else null end, answer, .note,
			(if .others // [] == [] then null else "also at " + (.others | join(", ")) end)] |
			map(select(.)) | join("; ") | comment)",
		(.run // {} | to_entries[] | "    \(.key): \(.value | tojson)"),
		(if .health then "    # ready when its health check says so"
		 elif .protocol == "redis" then "    ready: ping"
		 elif good then "    ready: GET \(.path)"
		 else "    ready: tcp   # a path that answers when all is well would be better: ready: GET /health" end),
		(if .run then empty
		 elif .comm == "docker-proxy" then "    # A container has it: chaos-init compose makes a node of that, which takes faults."
		 elif .process then
			"    # It takes \(if .protocol == "other" then "" else "load, but " end)no faults until it is started here: stop it there (\(.stop)), then use",
			"    # process: \(.process | tojson)\(if .title then "   # from its title, which may not tell all" else "" end)",
			"    # cwd: \(.cwd | tojson)"
		 elif .url then "    # process: [PROGRAM, ARGUMENTS]   # how to start it here, if it is to take faults"
		 else "    # Whose process it is cannot be seen: as root this says how it is started." end)] +
	[$all[] | select(.url == null and .address == null) | if $how == "compose" then
		"  # \(.name): publishes no port, so it can neither be loaded nor be seen to be down (\(.at))" else
		"  # \(.name): listens at \(.at) alone, and was not asked" end] +
	["loads:" + if $http + $redis == [] then " {}   # nothing here answered HTTP or Redis" else "" end] + $http + $redis +
	["# Next, with this as config.yaml:"] +
	if $victim then ["#   chaos-fault kill \($victim) --for 5s --dry-run",
		"#   chaos-scenario --scenario \($scenarios)/first.yaml --run-id first"]
	else ["#   chaos-fault ls", "#   chaos-scenario --scenario \($scenarios)/first-load.yaml --run-id first"] end | .[]' "$tmp/found"
}

trap '' PIPE
for word in "$@"; do
	case $word in
	--help | -h) usage | print; exit ;;
	--version) echo "$program @VERSION@" | print; exit ;;
	--completion) echo "complete -o default -W 'compose ports --help --version' $program" | print; exit ;;
	esac
done
case ${1:-} in
--ver*) die 2 "unknown option '$1'; did you mean '--version'?" ;;
-*) die 2 "unknown option '$1'; see '$program --help'" ;;
'') die 2 "say what to look at: compose, ports or URLs; see '$program --help'" ;;
esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/chaos-init.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
scenarios=$share/scenarios
[ -d "$scenarios" ] || scenarios=$share/../scenarios
how=$1
case $how in
compose | ports)
	[ $# -eq 1 ] || [ "$how $#" = "compose 2" ] || die 2 "unexpected '$2'"
	shift
	from_"$how" "${1:-}" >"$tmp/found"
	;;
*)
	how=URLs
	from_urls "$@" >"$tmp/found"
	;;
esac
grep -Eq '"(url|address)":"' "$tmp/found" || die 2 "nothing here can be a node: no port that could be asked"
write_config "$how" "$(readlink -f "$scenarios")" >"$tmp/config"
print <"$tmp/config"
tail -n 3 "$tmp/config" | sed 's/^# *//; 2,$s/^/    /' >&2
