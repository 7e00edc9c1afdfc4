# What the chaos-load tests share.
bats_require_minimum_version 1.5.0

# classes FILE: how many rows of each class, "ok" for none, as "class=count" in one sorted line.
classes() {
	awk -F, 'NR > 1 { n[$5 == "" ? "ok" : $5]++ } END { for (k in n) print k "=" n[k] }' "$1" |
		sort | paste -sd' '
}

# whole FILE N: rows for the slots 0 to N-1, each exactly once, and nothing else.
whole() {
	diff <(awk -F, 'NR > 1 { print $9 }' "$1" | sort -n) <(seq 0 $(($2 - 1)))
}

# outage FILE ALIVE DOWN BACK UP [PORT]: rows failed while the node (of that port) was dead, all of them and no others: it
# was killed between ALIVE and DOWN, and listened again from a moment between BACK and UP on. Refused were all but a
# few, which were under way or went out on a connection that was gone: more of them where this side was late just then,
# and sent many at once. What was due in the outage and sent late, after it, may have succeeded.
outage() {
	awk -F, -v alive="$2" -v down="$3" -v back="$4" -v up="$5" -v port=":${6:-}" '
		NR == 1 { next }
		{ late = ($4 - $6) / 1000 }
		index($2, port) && $1 > down && $1 < back { due++ }
		index($2, port) && $5 == "" && $1 + late > down && $1 + late < back { print "succeeded in the outage: " $0; bad++ }
		index($2, port) && $1 > up { after++ }
		$5 == "" { next }
		!index($2, port) || $1 + $4 / 1000 < alive || $1 > up { print "failed outside the outage: " $0; bad++ }
		$5 == "refused" { refused++; next }
		$5 == "reset" || $5 == "closed" { torn += $6 == "" || late < 0.01; next }
		{ print "unexpected: " $0; bad++ }
		END { print due + 0 " due in the outage, " refused + 0 " refused, " torn + 0 " torn; " after + 0 " due after it"
			exit bad || due < 100 || !after || torn > 4 + refused / 20 }' "$1"
}

# nginx_on PORT [directives of the server]: a foreign HTTP server, one process, whose pid is in BG_PID.
nginx_on() {
	local dir=$SCRATCH/nginx.$1
	mkdir -p "$dir"
	cat >"$dir/conf" <<-END
		daemon off; master_process off; pid $dir/pid; error_log $dir/error.log;
		events { worker_connections 512; }
		http {
			log_format all '\$request_method \$uri [\$content_type] [\$http_x_test] [\$request_body]';
			access_log $dir/access.log all;
			client_body_temp_path $dir; proxy_temp_path $dir; fastcgi_temp_path $dir;
			uwsgi_temp_path $dir; scgi_temp_path $dir;
			server { listen 127.0.0.1:$1; keepalive_requests 1000000;
				${2:-location / { return 200 "ok\n"; \}} }
		}
	END
	bg nginx -c "$dir/conf" -p "$dir"
	wait_for 5 port_open "$1"
}

# logged N LOG: waits until nginx has noted that many requests: it answers one first, and may lose its core in between.
logged() { wait_for 5 has_rows $(($1 - 1)) "$2" || fail "$(wc -l <"$2") of $1 requests are in $2"; }

# stands_still PID: each of its threads is stopped.
stands_still() { ! grep -L '^State:.T' "/proc/$1/task"/*/status | grep -q .; }

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# node_on PORT [options]: a chaos-node that answers.
node_on() {
	bg chaos-node --port "$1" --name "node-$1" "${@:2}"
	wait_for 5 http_up "$1"
}

# summary FILTER: of the load summary in s.json.
summary() { jq -rc "$1" s.json; }

# chaos-load where its exit code is not the matter: on a machine that is busy with
# other things it may have been late, and then says so with 3. What waits there for its turn, be it a connection,
# is not given up for that; a test that is about a timeout gives its own.
load_rows() { chaos-load -q --timeout 20s ${ENGINE:+--engine "$ENGINE"} "$@" || [ $? -eq 3 ]; }

# told_besides_lateness: of what chaos-load said, on stdin, all but that it was late, or that requests waited for a
# connection since the server was: a busy machine makes both so, and neither says anything of what chaos-load did.
told_besides_lateness() {
	local late='requests were sent late: |[0-9]+ of [0-9]+ requests were due in seconds .* no CPU time to spare'
	grep -vE "^(local [0-9]+: )?chaos-load: not sound: ($late|in [0-9]+ seconds? more than .* waited on this side)" || true
}

# tls_before PORT NODE [what bind takes]: a proxy on PORT that takes the TLS off; its certificate is in
# cert.pem, its pid in BG_PID.
tls_before() {
	[ -e both.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	[ -e both.pem ] || cat cert.pem key.pem >both.pem
	cat >haproxy.cfg <<-END
		defaults
			mode tcp
			timeout connect 5s
			timeout client 30s
			timeout server 30s
		listen tls
			bind 127.0.0.1:$1 ssl crt $SCRATCH/both.pem ${3:-}
			server node 127.0.0.1:$2
	END
	bg haproxy -db -f haproxy.cfg
	wait_for 5 port_open "$1"
}
