#!/bin/sh
# Runs one load on several machines as shards of one schedule, on one clock, and joins their rows: on each
# machine runs share/spread/agent.sh, and here a driver for each shard.
set -eu
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
program=chaos-spread version=@VERSION@

usage() {
	cat <<-END
	$program: one load from several machines

	Usage: $program --on PLACES [options] -- chaos-load ... > samples.csv

	PLACES:
	  local:N                   N processes on this machine
	  ssh:HOST,HOST,...         a process on each host, by ssh
	  slurm:N                   N tasks by srun, each a step of the allocation, if there is one
	  kubernetes:N              N pods of an Indexed Job, made for this and deleted behind it

	Examples:
	  $program --on local:2 -- chaos-load -r 100000 -d 30s http://127.0.0.1:8001/ > samples.csv
	  $program --on ssh:web1,web2 --summary load.json -- chaos-load -r 500 -d 1m http://192.0.2.7/ > samples.csv

	Options:
	      --on PLACES           where the load comes from; a host may be named twice
	      --summary FILE        write the load summary of all shards to this file
	      --send FILE           take a file along, for the load to read its copy
	      --again N             how often a shard that was lost is made again (3)
	      --delay SECONDS       from the last measurement of a clock to slot 0 (2)
	      --ssh COMMAND         how to call ssh, as 'ssh -F config' (ssh)
	      --srun COMMAND        how to call srun, as 'srun -p short' (srun)
	      --kubectl COMMAND     how to call kubectl, as 'kubectl -n load' (kubectl)
	      --image IMAGE         what the pods run (chaos-toolkit:${version%% *})
	      --job FILE            a template of the Job, in place of the shipped one
	      --control             rates, start and end come on standard input
	      --events FILE         say there, as JSON Lines, when all places are ready
	      --check               check the options and end
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1).
	END
}

share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"
# shellcheck source=share/spread/shard.sh
. "$share/spread/shard.sh"
options='--on --summary --send --again --delay --ssh --srun --kubectl --image --job --control --events --check --help --version'
on='' summary='' events='' control='' check='' sent=0 again=3 delay=2 ssh=${CHAOS_SSH:-ssh} srun=srun kubectl=kubectl image=chaos-toolkit:${version%% *} job=$share/spread/job.yaml
for word; do # what stands behind -- is for the load
	[ "$word" != -- ] || break
	asked "$word"
done
while [ $# -gt 0 ]; do
	word=$1
	shift
	case $word in
	--) break ;;
	--control) control=1 ;;
	--check) check=1 ;;
	--send | --send=*)
		[ "$word" != --send ] || [ $# -gt 0 ] || die 2 "option '$word' needs a value"
		[ "$word" != --send ] || { word=--send=$1 && shift; }
		sent=$((sent + 1))
		eval "sent_$sent=\${word#*=}"
		;;
	--on | --summary | --events | --again | --delay | --ssh | --srun | --kubectl | --image | --job)
		[ $# -gt 0 ] || die 2 "option '$word' needs a value"
		eval "${word#--}=\$1"
		shift
		;;
	--on=* | --summary=* | --events=* | --again=* | --delay=* | --ssh=* | --srun=* | --kubectl=* | --image=* | --job=*)
		name=${word%%=*}
		eval "${name#--}=\${word#*=}"
		;;
	-*) unknown_option "${word%%=*}" ;;
	*) die 2 "unexpected '$word': the command comes after --; see '$program --help'" ;;
	esac
done
[ $# -gt 0 ] || die 2 "no command is given: 'chaos-load …' comes after --; see '$program --help'"
for word; do
	case $word in
	--shard | --shard=* | --start-at | --start-at=* | --resume | --summary | --summary=* | --control)
		die 2 "the load cannot have '$word': $program sets it"
		;;
	esac
done
case $delay in '' | *[!0-9.]* | *.*.* | .) die 2 "--delay: '$delay' is no number of seconds" ;; esac
case $again in '' | *[!0-9]* | ????*) die 2 "--again: '$again' is no number from 0 to 999" ;; esac

