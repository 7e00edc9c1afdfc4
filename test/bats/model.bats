#!/usr/bin/env bats
# chaos-llm with a model: the wire, what goes wrong on it, what leaves the machine, and the key. The other side
# is a double that speaks the real wire format (test/support/llmdouble.c).

bats_require_minimum_version 1.5.0
load helper

setup() {
	scratch
	mkdir d runs runs/run1
	awk -v dur=25 -v rps=50 -v k0=10 -v k1=18.3 -v dead=0 -f "$ROOT/test/golden/plot/samples.awk" > samples.csv
	awk -v n=1 -v at=10 -v length_s=8 -v gap=2 -f "$ROOT/test/golden/plot/events.awk" > events.jsonl
	cp samples.csv events.jsonl runs/run1
	chaos-analyze --events events.jsonl samples.csv > a.json
	printf '## What happened\n\nIn short: {{fault_1}}.\n\n- {{failed}}\n- {{availability}}\n' > d/good.md
	play 'text good.md' 'finish stop' 'done'
	bg llmdouble d
	wait_for 5 test -s d/port
	URL=http://127.0.0.1:$(cat d/port)/v1
}

teardown() {
	end_bg
}

# play STEP…: the answer to every request; play_nth N STEP…: to that one
play() { printf '%s\n' "$@" > d/play; }
play_nth() {
	local n=$1
	shift
	printf '%s\n' "$@" > "d/play.$n"
}
requests() { find d -name '*.body' | wc -l; }
ask() { run --separate-stderr chaos-llm --base-url "$URL" --timeout 10s "$@" a.json; }

# The plain report alone, exit 0, one line on stderr that says why; and exit 6 where a model was required.
plainly() {
	local why=$1
	shift
	chaos-llm --no-model a.json > plain.md
	chaos-llm --base-url "$URL" --timeout 10s "$@" a.json > r.md 2> err
	cmp r.md plain.md
	[ "$(wc -l < err)" -eq 1 ]
	grep -qE -- "$why" err || fail "not '$why': $(cat err)"
}
written() {
	ask "$@"
	assert_success
	assert_output --partial '## Summary'
	assert_output --partial 'In short: a fault killed service-node-2 at 10.0 s.'
	assert_output --partial '138 of 1000 requests failed'
	assert_line_says "$output" numbers chaos-llm words own
	assert_equal "$stderr" ''
}

@test "every dialect: what is sent and what comes back" {
	for p in groq openai ollama llamacpp vllm openrouter mine; do
		written --provider "$p" --model m-1 --max-words 100
		n=$(requests)
		jq -e '.model == "m-1" and .stream == true and .temperature == 0.2' "d/$n.body"
		field=max_tokens
		case $p in groq | openai) field=max_completion_tokens ;; esac
		jq -e --arg f $field '(.[$f] > 100) and ([keys[] | select(startswith("max_"))] == [$f])' "d/$n.body"
		grep -q '^POST /v1/chat/completions HTTP' "d/$n.head"
		run ! grep -qi '^authorization' "d/$n.head"
	done
	play comments split\ 7 'text good.md 1' 'finish stop' done
	written --provider openrouter --model m
	play crlf split\ 1 'text good.md 2' 'finish stop' done
	written
	play 'json {"model":"whole","choices":[{"message":{"content":"In short: {{fault_1}}. {{failed}}."},"finish_reason":"stop"}]}'
	written
	assert_output --partial 'Interpretation by whole at 127'
	assert_output --partial '0 of 2 sentences were left out'
	for reason in eos eos_token end end_turn STOP; do
		play 'text good.md' "finish $reason"
		written
	done
	play 'status 201 Created' 'text good.md' done
	written
	play 'json {"choices":[{"message":{"content":[{"type":"text","text":"In short: {{fault_1}}. {{failed}}."}]},"finish_reason":"stop"}]}'
	written
	printf 'Let me think: 7.\n</think>\n\n```markdown\n' | cat - d/good.md <(printf '```\n') > d/thought.md
	play 'text thought.md 3' 'finish stop' done
	written
	n=$(requests)
	play 'text good.md' done
	written --base-url "$URL/chat/completions/"
	written --base-url "$URL?version=1"
	grep -q '^POST /v1/chat/completions HTTP' "d/$((n + 1)).head"
	grep -q '^POST /v1/chat/completions?version=1 HTTP' "d/$((n + 2)).head"
}

@test "the plain report does not wait for the model" {
	play 'text good.md' 'wait go' 'finish stop'
	mkfifo out
	bg cat out
	cat_out=$BG_OUT
	chaos-llm --base-url "$URL" a.json > out 2> err 3>&- &
	BG_PIDS+=($!)
	wait_for 5 grep -q '^## Summary' "$cat_out"
	run ! grep -q 'In short' "$cat_out"
	touch d/go
	wait $!
	wait_for 5 grep -q 'End of the interpretation' "$cat_out"
}

