# chaos-proxy: Toxiproxy's API, and the toxics that read a protocol.

load helper
load proxy_helper

setup() {
	scratch
}

teardown() {
	end_bg
}

@test "API: every call, its status and what it answers; what is wrong changes nothing" {
	proxy
	py <<-'END'
		def answers(method, path, body, want, holds=None):
		    api.http.request(method, path, body)
		    a = api.http.getresponse()
		    text = a.read()
		    assert a.status == want, (method, path, body, a.status, text)
		    b = json.loads(text) if text else None
		    assert want < 400 or (b["status"] == want and b["error"]), text
		    assert not holds or holds(b), (method, path, body, text)
		answers("GET", "/version", None, 200, lambda b: b["version"] == "2.12.0")
		answers("GET", "/proxies", None, 200, lambda b: b["e"]["enabled"] and b["e"]["toxics"] == [] and b["e"]["name"] == "e")
		answers("GET", "/proxies/none", None, 404, lambda b: b["error"] == "proxy not found")
		answers("POST", "/proxies", '{"name":"f","listen":"127.0.0.1:0","upstream":"127.0.0.1:1","toxics":[{"type":"latency","ttl":90000}]}', 201, lambda b: b["listen"] != "127.0.0.1:0" and b["toxics"][0]["name"] == "latency_downstream" and b["toxics"][0]["expires_in"] > 80000)
		answers("POST", "/proxies", '{"name":"f","upstream":"127.0.0.1:1"}', 409, lambda b: b["error"] == "proxy already exists")
		answers("POST", "/proxies", '{"upstream":"127.0.0.1:1"}', 400, lambda b: b["error"] == "missing required field: name")
		answers("POST", "/proxies", '{"name":"g"}', 400, lambda b: b["error"] == "missing required field: upstream")
		answers("POST", "/proxies", '{"name":"g/h","upstream":"127.0.0.1:1"}', 400)
		answers("POST", "/proxies", '{"name":"g","upstream":"x"}', 400)
		answers("POST", "/proxies", '{"name":"g"', 400)
		answers("POST", "/proxies", '{"name":"g","upstream":"127.0.0.1:1","listn":"127.0.0.1:0"}', 400, lambda b: "nearest: listen" in b["error"])
		answers("POST", "/proxies", '{"name":"g","upstream":"127.0.0.1:1","listen":5}', 400, lambda b: b["error"] == "listen is no text")
		answers("POST", "/proxies", '{"name":"g","upstream":"127.0.0.1:1","toxics":{}}', 400, lambda b: b["error"] == "toxics is no list")
		answers("POST", "/proxies", '{"name":"g","upstream":"127.0.0.1:9","listen":"127.0.0.1:9"}', 400, lambda b: "its own upstream" in b["error"])
		answers("PATCH", "/proxies/f", '{"enabld":false}', 400, lambda b: "nearest: enabled" in b["error"])
		answers("POST", "/proxies", '[]', 400)
		answers("POST", "/proxies", '{"name":"g","listen":"127.0.0.1:%s","upstream":"127.0.0.1:1"}' % os.environ["ECHO"], 500)
		answers("GET", "/proxies/g", None, 404)
		answers("POST", "/proxies/f", '{"enabled":false}', 200, lambda b: not b["enabled"] and len(b["toxics"]) == 1)
		answers("PATCH", "/proxies/f", '{"enabled":"no"}', 400)
		answers("PATCH", "/proxies/f", '{"upstream":"127.0.0.1:2","enabled":true}', 200, lambda b: b["enabled"] and b["upstream"] == "127.0.0.1:2")
		answers("POST", "/proxies/f/toxics", '{"type":"latency"}', 409, lambda b: b["error"] == "toxic already exists")
		answers("POST", "/proxies/f/toxics", '{"type":"latancy"}', 400, lambda b: "did you mean 'latency'" in b["error"])
		answers("POST", "/proxies/f/toxics", '{}', 400, lambda b: b["error"] == "missing required field: type")
		answers("POST", "/proxies/f/toxics", '{"type":"stall","ttl":"20"}', 400, lambda b: "with its unit" in b["error"])
		answers("POST", "/proxies/f/toxics", '{"type":"latency","stream":"up"}', 400, lambda b: "upstream or downstream" in b["error"])
		for key, value in (("name", "5"), ("name", '["a"]'), ("type", "5"), ("stream", "5"), ("stream", "[]"), ("from", "true")):
		  answers("POST", "/proxies/f/toxics", '{"type":"latency","name":"x","%s":%s}' % (key, value), 400, lambda b: b["error"] == "the toxic's %s is no text" % key)
		answers("POST", "/proxies/f/toxics", '{"type":"bandwidth","attributes":{"rate":-1}}', 400)
		answers("POST", "/proxies/f/toxics", '{"type":"bandwidth","attributes":{"rate":"1"}}', 400)
		answers("POST", "/proxies/f/toxics", '{"type":"bandwidth","toxicty":1}', 400, lambda b: "toxicity" in b["error"])
		answers("POST", "/proxies/f/toxics", '{"type":"bandwidth","name":"b","stream":"upstream","toxicity":0.5,"attributes":{"rate":9}}', 200, lambda b: b == {"name": "b", "type": "bandwidth", "stream": "upstream", "toxicity": 0.5, "attributes": {"rate": 9, "scope": "connection"}})
		answers("GET", "/proxies/f/toxics", None, 200, lambda b: [t["name"] for t in b] == ["latency_downstream", "b"])
		answers("GET", "/proxies/f/toxics/b", None, 200, lambda b: b["attributes"]["rate"] == 9)
		answers("POST", "/proxies/f/toxics/b", '{"attributes":{"rate":8}}', 200, lambda b: b["attributes"]["rate"] == 8 and b["toxicity"] == 0.5)
		answers("PATCH", "/proxies/f/toxics/b", '{"toxicity":2}', 400)
		answers("PATCH", "/proxies/f/toxics/b", '{"toxicity":1,"ttl":"1m"}', 200, lambda b: b["toxicity"] == 1 and b["attributes"]["rate"] == 8 and b["ttl"] == 60000)
		answers("POST", "/proxies/f/toxics/b", '{"name":"b","type":"bandwidth","stream":"Upstream","attributes":{"rate":7}}', 200, lambda b: b["attributes"]["rate"] == 7)
		for key, other in (("name", '"c"'), ("type", '"latency"'), ("stream", '"downstream"'), ("seed", "1"), ("from", '"192.0.2.1"')):
		    answers("POST", "/proxies/f/toxics/b", '{"%s":%s,"attributes":{"rate":6}}' % (key, other), 400, lambda b: "the %s of a toxic stays" % key in b["error"])
		for key in "toxicity", "ttl", "seed", "attributes":
		    answers("POST", "/proxies/f/toxics/b", '{"%s":""}' % key, 400, lambda b: key in b["error"])
		answers("POST", "/proxies/f/toxics/b", '{"name":"","type":"","stream":""}', 200)
		answers("POST", "/proxies/f/toxics/b", '{"toxicty":0.1}', 400, lambda b: "nearest: toxicity" in b["error"])
		answers("POST", "/proxies/f/toxics/b", '{"attributes":6}', 400)
		answers("GET", "/proxies/f/toxics/b", None, 200, lambda b: b["attributes"]["rate"] == 7 and b["stream"] == "upstream" and "from" not in b)
		answers("GET", "/proxies/f/toxics/none", None, 404, lambda b: b["error"] == "toxic not found")
		answers("DELETE", "/proxies/f/toxics/none", None, 404)
		answers("DELETE", "/proxies/f/toxics/b", None, 204)
		answers("PUT", "/proxies/f", None, 405)
		answers("GET", "/nothing", None, 404)
		answers("POST", "/populate", '[{"name":"h","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"},{"name":"i","upstream":"x"}]', 400)
		answers("GET", "/proxies/h", None, 404)
		answers("POST", "/populate", '[{"name":"f","upstream":"127.0.0.1:4","toxics":[{"type":"stall"},{"type":"latancy"}]}]', 400)
		answers("GET", "/proxies/f", None, 200, lambda b: b["upstream"] == "127.0.0.1:2" and [t["type"] for t in b["toxics"]] == ["latency"])
		answers("POST", "/populate", '[{"name":"h","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"},{"name":"f","upstream":"127.0.0.1:3","toxics":[]}]', 201, lambda b: [p["name"] for p in b["proxies"]] == ["h", "f"] and b["proxies"][1]["upstream"] == "127.0.0.1:3" and b["proxies"][1]["toxics"] == [])
		answers("GET", "/proxies/h", None, 200, lambda b: b["enabled"])
		answers("POST", "/populate", '[{"name":"f","upstream":"127.0.0.1:4"},{"name":"f","upstream":"127.0.0.1:5"}]', 400, lambda b: b["error"] == "proxy 'f': its name is given twice")
		answers("GET", "/proxies/f", None, 200, lambda b: b["upstream"] == "127.0.0.1:3")
		answers("POST", "/proxies/h", '{"enabled":false}', 200)
		answers("POST", "/populate", '[{"name":"h","listen":"127.0.0.1:0","upstream":"127.0.0.1:1"},{"name":"k","upstream":"127.0.0.1:1","enabled":false}]', 201, lambda b: not any(p["enabled"] for p in b["proxies"]))
		answers("DELETE", "/proxies/k", None, 204)
		answers("POST", "/proxies/e/toxics", '{"type":"timeout"}', 200)
		answers("POST", "/reset", None, 204)
		answers("GET", "/proxies", None, 200, lambda b: all(p["enabled"] and p["toxics"] == [] for p in b.values()))
		answers("DELETE", "/proxies/h", None, 204)
		answers("DELETE", "/proxies/h", None, 404)
	END
	[ "$(curl -s -o /dev/null -w '%{http_code}' -A 'Mozilla/5.0' "http://$API/proxies")" = 403 ]
	[ "$(head -c 5000000 /dev/zero | curl -s -o /dev/null -w '%{http_code}' --data-binary @- "http://$API/populate")" = 413 ]
	wire verify "$PORT" 100000
	curl -sD head "http://$API/metrics" >metrics
	grep -qi 'content-type: application/openmetrics-text' head
	[ "$(tail -n 1 metrics)" = "# EOF" ]
	grep -q '^toxiproxy_proxy_sent_bytes_total{direction="upstream",proxy="e".*} 100000$' metrics
}

@test "http_error: a share of matching requests; keep-alive and pipelines stay in step; the rest is untouched" {
	proxy
	free_ports 1
	bg chaos-node --port "${PORTS[0]}" --name n --delay 0
	wait_for 5 http_up "${PORTS[0]}"
	NODE=${PORTS[0]} py <<-'END'
		node = os.environ["NODE"]
		api("POST", "/proxies/e", {"upstream": "127.0.0.1:" + node})
		def asked(c, method, path, body=None, **headers):
		    c.request(method, path, body, headers)
		    a = c.getresponse()
		    return a.status, a.read()
		early = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
		assert asked(early, "GET", "/health")[0] == 200
		add("http_error", status=429, share=0.4, path="/work", method="POST")
		c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
		n = {200: 0, 429: 0}
		for conn_ in (c, early): # one that was open before joins
		    for i in range(60):
		        status, body = asked(conn_, "POST", "/work", b"x" * (i * 500))
		        n[status] += 1
		        assert (b"work_ms" in body) == (status == 200)
		        assert asked(conn_, "GET", "/health") == (200, b'{"status":"ok","node":"n"}\n')
		assert 25 < n[429] < 75, n
		# What was answered here never got there.
		state = json.loads(asked(http.client.HTTPConnection("127.0.0.1", int(node)), "GET", "/state")[1])
		assert state["work_done"] == n[200], (state, n)
		reset()
		add("http_error", status=500, path="/work")
		s = conn()
		work = b"POST /work HTTP/1.1\r\nHost: n\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
		health = b"GET /health?x=1 HTTP/1.1\r\nHost: n\r\n\r\n"
		s.sendall((work + health + health) * 20)
		f = s.makefile("rb")
		def answer():
		    status, size = int(f.readline().split()[1]), 0
		    while (line := f.readline()) != b"\r\n":
		        if line.lower().startswith(b"content-length:"): size = int(line.split(b":")[1])
		    return status, f.read(size)
		for i in range(60):
		    status, body = answer()
		    assert status == (500 if i % 3 == 0 else 200), (i, status)
		assert asked(c, "HEAD", "/work") == (500, b"")
		assert asked(c, "GET", "/health")[0] == 200
		# A client that wants the connection closed behind an answer reads to its end.
		for head in b" HTTP/1.0\r\n", b" HTTP/1.0\r\nConnection: keep-alive\r\n", b" HTTP/1.1\r\nHost: n\r\nConnection: close\r\n":
		    s = conn()
		    s.sendall(health + b"GET /work" + head + b"\r\n")
		    with s.makefile("rb") as all_: text = all_.read()
		    assert re.findall(rb"HTTP/1.1 (\d+) ", text) == [b"200", b"500"], text
		# In pieces of one byte as well.
		s = conn()
		f = s.makefile("rb")
		s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		for b in work + health: s.sendall(bytes([b]))
		assert answer()[0] == 500 and answer()[0] == 200
		# A latency for one path alone.
		reset()
		add("latency", latency=60, match={"path": "/health*"})
		def lasts(path): began = time.monotonic(); asked(c, "GET", path); return time.monotonic() - began
		assert any(lasts("/state") < 0.06 for _ in range(20))
		assert lasts("/health") >= 0.06
		# The server turns out to speak something else: what was held back of the client goes on at once.
		reset()
		add("http_error", share=0)
		add("latency", "upstream", latency=5)
		listener = socket.create_server(("127.0.0.1", 0))
		api("POST", "/proxies/e", {"upstream": "127.0.0.1:%d" % listener.getsockname()[1]})
		s = conn()
		server, _ = listener.accept()
		server.settimeout(5)
		s.sendall(health + b"GE")
		assert get(server, len(health)) == health
		server.sendall(b"no HTTP\r\n")
		assert get(s, 9) == b"no HTTP\r\n" and get(server, 2) == b"GE"
		# No HTTP: passes untouched, and is counted.
		api("POST", "/proxies/e", {"upstream": "127.0.0.1:" + os.environ["ECHO"]})
		trip(conn(), b"\x16\x03\x01" + bytes(range(256)) * 500)
		trip(conn(), b"SSH-2.0-x\r\n" * 1000)
		assert 'chaos_proxy_other_protocol_total{proxy="e"' in api("GET", "/metrics")[1]
	END
	[ "$(curl -s "http://$API/metrics" | awk '/^chaos_proxy_other_protocol_total/ { print $2 }')" = 3 ]
}

@test "redis_error: a share of commands by name; pipelines and transactions stay in step; a real server" {
	proxy
	free_ports 1
	bg redis-server --port "${PORTS[0]}" --bind 127.0.0.1 --save ""
	local redis=${PORTS[0]} one
	wait_for 5 redis_up "$redis"
	api POST /proxies/e "{\"upstream\":\"127.0.0.1:$redis\"}" >/dev/null
	api POST /proxies/e/toxics '{"type":"redis_error","attributes":{"error":"READONLY","share":0.5,"command":"SET|INCR"}}' >/dev/null
	# Each is an answer or an error, and the server has seen just those that were answered.
	seq 1 1000 | sed 's/.*/INCR c/' | redis-cli -p "$PORT" --pipe >piped || true
	one=$(redis-cli -p "$redis" get c)
	grep -q "errors: $((1000 - one)), replies: 1000" piped
	[ "$one" -gt 400 ]
	[ "$one" -lt 600 ]
	redis-cli -p "$redis" set k v >/dev/null
	for _ in 1 2 3 4 5 6 7 8; do
		printf 'incr c\nget k\nmulti\nincr c\nset k v\nexec\nget k\n'
	done | redis-cli -p "$PORT" >out
	[ "$(grep -c '^v$' out)" -eq 16 ]
	[ "$(grep -c '^QUEUED$' out)" -eq 16 ]
	api POST /reset
	for one in LOADING OOM MOVED; do
		api POST /proxies/e/toxics "{\"type\":\"redis_error\",\"attributes\":{\"error\":\"$one\",\"to\":\"h:1\",\"slot\":7,\"command\":\"get\"}}" >/dev/null
		run redis-cli -p "$PORT" get k
		assert_output --partial "$one"
		[ "$(redis-cli -p "$PORT" ping)" = PONG ]
		api POST /reset
	done
	# A subscriber gets what is published, and a latency for one command delays no other.
	api POST /proxies/e/toxics '{"type":"redis_error","attributes":{"command":"publish"}}' >/dev/null
	bg redis-cli -p "$PORT" subscribe news
	local out=$BG_OUT
	wait_for 5 grep -q subscribe "$out"
	redis-cli -p "$redis" publish news hello >/dev/null
	wait_for 5 grep -q hello "$out"
	api POST /proxies/e/toxics '{"type":"latency","attributes":{"latency":300,"match":{"command":"GET|MGET"}}}' >/dev/null
	lasts() { local began=${EPOCHREALTIME/./}; redis-cli -p "$PORT" "$@" >/dev/null; LASTED=$(((${EPOCHREALTIME/./} - began) / 1000)); }
	lasts get k
	[ "$LASTED" -ge 300 ]
	quick() { lasts set k v && [ "$LASTED" -lt 300 ]; }
	wait_for 5 quick
	api DELETE /proxies/e/toxics/latency_downstream
	redis-benchmark -p "$PORT" -q -n 5000 -P 8 -t get,lpush,mset >/dev/null
}
