# h2load: h2load --log-file=FILE
# guess: ^[0-9]{16}	-?[0-9]+	[0-9]+
# lacks: the node; a closed loop unless --rps paces it

BEGIN { FS = "\t" }
NR == 1 { header(1) }
NF < 3 || length($1) != 16 || $1 !~ /^[0-9]+$/ || $3 !~ /^[0-9]+$/ { bad(""); next }
{
	status = $2 > 0 ? $2 : ""
	row(substr($1, 1, 10) "." substr($1, 11), "", status, $3 / 1000, class(status, "", 0), "", "", "")
}
