#!/bin/sh
# Runs one load on several machines as shards of one schedule, on one clock, and joins their rows: on each
# machine runs share/spread/agent.sh, and here a driver for each shard.
set -eu
program=chaos-spread version=@VERSION@

usage() {
	cat <<-END
	$program: one load from several machines

	Usage: $program --on PLACES [options] -- chaos-load ... > samples.csv

	PLACES:
	  local:N                   N processes on this machine
	  ssh:HOST,HOST,...         a process on each host, by ssh
	  slurm:N                   N tasks by srun, each a step of the allocation, if there is one

	Examples:
	  $program --on local:2 -- chaos-load -r 100000 -d 30s http://127.0.0.1:8001/ > samples.csv
	  $program --on ssh:web1,web2 --summary load.json -- chaos-load -r 500 -d 1m http://192.0.2.7/ > samples.csv

	Options:
	      --on PLACES           where the load comes from; a host may be named twice
	      --summary FILE        write the load summary of all shards to this file
	      --delay SECONDS       from the last measurement of a clock to slot 0 (2)
	      --ssh COMMAND         how to call ssh, as 'ssh -F config' (ssh)
	      --srun COMMAND        how to call srun, as 'srun -p short' (srun)
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1).
	END
}

share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"
options='--on --summary --delay --ssh --srun --help --version'
on='' summary='' delay=2 ssh=ssh srun=srun
for word; do # what stands behind -- is for the load
	[ "$word" != -- ] || break
	asked "$word"
done
while [ $# -gt 0 ]; do
	word=$1
	shift
	case $word in
	--) break ;;
	--on | --summary | --delay | --ssh | --srun)
		[ $# -gt 0 ] || die 2 "option '$word' needs a value"
		eval "${word#--}=\$1"
		shift
		;;
	--on=* | --summary=* | --delay=* | --ssh=* | --srun=*)
		name=${word%%=*}
		eval "${name#--}=\${word#*=}"
		;;
	-*) unknown_option "${word%%=*}" ;;
	*) die 2 "'$word': the command comes behind --; see '$program --help'" ;;
	esac
done
[ $# -gt 0 ] || die 2 "which load? the command comes behind --; see '$program --help'"
for word; do
	case $word in
	--shard | --shard=* | --start-at | --start-at=* | --summary | --summary=* | --control)
		die 2 "'$word' of the load is for $program to give"
		;;
	esac
done
case $delay in '' | *[!0-9.]* | *.*.* | .) die 2 "--delay: '$delay' is no number of seconds" ;; esac
[ -z "$summary" ] || : >"$summary" || exit 2

kind=${on%%:*} places=${on#*:}
case $on in
'') die 2 "--on says where the load comes from; see '$program --help'" ;;
local:* | slurm:*)
	case $places in '' | 0* | *[!0-9]* | ????*) die 2 "--on $on: '$places' is no number from 1 to 999" ;; esac
	places=$(seq -s ' ' "$places")
	;;
ssh:*)
	case $places in '' | ,* | *, | *,,* | -* | *,-* | *[!A-Za-z0-9._@:%,-]*) die 2 "--on $on: '$places' is no list of hosts" ;; esac
	places=$(echo "$places" | tr , ' ')
	;;
*) die 2 "--on $on: there is no '$kind'$(printf 'local\nssh\nslurm\n' | hint "$kind")" ;;
esac
case $kind in
ssh) needs=${ssh%% *} ;;
slurm) needs=${srun%% *} ;;
*) needs=$1 ;;
esac
command -v "$needs" >/dev/null || die 6 "there is no '$needs' here"

# --- one shard ----------------------------------------------------------------------------------

quoted() { # WORD... as one line for a shell
	for word; do printf "'%s' " "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")"; done
}

