# For the tests of nodes that are pods: the real kubectl against a double of the API server that keeps state
# and refuses what a real one would (test/support/kubedouble), since no API server can be had here.

# shellcheck source=test/bats/kubeconfig_helper.bash
. "${BASH_SOURCE[0]%/*}/kubeconfig_helper.bash"

setup_file() {
	! command -v kubectl >/dev/null ||
		echo "# kubectl: the real one, $(kubectl version --client 2>/dev/null | grep -o 'v[0-9][0-9.]*' | head -n 1); the API server: a double" >&3
}

setup() {
	command -v kubectl >/dev/null || cannot "there is no kubectl"
	scratch
	free_ports 2
	mkdir -p cluster
	echo 2 >cluster/replicas
	bg "$ROOT/test/support/kubedouble" "${PORTS[0]}" "$SCRATCH/cluster" chaos-node --port "${PORTS[1]}" --name web
	kubeconfig "${PORTS[0]}" shop
	config "selector: 'app=web,tier=front'"
	wait_for 20 curl -fs -o /dev/null "http://127.0.0.1:${PORTS[1]}/health"
}

# The double is sent nothing that it has to refuse, unless a test says so.
teardown() {
	end_bg
	[ ! -e cluster/wrong ] || cat cluster/wrong
	[ ! -e cluster/wrong ]
}

# config KEYS: one node, with those keys.
config() {
	echo "nodes: {web: {url: 'http://127.0.0.1:${PORTS[1]}', kind: kubernetes, ready_within: ${WITHIN:-8s}, with: {$1}}}" >config.yaml
}
uids() { kubectl get --raw "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb" | jq -r '[.items[].metadata.uid] | sort | join(" ")'; }
deleted() { jq -sc "map($1)" cluster/deleted; }