@test "whatever fails: the plain report, one line that says why" {
	play 'status 401' 'json {"error":{"message":"bad key"}}'
	plainly 'status 401.*: this is the plain report'
	play 'status 500' 'json {"error":{"message":"boom"}}'
	plainly 'status 500, boom'
	play 'status 503 Busy'
	plainly 'status 503'
	play 'status 302 Found' "header Location: $URL/elsewhere"
	plainly 'status 302'
	[ "$(requests)" -eq 4 ]
	play 'text good.md'
	plainly 'cut off'
	play 'text good.md' reset
	plainly 'no interpretation from'
	play reset
	plainly 'no interpretation from'
	play 'text good.md' 'finish length'
	plainly 'token limit'
	play 'text good.md' 'event {"error":{"code":502,"message":"upstream gone"}}'
	plainly 'upstream gone'
	play 'text good.md' 'event {"object":"error","message":"engine died"}'
	plainly 'engine died'
	play 'event {"choices":[{"delta":{"content":[1]}}]}'
	plainly 'neither text'
	play 'event 7'
	plainly 'not a JSON object'
	play 'raw data: {"cho\n\n'
	plainly 'not a JSON object'
	play 'fill 10500000' 'finish stop'
	plainly 'far too long|longer than'
	play endless
	plainly 'far too long|longer than'
	play 'raw : ping\n\n' hang
	plainly 'did not come in time' --timeout 0.5
	play hang
	plainly 'did not come in time' --timeout 0.5
	play 'finish stop'
	plainly 'empty'
	ask --require-llm
	assert_failure 6
	assert_output --partial '# Report on'
	assert_equal "${#stderr_lines[@]}" 1
	end_bg
	plainly 'no interpretation from'
}

@test "10 MB of anything that is not wanted are not kept" {
	play 'status 500' 'raw x' 'fill 10500000'
	plainly 'longer than 4 MB'
	play 'json {}' 'fill 10500000'
	plainly 'longer than 4 MB|not a JSON'
}

@test "retired: the fallbacks in turn, then what to change" {
	play_nth 1 'status 404' 'json {"error":{"message":"The model does not exist","code":"model_not_found"}}'
	ask --provider groq
	assert_success
	assert_output --partial 'Interpretation by'
	assert_equal "$(jq -r .model d/1.body d/2.body | paste -sd' ')" 'llama-3.3-70b-versatile openai/gpt-oss-120b'
	assert_equal "${#stderr_lines[@]}" 1
	[[ $stderr == *"no model 'llama-3.3-70b-versatile'"*"'openai/gpt-oss-120b' answered: set llm.model" ]]
	play 'status 400' 'json {"error":{"message":"gone","code":"model_decommissioned"}}'
	plainly 'model_decommissioned.*set llm.model or llm.fallback_models' --model a --fallback b --fallback c
	assert_equal "$(jq -r .model d/3.body d/4.body d/5.body | paste -sd' ')" 'a b c'
	[ "$(requests)" -eq 5 ]
}

@test "429: retry-after is honoured within a bound, once" {
	play_nth 1 'status 429' 'header Retry-After: 1' 'json {"error":{"message":"slow"}}'
	start=$(date +%s%N)
	ask
	assert_output --partial 'Interpretation by'
	[ $((($(date +%s%N) - start) / 1000000)) -ge 1000 ]
	play 'status 429' 'header Retry-After: 1' 'json {"error":{"message":"slow"}}'
	plainly 'status 429, slow'
	[ "$(requests)" -eq 4 ]
	play 'status 429' 'header Retry-After: 3000' 'json {}'
	plainly 'status 429'
	[ "$(requests)" -eq 5 ]
}

@test "what may not be shown is left out, and asked for once more, with all reasons" {
	printf 'In short: {{fault_1}}. Some 138 of them. See https://x.example. {{failed}}.\n' > d/bad.md
	play_nth 1 'text bad.md' 'finish stop'
	play_nth 2 'text good.md' 'finish stop'
	written
	assert_output --partial ' 0 of 3 sentences were left out'
	jq -e '.messages | length == 4 and (.[3].content | test("138.*number.*\n.*x.example.*link"))' d/2.body
	# the better of the two is shown, with what it lacks in the footer
	play_nth 3 'text bad.md' 'finish stop'
	printf 'It was 7. And 8. Fine.\n' > d/worse.md
	play_nth 4 'text worse.md' 'finish stop'
	written
	assert_line_says "$output" "2 of 4 sentences" "left out:" "1 with a number" "1 with a link"
	run ! grep -q 'Some 138\|x.example\|Fine' <<< "$output"
	play_nth 5 'text bad.md' 'finish stop'
	play_nth 6 'status 500'
	written
	# a single one of many is not worth another request
	printf 'In short: {{fault_1}}. {{failed}}. A. B. C. D. E. It was 7.\n' > d/long.md
	play 'text long.md' 'finish stop'
	written
	assert_equal "$(requests)" 7
	printf 'It was 7.\n' > d/nothing.md
	play 'text nothing.md' 'finish stop'
	plainly "no sentence of the answer.*'7'"
	assert_equal "$(requests)" 9
}

