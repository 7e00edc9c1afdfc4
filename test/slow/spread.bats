#!/usr/bin/env bats
# chaos-spread over ssh and Slurm, on loopback.
bats_require_minimum_version 1.5.0

setup() {
	load ../bats/helper
	load ../bats/load_helper
	load sshd_helper
	load ../bats/kubeconfig_helper
	scratch
	free_ports 4
	node_on "${PORTS[0]}"
	URL=http://127.0.0.1:${PORTS[0]}/work
	export TMPDIR=$SCRATCH # of the agents, also of one that dies with its pod
}

# hosts MS MS MS: three on loopback, each an sshd of its own whose clock is so much ahead: ./bootstrap soak installs what that needs.
hosts() {
	[ -x /usr/sbin/sshd ] || skip "sshd is needed"
	local i=0 shift
	for shift; do
		i=$((i + 1))
		sshd_host web$i "${PORTS[i]}" "TMPDIR=$SCRATCH $(shifted "$shift") exec"
	done
}

teardown() {
	# A link that a test had stopped, which has failed since: its chaos-spread ends with it.
	kill -KILL $(pgrep -f "^ssh -F $SCRATCH/ssh.conf") 2>/dev/null || true
	end_sshd
}

spread() { chaos-spread --on ssh:web1,web2,web3 --ssh "ssh -F $SCRATCH/ssh.conf" --summary load.json -- chaos-load -q --pace-slack 2s -X POST "$@" "$URL"; }
# The loads of this test, wherever they run: none but its own sends to its port.
loads() { pgrep -f "^chaos-load .*127.0.0.1:${PORTS[0]}/work" || true; }
no_loads() { [ -z "$(loads)" ]; }
no_files() { ! compgen -G "$SCRATCH/tmp.*"; }

@test "clocks that are 2 s ahead and 300 ms behind: found to the error that is told, and the rows are those of one clock" {
	hosts -300 0 2000
	spread -r 300 -d 5s >all.csv || [ $? -eq 3 ]
	jq -c .shards load.json
	jq -e 'all(.shards[]; [-300, 0, 2000][.shard - 1] as $ahead | ((.offset_ms - $ahead) | fabs) <= .error_ms
		and ((.after_ms - $ahead) | fabs) <= .after_error_ms)' load.json
	tail -n +2 all.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 1499)
	tail -n +2 all.csv | awk -F , -v start="$(jq .start_t load.json)" '{ d = $1 - start - $9 / 300 } d * d > 4e-12 { exit 1 }'
	chaos-analyze --warmup-ignore-sec 0 --load-summary load.json all.csv >a.json 2>err || [ $? -eq 3 ]
	jq -e '.run_summary | .due == 1500 and .lost == 0' a.json
}

# two_seconds FILE: writes when they are over, as two looks of a second for a byte that does not come: programs that start
# late do so at its link, too, where it is one look and then a signal.
two_seconds() {
	for _ in 1 2; do timeout 1 head -c 1 <>"$SCRATCH/nothing" || true; done
	echo "$EPOCHREALTIME" >"$1"
}

@test "a link that is cut, and one that falls silent: nothing is due there more than two seconds later" {
	hosts -300 0 2000
	# What was sent is seen where it was, since the rows do not come over such a link; nor does a write to it end the load.
	cat >load <<-'END'
		#!/bin/bash
		trap '' PIPE
		exec chaos-load "$@" > >(exec tee -p "$TMPDIR/rows.$SHIFT_MS")
	END
	chmod +x load
	mkfifo nothing
	local signal cut over code ms host ssh
	for signal in KILL STOP; do
		: >all.csv
		chaos-spread --on ssh:web1,web2,web3 --again 0 --ssh "ssh -F $SCRATCH/ssh.conf" -- "$SCRATCH/load" -q -X POST -r 60 -d 60s "$URL" \
			>all.csv 2>err 3>&- &
		pid=$!
		wait_for 30 has_rows 60 all.csv
		cut=() over=()
		for host in 1 2 3; do
			ssh=$(pgrep -f "^ssh -F $SCRATCH/ssh.conf.* web$host ")
			cut+=("$EPOCHREALTIME")
			kill -$signal "$ssh"
			two_seconds over.$host 3>&- &
			over+=($!)
		done
		wait_for 20 no_loads
		wait "${over[@]}"
		host=0
		for ms in -300 0 2000; do
			awk -F , -v from="${cut[host++]}" -v over="$(<over.$host)" -v ms=$ms 'NR > 1 && $1 - ms / 1000 > last { last = $1 - ms / 1000 }
				END { print "last due", last - from, "s after it; two seconds took", over - from; exit last < from - 1 || last > over }' rows.$ms
		done
		kill -KILL $(pgrep -f "^ssh -F $SCRATCH/ssh.conf") 2>/dev/null || true
		code=0
		wait $pid || code=$?
		assert_equal "$code" 3
		grep -q 'shard 2 on web2 was lost' err
		wait_for 5 no_files
	done
}

