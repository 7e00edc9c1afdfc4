# kubeconfig PORT NAMESPACE: a kubectl that asks a double of the API server there, and nobody else.
kubeconfig() {
	export KUBECONFIG=$SCRATCH/kubeconfig HOME=$SCRATCH
	cat >kubeconfig <<-END
		apiVersion: v1
		kind: Config
		clusters: [{name: c, cluster: {server: "http://127.0.0.1:$1"}}]
		contexts: [{name: here, context: {cluster: c, namespace: $2}}]
		current-context: here
	END
}
