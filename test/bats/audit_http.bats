# chaos-audit on stores over HTTP: of what was lost all is reported and nothing else, and what an answer does not tell is not guessed.
bats_require_minimum_version 1.5.0

load helper
load load_helper
load analyze_helper

setup() {
	scratch
	variant brief # reads of what is absent are a fifth as far apart
	free_ports 3
	A=${PORTS[0]} B=${PORTS[1]} NOBODY=${PORTS[2]}
	export SCHEMA=$ROOT/schema/audit.schema.json
}

teardown() {
	end_bg
}

store_on() {
	bg "$ROOT/test/support/store.py" "$1"
	wait_for 10 http_up "$1" /all/x
}

# items VERB PORT: does that to the slots on stdin.
items() { sed "s|.*|http://127.0.0.1:$2/items/1-&|" | xargs curl -fsS -X "$1"; }

# audit STATUS [options]: of the store on A as the options say, into audit.json.
audit() {
	run "-$1" --separate-stderr chaos-audit --rps 20000 "${@:2}" <s.csv
	assert_equal "$stderr" ""
	printf '%s\n' "$output" >audit.json
	valid audit.json
}
counts() { jq -r '[.acknowledged, .lost, .phantom, .recovered, .in_doubt, .unreplicated] | map(tostring) | join(" ")' audit.json; }

@test "a store that loses k writes: exactly these are reported; what it does not tell is in doubt; again from files" {
	local k get='GET /items/{seed}-{slot}'
	store_on "$A"
	load_rows -r 400 -d 1 -X PUT --summary s.json --audit-http "$get" "http://127.0.0.1:$A/items/{seed}-{slot}" >s.csv
	whole s.csv 400
	assert_equal "$(jq -c .audit s.json)" '{"op":"PUT /items/{seed}-{slot}","read":"GET /items/{seed}-{slot}"}'
	mkdir -p runs/r
	cp s.json runs/r/load.json
	cp s.csv runs/r/samples.csv
	audit 0 --run-id r
	assert_equal "$(counts)" "400 0 0 0 0 0"
	assert_equal "$(jq -c '[.read, .prefix, .quiet.servers]' audit.json)" \
		"[\"GET /items/{seed}-{slot}\",null,[{\"node\":\"http://127.0.0.1:$A\",\"role\":\"store\"}]]"
	for k in 1 17; do
		shuf -i 0-399 -n "$k" --random-source=<(yes "$k") | sort -n >gone
		items LOSE "$A" <gone
		audit 1 --audit-http "$get" --list list.csv --save "m$k" "http://127.0.0.1:$A"
		assert_equal "$(counts)" "400 $k 0 0 0 0"
		diff gone <(awk -F, 'NR > 1 { print $1 }' list.csv | sort -n)
		items PUT "$A" <gone
	done
	audit 1 --from m17
	assert_equal "$(counts)" "400 17 0 0 0 0"
	# a store that answers 200 to everything needs a text; without, what nobody wrote is there as well
	items LOSE "$A" <gone
	audit 1 --audit-http '{"path": "/all/{seed}-{slot}", "contains": "true"}' "http://127.0.0.1:$A"
	assert_equal "$(counts)" "400 17 0 0 0 0"
	audit 3 --audit-http 'GET /all/{seed}-{slot}' "http://127.0.0.1:$A"
	[[ $(jq -r .reasons[0] audit.json) == "'http://127.0.0.1:$A' has slot 400 as well, "* ]]
	assert_equal "$(counts)" "400 0 0 0 400 0"
	# another status than 200 and 404 tells nothing; it is asked again, and what is known is known
	echo 5 | items BREAK "$A"
	echo "$get" >asked # a file keeps what may be secret from the command line
	audit 1 --timeout 2s --audit-http @asked "http://127.0.0.1:$A"
	assert_equal "$(counts)" "400 $((17 - $(grep -cx 5 gone || true))) 0 0 1 0"
	assert_says "$(jq -r .reasons[0] audit.json)" reads 1 "'http://127.0.0.1:$A'" "slot 5" 503
	echo 5 | items HEAL "$A"
	# a path under which nothing can be is no proof that all is lost; a header may be a secret
	audit 3 --audit-http '{"path": "/item/x{slot}", "headers": {"Authorization": "geheim"}}' "http://127.0.0.1:$A"
	assert_says "$(jq -r .reasons[0] audit.json)" "no read" "'GET /item/x{slot}'"
	run -0 chaos-load -r 1 -d 1 --check --audit-http @asked -X PUT "http://127.0.0.1:$A/items/{seed}-{slot}"
	printf '%s\n' "$get" "$get" >two
	run -2 --separate-stderr chaos-audit --audit-http @two "http://127.0.0.1:$A" <s.csv
	assert_says "$stderr" chaos-audit: --audit-http: "one line"
	run -2 --separate-stderr chaos-audit --audit-http @none "http://127.0.0.1:$A" <s.csv
	assert_says "$stderr" chaos-audit: --audit-http: "'none'" "No such file or directory"
	# two nodes of a store that do not agree; and one that does not answer
	store_on "$B"
	seq 0 9 | items PUT "$B"
	audit 1 --audit-http "$get" "http://127.0.0.1:$A" "http://127.0.0.1:$B"
	[[ $(jq -r .reasons[0] audit.json) == *" writes are there by one node and not by another" ]]
	items LOSE "$A" < <(seq 0 399)
	seq 0 398 | items PUT "$A"
	seq 0 399 | items PUT "$B"
	audit 3 --audit-http "$get" "http://127.0.0.1:$A" "http://127.0.0.1:$B"
	assert_equal "$(counts)" "400 0 0 0 1 0"
	audit 3 --timeout 1s --audit-http "$get" "http://u:geheim@127.0.0.1:$NOBODY"
	[[ $(jq -r .reasons[0] audit.json) == "reads without a usable answer: 401, the last from 'http://127.0.0.1:$NOBODY' of slot "*": "*refused* ]]
	run ! grep -q geheim audit.json
}

