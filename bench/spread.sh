#!/usr/bin/env bash
# chaos-spread local:2 against one process at the same rate: CPU time for each request, of the generators by
# themselves and with all that joins their rows.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
rate=${RATE:-8000}
mapfile -t port < <(freeports 1)
nginx_on "${port[0]}"
slack_ms=10

whole() { # COMMAND…: its CPU and that of all it starts, for each request in us; that of the generators to $tmp/own
	local cpu
	cpu=$(cpu_of sh -c 'out=$1; shift; "$@" >"$out"' sh "$tmp/rows" "$@")
	jq "$cpu_s"' / .rows * 1e6' "$tmp/s.json" >"$tmp/own"
	jq --argjson cpu "$cpu" '$cpu / .rows * 1e6' "$tmp/s.json"
}
load_of=(chaos-load -q -r "$rate" -d "$seconds" --connections 16 --pace-slack "${slack_ms}ms" "http://127.0.0.1:${port[0]}/")
two() { whole chaos-spread --on local:2 --delay 0.2 --summary "$tmp/s.json" -- "${load_of[@]}"; }
one() { whole "${load_of[@]}" --summary "$tmp/s.json"; }
two_own() { two >/dev/null && cat "$tmp/own"; }
one_own() { one >/dev/null && cat "$tmp/own"; }

turns two_own one_own
printf 'CPU for each request at %d/s: one process %.1f us, two %.1f us\n' "$rate" "$b" "$a"
verdict 'CPU of two generators / of one, for each request' "$ratio" '<=' 1.5
turns two one
printf 'with all that joins the rows: one %.1f us, two %.1f us\n' "$b" "$a"
verdict 'CPU of chaos-spread local:2 / of one chaos-load, for each request' "$ratio" '<=' 8
exit $status
