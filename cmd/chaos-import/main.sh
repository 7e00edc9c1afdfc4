#!/bin/sh
# Turns an experiment of the Chaos Toolkit into a scenario and a config, or says line by line what it cannot. What the
# experiment means is in share/import/chaostoolkit.jq; chaos-scenario reads the file, JSON or YAML.
set -eu
program=chaos-import version=@VERSION@
options='--config --node --load --rps --before --programs --heals --takes --partial --lint --force --help --version'
share=$(dirname "$(readlink -f "$0")")/../share/chaos
[ -d "$share" ] || share=${share%/share/*}/../share
# shellcheck source=share/sh/common.sh
. "$share/sh/common.sh"

usage() {
	cat <<-END
	$program: a scenario from an experiment of the Chaos Toolkit

	Usage: $program [OPTION]... EXPERIMENT > scenario.yaml
	       $program --lint EXPERIMENT...

	EXPERIMENT is JSON or YAML; '-' is standard input.

	Options:
	      --config FILE         write the nodes of its faults there, as a config
	      --node NAME=URL       where that container, service or unit answers
	      --load URL            what the load asks for (the first URL of a probe)
	      --rps N               requests per second of the load (20)
	      --before SPAN         time for the hypothesis before the method (15s)
	      --programs DIR        make faults of what is not known here, in DIR/faults
	      --heals               with it: what has no rollback heals by itself
	      --takes SECONDS       how long each activity of those may take (60)
	      --partial             print what could be turned, even if that is not all
	      --lint                say what the experiment does not check or put back
	      --force               replace the file of --config
	  -h, --help                say this
	      --version             say which version this is

	More in $program(1).
	END
}

config='' nodes='' load='' rps=20 before=15s programs='' heals='' takes=60 partial='' lint='' force=''
asked "$@"
for word; do # options are taken out; what stays are files
	shift
	if [ -n "${wanted:-}" ]; then
		case $wanted in
		nodes) nodes="$nodes$word
" ;;
		*) eval "$wanted=\$word" ;;
		esac
		wanted=
		continue
	fi
	case $word in
	--config | --load | --rps | --before | --programs | --takes) wanted=${word#--} ;;
	--node) wanted=nodes ;;
	--config=* | --load=* | --rps=* | --before=* | --programs=* | --takes=*)
		wanted=${word%%=*}
		eval "${wanted#--}=\${word#*=}"
		wanted=
		;;
	--node=*) nodes="$nodes${word#*=}
" ;;
	--partial | --lint | --force | --heals) eval "${word#--}=1" ;;
	-?*) unknown_option "$word" ;;
	*) set -- "$@" "$word" ;;
	esac
done
[ -z "${wanted:-}" ] || die 2 "option '$word' needs a value"
[ $# -gt 0 ] || die 2 "say which experiment; see '$program --help'"
[ $# -eq 1 ] || [ -n "$lint" ] || die 2 "unexpected '$2': one experiment makes one scenario"
[ -z "$lint" ] || [ -z "$config$nodes$load$partial" ] || die 2 "--lint turns nothing: it takes files alone"
printf %s "$nodes" | while IFS= read -r node; do
	case $node in
	?*=*://?*) ;;
	*) die 2 "--node '$node' is not NAME=URL" ;;
	esac
done || exit 2
case $load in '' | http://?* | https://?*) ;; *) die 2 "--load '$load' is no http:// or https:// URL" ;; esac
echo "$rps" | grep -Eqx '[0-9]+(\.[0-9]+)?' || die 2 "--rps '$rps' is no number"
echo "$takes" | grep -Eqx '[1-9][0-9]*' || die 2 "--takes '$takes' is no number of seconds"
[ -n "$programs" ] || [ -z "$heals" ] || die 2 "--heals goes with --programs"
echo "$before" | grep -Eqx '([0-9]+(\.[0-9]+)?(ms|s|m|h)?)+' || die 2 "--before '$before' is no span, as 10s"
[ -z "$config" ] || [ -n "$force" ] || [ ! -e "$config" ] || die 2 "'$config' exists; --force replaces it"

temporary_folder
scenario=$(dirname "$(readlink -f "$0")")/chaos-scenario
found=0
for file; do
	shown=$file
	if [ "$file" = - ]; then
		no_folder
		cat >"$tmp/stdin"
		file=$tmp/stdin shown='standard input'
	fi
	"$scenario" --places --scenario "$file" >"$tmp/places" 2>"$tmp/err" || {
		code=$?
		sed "s|^chaos-scenario: |$program: |; s|$tmp/stdin|standard input|" "$tmp/err" >&2
		exit "$code"
	}
	label=$(basename "$file" | sed 's/\.[a-z]*$//; s/[^A-Za-z0-9_-]/-/g; s/^[^A-Za-z]/x&/' | cut -c 1-40)
	jq -n --arg fault "$label" --arg folder "$(cd "$(dirname "$file")" && pwd)" --arg programs "$programs" --arg heals "$heals" \
		--argjson takes "$takes" --arg nodes "$nodes" --arg load "$load" --arg rps "$rps" --arg before "$before" \
		-L "$share/import" -f "$share/import/chaostoolkit.jq" "$tmp/places" >"$tmp/turned" 2>"$tmp/err" ||
		die 2 "$shown: this is not as the Chaos Toolkit has it: $(sed -n '1s/^jq: error ([^)]*): //p' "$tmp/err")"
	wrong=$(jq -r '.wrong // empty' "$tmp/turned")
	[ -z "$wrong" ] || die 2 "$shown:$wrong"
	if [ -n "$lint" ]; then
		jq -r --arg file "$shown" '.lint[] | "\($file):\(.)"' "$tmp/turned" >"$tmp/lines"
		[ ! -s "$tmp/lines" ] || found=1
		print <"$tmp/lines"
	fi
done
[ -z "$lint" ] || exit "$found"

jq -r --arg at "$program: $shown" '(.notes[] | "\($at):\(.at): note: \(.text)"), (.cannot[] | "\($at):\(.at): \(.text)")' "$tmp/turned" >&2
read -r whole needed made <<-END
	$(jq -r '"\(.cannot | length) \(.nodes) \(.programs | length)"' "$tmp/turned")
END
if [ "$whole" -ne 0 ] && [ -z "$partial" ]; then
	die 1 "$shown: not all of it can be turned ($whole), so no scenario is printed; --partial prints the rest"
fi
if [ -n "$config" ]; then
	jq -r '.config' "$tmp/turned" >"$tmp/config"
	cp "$tmp/config" "$config" 2>/dev/null || die 6 "cannot write '$config'"
elif [ "$needed" -gt 0 ]; then
	printf '%s: its faults need nodes in the config; --config FILE writes them\n' "$program" >&2
fi
if [ -n "$programs" ] && [ "$made" -gt 0 ]; then
	mkdir -p "$programs/faults" || die 6 "cannot make '$programs/faults'"
	for name in $(jq -r '.programs[].name' "$tmp/turned"); do
		to=$programs/faults/$name
		[ -n "$force" ] || [ ! -e "$to" ] || die 2 "'$to' exists; --force replaces it"
		jq -r --arg name "$name" '.programs[] | select(.name == $name) | .text' "$tmp/turned" >"$tmp/program"
		cp "$tmp/program" "$to" 2>/dev/null || die 6 "cannot write '$to'"
		chmod 755 "$to"
	done
	printf '%s: its faults are programs: export CHAOS_PATH=%s\n' "$program" "$(cd "$programs" && pwd)" >&2
fi
jq -r '.scenario' "$tmp/turned" >"$tmp/scenario"
print <"$tmp/scenario"
[ "$whole" -eq 0 ] || exit 1