kind=${on%%:*} places=${on#*:}
case $on in
'') die 2 "--on says where the load comes from; see '$program --help'" ;;
local:* | slurm:* | kubernetes:*)
	case $places in '' | 0* | *[!0-9]* | ????*) die 2 "--on $on: '$places' is no number from 1 to 999" ;; esac
	places=$(seq -s ' ' "$places")
	;;
ssh:*)
	case $places in '' | ,* | *, | *,,* | -* | *,-* | *[!A-Za-z0-9._@:%,-]*) die 2 "--on $on: '$places' is no list of hosts" ;; esac
	places=$(echo "$places" | tr , ' ')
	;;
*) die 2 "--on $on: there is no '$kind'$(printf 'local:N\nssh:HOST,...\nslurm:N\nkubernetes:N\n' | hint "$kind")" ;;
esac
case $kind in
ssh) needs=${ssh%% *} ;;
slurm) needs=${srun%% *} ;;
kubernetes)
	needs=${kubectl%% *}
	case $image in '' | *[!A-Za-z0-9._/:@-]*) die 2 "--image: '$image' is no name of an image" ;; esac
	[ -f "$job" ] || die 2 "--job: there is no file '$job'"
	# shellcheck source=share/spread/kubernetes.sh
	. "$share/spread/kubernetes.sh"
	;;
*) needs=$1 ;;
esac
command -v "$needs" >/dev/null || die 6 "there is no '$needs' here"
mark=//$(od -An -N 8 -tx1 /dev/urandom | tr -d ' \n')/ # nothing else has it
files='' i=0
put() { # N: standard input as that file
	text=$(base64 -w 0)
	files="${files}put $1 ${#text}
$text
"
}
while [ "$i" -lt "$sent" ]; do # the command names them as its places will
	i=$((i + 1))
	eval "word=\$sent_$i"
	file=$word
	if [ ! -r "$file" ] || [ -d "$file" ]; then die 2 "--send: cannot read '$file'"; fi
	put "$i" <"$file"
	for word; do
		shift
		case $word in
		"$file" | "@$file" | --*="$file" | --*="@$file")
			name=${word%"$file"}
			case ${name%@} in *=*=) ;; *) word=$name$mark$i ;; esac
			;;
		esac
		set -- "$@" "$word"
	done
done
case $events in
fd: | fd:*[!0-9]* | fd:????*) die 2 "--events $events: a descriptor is a number, as in fd:5" ;;
fd:*) events=/dev/fd/${events#fd:} ;;
esac
[ -z "$check" ] || exit 0
part=$summary # of a file: it has its name when it is whole
if [ -n "$summary" ]; then
	is_special "$summary" || { summary=$(readlink -f -- "$summary") && part=$summary.part; } || die 2 "--summary: there is no such folder"
	: >>"$part" || exit 2
	[ "$part" = "$summary" ] || rm -f "$summary" "$part" || exit 2
fi
if [ -n "$summary" ] && [ "$part" = "$summary" ]; then exec 6>>"$part"; else exec 6<&-; fi # as of events, below
if [ -n "$events" ]; then # seen from a child, since at that number this shell may have a file of its own
	sh -c ': >>"$0"' "$events" 2>/dev/null || die 2 "--events: cannot write '$events'"
	exec 8>>"$events"
fi
exec 4<&- 5<&- 9<&- # what was handed over has been read

# The commands of --control: first all rates, as chaos-load takes them; then 'start T HERE'. At the end of input the
# load ends.
if [ -n "$control" ]; then
	plan='' line=''
	while [ "${line% stop}" = "$line" ]; do
		read -r line || die 2 "--control: the commands end before '@S stop'"
		case $line in @*) ;; *) die 2 "--control: '$line' is not due at a time: '@S rate N', '@S ramp N M DURATION', '@S stop'" ;; esac
		plan="$plan$line
"
	done
	put 0 <<-END
		$plan
	END
fi
exec 3<&0
begin() { # commands on standard input
	while read -r word rest; do [ "$word" != start ] || printf 'start %s\n' "$rest"; done
	echo over
}

