# One shard, as chaos-spread sees it: a process at its place, its clock, its rows, and that process made again.
# Sourced, with the variables of chaos-spread set.
# shellcheck shell=sh disable=SC2154,SC2094

quoted() { # WORD... as one line for a shell
	for word; do printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"; done 2>/dev/null # it may be stopped
}

# start SHARD PLACE COMMAND...: the agent there, its standard input and output those of this function.
start() {
	shard=$1 place=$2
	shift 2
	set -- sh -c "$(cat "$share/sh/began.sh" "$share/spread/agent.sh")" chaos-spread "$shard" "$count" "$mark" "$@"
	# shellcheck disable=SC2086 # the command of --ssh, --srun and --kubectl may have several words
	case $kind in
	local) trap - INT TERM HUP; TMPDIR=$tmp exec "$@" ;;
	ssh)
		exec $ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=1 -o ServerAliveCountMax=2 \
			-T "$place" "exec $(quoted "$@")"
		;;
	slurm) exec $srun --ntasks=1 --unbuffered --quiet "$@" ;;
	kubernetes) pod=$(pod_of "$shard") && exec $kubectl exec -i "$pod" -- "$@" ;;
	esac
}

# clock: what the clock of the agent is ahead, and how far off that may be, in us: of the shortest of ten
# round trips. Ends with 1 if there is no answer. Empty lines come first, since who looked for signs of life may
# still take a byte.
clock() {
	best=
	[ -z "$give" ] || printf '%s\n' "$give" 2>/dev/null >&4 || return 1
	give=
	for probe in 1 2 3 4 5 6 7 8 9 10; do
		sent=$(date +%s%N)
		printf '\n\nclock %s\n' "$probe" 2>/dev/null >&4 || return 1
		while :; do
			read -r word number there <&5 || return 1
			[ "$word $number" != "#clock $probe" ] || break
			[ "$word" != '#late' ] || return 1
		done
		trip=$(($(date +%s%N) - sent))
		if [ -z "$best" ] || [ "$trip" -lt "$best" ]; then
			best=$trip ahead=$(((there - sent - trip / 2) / 1000))
		fi
		[ "$kind" != local ] || break # it is this clock
	done
	bound=$((best / 2000 + 1))
	[ "$kind" != local ] || ahead=0 bound=0
}