@test "writes that were never sent and are there: the store has those of another load" {
	store_on "$A"
	load_rows -r 100 -d 0.5 -X PUT "http://127.0.0.1:$A/items/{slot}" >s.csv
	awk -F, -v OFS=, 'NR > 1 && $9 < 10 { $3 = ""; $5 = "refused" } 1' s.csv >t.csv
	run -3 --separate-stderr chaos-audit --text --audit-http 'GET /items/{slot}' "http://127.0.0.1:$A" <t.csv
	assert_line_says "$output" "10 writes" "never sent" "another load" "10 phantom"
	# what a user types wrong
	local says
	while IFS='|' read -ra says; do
		run -2 --separate-stderr chaos-audit --audit-http "${says[0]}" "http://127.0.0.1:$A" <s.csv
		assert_says "$stderr" chaos-audit: --audit-http: "${says[@]:1}"
	done <<-'END'
		GET /items/7|no {slot}
		GTE /items/{slot}|column 1:|'GTE'|method|'GET'?
		GET|'GET'|URL|path
		{"path": "/items/{slot}", "contain": "x"}|key 'contain'|'contains'?
		/items/{slto}|column 1:|'{slto}'|placeholder|'{slot}'?
	END
	run -2 --separate-stderr chaos-audit --audit-http 'GET /items/{slot}' "redis://127.0.0.1:$A" <s.csv
	assert_says "$stderr" chaos-audit: --audit-http HTTP "'redis://127.0.0.1:$A'" not
	awk -F, -v OFS=, 'NR == 9 { $7 = "POST /items/{slot}" } 1' s.csv >t.csv
	run -2 --separate-stderr chaos-audit --audit-http 'GET /items/{slot}' "http://127.0.0.1:$A" <t.csv
	[[ $stderr == "chaos-audit: "*"'PUT /items/{slot}' and 'POST /items/{slot}'"*"--op"* ]]
	run -2 --separate-stderr chaos-load -r 1 -d 1 --audit-http 'GET /items/{slot}' "http://127.0.0.1:$A/items/{slot}"
	assert_says "$stderr" chaos-load: --audit-http writes "{slot}" path body
	run -2 --separate-stderr chaos-load -r 1 -d 1 --audit "http://127.0.0.1:$A/items/{slot}"
	assert_says "$stderr" chaos-load: --audit Redis "'http://127.0.0.1:$A'" "--audit-http 'GET /items/{slot}'"
}

@test "chaos-audit is stopped for longer than --timeout: that is no silence of the store" {
	store_on "$A"
	load_rows -r 100 -d 0.5 -X PUT "http://127.0.0.1:$A/items/{slot}" >s.csv
	echo 7 | sed "s|.*|http://127.0.0.1:$A/items/&|" | xargs curl -fsS -X LOSE
	# two seconds of reads
	bg sh -c 'exec chaos-audit --rps 25 --timeout 1500ms --audit-http "GET /items/{slot}" "$@" <s.csv' - "http://127.0.0.1:$A"
	wait_for 5 asks "$BG_PID"
	kill -STOP "$BG_PID"
	sleep 2
	kill -CONT "$BG_PID"
	local rc=0
	wait "$BG_PID" || rc=$?
	assert_equal "$rc $(<"$BG_ERR")" "1 "
	cp "$BG_OUT" audit.json
	assert_equal "$(counts)" "50 1 0 0 0 0"
}
# asks PID: it has connections.
asks() { [[ $(readlink /proc/"$1"/fd/*) == *socket:* ]]; }