# start SHARD PLACE COMMAND...: the agent there, its standard input and output those of this function.
start() {
	shard=$1 place=$2
	shift 2
	set -- sh -c "$(cat "$share/spread/agent.sh")" chaos-spread "$shard" "$count" "$@"
	# shellcheck disable=SC2086 # the command of --ssh and --srun may have several words
	case $kind in
	local) exec "$@" ;;
	ssh)
		exec $ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=1 -o ServerAliveCountMax=2 \
			-T "$place" "exec $(quoted "$@")"
		;;
	slurm) exec $srun --ntasks=1 --unbuffered --quiet "$@" ;;
	esac
}

# clock: what the clock of the agent is ahead, and how far off that may be, in us: of the shortest of ten
# round trips. Ends with 1 if there is no answer. Empty lines come first, since who looked for signs of life may
# still take a byte.
clock() {
	best=
	for probe in 1 2 3 4 5 6 7 8 9 10; do
		sent=$(date +%s%N)
		printf '\n\nclock %s\n' "$probe" 2>/dev/null >&4 || return 1
		while :; do
			read -r word number there <&5 || return 1
			[ "$word $number" != "#clock $probe" ] || break
		done
		trip=$(($(date +%s%N) - sent))
		if [ -z "$best" ] || [ "$trip" -lt "$best" ]; then
			best=$trip ahead=$(((there - sent - trip / 2) / 1000))
		fi
	done
	bound=$((best / 2000 + 1))
	[ "$kind" != local ] || ahead=0 bound=0
}

tell() { printf '%s %s\n' "$1" "$shard" >"$tmp/status"; }
until_there() { # FILE: ends with 1 if the program has gone
	while [ ! -e "$1" ]; do
		kill -0 $$ 2>/dev/null || return 1
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
	until_there "$tmp/header" || return 1
	[ "$(cat "$tmp/header")" = "$1" ] || {
		printf '%s: %s: its rows have other columns; they are left out\n' "$program" "$name" >&2
		return 1
	}
}

drive() { # SHARD PLACE COMMAND...: from the first look at the clock to the last
	set +e
	trap '' PIPE
	shard=$1 name=$2
	[ "$kind" = ssh ] || name="$kind $1"
	own=$tmp/$shard
	(start "$@") <"$own.to" >"$own.from" 2>"$own.err" &
	# Text of others: without what a screen obeys.
	LC_ALL=C sed -u -e "s/^/$name: /" -e 's/[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80[\x8e\x8f\xa8-\xae]\|\xe2\x81[\xa6-\xa9]/ /g' \
		<"$own.err" >&2 &
	exec 4>"$own.to" 5<"$own.from"
	printf 'host\t%s\n' "$name" >"$own.out"
	if ! clock; then
		tell failed
		return
	fi
	printf 'ahead\t%s\nbound\t%s\n' "$ahead" "$bound" >>"$own.out"
	tell clock
	until_there "$tmp/start" || return 0
	read -r at <"$tmp/start"
	printf 'go %s\n' "$(seconds $((at + ahead)))" >&4
	while kill -0 $$ && printf . >&4 && sleep 0.5; do :; done 2>/dev/null &
	life=$!
	while read -r line <&5; do
		case $line in '#end '*) printf 'code\t%s\nrows\t0\n' "${line#* }" >>"$own.out" && break ;; '#'*) continue ;; esac
		if ! header "$line" || ! LC_ALL=C $awk -v "shift_us=$ahead" -v "out=$own.rows" \
			-f "$share/spread/rows.awk" <&5 2>"$own.why"; then tell closed; fi
		cat "$own.rows" >>"$own.out" 2>/dev/null
		break
	done
	kill $life 2>/dev/null
	if grep -q '^summary' "$own.out" && clock; then
		printf 'ahead_after\t%s\nbound_after\t%s\n' "$ahead" "$bound" >>"$own.out"
	fi
	tell ended
}

# --- all of them --------------------------------------------------------------------------------

seconds() { printf '%d.%06d\n' $(($1 / 1000000)) $(($1 % 1000000)); } # of microseconds

stop() { # The load ends, and what is under way comes in; at the second time this ends too.
	trap 'exit 130' INT TERM HUP
	for shard in $(seq "$count"); do printf 's\n' >"$tmp/$shard.to" & done
}