# The command of the man page, with three aliases of which each is an sshd here, and this test's URL.
@test "without chaos-spread: shards by GNU parallel are one run" {
	command -v parallel >/dev/null || skip "GNU parallel is needed"
	hosts 0 0 0
	export PARALLEL_SSH="ssh -F $SCRATCH/ssh.conf" PARALLEL_HOME=$SCRATCH/parallel
	mandoc -T utf8 -O width=200 "$ROOT/man/chaos-spread.1" | col -b | sed -n '/start=\$((/,/samples.csv$/p' | sed "s|http://192.0.2.7/|$URL|" >by_hand
	grep -q -- "$URL" by_hand
	bash -euc "$(cat by_hand)" || fail "$(cat by_hand)"
	chaos-load -q -X POST -r 300 -d 5s --start-at $(($(date +%s) + 1)) --pace-slack 2s "$URL" >one.csv
	seen() { awk -F , -v OFS=, 'NR > 1 { if (!start) start = $1; printf "%.6f,%s,%s,%s,%s,%s\n", $1 - start, $2, $3, $5, $7, $9 }' <(head -n 1 "$1"; tail -n +2 "$1" | sort -t , -k 9n); }
	seen samples.csv | cmp - <(seen one.csv)
	tail -n +2 samples.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 1499)
	chaos-analyze --warmup-ignore-sec 0 samples.csv >a.json || [ $? -eq 3 ]
	jq -e '.run_summary | .due == 1500 and .lost == 0' a.json
}

@test "a Slurm of two nodes" {
	command -v slurmctld >/dev/null && command -v slurmd >/dev/null || skip "slurmctld and slurmd are needed"
	local host n
	host=$(hostname -s)
	cat >slurm.conf <<-END
		ClusterName=t
		SlurmctldHost=$host(127.0.0.1)
		SlurmUser=$(id -un)
		AuthType=auth/none
		CredType=cred/none
		SlurmctldPort=${PORTS[1]}
		SlurmctldPidFile=$SCRATCH/slurmctld.pid
		SlurmdPidFile=$SCRATCH/slurmd.%n.pid
		StateSaveLocation=$SCRATCH
		SlurmdSpoolDir=$SCRATCH/spool.%n
		SlurmctldLogFile=$SCRATCH/slurmctld.log
		SlurmdLogFile=$SCRATCH/slurmd.%n.log
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		MpiDefault=none
		NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=${PORTS[2]} CPUs=1
		NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=${PORTS[3]} CPUs=1
		PartitionName=p Nodes=n1,n2 Default=YES State=UP
	END
	export SLURM_CONF=$SCRATCH/slurm.conf
	bg slurmctld -D
	for n in n1 n2; do bg slurmd -D -N $n; done
	both_idle() { [ "$(sinfo -h -o '%D %t')" = '2 idle' ]; }
	wait_for 20 both_idle || fail "$(sinfo; tail -n 3 slurm*.log)"
	chaos-spread --on slurm:2 --summary load.json -- chaos-load -q --pace-slack 2s -X POST -r 100 -d 4s "$URL" >all.csv || [ $? -eq 3 ]
	jq -e '.due == 400 and .rows == 400 and [.shards[].rows] == [200, 200]' load.json
	tail -n +2 all.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 399)
	no_steps() { [ -z "$(squeue -hs)" ] && ! compgen -G "$SCRATCH/spool.*/n[12]_*"; }
	wait_for 20 no_steps || fail "$(squeue -s; ls "$SCRATCH"/spool.*)"
	no_files || fail "$(ls "$SCRATCH")"
}