# steady: what the clock here is ahead of the time since this machine was started, which nobody sets, in us: the least of
# three looks, each when that time changes, since it is told in hundredths of a second.
steady() {
	least=''
	for look in 1 2 3; do
		read -r before rest </proc/uptime
		while read -r now rest </proc/uptime && [ "$now" = "$before" ]; do :; done
		look=$(($(date +%s%N) / 1000 - (${now%.*} * 100 + 1${now#*.} - 100) * 10000))
		if [ -z "$least" ] || [ "$look" -lt "$least" ]; then least=$look; fi
	done
	echo "$least"
}
# set_since STEADY: how far the clock here was set since then, in us; less than 20 ms may be an error of these looks.
set_since() {
	moved=$(($(steady) - $1))
	if [ "$moved" -gt -20000 ] && [ "$moved" -lt 20000 ]; then moved=0; fi
	echo "$moved"
}

# answered SECONDS COMMAND: a clock, unless that time is over before, or the command is true. Then the agent is
# ended, and who waits for its answer is told, since something else may hold the link.
answered() {
	(
		left=$(($1 * 5))
		while [ $left -gt 0 ] && kill -0 $$ && ! "$2"; do
			left=$((left - 1))
			sleep 0.2
		done
		kill -TERM "$agent" && sleep 0.3 # it takes its files away
		kill -KILL "$agent"
		echo '#late' 1<>"$own.$try.from"
	) >/dev/null 2>&1 4>&- 5<&- &
	patience=$!
	clock
	set -- $?
	kill -KILL $patience 2>/dev/null
	return "$1"
}
is_over() { grep -qs '	summary	.*"ended": *"\(duration\|stop\)"' "$tmp"/*.out; } # nothing is due any more
needless() { [ -e "$tmp/stopped" ] || { [ "$try" -gt 0 ] && is_over; }; }

tell() { { printf '%s %s\n' "$1" "$shard" 1<>"$tmp/status"; } 2>/dev/null; }
known() { printf '%s\t%s\t%s\t%s\n' "$shard" "$try" "$1" "$2" >>"$out"; }
until_there() { # FILE COMMAND: ends with 1 if the program has gone, or the command is true
	while [ ! -e "$1" ]; do
		kill -0 $$ 2>/dev/null && ! "$2" || return 1
		sleep 0.05
	done
}

# The header is written once, before all rows; then it is the same for all shards.
header() { # LINE
	if mkdir "$tmp/first" 2>/dev/null; then
		printf '%s\n' "$1" >"$tmp/header.new"
		LC_ALL=C cat "$tmp/header.new" 2>"$own.why" || closed=1
		mv "$tmp/header.new" "$tmp/header"
		[ -z "$closed" ] || return 1
	fi
	until_there "$tmp/header" false || return 1
	[ "$(cat "$tmp/header")" = "$1" ] || {
		printf '%s: %s: its rows have other columns; they are left out\n' "$program" "$name" >&2
		return 1
	}
}

# take_rows: those of the load, until it ends.
take_rows() {
	while read -r line <&5; do
		case $line in
		'') continue ;;
		'#end '*) known code "${line#* }" && known rows 0 && return ;;
		*,detail) ;; # the last column
		*) continue ;; # a torn header is none
		esac
		if header "$line"; then
			LC_ALL=C $awk -F , -v "shift_us=$((ahead + at - as))" -v "about=$shard	$try" -v "every=$count" \
				-v "header=$line" -v "out=$out" -f "$share/spread/rows.awk" <&5 2>"$own.why"
			set -- $?
			[ "$1" -ne 0 ] || return 0
			[ "$1" -le 128 ] || echo "$program: the process that takes the rows of shard $shard was ended by signal $(($1 - 128)); the load ends" >"$own.killed"
		fi
		touch "$own.closed"
		tell closed
		return
	done
}

# signs of life for the agent, and once that the load is to end. This alone writes there then: who opened the FIFO
# for it might wait for room, or hold the end of a reader that has gone.
signs() {
	while [ ! -e "$tmp/stopped" ]; do
		kill -0 $$ && printf . && sleep 0.2 || return
	done
	while kill -0 $$ && printf s && sleep 0.2; do :; done
}

# once COMMAND...: from the first look at the clock to the last. Ends with 1 if nothing answers.
once() {
	out=$own.$try.out
	exec 4>&- 5<&- # what was there before ends with them
	mkfifo "$own.$try.to" "$own.$try.from" "$own.$try.err"
	[ ! -e "$tmp/stopped" ] || return 1
	# Both ends of each are open before anybody has them: one that waited for the other might do so for ever.
	exec 7<>"$own.$try.to" 3<"$own.$try.to" 4>"$own.$try.to"
	exec 7<>"$own.$try.from" 5<"$own.$try.from" 8>"$own.$try.from"
	exec 7<>"$own.$try.err" 6<"$own.$try.err" 9>"$own.$try.err" 7<&-
	(exec 4>&- 5<&- 6<&- && start "$shard" "$place" "$@") <&3 >&8 2>&9 3<&- 8>&- 9>&- &
	agent=$!
	# Text of others: without what a screen obeys.
	LC_ALL=C sed -u -e "s/^/$name: /" -e 's/[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80[\x8e\x8f\xa8-\xae]\|\xe2\x81[\xa6-\xa9]/ /g' \
		<&6 >&2 3<&- 4>&- 5<&- 8>&- 9>&- &
	exec 3<&- 6<&- 8>&- 9>&-
	known host "$name"
	give=$files
	answered "$wait_s" needless || return 1
	known ahead "$ahead"
	known bound "$bound"
	[ "$try" -gt 0 ] || tell clock
	until_there "$tmp/start" needless || return 0
	read -r at as was <"$tmp/start"
	[ "$try" -eq 0 ] || at=$((at + $(set_since "$was")))
	printf 'go %s\n' "$(seconds $((at + ahead)))" 2>/dev/null >&4 # it may have been stopped
	signs >&4 2>/dev/null &
	life=$!
	take_rows
	kill -KILL $life 2>/dev/null
	if grep -q '	summary	' "$out" && answered 10 false; then
		known ahead_after "$ahead"
		known bound_after "$bound"
	fi
}

# A load that was killed, or whose link was: one that has ended by itself, or as it was told, would end again.
was_lost() {
	[ ! -e "$tmp/stopped" ] && [ ! -e "$own.closed" ] && kill -0 $$ 2>/dev/null || return 1
	case $(sed -n 's/^.*	code	//p' "$out") in
	'' | 129 | 130 | 143) # until what may still run there has missed the signs of life, and a signal to all processes has been told
		looks=30
		while [ $looks -gt 0 ] && [ ! -e "$tmp/stopped" ] && sleep 0.1; do looks=$((looks - 1)); done
		;;
	1[3-9][0-9] | 12[89] | 2[0-9][0-9]) ;;
	*) return 1 ;;
	esac
	! grep -q '	summary	' "$out" && [ ! -e "$tmp/stopped" ] && ! is_over
}

drive() { # SHARD PLACE COMMAND...
	set +e
	trap '' PIPE INT TERM HUP # a signal is for the one who counts the drivers
	shard=$1 place=$2 name=$2 try=0 wait_s=86400
	[ "$kind" = ssh ] || name="$kind $1"
	own=$tmp/$shard
	shift 2
	if ! once "$@"; then
		tell failed
		return
	fi
	wait_s=10
	[ "$kind" != kubernetes ] || wait_s=130 # a pod is waited for
	while [ "$try" -lt "$again" ] && was_lost; do
		try=$((try + 1))
		printf '%s: shard %s on %s was lost; it is made again\n' "$program" "$shard" "$name" >&2
		once "$@"
	done
	tell ended
}
