# What the tests of chaos-analyze on a run that goes on share.
T0=1766500030

# valid FILE: fails with the lines that the published schema does not allow, of those that differ in their numbers
# alone the first twenty.
valid() {
	awk '{ shape = $0; gsub(/[0-9]+/, "0", shape) } seen[shape]++ < 20' "$1" >valid.lines
	run -0 jq -rn --slurpfile schema "$ROOT/schema/windows.schema.json" --slurpfile lines valid.lines \
		-L "$ROOT/test/support" 'include "schema"; $lines[] | . as $l | [violations($schema[0]; $l)]
			| select(. != []) | "\($l): \(.[0])"'
	refute_output
}