seconds() { printf '%d.%06d\n' $(($1 / 1000000)) $(($1 % 1000000)); } # of microseconds

stop() { # CODE: the load ends, and what is under way comes in: each driver tells its place.
	[ ! -e "$tmp/stopped" ] || return 0
	: >"$tmp/stopped"
	asked=$1
	[ -n "$start" ] && [ "$(date +%s%N)" -ge "${start}000" ] || early=$1
	[ -n "$start" ] || exit "$early"
}

# A driver that died by itself ends the whole load, and counts as ended when its rows are in, or 5 s later. It is
# believed at the second look, since what it wrote before its end is read by then.
look_at_drivers() {
	date >/dev/null # until then the shell may not know of its dead
	for driver in $drivers; do
		shard=${driver%:*}
		if [ -e "$tmp/$shard.ended" ] || kill -0 "${driver#*:}" 2>/dev/null; then continue; fi
		looks=$(($(cat "$tmp/$shard.died" 2>/dev/null || echo 0) + 1))
		echo $looks >"$tmp/$shard.died"
		if [ $looks -eq 2 ]; then
			echo "$program: the process that drives shard $shard died; the load ends" >&2
			died=6
			stop 6
		elif [ $looks -gt 2 ] && { [ $looks -gt 7 ] || grep -qs '	rows	' "$tmp/$shard".*.out; }; then
			echo "ended $shard" >&7
		fi
	done
}

temporary_folder
head -c 65536 /dev/zero 2>/dev/null >"$tmp/room" || die 6 "cannot write in '$tmp'"
rm "$tmp/room"
lock_folder
awk='awk'
! command -v mawk >/dev/null || awk='mawk -W interactive'
count=$(echo "$places" | wc -w)
shard=0 running=$count ready=0 failed='' closed='' start='' asked='' early='' begins=''
[ -n "$control" ] || begins=now
mkfifo "$tmp/status"
exec 7<>"$tmp/status"
reader='' ticker='' drivers='' died=''
leave() { # when the drivers have ended, or are ended
	trap '' INT TERM HUP
	: >"$tmp/stopped"
	kill -KILL ${reader:+"$reader"} ${ticker:+"$ticker"} || :
	looks=20 left=$drivers
	[ -z "$start" ] || looks=3 # at the second signal: they have had their time
	while [ "$looks" -gt 0 ] && [ -n "$left" ]; do
		sleep 0.1
		looks=$((looks - 1)) left=''
		for driver in $drivers; do ! kill -0 "${driver#*:}" || left="$left ${driver#*:}"; done
	done
	# shellcheck disable=SC2086
	[ -z "$left" ] || kill -KILL $left || :
	while [ "$looks" -gt 0 ] && ls -d "$tmp"/tmp.*; do sleep 0.1 && looks=$((looks - 1)); done >/dev/null # of loads here, which end
	rm -rf "$tmp" || { sleep 1 && rm -rf "$tmp"; } || :
	[ "$part" = "$summary" ] || rm -f "$part"
} 2>/dev/null
trap leave EXIT
[ "$kind" != kubernetes ] || make_job
for code in HUP:129 INT:130 TERM:143; do # at the second signal this ends too
	# shellcheck disable=SC2064
	trap "trap 'exit ${code#*:}' HUP INT TERM; stop ${code#*:}" "${code%:*}"
done
[ -z "$control" ] || { (trap '' INT TERM HUP && begin) <&3 1<>"$tmp/status" 7<&- 8>&- 9>&- & reader=$!; }
for place in $places; do
	shard=$((shard + 1))
	drive "$shard" "$place" "$@" 3<&- 7<&- 8>&- 9>&- &
	drivers="$drivers $shard:$!"
