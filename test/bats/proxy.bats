# chaos-proxy: what each toxic does to connections, as an independent client sees it.

load helper
load proxy_helper

setup() {
	scratch
}

teardown() {
	end_bg
}

@test "usage: what is wrong is one line with exit 2, and nothing listens" {
	local line
	echo '[{"name": "a", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2", "toxics": [{"type": "latency", "attributes": {"latancy": 1}}]}]' >wrong.json
	echo '[{"name": "a",]' >torn.json
	while IFS= read -r line; do
		eval "run --separate-stderr chaos-proxy --check $line"
		[ "$status" -eq 2 ] || fail "exit $status for: $line"
		[ "${#stderr_lines[@]}" -eq 1 ] || fail "not one line for: $line: $stderr"
	done <<-'END'
		127.0.0.1:1
		127.0.0.1:1=
		=127.0.0.1:1
		127.0.0.1:1=127.0.0.1
		127.0.0.1:x=127.0.0.1:2
		127.0.0.1:1=127.0.0.1:99999
		a=127.0.0.1:1=127.0.0.1:2 a=127.0.0.1:3=127.0.0.1:2
		127.0.0.1:1=127.0.0.1:2 -t latancy
		127.0.0.1:1=127.0.0.1:2 -t latency:latency
		127.0.0.1:1=127.0.0.1:2 -t latency:latency=-1
		127.0.0.1:1=127.0.0.1:2 -t latency:latency=1.5
		127.0.0.1:1=127.0.0.1:2 -t latency:latncy=1
		127.0.0.1:1=127.0.0.1:2 -t latency:toxicity=2
		127.0.0.1:1=127.0.0.1:2 -t latency:stream=sideways
		127.0.0.1:1=127.0.0.1:2 -t latency:from=
		127.0.0.1:1=127.0.0.1:2 -t bandwidth:scope=all
		127.0.0.1:1=127.0.0.1:2 -t latency -t latency
		127.0.0.1:1=127.0.0.1:2 -t redis_error:error=MOVED
		127.0.0.1:1=127.0.0.1:2 -t http_error -t redis_error
		-t latency
		--api none
		--api nowhere
		--config wrong.json
		--config torn.json
		--config /no/such
		--for 0 127.0.0.1:1=127.0.0.1:2
		--decisions /no/such/dir/x
	END
	run --separate-stderr chaos-proxy --check --config torn.json
	[[ $stderr == *torn.json:1:15:* ]]
	run --separate-stderr chaos-proxy --check --config wrong.json
	assert_line_says "$stderr" chaos-proxy: "'latency'?"
	run -2 chaos-proxy http://127.0.0.1:1=127.0.0.1:2
	assert_line_says "$output" "'http://127.0.0.1:1'" address HOST:PORT "'http://'"
	run -2 chaos-proxy --check 127.0.0.1:1=127.0.0.1:2 -t latency:latency=100ms
	assert_line --regexp "latency .*not .*number from 0 to 100000000000 .*ms"
	run -2 chaos-proxy --check 127.0.0.1:1=127.0.0.1:2 -t latency=100
	assert_line_says "$output" "'latency=100'" TYPE:KEY=VALUE "latency:latency=100"
	chaos-proxy --check 127.0.0.1:0=127.0.0.1:1 -t latency:latency=5,ttl=20s,toxicity=0.5
	run -0 chaos-proxy --check
	assert_says "$output" chaos-proxy: "no proxy" API
}

