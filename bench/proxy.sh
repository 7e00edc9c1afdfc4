#!/usr/bin/env bash
# chaos-proxy beside haproxy in TCP mode and socat, in turns: one large stream, small messages, idle
# connections; and how exactly it delays and paces, as a client measures it. GB=n: of one stream (4).
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"

gb=${GB:-4}
bytes=$((gb * 1000000000))
mapfile -t p < <(freeports 9)
sink=${p[0]} echo_port=${p[1]} keep=${p[2]} api=127.0.0.1:${p[3]}
# Each proxy has a port for each of the three servers.
conns=$(($(ulimit -Hn) / 2 - 100))
[ "$conns" -lt 10000 ] || conns=10000
ulimit -n "$(ulimit -Hn)"
serve "$sink" wire sink "$sink"
serve "$echo_port" wire echo "$echo_port"
serve "$keep" wire keep "$keep"
ours_stream=${p[4]} ours_small=${p[5]} ours_idle=${p[6]} hap_stream=${p[7]} hap_small=${p[8]}
serve "${p[4]}" chaos-proxy -q --api "$api" "stream=127.0.0.1:$ours_stream=127.0.0.1:$sink" \
	"small=127.0.0.1:$ours_small=127.0.0.1:$echo_port" "idle=127.0.0.1:$ours_idle=127.0.0.1:$keep"
ours_pid=$serve_pid
cat >"$tmp/haproxy" <<-END
	global
	  maxconn 4000
	defaults
	  mode tcp
	  timeout connect 5s
	  timeout client 1h
	  timeout server 1h
	listen stream
	  bind 127.0.0.1:$hap_stream
	  server s 127.0.0.1:$sink
	listen small
	  bind 127.0.0.1:$hap_small
	  server s 127.0.0.1:$echo_port
END

ticks() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; }
# stream PORT PID: prints MB/s; seconds of CPU for each GB go to $tmp/cpu.NAME.
stream() {
	local before
	before=$(ticks "$2")
	"${generator[@]}" wire blast "$1" "$bytes" | tee "$tmp/rate"
	calc "($(ticks "$2") - $before) / $gb" >>"$tmp/cpu.$3"
}
ours() { stream "$ours_stream" "$ours_pid" ours; }
haproxys() { stream "$hap_stream" "$hap_pid" haproxy; }
socats() { "${generator[@]}" wire blast "$socat_port" $((bytes / 2)); }
small() { "${generator[@]}" wire pingpong "$1" 20000 64 | cut -d' ' -f1; }
ours_delay() { calc "$(small "$ours_small") - $(small "$echo_port")"; }
haproxys_delay() { calc "$(small "$hap_small") - $(small "$echo_port")"; }

if has haproxy "throughput / haproxy's" "CPU for each GB / haproxy's" "added latency / haproxy's"; then
	serve "$hap_stream" haproxy -db -f "$tmp/haproxy"
	hap_pid=$serve_pid
	turns ours haproxys
	verdict "throughput / haproxy's, ${a%.*} / ${b%.*} MB/s" "$ratio" '>=' 0.9
	verdict "CPU for each GB / haproxy's" \
		"$(paste "$tmp/cpu.ours" "$tmp/cpu.haproxy" | awk '{ print $1 / $2 }' | median)" '<=' 1.1
	turns ours_delay haproxys_delay
	verdict "added latency / haproxy's, median of 64 bytes, $a / $b us" "$ratio" '<=' 1.2
fi
if has socat "throughput / socat's"; then
	socat_port=$(freeports 1)
	serve "$socat_port" socat "TCP-LISTEN:$socat_port,bind=127.0.0.1,fork,reuseaddr,nodelay" "TCP:127.0.0.1:$sink"
	turns ours socats
	verdict "throughput / socat's, ${a%.*} / ${b%.*} MB/s" "$ratio" '>=' 1
fi

toxic() { curl -sf -o /dev/null "http://$api/proxies/$1/toxics" -d "$2"; }
reset() { curl -sf -X POST "http://$api/reset"; }