done
# Of one that was killed, the last driver takes the folder along.
(
	trap '' INT TERM HUP
	while kill -0 $$ && sleep 1; do echo look; done
	looks=10
	while [ $looks -gt 0 ]; do
		looks=$((looks - 1)) left=''
		for driver in $drivers; do ! kill -0 "${driver#*:}" || left=1; done
		[ -n "$left" ] || break
		sleep 1
	done
	rm -rf "$tmp"
) 3<&- 7<&- 8>&- 1<>"$tmp/status" 2>/dev/null & ticker=$!
while [ "$running" -gt 0 ]; do
	read -r word shard <&7 || continue # a signal came
	case $word in
	clock) ready=$((ready + 1)) ;;
	failed)
		: >"$tmp/$shard.ended"
		failed="$failed $(sed -n 's/^.*\thost\t//p' "$tmp/$shard.0.out")"
		ready=$((ready + 1))
		;;
	closed | over) stop 130 ;;
	start) begins=${shard:-now} ;;
	ended) running=$((running - 1)) && : >"$tmp/$shard.ended" ;;
	look) look_at_drivers ;;
	esac
	if [ "$ready" = "$count" ]; then
		[ -z "$failed" ] || die 6 "no load was sent, since nothing came from:$failed"
		ready=all
		[ -z "$events" ] || printf '{"t":%s,"event":"load_ready","on":"%s","shards":%s}\n' \
			"$(seconds $(($(date +%s%N) / 1000)))" "$on" "$count" >&8 || die 6 "cannot write '$events'"
	fi
	if [ "$ready" = all ] && [ -n "$begins" ] && [ -z "$start" ]; then
		[ "$begins" != now ] || begins=$(($(date +%s%N) / 1000 + $(echo "$delay" | awk '{ printf "%d", $1 * 1000000 }')))
		start=${begins%% *} as=${begins##* }
		echo "$start $as $(steady)" >"$tmp/start.new" || die 6 "cannot write in '$tmp'"
		mv "$tmp/start.new" "$tmp/start"
	fi
done

if ls "$tmp"/*.closed >/dev/null 2>&1; then # a reader that has gone is no failure
	! cat "$tmp"/*.killed >&2 2>/dev/null || exit 6
	why=$(cat "$tmp"/*.why)
	case $why in *[Bb]'roken pipe'*) exit 0 ;; *) die 6 "cannot write: $why" ;; esac
fi

start=$(seconds "$as")
cat "$tmp"/*.out | jq -nR --argjson start "$start" -f "$share/spread/shards.jq" >"$tmp/shards" ||
	die 6 "cannot tell what the shards did"
# Of all shards: whether there are rows, something to say and a summary; and the exit code.
of_all=$(jq -r '[any((.rows // 0) > 0), any(.said), any(.summary),
	if any(.code == null or (.said != null and (.code == 0 or .code >= 128))) then "lost" else map(.code) | max end] | join(" ")' "$tmp/shards") ||
	die 6 "cannot tell what the shards did"
read -r rows said summaries code <<-END
	$of_all
END
[ "$rows" = false ] || early=
if [ -z "$early" ] && [ "$said" = true ]; then # else nothing was due, or all of it came
	jq -r '.[].gaps[] | "\(.count) \(.from) \(.to)"' "$tmp/shards" |
		awk -v "header=$(cat "$tmp/header" 2>/dev/null)" -f "$share/spread/unmeasured.awk"
	jq -r --arg program "$program" '.[].said | select(. != null) | "\($program): \(.)"' "$tmp/shards" >&2
fi
if [ -n "$summary" ] && [ "$summaries" = true ]; then
	[ "$part" = "$summary" ] || exec 6>"$part" || exit 6
	jq --argjson start "$start" -f "$share/spread/merge.jq" "$tmp/shards" >&6 || die 6 "cannot write '$summary'"
	[ "$part" = "$summary" ] || mv "$part" "$summary" || die 6 "cannot write '$summary'"
fi
[ -z "$early" ] || exit "$early" # before slot 0, which is nobody's fault
[ -z "$died" ] || exit 6
[ "$code" != lost ] || exit 3
if [ "$code" -ge 128 ]; then exit "${asked:-$code}"; fi # whatever signal their places have passed on
exit "$code"
