# shellcheck shell=sh
# One shard of a load, on the machine where it runs: started by chaos-spread as sh -c, with share/sh/began.sh in
# front of it; its words are the number of the shard, how many there are, what a word of the command that names file
# N of --send has in front of N, and the command. Standard input has
#	put N LENGTH	file N of --send follows, in so many bytes of base64; 0: the rates, for chaos-load --control
#	clock K		answered by "#clock K T", the UNIX time here in ns
#	go T		start the load; slot 0 is due at T, a UNIX time in seconds of the clock here
# and after a go a byte now and then as a sign of life, of which "s" ends the load. Standard output has what the load writes, then
# an empty line, "#summary JSON" and "#end CODE". The load ends with the signs of life, or with the byte "s".
shard=$1 of=$2 mark=$3
shift 3
exec 3<&0 4>&2 2>/dev/null # where sh would tell of signals
dir=
trap '[ -z "$dir" ] || rm -rf "$dir"' EXIT
trap : TERM INT HUP # the link or a byte ends it
folder() { [ -n "$dir" ] || dir=$(mktemp -d 2>&4) || exit 6; }
answer() { # until a go comes
	while read -r word rest <&3; do
		case $word in
		put) folder && head -c "${rest#* }" <&3 | base64 -d 2>&4 >"$dir/${rest%% *}" || exit 6 ;;
		clock) echo "#clock $rest $(date +%s%N)" ;;
		go) return ;;
		esac
	done
	exit 0
}
answer
trap '' TERM INT HUP # also for what is started here besides the load; none of that is to fail
folder
for word; do
	shift
	case $word in *"$mark"[1-9]*) word=${word%"$mark"*}$dir/${word##*"$mark"} ;; esac
	set -- "$@" "$word"
done
input=/dev/null
[ ! -e "$dir/0" ] || { input=$dir/0 && set -- "$@" --control; }
(trap - TERM INT HUP && exec "$@" --shard "$shard/$of" --start-at "$rest" --resume --summary "$dir/summary") <"$input" 2>&4 3<&- 4>&- &
load=$!
exec 4>&-
# still: whether its pid is not another's, as it may be when this sh was killed. No program is started for it, since that
# takes time on a busy machine, in which the load goes on.
born() {
	since=
	read -r stat <"/proc/$load/stat" || return 0
	# shellcheck disable=SC2086 # its words
	set -- ${stat##*) }
	since=${20}
}
still() { born && [ "$since" = "$born" ]; }
born
born=$since
trap '' PIPE # the link may be gone, and the file must not stay
(
	sign() { # three looks: what stands still together with who gives the signs, as a whole machine, misses one of them
		for _ in 1 2 3; do
			! byte=$(timeout -s KILL 0.5 head -c 1 <&3 2>&1) || break
			byte=
		done
		[ -n "$byte" ]
	}
	while still && sign && [ "$byte" != s ]; do :; done
	until began "$load" || ! sign; do :; done
	! still || kill -TERM "$load" # sh lets what it starts with & ignore SIGINT, until the load itself takes it
	while [ -n "$byte" ] && still && sign; do :; done # as long as who wants its last rows is there
	looks=20
	while [ $looks -gt 0 ] && still; do sleep 0.1 && looks=$((looks - 1)); done
	! still || kill -KILL "$load" # it stands still
	kill -0 $$ || rm -rf "$dir" # what started it was killed
) >/dev/null 2>&1 & # with no copy of standard output, whose end is that of the load
watch=$!
code=0
wait "$load" || code=$?
wait "$watch" # one that was killed would leave a program behind that takes a byte of what comes next
echo # a row may be torn
[ ! -s "$dir/summary" ] || echo "#summary $(tr -d '\n' <"$dir/summary")"
echo "#end $code"
answer
