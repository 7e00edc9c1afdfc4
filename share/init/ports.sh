# What listens on this machine, for chaos-init, which sources it.
# shellcheck shell=sh disable=SC2154

# "PORT INODE ADDRESS" of a listener on each port, loopback for those that listen on every address.
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
				print number(at[2]), $10, ip ":" number(at[2])
			}' $table
	done | sort -nuk1,1
}

# started PID: how a process was started, each fact behind \037; nothing of one that is nobody's that can be seen, is over by
# now, or has such a character in a fact.
started() {
	{ words=$(tr '\0' '\n' <"/proc/$1/cmdline" && echo .) && IFS= read -r comm <"/proc/$1/comm"; } 2>/dev/null || return 0
	cwd=$(readlink "/proc/$1/cwd" 2>/dev/null) || :
	unit=$(sed -n '/\/system\.slice\/[^/]*\.service/{s,.*/system\.slice/\([^/]*\.service\).*,\1,p;q}' "/proc/$1/cgroup" 2>/dev/null) || :
	case $words$comm$cwd in *["$between"]*) return ;; esac
	printf '\037%s' "${words%.}" "$comm" "$cwd" "${unit:+systemctl stop $unit}" "$1"
}

from_ports() {
	between=$(printf '\036\037')
	listeners >"$tmp/listeners"
	[ -s "$tmp/listeners" ] || die 2 "nothing listens on this machine"
	find /proc/[0-9]*/fd -lname 'socket:*' -printf '%l %p\n' 2>/dev/null >"$tmp/sockets" || :
	awk 'FS != " " { if (!($2 in pid) || $6 < pid[$2]) pid[$2] = $6; next }
		{ sub(/^[0-9]+ /, ""); $1 = $1 in pid ? pid[$1] : 0; print }' FS='[][ /]' "$tmp/sockets" FS=' ' "$tmp/listeners" |
		while read -r pid address; do
			printf '\036%s' "$address"
			started "$pid"
		done | jq -Rsc 'split("\u001e")[1:][] | split("\u001f") as [$address, $words, $comm, $cwd, $stop, $pid] |
			($address | split(":") | last) as $port |
			{name: "\($comm // "port")-\($port)", at: $address,
			 address: (if $address | test("^(127\\.|\\[::1\\])") then $address else null end)} +
			if $comm then
				($words | split("\n")[:-1]) | (.[0] // "" | contains(" ") and ($comm == "nginx" or $comm == "redis-server")) as $title |
				if $title then .[0] | ltrimstr("nginx: master process ") | sub(" -g daemon off;$"; "") | split(" ") else . end |
				# A title in words, as "sshd: /usr/sbin/sshd -D [listener]", starts nothing.
				{process: (if .[0] == null or (($title | not) and (.[0] | test(": "))) then null elif $comm == "nginx" then . + ["-g", "daemon off;"]
					elif $comm == "redis-server" and $title then [.[0], "--port", (.[1] | split(":") | last)] else . end),
				 cwd: $cwd, stop: (if $stop != "" then $stop else "kill \($pid)" end), comm: $comm, title: $title}
			else {} end' >"$tmp/nodes"
	looks "$tmp/nodes" /
}
