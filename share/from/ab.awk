# ab: ab -g FILE
# guess: ^starttime	seconds	
# lacks: statuses and failures; starts to less than a second; a closed loop

BEGIN { FS = "\t" }
NR == 1 {
	header(0, "no_failures closed_loop")
	next
}
NF < 6 || $2 !~ /^[0-9]+$/ || $5 !~ /^[0-9]+$/ { bad(""); next }
{ row($2, "", "", $5, "", "", "", "") }
