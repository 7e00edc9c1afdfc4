# Hosts on loopback, each a real sshd of its own.

# sshd_room: the folder without which sshd of root takes no connection, for this test and those beside it. Each holds a lock
# on it; the last one takes it away, if one of them has made it, which a file in it tells. Who comes and who goes waits for the other.
sshd_room() {
	local door
	exec {door}</run && flock "$door"
	[ -d /run/sshd ] || { mkdir /run/sshd && : >/run/sshd/of-tests; }
	exec {SSHD_ROOM}</run/sshd && flock -s "$SSHD_ROOM"
	exec {door}<&-
}
leave_sshd_room() {
	local door
	exec {door}</run && flock "$door"
	if flock -nx "$SSHD_ROOM" && [ -e /run/sshd/of-tests ]; then rm -r /run/sshd; fi
	flock -u "$SSHD_ROOM"
	exec {door}<&- {SSHD_ROOM}<&-
}

# sshd_host NAME PORT PREFIX: what is run there is run as PREFIX sh -c COMMAND; ssh.conf has the way to it.
sshd_host() {
	[ -n "${SSHD_ROOM:-}" ] || sshd_room
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

# shifted MS: what stands before a command for a wall clock that is so much ahead. libfaketime would shift timers as well,
# those of the monotonic clock too: a load whose clock is ahead would spin, one whose clock is behind send late.
shifted() {
	cat >shift.c <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		#include <time.h>
		int clock_gettime(clockid_t id, struct timespec *t)
		{
			int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
			const char *by = getenv("SHIFT_MS");
			int rc = real(id, t);
			long long ns = t->tv_sec * 1000000000LL + t->tv_nsec + (by ? atoll(by) * 1000000 : 0);
			if (id == CLOCK_REALTIME && !rc)
				*t = (struct timespec){ns / 1000000000, ns % 1000000000};
			return rc;
		}
	END
	[ -e shift.so ] || "${CC:-cc}" -shared -fPIC -o shift.so shift.c
	echo "SHIFT_MS=$1 LD_PRELOAD=$SCRATCH/shift.so"
}

# end_sshd: for teardown.
end_sshd() {
	end_bg
	[ -z "${SSHD_ROOM:-}" ] || leave_sshd_room
}