@test "answers cut off anywhere are never taken for whole" {
	chaos-llm --no-model a.json > plain.md
	full=$(cat d/good.md)
	for n in $(seq 3 4 ${#full}); do
		printf '%s' "${full:0:n}" > d/cut.md
		play 'text cut.md'
		chaos-llm --base-url "$URL" a.json 2> err | cmp - plain.md
		[ "$(wc -l < err)" -eq 1 ]
	done
}

@test "what a model is told, it may say" {
	awk -v dur=25 -v rps=50 -v k0=99 -v k1=99 -v dead=0 -f "$ROOT/test/golden/plot/samples.awk" > base.csv
	chaos-analyze --baseline base.csv --events events.jsonl samples.csv > a.json
	chaos-llm --show-prompt a.json | jq -r '.messages[1].content' | sed -n 's/^\({{.*}}\) = .*/\1./p' > d/told.md
	[ "$(wc -l < d/told.md)" -ge 25 ]
	play 'text told.md 5' 'finish stop'
	ask --max-words 1000
	assert_equal "$stderr" ''
	assert_output --partial 'The error rate rose from 0 % to 13.8 %'
}

@test "honest answers of many styles are shown, at least nine sentences of ten" {
	awk -v dur=25 -v rps=50 -v k0=99 -v k1=99 -v dead=0 -f "$ROOT/test/golden/plot/samples.awk" > base.csv
	chaos-analyze --baseline base.csv --events events.jsonl samples.csv > a.json
	cp "$ROOT"/test/golden/llm/*.md d/
	for file in "$ROOT"/test/golden/llm/*.md; do
		play "text ${file##*/}" 'finish stop'
		chaos-llm --base-url "$URL" --max-words 1000 a.json > r.md
		sed -n "s/^\*End of the interpretation; \([0-9]*\) of \([0-9]*\) .*/${file##*/} \1 \2/p" r.md
	done > shown
	assert_equal "$(wc -l < shown)" 21
	run awk '$2 * 10 > $3 { print }' shown
	assert_output ''
	assert_equal "$(requests)" 21
}

@test "what is shown is what leaves, and it names nobody" {
	awk -F, -v OFS=, 'NR > 1 && $5 != "" {
		$10 = "connect to 127.0.0.1:8002: Connection refused by db7.example.org" } { print }' \
		samples.csv > runs/run1/samples.csv
	chaos-llm --run-id run1 --show-prompt --base-url "$URL" > shown
	[ "$(requests)" -eq 0 ]
	chaos-llm --run-id run1 --base-url "$URL" > r.md
	cmp shown d/1.body
	run ! grep -qE '127\.0\.0\.1|800[0-9]|service-node|example|localhost' shown
	grep -q 'connect to node-B: Connection refused by \[host\]' shown
	grep -q 'a fault killed node-D' shown
	grep -q 'a fault killed service-node-2' r.md
	chaos-llm --run-id run1 --show-prompt --no-redact > open
	grep -q 'a fault killed service-node-2' open
	grep -q 'db#.example.org' open
}

@test "no link, markup, command or forged label comes through" {
	printf '%s\n\n' '{{fault_1}}.' 'See [docs](http://evil.example/x).' '![i](http://evil.example/y.png)' '<script>z</script>' \
		'Run rm -rf x.' '*Interpretation by GOD.*' '## Summary of all' '> # No anomaly' > d/l.md
	play 'text l.md' 'finish stop'
	ask
	assert_success
	assert_output --partial 'killed service-node-2 at 10.0 s.'
	assert_output --partial '5 of 6 sentences were left out'
	run ! grep -qE 'evil|script|\]\(|rm -|GOD|Summary of|No anomaly' <<< "$output"
}

