# For the tests of containers: an engine of the test's own. The real dockerd or podman where it can be
# started (as root, in namespaces of its own for network and mounts, with all its state in a folder of
# its own; what engines keep elsewhere is a tmpfs that ends with them: several may run at once),
# elsewhere a double that speaks its wire format; ENGINE_DOUBLE=1 asks for the double.

# engine_open docker|podman: sets DOCKER_HOST, ENGINE, IN (a command that runs another where its
# containers' ports are) and ENGINE_IS, which says what it really is.
engine_open() {
	ENGINE=$1 IN=""
	ENGINE_DIR=$(mktemp -d /tmp/chaos-engine.XXXXXX) # short: a socket's path is at most 107 bytes
	ENGINE_NET=chaos-${ENGINE_DIR##*.}
	ENGINE_SOCK=$ENGINE_DIR/engine.sock
	ENGINE_IS="a double that speaks $1's wire format"
	local step
	for step in "engine_can $1" "engine_run_$1" engine_answers engine_image engine_works; do
		[ -z "${ENGINE_DOUBLE:-}" ] && $step || break
		step=
	done
	if [ -z "$step" ]; then
		ENGINE_IS="$1 $(curl -s --unix-socket "$ENGINE_SOCK" http://e/version | jq -r .Version), the real one"
		IN="nsenter --net=/run/netns/$ENGINE_NET"
	else
		[ -n "${ENGINE_DOUBLE:-}" ] || { echo "# engine: no real $1 here: $step"; [ ! -e "$ENGINE_DIR/log" ] || sed 's/^/# /' "$ENGINE_DIR/log"; } >&3
		engine_end
		enginedouble "$1" "$ENGINE_SOCK" >/dev/null 2>&1 </dev/null 3>&- &
		ENGINE_PID=$!
		engine_answers
	fi
	export DOCKER_HOST=unix://$ENGINE_SOCK ENGINE ENGINE_DIR ENGINE_NET ENGINE_SOCK ENGINE_PID \
		ENGINE_IS IN
	echo "# engine: $ENGINE_IS" >&3
}

engine_can() {
	local tool daemon=$1
	[ "$1" != docker ] || daemon=dockerd
	[ "$(id -u)" = 0 ] || return 1
	for tool in $daemon runc ip nsenter unshare flock; do
		command -v "$tool" >/dev/null || return 1
	done
	# Of two at once the first of all makes a mount of /run/netns, which the other trips over.
	flock /run ip netns add "$ENGINE_NET" 2>/dev/null && ip -n "$ENGINE_NET" link set lo up
}

# engine_alone COMMAND...: in the engine's own namespaces.
engine_alone() {
	exec nsenter --net="/run/netns/$ENGINE_NET" unshare --mount sh -c \
		'for d in /run /var/lib /dev/shm; do mount -t tmpfs engine $d || exit; done; exec "$@"' sh "$@"
}

engine_run_docker() {
	# There too: the stacks that containerd writes when it is slow to end.
	TMPDIR="$ENGINE_DIR" engine_alone dockerd --host "unix://$ENGINE_SOCK" \
		--data-root "$ENGINE_DIR/data" --exec-root "$ENGINE_DIR/exec" --pidfile "$ENGINE_DIR/pid" \
		--bridge none --iptables=false >"$ENGINE_DIR/log" 2>&1 </dev/null 3>&- &
	ENGINE_PID=$!
}

# What Podman keeps beside its root is put there too.
engine_run_podman() {
	cat >"$ENGINE_DIR/containers.conf" <<-END
		[engine]
		runtime = "runc"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		tmp_dir = "$ENGINE_DIR/tmp"
		[containers]
		default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	END
	printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/data"\nrunroot = "%s/run"\n' \
		"$ENGINE_DIR" "$ENGINE_DIR" >"$ENGINE_DIR/storage.conf"
	TMPDIR="$ENGINE_DIR" CONTAINERS_CONF="$ENGINE_DIR/containers.conf" CONTAINERS_STORAGE_CONF="$ENGINE_DIR/storage.conf" \
		engine_alone podman --root "$ENGINE_DIR/data" \
		--runroot "$ENGINE_DIR/run" system service --time 0 "unix://$ENGINE_SOCK" \
		>"$ENGINE_DIR/log" 2>&1 </dev/null 3>&- &
	ENGINE_PID=$!
}

engine_answers() {
	local deadline=$((SECONDS + 15))
	until curl -sf -o /dev/null --unix-socket "$ENGINE_SOCK" http://e/_ping; do
		[ $SECONDS -lt $deadline ] && [ -e "/proc/$ENGINE_PID" ] || return 1
		sleep 0.02
	done
}

# The image, of nothing but chaos-node, a server that drains, and their libraries.
engine_image() {
	"$ROOT/service/image-root" "$ENGINE_DIR/root" "$ROOT/build/bin/chaos-node" drainnode || return 1
	tar -C "$ENGINE_DIR/root" -c . | curl -sf -o /dev/null --unix-socket "$ENGINE_SOCK" -T - \
		-X POST -H 'Content-Type: application/x-tar' \
		"http://e/images/create?fromSrc=-&repo=chaos-node&tag=latest&changes=ENV%20PATH=/bin"
}

# Some places let an engine start, but no container. It is removed once it has ended: Podman refuses to
# remove by force what ends by itself at that moment.
engine_works() {
	local BOX_ID rc=0
	box try 1 '{"Cmd": ["chaos-node", "--help"]}' && [ "$(engine POST /containers/try/wait | jq .StatusCode)" = 0 ] || rc=1
	unbox try || rc=1
	return $rc
}

# engine METHOD PATH [BODY]: one call to its API.
engine() {
	curl -sf --unix-socket "$ENGINE_SOCK" -X "$1" ${3:+-H 'Content-Type: application/json' -d "$3"} \
		"http://e$2"
}

# box NAME PORT [JSON]: makes and starts a container with a chaos-node on that port of the engine's
# network; JSON is laid over what makes it. Its id goes to BOX_ID. box_that_rests only makes it. A name is not of the
# digits a to f alone: while nothing is called so, an engine takes it for the beginning of an id.
box_that_rests() {
	local body
	body=$(jq -cn --arg name "$1" --arg port "$2" --argjson more "${3:-"{}"}" \
		'{Image: "chaos-node", Cmd: ["chaos-node", "--port", $port, "--name", $name],
		  HostConfig: {NetworkMode: "host"}} * $more')
	BOX_ID=$(engine POST "/containers/create?name=$1" "$body" | jq -r .Id)
	[ "${#BOX_ID}" -eq 64 ]
}
box() {
	box_that_rests "$@"
	engine POST "/containers/$BOX_ID/start"
}
unbox() { engine DELETE "/containers/$1?force=true"; }
unbox_all() {
	local id
	for id in $(engine GET '/containers/json?all=1' | jq -r '.[].Id'); do unbox "$id"; done
}

# two_nodes: config.yaml, in which a is the container c-a and b is c-b, by another way to say it; A and B are their ids.
two_nodes() {
	free_ports 2
	box c-a "${PORTS[0]}"
	A=$BOX_ID
	box c-b "${PORTS[1]}" '{"Labels": {"com.docker.compose.service": "web", "com.docker.compose.project": "one"}}'
	B=$BOX_ID
	cat >config.yaml <<-END
		nodes:
		  a: {url: "http://127.0.0.1:${PORTS[0]}", container: c-a}
		  b: {url: "http://127.0.0.1:${PORTS[1]}", compose: web}
	END
	both_up
}
# both_up: what breaks one asks whether the other is there.
both_up() { wait_for 10 up "${PORTS[0]}" && wait_for 10 up "${PORTS[1]}"; }
up() { $IN curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:$1/health"; }

# slow WORD MS: the engine that chaos-fault speaks to from here on is late where it is asked for WORD.
slow() {
	slowengine "$SCRATCH/slow.sock" "$ENGINE_SOCK" "$1" "$2" >/dev/null 2>&1 </dev/null 3>&- &
	BG_PIDS+=($!)
	wait_for 10 curl -sf -o /dev/null --unix-socket "$SCRATCH/slow.sock" http://e/_ping
	export DOCKER_HOST=unix://$SCRATCH/slow.sock
}

# state NAME: running, paused or exited, as the engine itself says.
state() { engine GET "/containers/$1/json" | sed -nE 's/.*"State": ?\{[^{}]*"Status": ?"([a-z]+)".*/\1/p'; }
in_state() { [ "$(state "$1")" = "$2" ]; }
box_id() { engine GET "/containers/$1/json" | jq -r .Id; }

# A container's own monitor may need a moment after its end; what is still there is said.
engine_close() {
	[ -n "${ENGINE_DIR:-}" ] || return 0
	unbox_all >/dev/null || true
	engine_end
	rmdir "$ENGINE_DIR"
}

engine_end() {
	local tries=0
	if [ -n "${ENGINE_PID:-}" ]; then
		kill -TERM "$ENGINE_PID" 2>/dev/null || true
		while [ -e "/proc/$ENGINE_PID" ] && ! gone "$ENGINE_PID"; do sleep 0.02; done
		ENGINE_PID=
	fi
	ip netns del "$ENGINE_NET" 2>/dev/null || true
	# A container's monitor may still be writing there until it has ended.
	until rm -rf "${ENGINE_DIR:?}"/*; do
		[ $((tries += 1)) -lt 250 ] || return 1
		sleep 0.02
	done
}
