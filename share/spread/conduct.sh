# Conducts the shards of chaos-spread: starts their drivers, tells them when slot 0 is due, and joins what they did. Sourced,
# with the variables of chaos-spread set, in a process that no signal ends: they come as lines of "$tmp/status".
# shellcheck shell=sh disable=SC2154,SC2034

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

trap '' HUP INT TERM # they come on the FIFO
trap 'exit 141' PIPE
head -c 65536 /dev/zero 2>/dev/null >"$tmp/room" || die 6 "cannot write in '$tmp'"
rm "$tmp/room"
lock_folder
awk='awk'
! command -v mawk >/dev/null || awk='mawk -W interactive'
shard=0 running=$count ready=0 failed='' closed='' start='' asked='' early='' begins='' signal=''
[ -n "$control" ] || begins=now
reader='' ticker='' drivers='' died=''
leave() { # when the drivers have ended, or are ended
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
} 2>/dev/null
trap leave EXIT
[ -z "$control" ] || { begin <&3 1<>"$tmp/status" 7<&- 8>&- 9>&- & reader=$!; }
for place in $places; do
	shard=$((shard + 1))
	drive "$shard" "$place" "$@" 3<&- 7<&- 8>&- 9>&- &
	drivers="$drivers $shard:$!"
done
# Of one that was killed, the last driver takes the folder along.
(
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
	read -r word shard <&7
	kill -0 $$ 2>/dev/null || exit 137
	case $word in
	signal)
		[ -z "$signal" ] || exit "$shard" # at the second this ends too
		signal=$shard
		stop "$shard"
		;;
	clock) ready=$((ready + 1)) ;;
	failed)
		: >"$tmp/$shard.ended"
		failed="$failed $(sed -n 's/^.*\thost\t//p' "$tmp/$shard.0.out")"
		ready=$((ready + 1))
		;;
	heard) die 6 "no load was sent, since nothing came from:$failed" ;;
	closed | over) stop 130 ;;
	start) begins=${shard:-now} ;;
	ended) running=$((running - 1)) && : >"$tmp/$shard.ended" ;;
	look) look_at_drivers ;;
	esac
	if [ "$ready" = "$count" ] && [ -n "$failed" ]; then
		ready=failed
		kill -URG $$ # a signal that ended places, too, is told before the answer
	elif [ "$ready" = "$count" ]; then
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
