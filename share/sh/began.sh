# Of libexec/trials, which sources it, and of share/spread/agent.sh, in front of which it goes to other machines.
# shellcheck shell=sh

# began PID: whether that child is its program. Until then it is a copy of this shell, which forgets a signal or ignores it.
began() {
	mine='' its=''
	read -r mine <"/proc/$$/cmdline" || :
	{ read -r its <"/proc/$1/cmdline"; } 2>/dev/null || :
	[ "$its" != "$mine" ]
}
