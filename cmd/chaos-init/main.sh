#!/bin/sh
# Writes a first config.yaml: from a running compose project, from what listens on this machine, or from
# URLs. What it guesses is a comment beside its line. sh, jq, curl, awk and find; it changes nothing.
set -eu
program=chaos-init version=@VERSION@ options='--help --version'
# Beside this program where it is installed, or in its source folder.
share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"
completion_words() { printf 'compose ports '; }

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
	  URL...                    http://, https://, redis://, rediss:// and unix:/// URLs

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
	-NOAUTH* | -ERR* | -DENIED* | -LOADING* | +*) look_redis "$1" ;;
	*) echo other ;;
	esac
}

# look_redis HOST:PORT: PING, on a line of its own: whether it wants a password is said to no command with wrong arguments.
look_redis() {
	case $(curl -gs --noproxy '*' -m 2 "gopher://$1/_PING%0d%0aQUIT%0d" | head -c 100) in
	-NOAUTH*) echo redis NOAUTH ;;
	*) echo redis ;;
	esac
}

# looks NODES.jsonl PATH...: to each object with an address adds protocol, status and path: of the first
# path with a status below 400, else of the first. An address has no blanks: one that has is nobody's.
looks() {
	nodes=$1
	shift
	jq -r '.address // "-" | gsub("\\s"; "_")' "$nodes" >"$tmp/addresses"
	n=1000
	while read -r address; do
		n=$((n + 1))
		exec 5>"$tmp/look.$n" # here, since the folder may be gone when one that missed its signal writes
		{
			found=other at=$1
			[ "$address" = - ] || for path; do
				this=$(look "$address" "$path")
				[ "$path" != "$1" ] || found=$this
				case $this in
				"http "[123]*) found=$this at=$path; break ;;
				http*) ;;
				*) break ;;
				esac
			done
			echo "$at $found" >&5
		} &
		lookers="$lookers $!"
	done <"$tmp/addresses"
	exec 5>&-
	wait
	lookers=
	cat "$tmp"/look.* | jq -Rnc --slurpfile nodes "$nodes" '[inputs | split(" ")] as $seen | range($nodes | length) |
		$nodes[.] + ($seen[.] | {path: .[0], protocol: .[1], status: .[2]})'
}

from_urls() {
	for url in "$@"; do
		case $url in
		http://?* | https://?* | redis://?* | rediss://?* | unix:///?*) ;;
		*://*) die 2 "'$url' is not an http://, https://, redis://, rediss:// or unix:/// URL" ;;
		*) die 2 "'$url' is neither compose, ports nor a URL; see '$program --help'" ;;
		esac
		status=
		# A password goes neither to curl nor to jq as an argument: these are for all to see.
		[ "${url#http}" = "$url" ] || status=$(url=$url jq -nr '"url = \(env.url | @json)"' |
			curl -gsk -o /dev/null -m 5 -w '%{http_code}' -K -) || :
		url=$url jq -cn --arg status "$status" '(env.url | capture("^(?<s>[a-z]+)://(?<at>[^/?#]*)(?<path>/[^#]*)?")) as $u |
			{url: "\($u.s)://\($u.at)\(if $u.s == "unix" then $u.path else "" end)", path: ($u.path // "/"),
			 name: (if $u.s == "unix" then $u.path | sub("[?].*"; "") | sub(".*/"; "") else $u.at | sub(".*@"; "") end),
			 protocol: ($u.s | sub("^(rediss|unix)$"; "redis")),
			 status: (if $status == "" or $status == "000" then null else $status end)}'
	done
}

trap '' PIPE
asked "$@"
case ${1:-} in
-*) unknown_option "$1" ;;
'') die 2 "say what to look at: compose, ports or URLs; see '$program --help'" ;;
esac
temporary_folder
# Those that still look ignore Ctrl-C, as all that a shell starts beside it, and would miss their folder.
lookers=
# shellcheck disable=SC2086 # pids
trap '[ -z "$lookers" ] || { kill $lookers && wait; } 2>/dev/null || :; rm -rf "$tmp"' EXIT
scenarios=$share/scenarios
[ -d "$scenarios" ] || scenarios=$share/../scenarios
how=$1
case $how in
compose | ports)
	[ $# -eq 1 ] || [ "$how $#" = "compose 2" ] || die 2 "unexpected '$2'"
	shift
	# shellcheck source=share/init/compose.sh
	. "$share/init/$how.sh"
	from_"$how" "${1:-}" >"$tmp/found"
	;;
*)
	how=URLs
	from_urls "$@" >"$tmp/found"
	;;
esac
grep -Eq '"(url|address)":"' "$tmp/found" || die 2 "nothing here can be a node: no port that could be asked"
jq -rs --arg how "$how" --arg scenarios "$(readlink -f "$scenarios")" -f "$share/init/config.jq" "$tmp/found" >"$tmp/config"
print <"$tmp/config"
tail -n 3 "$tmp/config" | sed 's/^# *//; 2,$s/^/    /' >&2
