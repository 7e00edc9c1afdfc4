# bootstrap in a world of stand-ins: a PATH that holds only what a test puts there, so that
# nothing is installed and nothing of this machine is touched.
load helper

setup() {
	scratch
	local tool
	mkdir -p bin root/usr/sbin root/etc/systemd/system
	cp "$ROOT/bootstrap" .
	# All that bootstrap looks for, but for what a test takes away.
	for tool in gcc make jq gnuplot redis-server redis-cli redis-sentinel nginx haproxy etcd python3 bats prove \
		mandoc mawk zsh curl xmllint bc openssl setsid ps pkg-config strace ss tc nft stress-ng cppcheck shellcheck; do
		echo '#!/bin/sh' >bin/$tool
	done
	chmod +x bin/*
	type -P sh cat sed grep sort tr dirname install rm env readlink chmod | xargs ln -s -t bin
	stub make 'echo "make $*" >> log'
	stub id 'echo 0'
	stub nproc 'echo 3'
	stub dpkg 'echo "dpkg $*" >> log'
	stub update-rc.d 'echo "update-rc.d $*" >> log'
	stub invoke-rc.d 'echo "invoke $*" >> log'
	export CHAOS_BOOTSTRAP_ROOT=$SCRATCH/root
	policy=root/usr/sbin/policy-rc.d
}

stub() {
	printf '#!/bin/sh\n%s\n' "$2" > "bin/$1.new"
	chmod +x "bin/$1.new"
	mv "bin/$1.new" "bin/$1"
}

# An apt-get that brings the named commands, and notes what the policy said meanwhile.
apt_brings() {
	stub apt-get 'echo "apt $*" >> log
case $* in *install*)
	if [ -e '$policy' ]; then sh '$policy'; echo "policy $?" >> log; fi
	for c in '"$*"'; do printf "#!/bin/sh\n" > bin/$c; chmod +x bin/$c; done ;;
esac'
}

bootstrap() {
	local shell
	shell=$(command -v dash)
	run --separate-stderr env CI="${BUILD_SERVER:-}" PATH="$SCRATCH/bin" "$shell" ./bootstrap "$@"
}

# Nothing of the kind was called.
never() {
	if [ -e log ] && grep "$1" log; then
		fail "was called: $1"
	fi
}

@test "nothing is missing: make runs with the arguments, and nothing else" {
	stub apt-get 'echo "apt $*" >> log'
	bootstrap check V=dev
	assert_success
	assert_equal "$(cat log)" "make -j3 check V=dev"
	[ ! -e "$policy" ]
}

@test "without apt-get the packages are named, and it stops" {
	rm bin/jq bin/gnuplot
	bootstrap check
	assert_failure 1
	assert_says "$stderr" bootstrap: "no apt-get" "gnuplot-nox jq"
	[ ! -e log ]
}

@test "neither root nor sudo: the packages are named, and it stops" {
	rm bin/jq
	stub apt-get 'echo "apt $*" >> log'
	stub id 'echo 1000'
	bootstrap check
	assert_failure 1
	assert_says "$stderr" bootstrap: root sudo jq
	[ ! -e log ]
}

@test "with sudo it installs through it" {
	rm bin/jq
	apt_brings jq
	stub id 'echo 1000'
	stub sudo 'echo sudo >> log; exec "$@"'
	bootstrap all
	assert_success
	grep -q '^sudo$' log
	grep -q '^apt install .* jq $\|^apt install .* jq$' log
	[ ! -e "$policy" ]
}

@test "what brings a service is installed with services held back, then disabled" {
	rm bin/redis-server bin/jq
	apt_brings redis-server jq
	ln -s /lib/systemd/system/redis-server.service root/etc/systemd/system/redis.service
	ln -s /lib/systemd/system/other.service root/etc/systemd/system/alias.service
	bootstrap demo
	assert_success
	grep -q '^apt install .*--no-install-recommends.* jq redis-server' log
	grep -q '^policy 101$' log
	grep -q '^update-rc.d redis-server disable$' log
	never 'nginx disable'
	never invoke # nothing was started, nothing is stopped
	assert_equal "$(ls root/etc/systemd/system)" alias.service
	assert_equal "$(tail -n 1 log)" "make -j3 demo"
	[ ! -e "$policy" ]
}

@test "what only the tests need is installed for them, not for the demo, a build or an installation" {
	local target
	rm bin/bats bin/nginx bin/strace bin/shellcheck bin/redis-cli bin/jq
	apt_brings jq
	bootstrap demo
	assert_success
	assert_equal "$(sed -n 's/^apt install.*=300 \([^ ]*\) *$/\1/p' log)" jq
	rm log
	for target in '' all demo install "install PREFIX=/x demo" "-k all"; do
		# shellcheck disable=SC2086 # words
		bootstrap $target
		assert_success
		never apt
	done
	apt_brings bats nginx strace shellcheck redis-cli
	bootstrap demo check
	assert_success
	grep -q '^apt install .* bats nginx-light redis-tools shellcheck strace' log
}

@test "container engines: never on a user's machine; on a build server, with their services off" {
	local services='docker docker.socket containerd podman podman.socket podman-restart'
	stub runc 'exit 0'
	stub ip 'exit 0'
	stub iptables 'exit 0'
	stub systemctl 'echo "systemctl $*" >> log'
	apt_brings dockerd docker-compose podman kubectl systemd-nspawn
	bootstrap check
	assert_success
	never 'apt\|systemctl'
	BUILD_SERVER=false bootstrap check
	assert_success
	never 'apt\|systemctl'
	BUILD_SERVER=true bootstrap check
	assert_success
	grep -q '^apt install .* docker-compose docker.io kubernetes-client podman systemd-container' log
	grep -q '^policy 101$' log
	for service in $services; do
		grep -q "^systemctl --quiet disable $service\$" log || fail "$service is not disabled"
	done
	never invoke
	[ ! -e "$policy" ]
}

@test "an administrator's policy-rc.d is left as it is, and what it let start is stopped" {
	rm bin/haproxy
	apt_brings haproxy
	printf '#!/bin/sh\nexit 7 # mine\n' > "$policy"
	cp "$policy" before
	bootstrap check
	assert_success
	cmp "$policy" before
	grep -q '^policy 7$' log
	grep -q '^update-rc.d haproxy disable$' log
	grep -q '^invoke haproxy stop$' log
}

@test "a failed installation is said, takes the policy away, and does not run make" {
	rm bin/jq
	stub apt-get 'case $* in *install*) exit 100 ;; esac'
	bootstrap all
	assert_failure 1
	assert_line_says "$stderr" bootstrap: apt-get not install jq
	[ ! -e "$policy" ]
	never '^make'
}

@test "packages that do not bring what they should are said" {
	rm bin/jq
	stub apt-get 'exit 0'
	bootstrap all
	assert_failure 1
	assert_line_says "$stderr" bootstrap: missing jq
	never '^make'
}

@test "TERM in the middle: services off, policy gone" {
	rm bin/redis-server
	stub apt-get 'case $* in *install*) kill -TERM $PPID ;; esac'
	bootstrap all
	assert_failure 143
	[ ! -e "$policy" ]
	grep -q '^update-rc.d redis-server disable$' log
	never '^make'
}

@test "what a killed run left is finished by the next" {
	rm bin/redis-server
	stub apt-get 'case $* in *install*) printf "#!/bin/sh\n" > bin/redis-server
		chmod +x bin/redis-server; kill -KILL $PPID ;; esac'
	bootstrap all
	assert_failure 137
	[ -e "$policy" ]
	never update-rc.d
	bootstrap all # nothing is missing any more
	assert_success
	[ ! -e "$policy" ]
	grep -q '^update-rc.d redis-server disable$' log
}

@test "--help says what it does, and does nothing; an unknown target is answered with the known" {
	bootstrap --help
	assert_success
	assert_line --partial "Usage: ./bootstrap"
	for target in demo check install all; do assert_output --regexp "\b$target\b"; done
	[ ! -e log ]
	stub make "echo \"make: *** No rule to make target 'chekc'.  Stop.\" >&2; exit 2"
	bootstrap chekc
	assert_failure 2
	[[ $stderr == *"No rule to make target 'chekc'"*"Targets:"*demo* ]] || fail "$stderr"
}
