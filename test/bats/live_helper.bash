# What the tests of chaos-analyze on a run that goes on share.
T0=1766500030

# valid FILE: fails with the lines that the published schema does not allow.
valid() {
	run -0 jq -rn --slurpfile schema "$ROOT/schema/windows.schema.json" --slurpfile lines "$1" \
		-L "$ROOT/test/support" 'include "schema"; $lines[] | . as $l | [violations($schema[0]; $l)]
			| select(. != []) | "\($l): \(.[0])"'
	refute_output
}
