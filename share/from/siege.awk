# siege: what siege prints with 'verbose = true' and 'timestamp = true' in its siegerc
# guess: ^(.{0,9}\[[A-Z][a-z]{2}, [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\] )?.{0,9}HTTP/[0-9.]+ +[0-9]{3} +[0-9.]+ secs: |^New configuration template added to .*siege$
# lacks: requests without an answer, which it counts but does not list; times to less than a second; a closed loop

NR == 1 { header(1, "no_unanswered closed_loop") }

# [Fri, 2026-11-27 12:49:12] HTTP/1.1 200     0.04 secs:      31 bytes ==> POST http://...; of the end
/ secs: / {
	gsub(/\033\[[0-9;]*m/, "")
	if (!match($0, /HTTP\/[0-9.]+ +[0-9]+ +[0-9.]+ secs: +[0-9]+ bytes ==> /)) {
		bad("")
		next
	}
	split(substr($0, RSTART, RLENGTH), W, " ")
	split(substr($0, RSTART + RLENGTH), U, " ")
	if (substr($0, 1, 1) != "[") {
		note("its lines have no time: set 'timestamp = true' in its siegerc")
		exit fatal = 2
	}
	t = epoch(substr($0, 2, index($0, "]") - 2))
	if (t == "") {
		bad("")
		next
	}
	row(began(t, W[3] * 1000), origin(U[2]), W[2], W[3] * 1000, class(W[2], "", 0), U[1] " " path(U[2]), W[5], "")
	next
}
!/^$|^New configuration|^Run siege|^\*\*|^The server|^Lifting|^(\{|\}|	")|^[A-Z][A-Za-z ]+:[ \t]|done\.$|errors?:/ { bad("") }
