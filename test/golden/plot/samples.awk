# Samples of a run on three nodes, the same on every machine: -v dur=S -v rps=N; from k0 to k1 node 2
# answers nothing (refused), or with -v dead=1 no node does.
BEGIN {
	t0 = 1766500000.25
	print "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,detail"
	for (i = 0; i < dur * rps; i++) {
		t = i / rps
		n = i % 3 + 1
		latency = 10 + (i * 37) % 140
		status = 200
		error = detail = ""
		if (t >= k0 && t < k1 && (n == 2 || dead)) {
			status = ""
			error = "refused"
			latency = 0.4
			detail = "\"connect to 127.0.0.1 port 800" n ": Connection refused\""
		}
		printf "%.6f,http://127.0.0.1:800%d,%s,%.3f,%s,%.3f,POST /work,43,%d,%s\n",
			t0 + t, n, status, latency, error, latency, i, detail
	}
}
