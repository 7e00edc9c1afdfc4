# chaos-fault --control --check: what a session would obey, without the session.
load helper
load fault_helper

setup() {
	scratch
}

teardown() {
	end_cluster
}

# answers OPTIONS…: each answer to the lines on stdin as "LINE ok WHAT" or "LINE MESSAGE", by line.
answers() {
	chaos-fault --control --check "$@" |
		jq -rs 'sort_by(.line)[] | if .event == "checked" then "\(.line) ok \(.action)" +
			((.nodes // .from) | if length > 0 then " " + join(" ") else "" end) +
			(if .from then " pick \(.pick)" else "" end) + (if .for_s then " for \(.for_s)" else "" end)
			else "\(.line) \(.message)" end'
}

@test "each line is answered once, in the order of the times; nothing is touched" {
	cluster both
	local before
	before=$(world)
	run -2 --separate-stderr chaos-fault --control --check --bring-up http <<-'END'
		# all that a session takes

		@7 restart b
		@5 kill b
		@6 kill b
		@9 kill a c for 2s
		@12 kill b pick one for 1s
		@13 kil a
	END
	assert_equal "$stderr" ""
	jq -se 'map([.event, .line]) == [["error", 8], ["checked", 4], ["error", 5], ["checked", 3],
		["checked", 6], ["checked", 7]] and .[1].nodes == ["b"] and .[1].action == "kill"
		and .[4].nodes == ["a", "c"] and .[4].at_s == 9 and .[4].for_s == 2 and .[2].fault_line == 4
		and all(.[]; .t > 0) and all(.[] | select(.event == "error"); .code == 2)' <<<"$output"
	assert_equal "$(world)" "$before"
	assert_equal "$(active)" 0
}

@test "what programs want of an error has keys of its own" {
	cluster both
	run -2 --separate-stderr chaos-fault --control --check --bring-up http <<<$'kil a\nfrobnicate a\nkill a b c\nkill d'
	jq -se 'map([.line, .unknown, .near, .allow, .why]) == [[1, "command", "kill", null, null],
		[2, "command", null, null, null], [4, null, null, null, null],
		[3, null, null, "all-down", "kill '"'a'"' with the others would leave no http node up"]]' <<<"$output"
}

@test "no state folder is made, no guard is started" {
	cluster
	export XDG_STATE_HOME=$SCRATCH/none
	run -0 --separate-stderr chaos-fault --control --check --bring-up http <<<"@1 kill a for 2s"
	[ ! -e "$XDG_STATE_HOME" ]
	strace -o /dev/null true || skip "strace cannot trace here"
	run -0 strace -f -qq -e trace=execve,clone,fork,vfork,kill,tgkill -o calls \
		chaos-fault --control --check --bring-up http <<<"@1 kill a for 2s"
	assert_equal "$(grep -c execve calls)" 1
	run ! grep -E 'kill\(' calls
}

@test "the rules are those of a session: faults, who stays up, picks, what is not up" {
	cluster both
	run -0 answers --bring-up http <<-'END'
		@1 kill a b c
		@1 kill a b c all-down for 1s
		@2 kill a for 3s
		@3 pause a
		@3 resume a
		@4 pause b for 1s
		@4.5 kill a c
		@5 kill a c
		@6 revert all
		@7 pause c pick 2
		@8 pause * pick all
		@8 pause * pick one for 1s
		@8 kill a pick primary
		@9 down a
		@9 kill a
		@10 resume a
		@11 start a for 2s
		@12 kill d
		@13 kill r
	END
	diff - <(printf '%s\n' "${lines[@]}") <<-'END'
		1 kill 'a' with the others would leave no http node up; 'all-down' allows that
		2 ok kill a b c for 1
		3 ok kill a for 3
		4 'a' still has a fault then
		5 ok resume a
		6 ok pause b for 1
		7 kill 'a' with the others would leave no http node up; 'all-down' allows that
		8 ok kill a c
		9 ok revert
		10 pause: pick 2: only 1 of those nodes can take it
		11 pause 'a' with the others would leave no http node up; 'all-down' allows that
		12 ok pause a b c pick one for 1
		13 kill: none of those nodes is a Redis primary that can take it
		14 ok down a
		15 'a' is not running; 'chaos-fault start a' starts it
		16 'a' is not running; 'chaos-fault start a' starts it
		17 'for' goes with faults, not with start
		18 unknown node 'd'; known: a, b, c, p, r
		19 'r' is not running; 'chaos-fault start r' starts it
	END
}

@test "what the config or the machine refuses is refused; without --bring-up nodes are as they are" {
	cluster
	chaos-fault up a
	printf 'faults: {protect: [b]}\n' >>config.yaml
	run -0 answers <<<$'kill b\nkill c\n@1 start c\n@2 kill a for 1s\n@2 kill c'
	assert_says "${lines[0]}" 1 "'b'" protected config "'faults: protect'"
	assert_line --index 1 "2 'c' is not running; 'chaos-fault start c' starts it"
	assert_line --index 2 "3 ok start c"
	assert_line --index 3 "4 ok kill a for 1"
	assert_says "${lines[4]}" 5 "kill 'c'" "no http node up" "'all-down'"
	bg chaos-node --port "${HTTP_PORTS[1]}" --name foreign
	wait_for 5 http_up "${HTTP_PORTS[1]}"
	run -2 --separate-stderr chaos-fault --control --check --bring-up http <<<"kill a"
	assert_output ""
	assert_equal "$(grep -c "port ${HTTP_PORTS[1]} is taken" <<<"$stderr")" 1
	run -2 chaos-fault --check kill a
	assert_says "$output" chaos-fault: --check --control not kill
}

@test "what a dead chaos-fault left on a node, the session would find put back" {
	cluster
	chaos-fault up
	bg chaos-fault pause a
	wait_for 5 is a paused
	wait_for 5 grep -q 'Ctrl-C puts it back' "$BG_ERR"
	run -0 answers <<<"@1 kill b for 1s"
	assert_output "1 ok kill b for 1"
	run -2 --separate-stderr chaos-fault --control --check --bring-up http <<<"kill a"
	assert_regex "$stderr" "'a' has the fault f1 \(pause\) already"
	killed "$(head -n 1 "$XDG_STATE_HOME/chaos/faults/f1.json" | jq -r .guard.pid)" "$BG_PID"
	wait_for 5 gone "$BG_PID"
	run -0 answers --bring-up http <<<"@1 kill a for 1s"
	assert_output "1 ok kill a for 1"
	run -0 answers <<<"@1 kill a b for 1s"
	assert_output "1 ok kill a b for 1"
	assert_equal "$(active)" 1
}