# find_load SHARD: sets LOAD to the pid of that shard's load.
find_load() { LOAD=$(pgrep -f "^chaos-load .*127.0.0.1:${PORTS[0]}/health.*--shard $1 "); }
# all_told EVERY DUE: the slots of all.csv and those that load.json calls unmeasured are those that were due, each once.
all_told() {
	{ tail -n +2 all.csv | grep -v ,output, | cut -d , -f 9
		jq -r --argjson n "$1" '.shards[].slots[] | range(.[0]; .[1] + 1; $n)' load.json; } | sort -n | cmp - <(seq 0 $(($2 - 1)))
}

@test "four shards of 500/s are one run of 2000/s, slot for slot, also without one that was killed in the middle" {
	local again code
	for again in none 0 3; do
		: >all.csv # rows of the time before are none of these
		chaos-spread --on local:4 --again "${again/none/3}" --summary load.json -- \
			chaos-load -q --pace-slack 2s --timeout 30s -r 2000 -d 8s "${URL%work}health" >all.csv 2>err 3>&- &
		pid=$!
		if [ $again != none ]; then
			wait_for 20 has_rows 6000 all.csv
			find_load 3/4
			kill -KILL "$LOAD"
		fi
		code=0
		wait $pid || code=$?
		cat err
		jq -c '[.due, .rows, .lost, .sound, .reasons], .shards[]' load.json
		tail -n +2 all.csv | grep -v ,output, | awk -F , -v start="$(jq .start_t load.json)" '
			{ d = $1 - start - $9 / 2000 } d * d > 4e-12 { exit 1 }'
		all_told 4 16000
		chaos-analyze --warmup-ignore-sec 0 --load-summary load.json all.csv >a.json 2>said || [ $? -eq 3 ]
		jq -c '.run_summary | {due, ok, err, lost}' a.json
		jq -e --arg again $again '([.intervals[].reasons[]] - ["latency"]) == []
			and .run_summary.err == 0 and (.run_summary.lost > 0) == ($again != "none")' a.json
		if [ $again != none ]; then
			assert_equal "$code" 3
			grep -q 'shard 3 on local 3 was lost after [0-9]* rows.*: slots [0-9]' err
			jq -e --argjson again $again '.sound == false and .shards[2].again == ([$again, 1] | min)' load.json
		fi
	done
}

# The real kubectl; the API server is a double, since none can be had here: test/support/kubejobs.
@test "pods of an Indexed Job, one of which is deleted in the middle" {
	kubectl version --client 2>/dev/null | grep -q 'v1\.\(3[1-9]\|[4-9]\)' || skip "a kubectl of 1.31 or later is needed"
	echo "# kubectl: the real one, $(kubectl version --client | grep -o 'v[0-9][0-9.]*' | head -n 1); the API server: a double" >&3
	mkdir cluster
	bg "$ROOT/test/support/kubejobs" "${PORTS[1]}" "$SCRATCH/cluster"
	kubeconfig "${PORTS[1]}" load
	wait_for 10 port_open "${PORTS[1]}"
	chaos-spread --on kubernetes:2 --image registry.test/chaos:1 --summary load.json -- \
		chaos-load -q --pace-slack 2s -X POST -r 100 -d 14s "$URL" >all.csv 2>err 3>&- &
	pid=$!
	wait_for 60 has_rows 300 all.csv || fail "$(cat err)"
	kubectl delete pod "$(awk '$1 == 1 { print $2 }' cluster/pods)" --wait=false
	code=0
	wait $pid || code=$?
	cat err
	jq -c '[.due, .rows, .lost, .sound, .reasons], .shards[]' load.json
	assert_equal "$code" 3
	jq -e '.due == 1400 and .rows + .lost == 1400 and (.shards[1] | .again >= 1 and .rows > 160 and .unmeasured > 0)' load.json
	all_told 2 1400
	assert_equal "$(awk '{ print $1, $3 }' cluster/pods | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
		" 1 0 registry.test/chaos:1; 2 1 registry.test/chaos:1;"
	[ ! -e cluster/wrong ] || fail "$(cat cluster/wrong)"
	[ -z "$(loads)" ]
	no_pods() { [ -z "$(kubectl get pods -l "job-name=$1" -o name)" ]; }
	wait_for 5 no_pods "$(awk 'NR == 1 { sub(/-[0-9]+-[0-9a-f]+$/, "", $2); print $2 }' cluster/pods)"
}

