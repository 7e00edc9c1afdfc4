# Nodes that are units of systemd, against a real one: in systemd-nspawn, with a root of its own into which
# the machine's programs are bound. No unit of the machine is ever touched.
# shellcheck disable=SC2086 # $IN and $MANAGER are words
load helper
load fault_helper

setup_file() {
	scratch
	[ "$(id -u)" = 0 ] && command -v systemd-nspawn >/dev/null || return 0
	machine_on || fail "systemd does not boot: $(cat machine.log)"
	echo "# systemd: $(systemctl --version | head -n 1), the real one, in systemd-nspawn" >&3
}

teardown_file() { machine_off; }

# The machine has the tests' folders, a network with a loopback of its own, and two managers: the system's
# and root's. Sets IN, a command that runs another in it.
machine_on() {
	local at=machine dir
	mkdir -p $at/usr $at/etc/systemd/system $at/etc/systemd/user $at/var $at/root
	for dir in bin sbin lib lib64; do ln -s usr/$dir $at/$dir; done
	echo root:x:0:0:root:/root:/bin/sh >$at/etc/passwd
	echo root:x:0: >$at/etc/group
	echo ID=test >$at/etc/os-release
	: >$at/etc/machine-id
	printf '[Unit]\nDescription=Nothing but what is asked for\n' >$at/etc/systemd/system/small.target
	cat >$at/etc/systemd/system/manager.service <<-END
		[Service]
		Type=notify
		Delegate=yes
		RuntimeDirectory=user/0
		Environment=XDG_RUNTIME_DIR=/run/user/0
		ExecStart=/usr/lib/systemd/systemd --user --unit=basic.target
	END
	# Of its own: a group of processes, which goes in machine_off, and /run, in which nspawn keeps locks.
	local all=/sys/fs/cgroup
	for dir in $all/systemd $all/unified; do [ ! -d $dir ] || all=$dir; done
	CGROUP=$(mktemp -d $all/chaos-test.XXXXXX) && export CGROUP || return 1
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'echo $$ >"$CGROUP/cgroup.procs" && mount -t tmpfs none /run && exec systemd-nspawn "$@"' - \
		-q -D $at --bind-ro=/usr --bind="$ROOT" --private-network --register=no --keep-unit --boot \
		-- systemd.unit=small.target >machine.log 2>&1 </dev/null 3>&- &
	export NSPAWN=$! IN
	wait_for 20 boots && $IN systemctl start manager.service
}
# The first process that it starts is not yet the machine's.
boots() {
	IN="nsenter -t $(leader) -m -u -i -n -p -r --wd=/"
	$IN systemctl is-system-running
}
leader() { awk 'NF { print $1; ok = 1 } END { exit !ok }' "/proc/$NSPAWN/task/$NSPAWN/children"; }

machine_off() {
	[ -n "${NSPAWN:-}" ] || return 0
	kill -KILL "$(leader)" # and all that is in there
	wait_for 20 gone "$NSPAWN"
	local dir
	for dir in /sys/fs/cgroup/{,systemd/,unified/}"${CGROUP##*/}"; do
		[ ! -d "$dir" ] || wait_for 5 find "$dir" -depth -type d -exec rmdir {} +
	done
}

fault() { $IN env --chdir="$SCRATCH" chaos-fault "$@"; }
ctl() { $IN systemctl "$@"; }
# value PROPERTY: of the unit, as its manager says.
value() { ctl $MANAGER show --value -p "$1" web; }
answers() { $IN curl -fs -o /dev/null "http://127.0.0.1:${PORTS[0]}/health"; }
# hold WORD…: a fault that goes on until it is ended.
hold() {
	bg fault "$@" --json
	wait_for 20 grep -q fault_verified "$BG_OUT"
}
# named PATH…: the processes that the fault's entry names, whose pids are the machine's.
named() { head -qn 1 "$XDG_STATE_HOME"/chaos/faults/*.json | jq -r "$*"; }
# send SIGNAL PATH…
send() {
	# shellcheck disable=SC2046 # words
	$IN kill -s "$1" $(named "${@:2}")
}
# unit [user]: a unit that its manager starts again whenever it ends, and a node that is it.
unit() {
	local dir=$BATS_FILE_TMPDIR/machine/etc/systemd/${1:-system}
	MANAGER=''
	[ -z "${1:-}" ] || MANAGER=--user
	printf '[Service]\nExecStart=%s --port %s --name web\nRestart=always\n' "$(type -p chaos-node)" "${PORTS[0]}" \
		>"$dir/web.service"
	ctl $MANAGER daemon-reload
	echo "nodes: {web: {url: 'http://127.0.0.1:${PORTS[0]}', kind: systemd, with: {unit: web.service${1:+, user: true}}}}" \
		>config.yaml
}

setup() {
	[ -n "${NSPAWN:-}" ] || cannot "only root starts systemd-nspawn, where there is one"
	scratch
	free_ports 1
	export XDG_RUNTIME_DIR=/run/user/0 # the machine's
}

teardown() {
	[ -n "${NSPAWN:-}" ] || return 0
	end_bg
	ctl $MANAGER stop web
}

@test "up, kill, stop, pause, down: seen by systemd itself, and put back" {
	unit
	run -0 fault up
	local first verb
	first=$(value InvocationID)
	assert_equal "$(fault ls --json | jq -r '"\(.kind) \(.state) \(.ready) \(.identity)"')" "program up true $first"
	for verb in kill stop; do
		hold $verb web
		# Restart=always does not bring it back: it is down as by 'systemctl stop'.
		assert_equal "$(value MainPID)" 0
		run ! answers
		send INT .owner.pid
		wait "$BG_PID" || [ $? -eq 130 ]
		jq -se '.[-1].event == "reverted" and .[-1].by_other != true' "$BG_OUT"
		answers
		[ "$(value InvocationID)" != "$first" ]
		first=$(value InvocationID)
	done
	run -0 fault down
	assert_equal "$(fault ls --json | jq -r .state) $(value MainPID)" "down 0"
}

@test "a unit of the user: pause, also when tool and guard die; one started anew meanwhile is let be" {
	unit user
	run -0 fault up
	local first
	first=$(value InvocationID)
	hold pause web
	run -0 $IN grep State "/proc/$(value MainPID)/status"
	assert_output --partial stopped
	# As if at one moment: the guard cannot act on the end of the owner. Both are gone then.
	local guard
	guard=$(named .guard.pid)
	send STOP .guard.pid
	send KILL .owner.pid, .guard.pid
	wait "$BG_PID" || true
	wait_for 5 eval '! $IN test -e "/proc/$guard" || $IN grep -q "^State:.Z" "/proc/$guard/status"'
	assert_equal "$(active)" 1
	run -0 fault undo --all
	assert_equal "$(value InvocationID) $(active)" "$first 0"
	answers
	hold pause web
	ctl --user restart web
	send INT .owner.pid
	wait_for 20 none_active
	[ "$(value InvocationID)" != "$first" ]
	wait_for 20 answers
}

@test "after another signal its Restart= brings it back: no fault; what is no unit is not touched" {
	unit
	run -0 fault up
	run -3 fault kill web --signal TERM --for 500ms
	wait_for 20 answers
	sed -i 's/web.service/wep.service/' config.yaml
	run -6 fault kill web
	assert_output --partial "there is no unit 'wep.service'"
	none_active
}