temporary_folder
awk='awk'
! command -v mawk >/dev/null || awk='mawk -W interactive'
count=$(echo "$places" | wc -w)
shard=0 running=$count ready=0 failed='' closed=''
mkfifo "$tmp/status"
exec 7<>"$tmp/status"
for place in $places; do
	shard=$((shard + 1))
	mkfifo "$tmp/$shard.to" "$tmp/$shard.from" "$tmp/$shard.err"
	drive "$shard" "$place" "$@" 7<&- &
done
trap stop INT TERM HUP
while [ "$running" -gt 0 ]; do
	read -r word shard <&7 || continue # a signal came
	case $word in
	clock) ready=$((ready + 1)) ;;
	failed)
		failed="$failed $(sed -n 's/^host\t//p' "$tmp/$shard.out")"
		ready=$((ready + 1))
		;;
	closed)
		[ -n "$closed" ] || stop
		closed=1
		;;
	ended) running=$((running - 1)) ;;
	esac
	if [ "$ready" -eq "$count" ]; then
		ready=0
		[ -z "$failed" ] || die 6 "no load was sent, since nothing came from:$failed"
		start=$(($(date +%s%N) / 1000 + $(echo "$delay" | awk '{ printf "%d", $1 * 1000000 }')))
		echo "$start" >"$tmp/start.new"
		mv "$tmp/start.new" "$tmp/start"
	fi
done

if [ -n "$closed" ]; then # a reader that has gone is no failure
	why=$(cat "$tmp"/*.why)
	case $why in *[Bb]'roken pipe'*) exit 0 ;; *) die 6 "cannot write: $why" ;; esac
fi

for shard in $(seq "$count"); do
	jq -nR --argjson shard "$shard" '
		reduce inputs as $l ({}; ($l | index("\t")) as $i | .[$l[:$i]] = $l[$i + 1:])
		| {shard: $shard, host, offset_ms: (.ahead | tonumber / 1000), error_ms: (.bound | tonumber / 1000),
			after_ms: (if .ahead_after then .ahead_after | tonumber / 1000 else null end),
			after_error_ms: (if .bound_after then .bound_after | tonumber / 1000 else null end),
			code: ((.code | select(. != null and test("^[0-9]{1,3}$")) | tonumber) // null), rows: (.rows // 0 | tonumber), last: (.last // ""),
			summary: ((.summary // "" | fromjson? | objects | select(.due and .nodes and .errors)) // null)}' "$tmp/$shard.out"
done | jq -s . >"$tmp/shards"
# Of a shard that was lost, what it had still to send is not measured.
jq -r --arg start "$(seconds "$start")" '
	([.[] | .summary | select(. != null) | .due] | max) as $due
	| ([.[] | .summary | select(. != null) | .duration_s] | max) as $duration
	| .[] | select(.summary == null and $due != null and $due > .rows)
	| "\($due - .rows) \(if .last == "" then $start else .last end) \(($start | tonumber) + $duration)"' "$tmp/shards" |
	awk -v "header=$(cat "$tmp/header" 2>/dev/null)" -f "$share/spread/unmeasured.awk"
jq -r --arg program "$program" '.[] | select(.summary == null) | "\($program): shard \(.shard) on \(.host) " +
	if .rows == 0 and .code != null then "ended with \(.code) and sent nothing"
	else "was lost after \(.rows) rows; what it had still to send is not measured" end' "$tmp/shards" >&2
[ -z "$summary" ] || ! jq -e 'any(.summary)' "$tmp/shards" >/dev/null ||
	jq --argjson start "$(seconds "$start")" -f "$share/spread/merge.jq" "$tmp/shards" >"$summary" || die 6 "cannot write '$summary'"
! jq -e 'any(.code == null or (.code == 0 and .summary == null))' "$tmp/shards" >/dev/null || exit 3
exit "$(jq 'map(.code) | max' "$tmp/shards")"