# One bare loop sends back, whose 1000 threads would add more than what is measured; another one, where the
# proxies run, delays by itself; a third one does behind a proxy that delays nothing, ours and haproxy.
mapfile -t p < <(freeports 4)
delay_echo=${p[0]} bare=${p[1]} behind=${p[2]} hap_delay=${p[3]}
while read -r core port ms; do
	"${with[@]}" taskset -c "$core" wire delay "$port" "$ms" &
	echo $! >>"$tmp/pids"
	disown
	wait_port "$port"
done <<<"0 $delay_echo 0
0 $behind 100
$((cores - 1)) $bare 100"
haproxy_p99() { echo -; }
if has haproxy "p99 of a delay behind haproxy"; then
	sed -n '1,/timeout server/p' "$tmp/haproxy" >"$tmp/haproxy2"
	printf 'listen delay\n  bind 127.0.0.1:%s\n  server s 127.0.0.1:%s\n' "$hap_delay" "$behind" >>"$tmp/haproxy2"
	serve "$hap_delay" haproxy -db -f "$tmp/haproxy2"
	haproxy_p99() { trips "$hap_delay" "$1" | cut -d' ' -f2; }
fi
upstream() { curl -sf -o /dev/null -X PATCH "http://$api/proxies/small" -d "{\"upstream\":\"127.0.0.1:$1\"}"; }
trips() { "${generator[@]}" wire pingpong "$1" 20 64 "$2"; }
off() { cut -d' ' -f"$1" "$tmp/off" | median | awk '{ print $1 / 1000 - 100 }'; }
for n in 1 1000; do
	for ((turn = 0; turn < rounds; turn++)); do
		read -r _ bare_p99 <<<"$(trips "$bare" $n)"
		upstream "$behind"
		read -r _ through_p99 <<<"$(trips "$ours_small" $n)"
		upstream "$delay_echo"
		toxic small '{"type":"latency","attributes":{"latency":100}}'
		echo "$bare_p99 $(haproxy_p99 $n) $through_p99 $(trips "$ours_small" $n)"
		reset
	done >"$tmp/off"
	verdict "delay 100 ms, $n connections: median off by, ms" "$(off 4)" '<=' 1
	verdict "p99 (bare loop $(off 1); behind haproxy $(off 2), ours $(off 3))" "$(off 5)" '<=' 2
done
mapfile -t p < <(freeports 3)
source_port=${p[0]} short_port=${p[1]} paced=${p[2]}
serve "$source_port" wire source "$source_port" 50000000
serve "$short_port" wire source "$short_port" 480000
curl -sf -o /dev/null "http://$api/proxies" -d "{\"name\":\"paced\",\"listen\":\"127.0.0.1:$paced\",
	\"upstream\":\"127.0.0.1:$source_port\",\"toxics\":[{\"type\":\"bandwidth\",\"attributes\":{\"rate\":10000}}]}"
read -r got rate <<<"$("${generator[@]}" wire drain "$paced")"
verdict "bandwidth 10 MB/s over $((got / 10000000)) s: off by a share of" "$(calc "($rate / 10 - 1)^2 * 10^4")" '<=' 1
curl -sf -o /dev/null -X PATCH "http://$api/proxies/paced" -d "{\"upstream\":\"127.0.0.1:$short_port\"}"
curl -sf -o /dev/null "http://$api/proxies/paced/toxics/bandwidth_downstream" -d '{"attributes":{"rate":1000}}'
read -r got rate <<<"$("${generator[@]}" wire drain "$paced")"
verdict "480 KB at 1 MB/s: off by, ms" "$(calc "sqrt(($got / $rate / 1000 - 480)^2)")" '<=' 10

wire hold "$ours_idle" "$conns" < <(sleep 600 & echo $! >>"$tmp/pids"; wait) >"$tmp/held" &
echo $! >>"$tmp/pids"
disown
until [ -s "$tmp/held" ]; do sleep 0.05; done
verdict "$conns idle connections: resident memory, MB" \
	"$(awk '/VmRSS/ { print $2 / 1000 }' "/proc/$ours_pid/status")" '<=' 64
exit $status
