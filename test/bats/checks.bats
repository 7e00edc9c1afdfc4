# The checks themselves can fail: a tree with one breach of each rule.
load helper

setup() {
	scratch
	mkdir -p lib/base lib/plan lib/stream lib/sys lib/net lib/conf cmd/a cmd/b service
	echo 'int fine;' > lib/base/fine.c
}

# breach FILE TEXT WHAT: a tree with that file is refused with those words.
breach() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" > "$1"
	run "$ROOT/test/check-layers" .
	rm "$1"
	assert_failure 1
	assert_line --partial "$1:"
	assert_line --partial "$3"
}

@test "check-layers accepts what keeps the rules" {
	echo '#include "base/fine.h"' > lib/stream/x.c
	printf '/* exit(1) and\n printf("x") in a comment */ const char *s = "exit(1); /proc";\n' \
		> lib/base/words.c
	echo '#include <uv.h>' > lib/sys/loop_linux.c
	echo '#include <sys/timerfd.h>' > lib/sys/x_linux.c
	echo '#include "own.h"' > cmd/a/main.c
	run "$ROOT/test/check-layers" .
	assert_success
}

@test "check-layers finds layers crossed" {
	breach lib/base/x.c '#include "sys/file.h"' 'lib/base may not use lib/sys'
	breach lib/plan/x.c '#include "stream/json.h"' 'lib/plan may not use lib/stream'
	breach lib/stream/x.h '#include "sys/file.h"' 'lib/stream may not use lib/sys'
	breach lib/net/x.c '#include "conf/config.h"' 'lib/net may not use lib/conf'
	breach lib/conf/x.c '#include "../../cmd/a/a.h"' 'by a path of its own'
	breach cmd/a/x.c '#include "../b/b.h"' 'by a path of its own'
	breach cmd/a/x.c '#include "cmd/b/b.h"' 'by a path of its own'
}

@test "check-layers finds folders of a program crossed" {
	breach cmd/chaos-plot/input/x.c '#include "draw/axes.h"' 'input may not use draw'
	breach cmd/chaos-fault/journal/x.h '#include "faults/fault.h"' 'journal may not use faults'
	breach cmd/chaos-fault/attic/x.c '#include "base/fine.h"' 'attic is a folder without a place'
	mkdir -p cmd/chaos-plot/pictures
	printf '#include "draw/axes.h"\n#include "options.h"\n#include "pictures/y.h"\n' >cmd/chaos-plot/pictures/x.c
	run "$ROOT/test/check-layers" .
	assert_success
}

@test "check-layers finds folders that no rule knows, and headers that include one another" {
	breach lib/attic/x.c '#include "base/fine.h"' 'without a rule'
	breach cmd/chaos-new/room/x.c '#include "base/fine.h"' 'without a place in the floors of chaos-new'
	echo '#include "y.h"' >cmd/a/x.h
	echo '#include "x.h"' >cmd/a/y.h
	run -1 "$ROOT/test/check-layers" .
	assert_regex "$output" '^circle of headers: cmd/a/(x.h -> cmd/a/y|y.h -> cmd/a/x).h$'
	rm cmd/a/[xy].h
	echo '#include "base/y.h"' >lib/base/x.h
	echo '#include "base/z.h"' >lib/base/y.h
	echo '#include "base/x.h"' >lib/base/z.h
	run -1 "$ROOT/test/check-layers" .
	assert_regex "$output" '^circle of headers: (lib/base/[xyz].h -> ){2}lib/base/[xyz].h$'
}

@test "check-layers finds third-party headers outside their module" {
	breach lib/net/http.c '#include <curl/curl.h>' 'lib/net/curl/'
	breach cmd/a/x.c '#include <hiredis/async.h>' 'lib/net/redis/'
	breach lib/sys/other_linux.c '#include <uv.h>' 'lib/sys/loop_linux'
	breach lib/conf/config.c '#include <yaml.h>' 'lib/conf/yaml'
	breach cmd/a/x.c '#include <jansson.h>' 'lib/stream/json'
	breach cmd/a/x.c '#include <microhttpd.h>' 'service/'
	breach lib/base/x.c '#include <cmocka.h>' 'test/unit'
}

@test "check-layers finds what a library must not do" {
	breach lib/conf/x.c 'void f(void) { exit(1); }' 'never exits'
	breach lib/conf/x.c 'void f(void) { _exit(1); }' 'never exits'
	breach lib/conf/x.c 'void f(void) { printf("x"); }' 'never prints'
	breach lib/conf/x.c 'void f(void) { fputs("x", stdout); }' 'never prints'
	breach lib/conf/x.c 'void f(void) { fputs("x", stderr); }' 'diag.c'
	breach lib/conf/x.c 'void f(void) { getenv("HOME"); }' 'environment'
	breach lib/conf/x.c 'int f(int argc, char **argv);' 'command line'
	breach lib/conf/x.c 'typedef struct x x;' 'typedef'
}

