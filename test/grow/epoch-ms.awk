# A filter as HACKING.md has it added: lines "EPOCH_MS LATENCY_MS STATUS" become samples.
BEGIN { print "timestamp,latency_ms,status_code" }
NF == 3 { printf "%.3f,%s,%s\n", $1 / 1000, $2, $3 }