@test "a shard made again at a place that is silent: given up with the end of the load, or at a stop" {
	# h1 is lost after a torn row; then it does not answer.
	cat >far <<-'END'
		#!/bin/bash
		host=${*: -2:1}
		if [ "$host" = h1 ]; then
			! [ -e was ] || exec sleep 25
			: >was
		fi
		while read -r word rest; do case $word in clock) echo "#clock $rest $(date +%s%N)" ;; go) break ;; s) exit ;; esac; done
		echo timestamp,slot,detail
		if [ "$host" = h1 ]; then
			for slot in $(seq 0 2 118); do echo "$rest,$slot,"; done
			printf '%s,12' "$rest"
			exit 255
		fi
		read -r -n 30 -t 8 byte
		for slot in $(seq 1 2 199); do echo "$rest,$slot,"; done
		echo '#summary {"slots":200,"due":100,"sent":100,"ok":100,"rows":100,"duration_s":6,"nodes":[],"errors":{},"sound":true,"ended":"duration"}'
		echo '#end 0'
	END
	chmod +x far
	local spread code=0 from=$SECONDS
	run -3 timeout 20 chaos-spread --on ssh:h1,h2 --ssh ./far --summary s.json --delay 0.1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/
	echo "took $((SECONDS - from)) s"
	assert_output --partial 'shard 1 on h1 was lost after 60 rows'
	assert_output --partial 'slots 120 to 198 in steps of 2 are not measured'
	refute grep -q ',12$' <<<"$output"
	[ $((SECONDS - from)) -lt 17 ]
	rm was
	chaos-spread --on ssh:h1 --ssh ./far --delay 0.1 -- chaos-load -r 1 -d 1s http://127.0.0.1:1/ >all.csv 2>err 3>&- &
	spread=$!
	made_again() { grep -qs 'made again' err; }
	wait_for 10 made_again
	kill -TERM $spread
	wait_for 3 gone $spread
	wait $spread || code=$?
	assert_equal $code 3
}

@test "a scenario whose load comes from three hosts with other clocks, and a stop condition that ends it there" {
	hosts -300 0 2000
	cat >config.yaml <<-END
		anomaly_detection: {warmup_ignore_sec: 0}
		loads: {web: {target: '$URL', on: 'ssh:web1,web2,web3 --delay 1', pace_slack: 2s, method: POST}}
	END
	cat >s.yaml <<-END
		stop_conditions: ["error_rate > 0.2"]
		phases:
		  - {duration: 3s, actions: [{type: start_load, load: web, rps: 90}]}
		  - {duration: 3s, actions: [{type: continue_load, load: web, rps: 150}]}
	END
	export CHAOS_SSH="ssh -F $SCRATCH/ssh.conf" XDG_STATE_HOME=$SCRATCH/state
	run chaos-scenario --scenario s.yaml --run-id r --progress none
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || fail "$output"
	jq -c '.shards[] | del(.summary)' runs/r/load.json
	jq -e '[.shards[].offset_ms] as $o | ($o[0] + 300 | fabs) < 20 and ($o[1] | fabs) < 20 and ($o[2] - 2000 | fabs) < 20' runs/r/load.json
	tail -n +2 runs/r/samples.csv | cut -d , -f 9 | sort -n | cmp - <(seq 0 719)
	tail -n +2 runs/r/samples.csv | awk -F , -v start="$(jq .start_t runs/r/load.json)" '
		{ d = $1 - start - ($9 < 270 ? $9 / 90 : 3 + ($9 - 270) / 150) } d * d > 4e-12 { exit 1 }'
	sed -i "s|$URL|http://127.0.0.1:1/|" config.yaml
	run timeout 40 chaos-scenario --scenario s.yaml --run-id u --progress none --unsteady
	assert_equal "$status" 4
	run ! pgrep -f "^chaos-load .*$SCRATCH/tmp"
	wait_for 5 no_files
}
