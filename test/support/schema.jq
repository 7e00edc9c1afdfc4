# Checks a JSON value against a JSON Schema that uses only the keywords below; any other keyword
# is an error, so that no rule is passed over in silence.
#
#	jq -n --slurpfile schema S.json --slurpfile value V.json -L test/support \
#	   'include "schema"; violations($schema[0]; $value[0])'
#
# gives one line for each violation; nothing means that the value is valid.

def keywords: [
	"$schema", "$id", "$defs", "$ref", "title", "description", "type", "const", "enum", "anyOf",
	"properties", "required", "additionalProperties", "items", "minimum", "maximum"
];

def is_type($t):
	if $t == "integer" then type == "number" and floor == . else type == $t end;

def resolve($root; $ref):
	$root | getpath($ref | ltrimstr("#/") | split("/"))
	| if . == null then error("no such definition: \($ref)") else . end;

def check($root; $s; $at):
	. as $v
	| (($s | keys) - keywords) as $unknown
	| if $unknown != [] then error("keyword \($unknown[0]) at \($at) is not supported") else empty end,
	  if $s | has("$ref") then check($root; resolve($root; $s["$ref"]); $at) else empty end,
	  if $s | has("type") then
		([$s.type] | flatten) as $types
		| if any($types[]; . as $t | $v | is_type($t)) then empty
		  else "\($at): \($v | type) instead of \($types | join(" or "))" end
	  else empty end,
	  if ($s | has("const")) and $v != $s.const then "\($at): is not \($s.const)" else empty end,
	  if ($s | has("enum")) and ([$v] - $s.enum != []) then "\($at): \($v) is not in the list" else empty end,
	  if $s | has("anyOf") then
		if any($s.anyOf[]; . as $one | [$v | check($root; $one; $at)] == []) then empty
		else "\($at): none of the choices fits" end
	  else empty end,
	  if ($s | has("minimum")) and ($v | type) == "number" and $v < $s.minimum
	  then "\($at): \($v) is below \($s.minimum)" else empty end,
	  if ($s | has("maximum")) and ($v | type) == "number" and $v > $s.maximum
	  then "\($at): \($v) is above \($s.maximum)" else empty end,
	  if ($v | type) == "object" then
		(($s.required // []) - ($v | keys) | .[] | "\($at): no \(.)"),
		($v | to_entries[] | . as $e
		 | if ($s.properties // {}) | has($e.key)
		   then $e.value | check($root; $s.properties[$e.key]; "\($at).\($e.key)")
		   elif $s.additionalProperties == false then "\($at): \($e.key) is not known"
		   elif ($s.additionalProperties | type) == "object"
		   then $e.value | check($root; $s.additionalProperties; "\($at).\($e.key)")
		   else empty end)
	  else empty end,
	  if ($v | type) == "array" and ($s | has("items")) then
		range($v | length) as $i | $v[$i] | check($root; $s.items; "\($at)[\($i)]")
	  else empty end;

def violations($schema; $value): $value | check($schema; $schema; "$");
