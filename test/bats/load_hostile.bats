# chaos-load and servers that mean harm: every answer, cut in pieces, is one row of its class; the
# program is the one built with sanitizers, so that a bad read or a leak ends it.

load helper
load load_helper

setup_file() {
	variant asan
}

setup() {
	scratch
}

teardown() {
	end_bg
}

# What each counts as, and what the server says before it closes the connection.
answers() {
	cat <<-'END'
		ok|HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok
		ok|HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok
		ok|HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok
		ok|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n
		ok|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a="b;c";d\r\nok\r\n0;z\r\n\r\n
		ok|HTTP/1.1 200 OK\r\n\r\nuntil the end
		ok|HTTP/1.0 200 OK\r\n\r\n
		ok|HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n
		ok|HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n
		ok|HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
		ok|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 a second answer\r\n\r\n
		http_4xx|HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno
		http_other|HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n
		closed|
		closed|HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok
		closed|HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\nok
		closed|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok
		closed|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n
		closed|HTTP/1.1 100 Go on\r\n\r\n
		closed|HTTP/1.1 200 OK\r\nContent-
		protocol|HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 2 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nX: y\rContent-Length: 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nContent-Length: 2\r\n 3\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nok
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n
		protocol|HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n
		protocol|HTTP/1.1 20 OK\r\n\r\n
		protocol|HTTP/1.1 2000 OK\r\n\r\n
		protocol|HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n
		protocol|HTTP/3.7 200 OK\r\n\r\n
		protocol|HTTP/1.1\r\n\r\n
		protocol|200 OK\r\n\r\n
		protocol|\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n
		protocol|SSH-2.0-OpenSSH_9.2\r\n
		protocol|\x16\x03\x01\x02\0\x01\0\x01\xfc
		protocol|<html>\r\n
		protocol|LONGLINE
		protocol|MANYLINES
		protocol|MANYTRAILERS
	END
}

many_lines() {
	yes $'X: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r' | head -n 6000
}

# What the table says by name, since it is long.
write_answer() {
	case $1 in
	LONGLINE) printf 'HTTP/1.1 200 OK\r\nX: %065600d\r\nContent-Length: 0\r\n\r\n' 0 ;;
	MANYLINES) printf 'HTTP/1.1 200 OK\r\n'; many_lines ;;
	MANYTRAILERS) printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n'; many_lines ;;
	*) printf '%b' "$1" ;;
	esac
}

# all_answers OPTIONS…: one slot each, on a connection of its own: the server closes it, and a request
# that meets that is another matter.
all_answers() {
	local want text n=0
	mkdir dir
	while IFS='|' read -r want text; do
		write_answer "$text" >"dir/$n"
		echo "/$n" >>targets
		echo "/$n $want $text" >>wanted
		n=$((n + 1))
	done < <(answers)
	bg dropper count "files:$SCRATCH/dir"
	wait_for 5 grep -q . "$BG_OUT"
	chaos-load -q "$@" --no-keep-alive --rps 200 --duration "$(bc -l <<<"$n / 200")" \
		--targets targets "http://127.0.0.1:$(cat "$BG_OUT")" >o.csv 2>err ||
		[ $? -eq 3 ] || fail "$(head -5 err)"
	whole o.csv "$n"
	# each was asked for once
	[ "$(cut -d' ' -f1 count.ids | sort -u | wc -l) $(cat count)" = "$n $n" ]
	awk -F, 'NR > 1 { sub(/^GET /, "", $7); print $7, $5 == "" ? "ok" : $5 }' o.csv >got
	run awk 'NR == FNR { got[$1] = $2; next } got[$1] != $2 { print "is " got[$1] ": " $0 }' got wanted
	assert_output ""
}

@test "hostile answers: each is one row of its class, without a bad read or a leak (own engine)" {
	all_answers --engine own
}

@test "hostile answers: each is one row of its class, without a bad read or a leak (libcurl)" {
	all_answers --engine curl
}

# What an answer has too much is not the beginning of the next one. A request that met it on the way got it as its
# answer, as nobody can tell.
no_second_answer() {
	local crossed=0
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 500 Not asked for\r\nContent-Length: 0\r\n\r\n' >answer
	rm -f count count.crossed
	bg dropper count stay:answer
	wait_for 5 grep -q . "$BG_OUT"
	chaos-load -q --engine "$1" --rps 10 --duration 1 "http://127.0.0.1:$(cat "$BG_OUT")" >o.csv 2>err ||
		[ $? -eq 3 ] || fail "$(head -5 err)"
	whole o.csv 10
	[ ! -e count.crossed ] || crossed=$(wc -l <count.crossed)
	awk -F, -v crossed="$crossed" 'NR > 1 && ($5 != "" || $3 != 200) { n++ } END { exit n > crossed }' o.csv || fail "$(cat o.csv)"
	[ "$(cat count)" = 10 ]
}
@test "hostile answers: two for one request are not for two requests (own engine)" { no_second_answer own; }
@test "hostile answers: two for one request are not for two requests (libcurl)" { no_second_answer curl; }

@test "hostile answers: to HEAD, and in a hurry to be gone" {
	bg dropper count garbage
	wait_for 5 grep -q . "$BG_OUT"
	chaos-load -q --rps 500 --duration 1 -X HEAD "http://127.0.0.1:$(cat "$BG_OUT")/" >o.csv 2>err ||
		[ $? -eq 3 ] || fail "$(head -5 err)"
	whole o.csv 500
	[ "$(classes o.csv)" = protocol=500 ]
}
