# For the tests of chaos-proxy: an echo server, a proxy 'e' before it, an API, and a client.

export PYTHONPATH=$ROOT/test/support PYTHONDONTWRITEBYTECODE=1

# proxy [OPTION…]: sets PORT, API, ECHO (ports) and PROXY (its pid).
proxy() {
	free_ports 3
	export PORT=${PORTS[0]} API=127.0.0.1:${PORTS[1]} ECHO=${PORTS[2]}
	bg wire echo "$ECHO"
	bg chaos-proxy "e=127.0.0.1:$PORT=127.0.0.1:$ECHO" --api "$API" "$@"
	PROXY=$BG_PID
	wait_for 5 curl -sf -o /dev/null "http://$API/version"
	wait_for 5 wire verify "$ECHO" 1
}

api() { curl -sS -X "$1" ${3:+-d "$3"} "http://$API$2"; }

# py: the script on standard input, with the client's names.
py() { python3 -c "$(printf 'from proxyclient import *\n'; cat)" "$@"; }