@test "check-layers finds what builds for tests would not be made anew for" {
	breach cmd/a/x.h '#include "seam.h"' 'a build for tests differs'
	breach cmd/a/x.h '#ifdef CHAOS_MUTANTS' 'a build for tests differs'
	breach lib/base/x.c 'int x = 5 / CHAOS_BOUND_DIVISOR;' 'a build for tests differs'
	printf '#include "seam.h"\n#ifdef CHAOS_MUTANTS\n#endif\n' >cmd/a/x.c
	echo '#define CHAOS_BOUND_DIVISOR 1' >cmd/a/seam.h
	run "$ROOT/test/check-layers" .
	assert_success
}

@test "check-layers finds Linux outside its files" {
	breach lib/sys/file.c '#include <sys/epoll.h>' '_linux.c'
	breach cmd/a/x.c 'int f(void) { return prctl(1); }' 'Linux'
	breach cmd/a/x.c 'const char *p = "/proc/self/fd";' 'Linux'
}

@test "check-layers finds what is too long" {
	breach lib/base/x.c "$(seq -f 'int x%g;' 401)" 'longer than 400'
	breach cmd/a/main.c "$(seq -f 'int x%g;' 61)" 'longer than 60'
	breach lib/base/x.c "$(printf 'void f(void)\n{\n'; seq -f '	g(%g);' 41; echo '}')" '40 is the limit'
}

@test "check-man finds missing pages, options and exit codes, and bad mdoc" {
	mkdir -p bin man cmd/chaos-x
	cp "$ROOT/lib/base/exit.h" lib/base/
	grep -v '^| 5' "$ROOT/README.md" > README.md
	printf '/* EXIT_STOPPED */\nif (a == EXIT_RESIDUE)\n\treturn EXIT_NO;\n' > cmd/chaos-x/x.c
	printf 'int lib = EXIT_OK;\n' > lib/base/err.c
	mkdir lib/cli
	printf '#!/bin/sh\necho "      --known N  x"\necho "      --lost  y"\n' > bin/chaos-x
	chmod +x bin/chaos-x
	run "$ROOT/test/check-man" bin man
	assert_failure 1
	assert_line --partial "no page for chaos-x"
	printf '.Dd January 1, 2026\n.Dt CHAOS-X 1\n.Os\n.Sh NAME\n.Nm chaos-x\n.Nd tests\n.Sh OPTIONS\n.Bl -tag -width Ds\n.It Fl Fl known\nx\n.El\n' > man/chaos-x.1
	run "$ROOT/test/check-man" bin man
	assert_failure 1
	assert_line --partial "chaos-x.1 lacks --lost"
	refute_line --partial -- "--known"
	assert_line --partial "README.md lacks '5: a fault may still be active'"
	assert_line_says "$output" "EXIT STATUS of chaos-x.1" sources "< 0 done < 1 the answer is no"
	printf '.Sh EXIT STATUS\n.Bl -tag -width Ds\n.It 0\nDone.\n.It 1\nThe answer is no: x.\n.El\n' >> man/chaos-x.1
	cp "$ROOT/README.md" .
	run "$ROOT/test/check-man" bin man
	assert_failure 1
	refute_output --regexp "EXIT STATUS|README"
	sed -i 's/known/lost/; s/^\.Sh OPTIONS/.Sh OPTIONS\n.Bogus/' man/chaos-x.1
	run "$ROOT/test/check-man" bin man
	assert_failure 1
	assert_line --partial "Bogus"
}

@test "check-objects finds clashing names and mutable state" {
	printf 'int counter; static const char *word = "x";\nconst char *next(void) { counter++; word++; return word; }\n' > a.c
	cc -c -fPIE a.c
	ar rcs libx.a a.o
	echo 'int main(void) { return 0; }' > m.c
	cc -o m m.c
	run "$ROOT/test/check-objects" libx.a ./m
	assert_failure 1
	assert_line --partial "a.o: counter"
	assert_line --partial "a.o: word"
	printf 'int puts(const char *s); int puts(const char *s) { return *s; }\n' > a.c
	cc -c -fPIE a.c
	rm libx.a
	ar rcs libx.a a.o
	run "$ROOT/test/check-objects" libx.a ./m
	assert_failure 1
	assert_line --partial "libc.so.6's: puts"
	printf 'const char *const words[] = {"x"}; const int n = 3;\n' > a.c
	cc -c -fPIE a.c
	rm libx.a
	ar rcs libx.a a.o
	run "$ROOT/test/check-objects" libx.a ./m
	assert_success
}

# circles: compiles the sources here and looks at what they call.
circles() {
	local c
	while read -r c; do
		mkdir -p "o/$(dirname "$c")"
		cc -c -o "o/${c%.c}.o" "$c" || return 2
	done < <(find lib cmd -name '*.c')
	run --separate-stderr "$ROOT/test/check-circles" o .
}