@test "a taken port is exit 6; --for ends with 0, a signal as by that signal; a Unix socket goes with it" {
	free_ports 1
	bg wire echo "${PORTS[0]}"
	wait_for 5 wire verify "${PORTS[0]}" 1
	run -6 chaos-proxy --api none "127.0.0.1:${PORTS[0]}=127.0.0.1:1"
	assert_output --partial "Address already in use"
	run -0 chaos-proxy --for 20ms 127.0.0.1:0=127.0.0.1:1
	assert_output --partial "API listens on $XDG_STATE_HOME/chaos/proxy.sock"
	[ ! -e "$XDG_STATE_HOME/chaos/proxy.sock" ]
	bg chaos-proxy "unix:$SCRATCH/front=127.0.0.1:${PORTS[0]}" "second=127.0.0.1:0=unix:$SCRATCH/front"
	local pid=$BG_PID sock=$XDG_STATE_HOME/chaos/proxy.sock port
	wait_for 5 curl -sf -o /dev/null --unix-socket "$sock" http://proxy/version
	[ "$(stat -c %a "$sock")" = 600 ]
	port=$(curl -s --unix-socket "$sock" http://proxy/proxies | jq -r '.second.listen | split(":")[1]')
	run -0 wire verify "$port" 300000 # through two proxies, TCP to Unix to TCP
	assert_output "300000 sent, 300000 back, 0 wrong"
	# Another one leaves the default API alone where it has something else to do, else it says so.
	run -0 chaos-proxy --for 20ms 127.0.0.1:0=127.0.0.1:1
	refute_output --partial "API listens"
	run -6 chaos-proxy --for 20ms
	kill -TERM "$pid"
	wait "$pid" || [ $? -eq 143 ]
	[ ! -e "$sock" ]
	[ ! -e front ]
	mkdir sub # a path of the folder that it runs in
	run -0 chaos-proxy --api unix:sub/api --for 20ms unix:sub/front=127.0.0.1:1
	[ ! -e sub/api ]
	[ ! -e sub/front ]
	run -2 chaos-proxy --api none --check unix:=127.0.0.1:1
	assert_says "$output" chaos-proxy: unix: path
}

@test "latency: up, down, both, two at once, biased, zero, with bandwidth; removed it delays no more" {
	proxy
	py <<-'END'
		s = conn()
		none = trip(s)
		for streams in (["upstream"], ["downstream"], ["upstream", "downstream"]):
		    for stream in streams:
		        add("latency", stream, latency=50)
		    t = trip(s)
		    assert t >= 50 * len(streams), t
		    reset()
		a, b = add("latency", latency=30, name="a"), add("latency", latency=40, name="b")
		assert trip(s) >= 70
		remove(a)
		assert 40 <= trip(s)
		remove(b)
		assert quick(s, 30)
		add("latency", latency=0)
		assert quick(s, 30)
		reset()
		# Jitter: each message has a delay of its own, from latency - jitter to latency + jitter.
		add("latency", latency=20, jitter=15)
		times = [trip(s) for _ in range(20)]
		assert min(times) >= 5 and max(times) - min(times) > 5, times
		reset()
		add("latency", latency=50)
		add("bandwidth", rate=1000)
		t = trip(s, b"x" * 100000)
		assert t >= 150, t
		# Data on its way through a latency does not hold back what a pace behind it may take.
		reset()
		add("latency", latency=300)
		add("bandwidth", rate=10000)
		times = [trip(s, b"x" * 1000000)]
		while min(times) >= 2000 and len(times) < 5: times.append(trip(s, b"x" * 1000000)) # a machine that stood still
		assert 400 <= min(times) < 2000, times
		# The end of the stream is behind the data, and not delayed once more.
		reset()
		add("latency", latency=80)
		began = time.monotonic()
		s.sendall(b"last")
		s.shutdown(socket.SHUT_WR)
		assert ended(s) == ("eof", 4)
		assert time.monotonic() - began >= 0.08
	END
}

@test "what a toxic held goes at once when it is removed or shortened: no timer is waited for" {
	proxy
	py <<-'END'
		for kind, attributes in (("latency", {"latency": 60000}), ("bandwidth", {"rate": 0}), ("stall", {}),
		                         ("timeout", {"keep": True}), ("reset_peer", {"timeout": 60000}),
		                         ("loss", {"share": 1, "rto": 60000}), ("bandwidth", {"rate": 1})):
		    for stream in ("upstream", "downstream"):
		        s = conn()
		        trip(s)
		        name = add(kind, stream, **attributes)
		        s.sendall(b"a" * 50000)
		        s.settimeout(0.05)
		        try:
		            assert len(get(s, 50000)) < 50000
		            assert False, kind
		        except TimeoutError:
		            pass
		        s.settimeout(20)
		        remove(name)
		        began = time.monotonic()
		        s.sendall(b"b")
		        rest = b""
		        while not rest.endswith(b"b"):
		            rest += s.recv(65536)
		        assert time.monotonic() - began < 10
		        trip(s)
		# An update as well; and by its ttl.
		s = conn()
		name = add("latency", latency=60000)
		s.sendall(b"c")
		api("PATCH", "/proxies/e/toxics/" + name, {"attributes": {"latency": 1}})
		assert get(s, 1) == b"c"
		reset()
		name = add("bandwidth", rate=1, scope="proxy")
		s.sendall(b"d" * 60000)
		assert len(get(s, 100)) == 100
		api("PATCH", "/proxies/e/toxics/" + name, {"attributes": {"rate": 1000000}})
		began = time.monotonic()
		assert len(get(s, 59900)) == 59900 and time.monotonic() - began < 10
		reset()
		began = time.monotonic()
		add("stall", ttl=50)
		add("latency", ttl="60ms", latency=60000)
		trip(s)
		assert time.monotonic() - began >= 0.06
		assert api("GET", "/proxies/e/toxics")[1] == []
	END
}

@test "bandwidth holds its rate, on one connection or over all; slicer cuts; slow_close delays the end alone" {
	proxy
	py <<-'END'
		s, t = conn(), conn()
		add("bandwidth", "upstream", rate=1000)
		one = trip(s, b"x" * 480000)
		assert one >= 475, one
		reset()
		# Two connections share it, or have it each. A machine that is busy makes it last longer: the best of some.
		def both():
		    times = []
		    threads = [threading.Thread(target=lambda c=c: times.append(trip(c, b"y" * 200000))) for c in (s, t)]
		    for x in threads: x.start()
		    for x in threads: x.join()
		    return max(times)
		add("bandwidth", rate=1000, scope="connection")
		alone = []
		while min(alone, default=1000) >= 380 / 1.5 and len(alone) < 9: alone.append(both())
		assert 195 <= min(alone) < 380 / 1.5, alone
		reset()
		add("bandwidth", rate=1000, scope="proxy")
		assert both() >= 380
		reset()
		add("slicer", average_size=100, size_variation=20, delay=200)
		# Whoever reads late finds several slices.
		def reads():
		    s.sendall(b"z" * 10000)
		    count, n = 0, 0
		    while n < 10000:
		        n += len(s.recv(65536))
		        count += 1
		    return count
		assert any(reads() > 20 for _ in range(20))
		reset()
		add("slow_close", delay=100)
		fast = min(trip(s) for _ in range(5))
		began = time.monotonic()
		s.shutdown(socket.SHUT_WR)
		assert ended(s) == ("eof", 0)
		assert time.monotonic() - began >= 0.1
		assert fast < 100
	END
}

@test "timeout swallows and closes, on removal too; reset_peer resets, limit_data counts" {
	proxy
	py <<-'END'
		# What is sent after the end is answered by a reset: one that was late for that tries again.
		for _ in range(20):
		    s = conn(); trip(s)
		    began = time.monotonic()
		    add("timeout", timeout=60)
		    s.sendall(b"gone")
		    in_time = time.monotonic() - began < 0.06
		    how = ended(s)
		    lasted = time.monotonic() - began
		    reset()
		    if in_time: break
		assert in_time and how == ("eof", 0) and lasted >= 0.06, (in_time, how, lasted)
		s = conn(); trip(s)
		name = add("timeout", timeout=0)
		s.sendall(b"gone")
		remove(name)
		assert ended(s) == ("eof", 0)
		# RST to live connections, at once or later, and to new ones.
		for stream in ("upstream", "downstream"):
		    s = conn(); trip(s)
		    name = add("reset_peer", stream, timeout=0)
		    assert ended(s)[0] == "reset"
		    assert met() == "reset"
		    remove(name)
		s = conn(); trip(s)
		began = time.monotonic()
		add("reset_peer", timeout=50)
		assert ended(s)[0] == "reset" and time.monotonic() - began >= 0.05
		reset()
		# limit_data: below, exactly, beyond; in one piece and in several; added to a connection that has carried
		# data; raised, lowered and removed on the way.
		def limited(limit, sizes):
		    s = conn(); trip(s, b"before" * 10)
		    name = add("limit_data", bytes=limit)
		    for n in sizes:
		        try: s.sendall(b"d" * n)
		        except OSError: pass
		    return s, name
		for limit, sizes in ((100, [100]), (100, [150]), (100, [50, 50]), (100, [99, 50]), (100, [60, 60, 60]), (0, [1]), (70000, [200000])):
		    s, name = limited(limit, sizes)
		    how, n = ended(s)
		    # What the client sends to a closed connection is answered by a reset.
		    assert n == limit and (how == "eof" or sum(sizes) > limit), (limit, sizes, how, n)
		    remove(name)
		s, name = limited(100, [60])
		assert len(get(s, 60)) == 60
		api("POST", "/proxies/e/toxics/" + name, {"attributes": {"bytes": 200}})
		s.sendall(b"d" * 200)
		assert ended(s)[1] == 140
		remove(name)
		s, name = limited(100, [60])
		assert len(get(s, 60)) == 60
		api("POST", "/proxies/e/toxics/" + name, {"attributes": {"bytes": 50}})
		s.sendall(b"d" * 200)
		assert ended(s)[1] == 0
		remove(name)
		s, name = limited(100, [60])
		remove(name)
		assert len(get(s, 60)) == 60 and trip(s, b"e" * 1000) > 0
	END
}

@test "10000 random additions and removals during an echo: no byte lost or changed, none hangs" {
	proxy
	bg wire verify "$PORT" 30000000 200
	local verify=$BG_PID out=$BG_OUT
	run -0 timeout 60 python3 "$ROOT/test/support/proxyclient.py" churn 10000 "${SEED:-7}"
	assert_output --partial "10000 changes"
	wait_for 60 gone "$verify"
	[ "$(cat "$out")" = "30000000 sent, 30000000 back, 0 wrong" ]
}

@test "data that waits is not cut smaller and smaller by toxics that come and go" {
	proxy
	py <<-'END' "$PROXY"
		def rss(): return int([l for l in open("/proc/%s/status" % sys.argv[1]) if "VmRSS" in l][0].split()[1])
		add("stall")
		add("latency", latency=1)
		data = os.urandom(1 << 20) * 8
		s = conn()
		sender = threading.Thread(target=s.sendall, args=(data,))
		sender.start()
		sender.join()
		for i in range(40): remove(add("slicer", average_size=100 + i))
		assert rss() * 1024 < 5 * len(data), rss()
		add("slicer", average_size=900, size_variation=100)
		reset()
		assert get(s, len(data)) == data
	END
}

@test "a toxic with a seed draws by it alone, from its own coming: not by its name, nor by what was before" {
	local n sums=()
	draws() { api POST /proxies/e/toxics "{\"type\": \"$1\", \"seed\": $2, \"name\": \"n$RANDOM\", \"toxicity\": 0.5, \"attributes\": $3}" >/dev/null; }
	for n in 1 1 2; do
		proxy --seed "$RANDOM"
		for _ in $(seq $((RANDOM % 4))); do wire verify "$PORT" 30000 >/dev/null; done
		draws loss "$n" '{"share": 0.2, "rto": 1}'
		draws slicer "$n" '{"average_size": 700, "size_variation": 600}'
		for _ in 1 2 3 4; do wire verify "$PORT" 50000 >/dev/null; done
		sums+=("$(api GET /proxies/e/toxics | jq -c 'map([.seed, .decisions])')")
		curl -s "http://$API/decisions" | jq -se --argjson n "$n" 'all(.seed == $n and .connection < 4) and (map(select(.hit != null)) | length == 8)' >/dev/null
		end_bg
	done
	[ "${sums[0]}" = "${sums[1]}" ]
	[ "${sums[0]}" != "${sums[2]}" ]
	# Of those that are open, the newest is -1.
	proxy
	py <<-'END'
		old = [conn() for _ in range(3)]
		for c in old: trip(c, b"o" * 100)
		status, made = api("POST", "/proxies/e/toxics", {"type": "slicer", "seed": 5, "attributes": {"average_size": 10}})
		assert (status, made["seed"], made["decisions"]["count"]) == (200, 5, 0)
		for c in old: trip(c)
		trip(conn())
	END
	curl -s "http://$API/decisions" | jq -se 'map([.connection, .block]) | sort == [[-3, 0], [-2, 0], [-1, 0], [0, 0]]' >/dev/null
	run -0 api POST /proxies/e/toxics '{"type": "loss", "seed": 1.5}'
	assert_line --regexp "seed .*not .*whole number from 0 to 9007199254740992"
}

@test "toxicity is drawn once for a connection and a toxic; 0 is inert; neighbours change nothing" {
	proxy
	py <<-'END'
		add("limit_data", toxicity=0, bytes=0)
		add("reset_peer", toxicity=0, name="r")
		s = conn()
		trip(s, b"f" * 100000)
		reset()
		conns = [conn() for _ in range(24)]
		for c in conns: trip(c)
		name = add("latency", toxicity=0.5, latency=60)
		# One that a busy machine makes slow is quick another time.
		from concurrent.futures import ThreadPoolExecutor
		pool = ThreadPoolExecutor(24)
		def slow(): return list(pool.map(lambda c: not quick(c, 60, 6), conns))
		first = slow()
		assert 3 <= sum(first) <= 21, first
		for i in range(2):
		    add("latency", "upstream", name="n%d" % i)
		    assert [a for a, b in zip(first, slow()) if a and not b] == []
		# The same toxic on the same connections hits the same ones.
		remove(name)
		add("latency", toxicity=0.5, latency=60)
		again = slow()
		assert [a for a, b in zip(first, again) if a and not b] == []
	END
}

@test "from: a toxic acts on the connections from some addresses alone" {
	proxy
	py <<-'END'
		def from_(address):
		    s = socket.create_connection(("127.0.0.1", PORT), source_address=(address, 0))
		    s.settimeout(20)
		    return s
		here, there, other = conn(), from_("127.0.0.2"), from_("127.8.0.1")
		def slow(s): return not quick(s, 200, 5)
		api("POST", "/proxies/e/toxics", {"type": "latency", "from": "192.0.2.1, 127.0.0.2,2001:db8::/32", "attributes": {"latency": 200}})
		assert [slow(s) for s in (here, there, other, from_("127.0.0.2"))] == [False, True, False, True]
		reset()
		status, t = api("POST", "/proxies/e/toxics", {"type": "refuse", "from": "127.8.0.0/13"})
		assert t["from"] == "127.8.0.0/13"
		assert [met(lambda: from_(a)) for a in ("127.8.0.1", "127.15.1.1")] == ["reset"] * 2
		trip(from_("127.16.0.1")), trip(conn()), trip(other)
		for wrong in ("", "web", "127.0.0.1/33", "::1/129", 7, " ,", "1.2.3.4/"):
		    status, answer = api("POST", "/proxies/e/toxics", {"type": "stall", "from": wrong})
		    assert status == 400 and "from" in answer["error"], answer
	END
}

@test "half-close, a reset by one side, a slow dial, a refused dial, removal on a broken connection" {
	proxy
	py "$PROXY" <<-'END'
		s = conn()
		s.sendall(b"g" * 100000)
		s.shutdown(socket.SHUT_WR)
		assert ended(s) == ("eof", 100000)
		# A reset of the client gets to the server, behind what was under way; and removal does not mind.
		import struct
		listener = socket.create_server(("127.0.0.1", 0))
		port = listener.getsockname()[1]
		assert api("POST", "/proxies", {"name": "own", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:%d" % port,
		    "toxics": [{"type": "latency", "stream": "upstream", "attributes": {"latency": 50}}]})[0] == 201
		own = int(api("GET", "/proxies/own")[1]["listen"].split(":")[1])
		s = conn(own)
		server, _ = listener.accept()
		server.settimeout(10)
		s.sendall(b"h" * 1000)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		s.close()
		assert ended(server) == ("reset", 1000)
		# Also one that came before the server was reached.
		import signal
		os.kill(int(sys.argv[1]), signal.SIGSTOP)
		s = conn(own)
		s.sendall(b"h" * 1000)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		s.close()
		os.kill(int(sys.argv[1]), signal.SIGCONT)
		server, _ = listener.accept()
		assert ended(server) == ("reset", 1000)
		s = conn(own)
		server, _ = listener.accept()
		server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		server.close()
		assert ended(s) == ("reset", 0)
		assert api("DELETE", "/proxies/own/toxics/latency_upstream")[0] == 204
		assert api("GET", "/proxies/own")[0] == 200
		# Nobody listens there now: the client is reset as it would be refused.
		listener.close()
		assert met(lambda: conn(own)) == "reset"
		# A listener whose queue is full lets a dial wait; the next connections are taken at once.
		full = socket.create_server(("127.0.0.1", 0), backlog=0)
		port = full.getsockname()[1]
		fill = [socket.socket() for _ in range(3)]
		for f in fill:
		    f.setblocking(False); f.connect_ex(("127.0.0.1", port))
		api("POST", "/proxies/own", {"upstream": "127.0.0.1:%d" % port})
		own = int(api("GET", "/proxies/own")[1]["listen"].split(":")[1])
		waiting = [conn(own) for _ in range(5)]
		assert trip(conn()) > 0
		reset()
	END
}

@test "refuse and blackhole meet new connections; those that are open and those that waited go on" {
	proxy
	py <<-'END'
		s = conn(); trip(s)
		name = add("refuse")
		try:
		    conn(); assert False
		except ConnectionRefusedError:
		    pass
		trip(s)
		remove(name)
		trip(conn())
		# A port that the kernel has chosen stays as well.
		api("POST", "/proxies", {"name": "own", "upstream": "127.0.0.1:" + os.environ["ECHO"]})
		own = int(api("GET", "/proxies/own")[1]["listen"].split(":")[1])
		api("POST", "/proxies/own/toxics", {"name": "r", "type": "refuse"})
		try: conn(own); assert False
		except ConnectionRefusedError: pass
		api("DELETE", "/proxies/own/toxics/r")
		trip(conn(own))
		name = add("refuse", toxicity=0.5)
		how = []
		for _ in range(40):
		    try: trip(conn()); how.append("taken")
		    except (ConnectionResetError, BrokenPipeError, AssertionError): how.append("reset")
		assert 5 < how.count("reset") < 35, how
		remove(name)
		name = add("blackhole")
		w = conn()
		w.sendall(b"waiting")
		w.settimeout(0.05)
		try: w.recv(1); assert False
		except TimeoutError: pass
		trip(s)
		remove(name)
		w.settimeout(20)
		assert get(w, 7) == b"waiting"
		# Down, as Toxiproxy has it: nobody listens, connections end.
		assert api("PATCH", "/proxies/e", {"enabled": False})[1]["enabled"] is False
		assert ended(s)[0] == "eof"
		try: conn(); assert False
		except ConnectionRefusedError: pass
		assert api("POST", "/reset")[0] == 204
		trip(conn())
	END
}

@test "the same seed makes the same decisions, under load as well; another seed others" {
	local n seed sums=()
	for n in 1 1 1 2; do
		proxy --seed "$n" --decisions "d.$n" -t latency:latency=1,jitter=1,toxicity=0.7 \
			-t loss:share=0.03,rto=1 -t slicer:stream=upstream,average_size=2000,size_variation=1000
		for seed in 1 2 3; do wire verify "$PORT" $((seed * 600000)) >/dev/null; done
		curl -s "http://$API/decisions" | LC_ALL=C sort >live
		kill "$PROXY"
		wait "$PROXY" || true
		LC_ALL=C sort "d.$n" | cmp - live
		[ "$(wc -l <live)" -gt 200 ]
		sums+=("$(md5sum <live)")
		end_bg
	done
	[ "${sums[0]}" = "${sums[1]}" ]
	[ "${sums[0]}" = "${sums[2]}" ]
	[ "${sums[0]}" != "${sums[3]}" ]
	jq -se 'map(select(.hit != null)) | length == 3' live >/dev/null
	jq -se 'map(select(.toxic == "slicer_upstream").block) | max > 70' live >/dev/null
}
