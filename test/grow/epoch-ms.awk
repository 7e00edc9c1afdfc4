# epoch-ms: a filter as HACKING.md has it added: lines "EPOCH_MS LATENCY_MS STATUS"
# guess: ^[0-9]{13} [0-9.]+ [0-9]{3}$
# lacks: the node
NR == 1 { header(1) }
NF == 3 { row(epoch($1), "", $3, $2, class($3, "", 0), "", "", ""); next }
{ bad("") }