@test "check-circles finds circles of files and of folders, and names given twice" {
	echo 'void b(void); void a(void) { b(); }' >lib/base/a.c
	echo 'void b(void) {}' >lib/base/b.c
	circles
	assert_success
	echo 'void a(void); void b(void) { a(); }' >lib/base/b.c
	circles
	assert_failure 1
	[[ $stderr == *"circle of files: lib/base/"* ]]
	# Through two files of each folder no file calls back, but the folders do.
	echo 'void c(void); void b(void) { c(); }' >lib/base/b.c
	echo 'void c(void) {}' >lib/plan/c.c
	echo 'void fine(void); void d(void); void d(void) { fine(); }' >lib/plan/d.c
	echo 'void fine(void) {}' >lib/base/fine.c
	circles
	assert_failure 1
	[[ $stderr != *"circle of files"* && $stderr == *"circle of folders: lib/base"* ]]
	# Two programs may not see one another, but a name means one thing in both.
	rm lib/base/b.c lib/plan/d.c
	echo 'void b(void) {}' >cmd/a/b.c
	echo 'void b(void) {}' >cmd/b/b.c
	echo 'void run(void) {}' >cmd/a/run.c
	echo 'void run(void) {}' >cmd/b/run.c
	echo 'void a(void) {}' >lib/base/a.c
	circles
	assert_failure 1
	[[ $stderr == *"b is defined in cmd/a/b.o cmd/b/b.o"* && $stderr != *run* ]]
}

# says 0|1 COMMAND…: it succeeds, or fails.
says() {
	local rc=0 want=$1
	shift
	("$@") >/dev/null 2>&1 || rc=1
	[ "$want" = "$rc" ] || fail "$* gives $rc"
}
@test "what tests say of output, lines and status is false where it is not so" {
	output=$'one two\nthree' lines=('one two' three) status=3
	while read -r want words; do
		# shellcheck disable=SC2086
		eval "says $want $words" </dev/null
	done <<-'END'
		0 assert_output $'one two\nthree'
		1 assert_output one
		0 assert_output --partial two
		1 assert_output --partial four
		0 assert_output --regexp '^one.*e$'
		1 assert_output --regexp '^three'
		1 assert_output --regexp '('
		0 assert_output - <<<$output
		1 assert_output - <<<one
		0 assert_output
		1 refute_output
		0 refute_output --partial four
		1 refute_output --partial two
		1 refute_output --regexp '('
		0 assert_line three
		1 assert_line one
		0 assert_line --partial two
		1 assert_line --partial four
		0 assert_line --regexp '^thr'
		0 assert_line --index 1 three
		1 assert_line --index 0 three
		0 assert_line --index 0 --partial two
		1 assert_line --index 1 --regexp two
		0 refute_line one
		1 refute_line three
		1 refute_line --partial two
		0 assert_equal 'a*' 'a*'
		1 assert_equal ab 'a*'
		0 assert_regex abc b
		1 assert_regex abc d
		0 assert_failure
		0 assert_failure 3
		1 assert_failure 2
		1 assert_success
		0 assert true
		1 assert false
		0 refute false
		1 refute true
		1 fail word
	END
	output='' lines=() status=0
	says 1 assert_output
	says 0 refute_output
	says 0 assert_success
	says 1 assert_failure
	says 1 assert_line ''
	says 0 refute_line ''
}

@test "make -n check shows what it would do, and does none of it" {
	run -0 env -u MAKEFLAGS BATS="$SCRATCH/none.bats" make -n -C "$ROOT" check LOGS="$SCRATCH/logs" CHECKS=layers
	assert_line --regexp "^MAKE='.*' test/check $SCRATCH/logs layers\$"
	[ ! -e logs ]
}

@test "make torture runs all its parts, and then fails if one did" {
	mkdir test
	for part in torture torture-loss torture-faults; do
		printf '#!/bin/sh\necho "$0 $*"; exit %s\n' "$([ $part != torture-faults ] && echo 1 || echo 77)" > test/$part
		chmod +x test/$part
	done
	run -2 env -u MAKEFLAGS make -s -f "$ROOT/test/check.mk" -o torture-build torture KILLS=5
	assert_line 'test/torture 5'
	assert_line --regexp '^test/torture-loss ?$'
	assert_line 'test/torture-faults 5'
	assert_line 'failed: torture torture-loss'
}

@test "check-asserts finds what asserts nothing where it fails" {
	cat >x.bats <<'END'
x() {
	[ -e a ] && [ -e b ]
	[ "$(wc -l <a)" -gt 1 ] && [ "$(wc -l <'a b')" -lt 9 ]
	[ -e a ] && [ -e 'b &&
		c' ]
	if [ -e a ] && [ -e b ]; then true; fi
	awk 'NR > 1 &&
		$1 && $2' "a && b" # it's && this
	[ -e a ] && return
	(cd a && touch b)
	[ "$a" ] || [ "$b" ] && [ "$c" ]
	[ -e a ] && [ -e b ]
}
END
	run -1 "$ROOT/test/check-asserts" x.bats
	[ "$(grep -o 'x.bats:[0-9]*' <<<"$output" | tr '\n' ' ')" = 'x.bats:2 x.bats:3 x.bats:4 ' ]
	sed -i '2,5d' x.bats
	run -0 "$ROOT/test/check-asserts" x.bats
}
