# Marks of the rows that succeeded, as chaos-audit --save keeps them: marks.awk samples.csv > marks.jsonl. Slots in their order.
# With -v lost=N without that of every N-th slot.
function flush() { if (piece != "") { while (nib < 65536) { hex = hex sprintf("%x", acc); acc = 0; nib++ } printf "{\"server\":0,\"piece\":%d,\"bits\":\"%s\"}\n", piece, hex } hex = ""; nib = 0; acc = 0 }
BEGIN { FS = ","; print "{\"schema\":\"chaos-audit-marks/1\",\"prefix\":\"m\",\"piece_bits\":262144,\"quiet\":true,\"waited_s\":0,\"how\":\"of the rows\",\"servers\":[{\"node\":\"redis://127.0.0.1:1\",\"role\":\"primary\",\"offset\":0}]}" }
NR > 1 {
	p = int($9 / 262144); b = $9 % 262144
	if (p != piece || piece == "") { flush(); piece = p }
	while (nib < int(b / 4)) { hex = hex sprintf("%x", acc); acc = 0; nib++ }
	if ($5 == "" && !(lost && $9 % lost == 0)) acc += 2 ^ (3 - b % 4)
}
END { flush() }
