#!/usr/bin/env bats
# chaos-import: what cannot be turned, and programs that are made of it.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	scratch
}

# turned TEXT [EXPERIMENT]: exit 1, no scenario, and a line with that.
turned() {
	run -1 --separate-stderr chaos-import --load http://h/ "${2:-e.json}"
	[ -z "$output" ] && [[ $stderr == *"$1"* ]] || fail "not '$1' but: $stderr"
}

@test "what cannot be turned is told by line; programs are made of it where that is asked for" {
	cat > e.json <<-'END'
	{"title": "t", "secrets": {"g": {"key": "hunter2"}}, "steady-state-hypothesis": {"title": "h", "probes": [
	  {"type": "probe", "name": "p", "tolerance": 0, "provider": {"type": "process", "path": "test", "arguments": "-e ready"}}]},
	 "method": [{"type": "action", "name": "break", "provider": {"type": "process", "path": "sh", "arguments": ["-c", "rm ready"]}, "pauses": {"after": 1}},
	  {"type": "action", "name": "more", "provider": {"type": "process", "path": "touch", "arguments": "it's-here"}}]}
	END
	turned "e.json:3:13: 'break': the program is no fault that is known here: sh -c rm ready; --programs DIR makes a fault of it"
	run -1 --separate-stderr chaos-import --programs d --load http://h/ e.json
	[[ $stderr == *"'break'"*"no rollback undoes it, and --heals would say that it needs none"* ]]
	[ -z "$output" ]
	[ ! -e d ]
	run -0 --separate-stderr chaos-import --programs d --heals --takes 5 --load http://h/ --config c.yaml e.json
	assert_line '      - {type: e, target: e}'
	assert_line '    duration: 11s'
	touch ready
	for call in describe plan; do d/faults/e $call </dev/null | jq -e . >/dev/null; done
	# a shell's quote that is open: the words of a string are the shell's, as there
	run -2 d/faults/e inject </dev/null
	sed -i "s/it's-here/here/" e.json
	chaos-import --programs d --heals --takes 5 --load http://h/ --config c.yaml --force e.json >s.yaml 2>/dev/null
	d/faults/e inject </dev/null
	[ ! -e ready ]
	[ -e here ]
	run -75 d/faults/e verify-reverted </dev/null
	touch ready
	d/faults/e verify-reverted </dev/null
	CHAOS_PATH=$PWD/d chaos-scenario --check --scenario s.yaml --config c.yaml >/dev/null
	# rollbacks are the undo; a secret in the file is never written
	jq '.rollbacks = [{type: "action", name: "mend", provider: {type: "process", path: "touch", arguments: "ready"}}]' e.json >r.json
	chaos-import --programs d --load http://h/ --config c.yaml --force r.json >s.yaml 2>/dev/null
	rm ready
	d/faults/r revert </dev/null
	[ -e ready ]
	sed 's/rm ready/echo ${key}/' e.json >k.json # not by jq: which lines it writes depends on whose it is
	turned "'break': the secret 'key' stands in the experiment itself" k.json
	run -1 --separate-stderr chaos-import --partial --load http://h/ k.json
	assert_line --partial '# Not turned, at 3:13: '
	refute_output --partial hunter2
	echo '{"kind": "Deployment"}' >n.json
	run -2 chaos-import n.json
	assert_says "$output" chaos-import: n.json: "Chaos Toolkit" "'method'"
	run -2 chaos-import --nod x=y web.json
	assert_output "chaos-import: unknown option '--nod'; did you mean '--node'?"
}
