#!/bin/sh
# Runs one load on several machines as shards of one schedule, on one clock, and joins their rows: on each
# machine runs share/spread/agent.sh, and here a driver for each shard, and share/spread/conduct.sh, which counts them.
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

# From here on this process takes signals and nothing else. It says them to the one that conducts the load, in its turn: that
# one, and all that it starts, ignore them. What a terminal sends to all of them thus ends nobody in the midst of something.
count=$(echo "$places" | wc -w)
job_name=''
at_end() {
	rm -rf "$tmp"
	[ "$part" = "$summary" ] || rm -f "$part"
	[ -z "$job_name" ] || delete_job
}
temporary_folder
[ "$kind" != kubernetes ] || make_job
{ mkfifo "$tmp/status"; } 2>/dev/null || die 6 "cannot write in '$tmp'"
exec 7<>"$tmp/status"
signals=0 conductor=''
heard() { # CODE
	echo "signal $1" >&7
	signals=$((signals + 1)) last=$1
	if [ "$signals" -gt 2 ] && [ -n "$conductor" ]; then kill -KILL "$conductor"; fi # it has been told twice
}
for code in HUP:129 INT:130 TERM:143; do
	# shellcheck disable=SC2064
	trap "heard ${code#*:}" "${code%:*}"
done
trap 'echo heard >&7' URG # of all signals that came before; their numbers are less
# shellcheck source=share/spread/conduct.sh
(. "$share/spread/conduct.sh") &
conductor=$!
while kill -0 $conductor 2>/dev/null; do wait $conductor 2>/dev/null || :; done # a signal ends the waiting alone
code=0
wait $conductor 2>/dev/null || code=$?
# Of one that was killed, what has outlived it takes the folder along.
[ "$code" -ne 137 ] || tmp=
[ "$signals" -lt 3 ] || code=$last
exit "$code"
