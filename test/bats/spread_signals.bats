# chaos-spread: signals, at moments that are made wide.
load helper
load load_helper

setup() {
	scratch
	free_ports 1
	URL=http://127.0.0.1:${PORTS[0]}
}

teardown() {
	end_bg
}

# slow PROGRAM: on PATH one that says in the file "slow" that it is called, and then takes a second.
slow() {
	mkdir -p bin
	printf '#!/bin/sh\necho >"%s/slow"\nsleep 1\nexec "%s" "$@"\n' "$PWD" "$(type -P "$1")" >"bin/$1"
	chmod +x "bin/$1"
}

@test "a signal while a load is being started, and is not yet the program, reaches it" {
	node_on "${PORTS[0]}"
	cat >late.c <<-'END' # the third child of a place's shell is late: the file "late" has its pid, and "became" the program it became
		#include <dlfcn.h>
		#include <stdio.h>
		#include <string.h>
		#include <time.h>
		#include <unistd.h>
		static char argv[16];
		__attribute__((constructor)) static void begin(void)
		{
			int pid = 0;
			FILE *f = fopen("/proc/self/cmdline", "r");
			if (!f || !fread(argv, 1, sizeof argv - 1, f) || fclose(f) || !(f = fopen("late", "r")))
				return;
			if (fscanf(f, "%d", &pid) == 1 && pid == getpid() && freopen("became", "w", f))
				fputs(argv, f);
			fclose(f);
		}
		pid_t fork(void)
		{
			static int forks;
			pid_t (*real)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
			pid_t pid = (forks++, real());
			if (pid || forks != 3 || memcmp(argv, "sh\0-c", 6) != 0)
				return pid;
			FILE *f = fopen("late", "w");
			fprintf(f, "%d\n", (int)getpid());
			fclose(f);
			for (struct timespec left = {3, 0}; nanosleep(&left, &left);)
				;
			return pid;
		}
	END
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o late.so late.c
	LD_PRELOAD=$PWD/late.so chaos-spread --on local:1 --delay 30 -- chaos-load -q -r 100 -d 60s -X POST "$URL/work" >none.csv 2>err 3>&- &
	spread=$!
	wait_for 20 test -s late
	kill -TERM $spread
	code=0
	wait_for 10 gone $spread || kill -KILL $spread
	wait $spread || code=$?
	assert_equal "$(tr -d '\0' <became | head -c 10)" chaos-load
	assert_equal "$code $(cat err)" '143 '
	[ "$(wc -l <none.csv)" -le 1 ]
}

@test "what looks for signs of life is gone before the last look at the clock" {
	node_on "${PORTS[0]}"
	cat >thief.c <<-'END' # head -c 1 waits for what is longer than signs, and takes a byte from the midst of it
		#include <dlfcn.h>
		#include <stdio.h>
		#include <string.h>
		#include <sys/ioctl.h>
		#include <unistd.h>
		ssize_t read(int fd, void *to, size_t len)
		{
			ssize_t (*real)(int, void *, size_t) = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
			char argv[16] = "";
			FILE *f = fd == 0 && len == 1 ? fopen("/proc/self/cmdline", "r") : NULL;
			size_t got = f ? fread(argv, 1, sizeof argv - 1, f) : 0;
			int waits = 0;
			if (f)
				fclose(f);
			if (got && memcmp(argv, "head\0-c\0", 8) == 0)
				while (ioctl(fd, FIONREAD, &waits) == 0 && (waits == 0 || waits > 8))
					;
			return real(fd, to, len);
		}
	END
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o thief.so thief.c
	local code=0
	LD_PRELOAD=$PWD/thief.so chaos-spread --on local:1 --summary load.json --delay 4 -- chaos-load -q --pace-slack 10s -r 20 -d 500ms \
		-X POST "$URL/work" >all.csv || code=$?
	# A machine that stands still makes the load unsound, which is no matter here.
	assert_equal "$code" "$(jq 'if .sound then 0 else 3 end' load.json)"
	[ "$(wc -l <all.csv)" -eq 11 ]
	jq -e '.shards | length == 1 and all(.after_ms != null)' load.json
}

# A terminal, and timeout, send a signal to all processes.
@test "a signal to the whole group in the midst of something ends nothing by halves, and nothing is said" {
	node_on "${PORTS[0]}"
	local name code
	for name in mv steady-mv date; do # while it locks its folder; while it writes when slot 0 is due; wherever it looks at the clock
		rm -rf bin slow
		slow "${name#*-}"
		[ "$name" != steady-mv ] || sed -i '2i case $* in */start) ;; *) exec mv "$@" ;; esac' bin/mv
		sed -i "2i PATH=${PATH@Q}" "bin/${name#*-}"
		PATH=$PWD/bin:$PATH setsid chaos-spread --on local:2 --delay 30 -- chaos-load -q -r 100 -d 60s -X POST "$URL/work" >none.csv 2>err 3>&- &
		spread=$!
		wait_for 20 test -e slow
		kill -TERM -- -$spread
		code=0
		wait_for 20 gone $spread || kill -KILL $spread
		wait $spread || code=$?
		assert_equal "$name $code $(cat err)" "$name 143 "
		[ "$(wc -l <none.csv)" -le 1 ]
		run ! ls -d "${TMPDIR:-/tmp}"/chaos-spread.*
	done
	# When all rows are in, there is nothing left to end.
	rm -rf bin slow
	slow jq
	PATH=$PWD/bin:$PATH setsid chaos-spread --on local:2 --delay 4 --summary load.json -- chaos-load -q --pace-slack 10s -r 20 -d 500ms -X POST "$URL/work" \
		>all.csv 2>err 3>&- &
	spread=$!
	wait_for 20 test -e slow
	kill -TERM -- -$spread
	code=0
	wait $spread || code=$?
	[ "$(wc -l <all.csv)" -eq 11 ]
	jq -e '.rows == 10 and .due == 10' load.json
	assert_equal "$code $(told_besides_lateness <err)" "$(jq 'if .sound then 0 else 3 end' load.json) "
	run ! ls -d "${TMPDIR:-/tmp}"/chaos-spread.*
}
