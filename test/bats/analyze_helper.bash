# Samples and events to analyse, and the check of an analysis.

T0=1766500030

# samples RPS SECONDS [CONDITION]: our format, 80 ms each; where CONDITION holds (an awk expression
# on s, the due second with its fraction, and i, the slot) the request is refused.
samples() {
	awk -v rps="$1" -v n="$(($1 * $2))" -v t0=$T0 'BEGIN {
		print "timestamp,node,status_code,latency_ms,error,service_ms,op,bytes,slot,detail"
		for (i = 0; i < n; i++) {
			s = i / rps
			if ('"${3:-0}"')
				printf "%.6f,http://127.0.0.1:800%d,,0.500,refused,0.300,GET,0,%d,\"no, \"\"refused\"\"\"\n", t0 + s, i % 3 + 1, i
			else
				printf "%.6f,http://127.0.0.1:800%d,200,80.000,,79.000,GET,5,%d,\n", t0 + s, i % 3 + 1, i
		}
	}'
}

# event AT EVENT [FAULT]: an event of fault f1, or FAULT, at AT seconds.
event() {
	local more=
	[ "$2" != fault_injected ] || more='"past":"killed",'
	printf '{"t":%s,"event":"%s",%s"fault":"%s","action":"kill","node":"n1","url":"http://127.0.0.1:8001"}\n' \
		"$(awk -v a="$1" -v t0=$T0 'BEGIN { printf "%.6f", t0 + a }')" "$2" "$more" "${3:-f1}"
}

# valid FILE: fails with the violations of the published schema.
valid() {
	run -0 jq -rn --slurpfile schema "${SCHEMA:-$ROOT/schema/analysis.schema.json}" \
		--slurpfile value "$1" -L "$ROOT/test/support" \
		'include "schema"; violations($schema[0]; $value[0])'
	refute_output
}
