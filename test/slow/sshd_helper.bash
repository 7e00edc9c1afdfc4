# Hosts on loopback, each a real sshd of its own.

# sshd_host NAME PORT PREFIX: what is run there is run as PREFIX sh -c COMMAND; ssh.conf has the way to it.
sshd_host() {
	[ -d /run/sshd ] || { mkdir /run/sshd && made_run=1; }
	[ -e host ] || ssh-keygen -q -t ed25519 -N '' -f host
	[ -e id ] || ssh-keygen -q -t ed25519 -N '' -f id
	cat >"sshd.$1.conf" <<-END
		ListenAddress 127.0.0.1
		Port $2
		HostKey $SCRATCH/host
		AuthorizedKeysFile $SCRATCH/id.pub
		StrictModes no
		PidFile none
		ForceCommand PATH=$PATH $3 sh -c "\$SSH_ORIGINAL_COMMAND"
	END
	bg /usr/sbin/sshd -D -f "sshd.$1.conf" -E "sshd.$1.log"
	printf 'Host %s\nHostName 127.0.0.1\nPort %s\nIdentityFile %s\nStrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n' \
		"$1" "$2" "$SCRATCH/id" >>ssh.conf
	wait_for 5 port_open "$2"
}

# end_sshd: for teardown.
end_sshd() {
	end_bg
	[ -z "${made_run:-}" ] || rmdir /run/sshd
}