@test "the key goes to its host in one header, and nowhere else" {
	printf '\357\273\277sk-verysecret-0123456789\n' > keyfile
	play "status 401" 'json {"error":{"message":"Incorrect API key: sk-verysecret-0123456789"}}'
	GROQ_API_KEY=gsk_environment_secret chaos-llm --run-id run1 --base-url "$URL" --api-key-file keyfile > r.md 2> err
	grep -q '^Authorization: Bearer sk-verysecret-0123456789' d/1.head
	[ "$(grep -rc 'sk-verysecret' d/1.body)" = 0 ]
	grep -q 'status 401' err
	run ! grep -rqE 'verysecret|gsk_env' runs r.md err d/1.body
	# a variable's key is not for another host
	GROQ_API_KEY=gsk_environment_secret chaos-llm --base-url "$URL" a.json > r.md 2> err
	run ! grep -qi 'authorization\|gsk_' d/2.head
	# while it runs: not in argv, not in the environment, no core
	play hang
	ulimit -c unlimited
	GROQ_API_KEY=gsk_environment_secret chaos-llm --base-url "$URL" --api-key-file keyfile a.json > r.md 2> err 3>&- &
	pid=$!
	BG_PIDS+=("$pid")
	wait_for 5 test -s d/3.head
	run ! grep -aqE 'verysecret|gsk_env' "/proc/$pid/cmdline" "/proc/$pid/environ"
	kill -ABRT $pid # a job in the background ignores QUIT
	wait $pid || true
	[ -z "$(find . -name 'core*')" ]
	run ! grep -qE 'verysecret|gsk_env' r.md err
	printf 'two words\n' > keyfile
	run -2 --separate-stderr chaos-llm --base-url "$URL" --api-key-file keyfile a.json
	run ! grep -q words <<< "$stderr"
	# no key without TLS beyond this machine
	printf 'sk-verysecret\n' > keyfile
	run --separate-stderr chaos-llm --base-url http://192.0.2.1/v1 --api-key-file keyfile a.json
	assert_success
	[[ $stderr == *"not sent without TLS"* ]]
}

@test "Ctrl-C ends it at once" {
	play hang
	chaos-llm --base-url "$URL" --timeout 60s a.json > r.md 2> err 3>&- &
	pid=$!
	BG_PIDS+=("$pid")
	wait_for 5 test -s d/1.head
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	[ "$code" -eq 143 ]
	chaos-llm --no-model a.json | cmp - r.md
}

@test "TLS: a certificate must verify, but on this machine where it is asked for" {
	free_ports 1
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout k.pem -out c.pem 2> /dev/null
	cat > nginx.conf <<- END
		daemon off; pid nginx.pid; error_log err.log;
		events {}
		http { access_log off; proxy_temp_path p; client_body_temp_path b; fastcgi_temp_path f; uwsgi_temp_path u;
		scgi_temp_path s; server { listen 127.0.0.1:${PORTS[0]} ssl; ssl_certificate c.pem; ssl_certificate_key k.pem;
		location / { proxy_pass http://127.0.0.1:$(cat d/port); proxy_buffering off; } } }
	END
	bg nginx -p "$SCRATCH" -c "$SCRATCH/nginx.conf"
	URL=https://127.0.0.1:${PORTS[0]}/v1
	wait_for 5 curl -ks --max-time 1 "https://127.0.0.1:${PORTS[0]}/x" -o /dev/null
	plainly 'certificate'
	written --tls-insecure-loopback
}

@test "without a key, and without a model wanted" {
	run --separate-stderr env -u GROQ_API_KEY chaos-llm --run-id run1
	assert_success
	assert_output --partial '# Report on run1'
	assert_says "$stderr" chaos-llm: model GROQ_API_KEY "not set" --api-key-file "(--no-model"
	printf 'llm:\n  enabled: false\n' > config.yaml
	ask
	assert_success
	[[ $stderr == *"llm.enabled is false"* ]]
	[ "$(requests)" -eq 0 ]
	rm config.yaml
	run -2 --separate-stderr chaos-llm --provider grok a.json
	assert_says "$stderr" chaos-llm: provider "'grok'" "'groq'?"
	run -2 --separate-stderr chaos-llm --provider vllm a.json
	[[ $stderr == *"needs a model"* ]]
	local url
	for url in ftp://x x:1/v1 redis://x; do
		run -2 --separate-stderr chaos-llm --base-url "$url" a.json
		assert_says "$stderr" chaos-llm: base_url "'$url'" http:// https:// URL
	done
	run -2 --separate-stderr chaos-llm --base-url http://redis:0/v1 a.json
	assert_says "$stderr" chaos-llm: base_url: "'http://redis:0/v1'" port
	run -2 --separate-stderr chaos-llm --no-model --require-llm a.json
	assert_equal "${#stderr_lines[@]}" 1
	printf 'llm: {provider: ollama, model: tiny, base_url: "%s", max_words: 50, temperature: 0.5}\n' "$URL" > config.yaml
	chaos-llm a.json > r.md
	jq -e '.model == "tiny" and .temperature == 0.5 and .stream_options.include_usage' d/1.body
	play 'tokens 20' 'text good.md' 'finish stop'
	run --separate-stderr chaos-llm a.json
	[[ $stderr == *"read only 20 tokens"* ]]
}
