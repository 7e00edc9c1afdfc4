# For tests of 'via': a node behind a proxy of ours, and one that somebody else runs.

setup() {
	scratch
	free_ports 5
	WEB=127.0.0.1:${PORTS[0]} VIA=127.0.0.1:${PORTS[1]}
	cat >config.yaml <<-END
		nodes:
		  web: {url: "http://$WEB", via: "$VIA", process: [chaos-node, --port, "${PORTS[0]}", --name, web]}
		  far: {url: "http://127.0.0.1:${PORTS[2]}", via: "127.0.0.1:${PORTS[3]}"}
	END
}

teardown() { end_cluster; }

# toxics [NODE [KEY]]: what the proxy itself lists.
toxics() { (cd "$XDG_STATE_HOME"/chaos/nodes/chaos-proxy-*/cwd && curl -s --unix-socket proxy.sock "http://p/proxies/${1:-web}/toxics" | jq -c ".[].${2:-type}"); }
none() { [ -z "$(toxics)" ]; }
# ask ADDRESS: curl's exit code and whole milliseconds.
ask() {
	RC=0
	TOOK=$(curl -s -o /dev/null --max-time 20 -w '%{time_total}' "http://$1/health") || RC=$?
	TOOK=$(awk -v s="$TOOK" 'BEGIN { printf "%d", s * 1000 }')
}
proxy_pid() { field chaos-proxy pid; }
