# The pods of a Job as places of chaos-spread: sourced, with its variables set.
# shellcheck shell=sh disable=SC2154

make_job() {
	job_name=chaos-spread-$(date +%s)-$$
	sed -e "s|@NAME@|$job_name|g" -e "s|@COUNT@|$count|g" -e "s|@IMAGE@|$image|g" "$job" >"$tmp/job.yaml"
	$kubectl apply -f "$tmp/job.yaml" >/dev/null || die 6 "no Job could be made; nothing was sent"
}

# Also where kubectl failed to make it, since it may be there all the same. Of what kubectl says, the last line is why.
delete_job() {
	why=$($kubectl delete job "$job_name" --wait=false --ignore-not-found 2>&1 >/dev/null) ||
		echo "$program: the Job '$job_name' could not be deleted, if there is one: $(printf '%s\n' "$why" |
			tail -n 1 | LC_ALL=C tr -d '\000-\011\013-\037\177')" >&2
}

# pod_of SHARD: name of the pod with that index, as soon as there is one that is ready.
pod_of() {
	until=$(($(date +%s) + 120))
	while kill -0 $$ 2>/dev/null && [ ! -e "$tmp/stopped" ]; do
		pods=$($kubectl get pods -l "job-name=$job_name" -o json) || return 1
		pod=$(printf %s "$pods" | jq -r --arg index "$(($1 - 1))" '
			[.items[] | select(.metadata.annotations["batch.kubernetes.io/job-completion-index"] == $index
				and .metadata.deletionTimestamp == null
				and any(.status.conditions[]?; .type == "Ready" and .status == "True"))]
			| sort_by(.metadata.creationTimestamp) | last // empty | .metadata.name')
		[ -z "$pod" ] || break
		[ "$(date +%s)" -lt $until ] || { echo "no pod was ready within two minutes" >&2 && return 1; }
		sleep 0.5
	done
	[ -n "$pod" ] && echo "$pod"
}
