# What listens on this machine, for chaos-init, which sources it.
# shellcheck shell=sh disable=SC2154

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
	# nobody's that can be seen, or over by now
	{ words=$(tr '\0' '\n' <"/proc/$1/cmdline" && echo .) && comm=$(cat "/proc/$1/comm"); } 2>/dev/null || return
	unit=$(sed -n 's,.*/system\.slice/\([^/]*\.service\).*,\1,p' "/proc/$1/cgroup" 2>/dev/null | head -n 1)
	printf %s "$words" | jq -Rsc --arg stop "${unit:+systemctl stop $unit}" --arg pid "$1" \
		--arg cwd "$(readlink "/proc/$1/cwd" 2>/dev/null)" --arg comm "$comm" '
		split("\n")[:-1] | (.[0] // "" | contains(" ") and ($comm == "nginx" or $comm == "redis-server")) as $title |
		if $title then .[0] | ltrimstr("nginx: master process ") | sub(" -g daemon off;$"; "") | split(" ") else . end |
		# A title in words, as "sshd: /usr/sbin/sshd -D [listener]", starts nothing.
		{process: (if .[0] == null or (($title | not) and (.[0] | test(": "))) then null elif $comm == "nginx" then . + ["-g", "daemon off;"]
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
