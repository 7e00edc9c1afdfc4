#!/usr/bin/env bash
# The examples' outages as chaos-scenario tells them, beside those that clients of another kind, in Python and at a
# rate of their own, wrote down in the same run.
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
export XDG_STATE_HOME=$tmp/state
trap 'chaos-fault --config "$tmp/example/config.yaml" down >/dev/null 2>&1 || true; cleanup' EXIT

# run_example NAME [SED]: in $tmp/example, $tmp/runs/NAME.
run_example() {
	rm -rf "$tmp/example"
	cp -r "examples/$1" "$tmp/example"
	sed -i "${2:-}" "$tmp/example"/*.yaml
	chaos-scenario --config "$tmp/example/config.yaml" --scenario "$tmp/example/scenario.yaml" --run-id "$1" \
		--runs-dir "$tmp/runs" --progress none 2>"$tmp/err" &
	scenario=$!
	until grep -qs phase_start "$tmp/runs/$1/events.jsonl"; do
		kill -0 "$scenario" 2>/dev/null || { cat "$tmp/err" >&2; exit 1; }
		sleep 0.05
	done
}
# ended: the clients, and the run.
ended() {
	local rc=0
	wait "${clients[@]}"
	clients=()
	wait "$scenario" || rc=$?
	[ $rc -eq 0 ] || [ $rc -eq 3 ] || { cat "$tmp/err" >&2; exit 1; }
}
client() {
	"${server[@]}" test/support/client.py "$@" &
	clients+=("$!")
}

# outage LOG FROM TO: the longest time between two successes, the later of them in that span.
outage() {
	awk -F, -v from="$2" -v to="$3" '$3 == "ok" { if (last && $2 >= from && $2 < to && $2 - last > gap) gap = $2 - last
		last = $2 } END { print gap + 0 }' "$1"
}

# agree NAME LOG BOUND_MS: each fault of $tmp/figures beside what the log says. Where ours were unaffected, theirs
# may have waited as one does on a busy machine.
agree() {
	local fault from to ours theirs
	while read -r fault from to ours; do
		theirs=$(outage "$2" "$from" "$to")
		case $ours in
		0) verdict "$1, $fault: unaffected; the client's longest wait, ms" "$(calc "$theirs * 1000")" '<=' 200 ;;
		*) verdict "$1, $fault: $ours s dark, the client's $theirs: ms" \
			"$(calc "($ours > $theirs ? 1 : -1) * ($ours - $theirs) * 1000")" '<=' "$3" ;;
		esac
	done <"$tmp/figures"
}
# figures NAME FILTER: a line for each fault: what, from, to (the next fault), the filter's seconds without a success.
figures() {
	jq -r '.faults | map(.requested_epoch_s) as $at | keys[] as $i | .[$i] as $f | '"$2"' as $from |
		"\($f.action)-\($f.node) \($at[$i]) \($at[$i + 1] // 1e12) \($from.blackout_s)"' "$1" >"$tmp/figures"
}

clients=()
# shellcheck disable=SC2016 # $f is jq's
if has etcd "etcd"; then
	run_example etcd
	client 100 28 2 POST '{"key":"Yg==","value":"Yg=="}' http://127.0.0.1:239{2,3}/v3/kv/put >"$tmp/writes.csv"
	ended
	figures "$tmp/runs/etcd/analysis.json" '$f'
	agree "etcd, writes" "$tmp/writes.csv" 50
fi
# shellcheck disable=SC2016
if has haproxy "shop"; then
	run_example shop 's/rps: .*0}/rps: 150}/; s/items, weight: 3/items, weight: 30/'
	client 150 53 2 GET '' http://127.0.0.1:8090/items >"$tmp/items.csv"
	client 150 53 2 'INCR other' '' redis://127.0.0.1:6390 >"$tmp/incr.csv"
	ended
	jq .loads.shop "$tmp/runs/shop/analysis.json" >"$tmp/shop.json"
	jq .loads.counter "$tmp/runs/shop/analysis.json" >"$tmp/counter.json"
	figures "$tmp/shop.json" '($f.ops[] | select(.op == "GET /items"))'
	agree "shop, GET /items" "$tmp/items.csv" 20
	figures "$tmp/counter.json" '$f'
	agree "shop, Redis" "$tmp/incr.csv" 20
fi
exit $status
