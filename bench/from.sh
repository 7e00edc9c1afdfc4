#!/usr/bin/env bash
# chaos-from against Miller, which does the same conversion: 200,000 requests of a JTL of JMeter, of an access log of
# nginx and of the JSON of vegeta, by CPU time and on the clock.
#
#	bench/from.sh [ROWS]
# shellcheck source=bench/lib.sh
. "$(dirname "$0")/lib.sh"
rows=${1:-200000}
has mlr "rows a second" || exit 0

mkdir -p "$tmp/logs"
awk -v n="$rows" -v to="$tmp/logs" 'BEGIN {
	print "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect" >(to "/jmeter-csv")
	for (i = 0; i < n; i++) {
		s = int(i / 500); ms = 10 + i * 7919 % 140
		printf "%d%03d,%d,work,200,OK,users 1-1,text,true,,31,120,1,1,http://127.0.0.1:8001/work,12,0,0\n", 1795784723 + s, i % 500 * 2, ms >(to "/jmeter-csv")
		printf "127.0.0.1 - - [27/Nov/2026:13:%02d:%02d +0000] \"POST /work HTTP/1.1\" 200 31 \"-\" \"x\" 0.%03d\n", s / 60 % 60, s % 60, ms >(to "/nginx")
		printf "{\"attack\":\"\",\"seq\":%d,\"code\":200,\"timestamp\":\"2026-11-27T13:%02d:%02d.%03dZ\",\"latency\":%d000000,\"bytes_out\":2,\"bytes_in\":31,\"error\":\"\",\"body\":\"e30=\",\"method\":\"POST\",\"url\":\"http://127.0.0.1:8001/work\",\"headers\":null}\n", i, s / 60 % 60, s % 60, i % 500 * 2, ms >(to "/vegeta-json")
	}
}'

# timed NAME COMMAND…: user and system seconds of it and its children; those on the clock go to $tmp/NAME.wall.
timed() {
	local name=$1 TIMEFORMAT='%R %U %S'
	shift
	{ time "${with[@]}" "$@" >"$tmp/$name.out" 2>/dev/null; } 2>"$tmp/time"
	cut -d' ' -f1 "$tmp/time" >>"$tmp/$name.wall"
	awk '{ print $2 + $3 }' "$tmp/time"
}
# shellcheck disable=SC2016 # fields of Miller
mlr_s() {
	local as=(--icsv) make='$timestamp = $timeStamp / 1000; $node = $URL; $status_code = $responseCode; $latency_ms = $elapsed;
		$error = $success == "true" ? "" : "failed"; $op = $label'
	case $format in
	nginx)
		as=(--inidx --ifs ' ')
		make='$timestamp = strptime(substr1($4, 2, 21), "%d/%b/%Y:%H:%M:%S") - $13; $status_code = $9; $latency_ms = $13 * 1000; $op = $6;
			$bytes = $10; $node = ""; $error = ""'
		;;
	vegeta-json)
		as=(--ijsonl)
		make='$node = $url; $status_code = $code; $latency_ms = $latency / 1000000; $op = $method; $bytes = $bytes_in'
		;;
	esac
	timed mlr mlr "${as[@]}" --ocsv put "$make" 'then' cut -f timestamp,node,status_code,latency_ms,error,op,bytes "$log"
}
ours_s() { timed ours chaos-from "$format" <"$log"; }

for format in jmeter-csv nginx vegeta-json; do
	log=$tmp/logs/$format
	rm -f "$tmp"/*.wall
	turns mlr_s ours_s
	verdict "$format: rows a second of CPU time, chaos-from ($(calc "$rows / $b / 1e6") M) / mlr" "$ratio" '>=' 2
	verdict "$format: rows a second on the clock, chaos-from / mlr" \
		"$(calc "$(median <"$tmp/mlr.wall") / $(median <"$tmp/ours.wall")")" '>=' 2
	[ "$(wc -l <"$tmp/ours.out")" -eq "$(wc -l <"$tmp/mlr.out")" ] # the same rows, or it means nothing
done
exit $status
