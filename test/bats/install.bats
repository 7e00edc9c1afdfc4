# make install and uninstall, and the build's own promises: what is rebuilt when.
load helper

setup_file() {
	export DEST="$BATS_FILE_TMPDIR/dest"
	make -s -C "$ROOT" install DESTDIR="$DEST" PREFIX=/opt/chaos >/dev/null
}

setup() {
	scratch
	TO=$DEST/opt/chaos
}

@test "programs run from where they are installed, and find each other" {
	local p
	for p in "$ROOT"/build/bin/*; do
		p=${p##*/}
		run -0 "$TO/bin/$p" --version
		assert_output --partial "$p "
	done
}

@test "each program has an installed page that man can show" {
	local p
	for p in "$TO"/bin/*; do
		p=${p##*/}
		mandoc -Tlint -W error "$TO/share/man/man1/$p.1"
		mandoc -Tutf8 "$TO/share/man/man1/$p.1" | grep -qi "$p"
	done
	[ -n "$(ls "$TO"/share/man/man5)" ]
}

@test "completion loads in bash, by the name of each command" {
	local p
	for p in "$TO"/bin/*; do
		p=${p##*/}
		bash -c '. "$1" && complete -p "$2" && COMP_WORDS=("$2" --ver) && compgen -W "$(complete -p "$2" |
			sed -E "s/.*-W .([^'"'"']*).*/\1/")" -- --ver' \
			bash "$TO/share/bash-completion/completions/$p" "$p" > out
		grep -qx -- --version out
	done
}

@test "completion loads in zsh: words of each command, else files" {
	needs_terminal
	command -v zsh >/dev/null || skip "there is no zsh here"
	touch samples-of-monday.csv
	cat >keys <<-'END'
		show() { zle complete-word; print -r -- "$BUFFER" >>shown; BUFFER=; }
		zle -N show; bindkey '^T' show
		fpath=($TO/share/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D
	END
	cat >typist <<-'END'
		zmodload zsh/zpty zsh/zselect && zpty z env TERM=dumb TO=$TO zsh -f -i && zpty -w z '. ./keys; : >shown' || exit
		until [[ -e shown ]]; do zselect -t 5; done
		for typed; do
			zpty -w -n z "$typed"$'\C-T'
			until [[ -s shown ]]; do zselect -t 5; done
			cat shown; : >shown
		done
	END
	local programs=("$TO"/bin/*)
	programs=("${programs[@]##*/}")
	run -0 timeout 60 env "TO=$TO" zsh -f ./typist "${programs[@]/%/ --vers}" 'chaos-init comp' 'chaos-analyze samples-of' 3>&-
	assert_output "$(printf '%s --version \n' "${programs[@]}")"$'\nchaos-init compose \nchaos-analyze samples-of-monday.csv '
}

@test "filters, scenarios and the schema are installed" {
	local d
	for d in scenarios schema; do
		[ ! -e "$ROOT/$d" ] || diff -r "$ROOT/$d" "$TO/share/chaos/$d"
	done
	[ ! -e "$ROOT/share" ] || diff -r "$ROOT/share" "$TO/share/chaos" | grep -v "^Only in $TO" | cmp /dev/null
}

@test "fault programs are installed where chaos-fault looks, and run from there" {
	[ ! -e "$ROOT/libexec/faults" ] || diff -r "$ROOT/libexec/faults" "$TO/libexec/chaos/faults"
	echo 'nodes: {a: {url: "redis://127.0.0.1:1"}}' >config.yaml
	run -2 "$TO/bin/chaos-fault" redis-pauze a
	assert_says "$output" chaos-fault: "'redis-pauze'" "'redis-pause'?"
	run -2 "$TO/bin/chaos-fault" redis-pause a what=none
	assert_output --partial "what=none: "
}

@test "nothing of the build folder or of another place is baked in" {
	run grep -rl "$ROOT" "$TO/bin" "$TO/share" "$TO/libexec"
	assert_failure 1
}

@test "uninstall leaves no file, and touches no other" {
	local dest=$SCRATCH/d
	mkdir -p "$dest/usr/bin"
	echo mine > "$dest/usr/bin/chaos-mine"
	make -s -C "$ROOT" install DESTDIR="$dest" PREFIX=/usr >/dev/null
	make -s -C "$ROOT" uninstall DESTDIR="$dest" PREFIX=/usr >/dev/null
	run find "$dest" ! -type d
	assert_output "$dest/usr/bin/chaos-mine"
}

# A small tree of its own, so that the real build is not disturbed.
small_tree() {
	mkdir -p tree/cmd/chaos-x tree/test tree/lib/base
	cp -r "$ROOT"/{Makefile,demo} tree/
	cp "$ROOT"/test/check.mk tree/test/
	echo 'int base_twice(int x);' > tree/lib/base/twice.h
	printf '#include "base/twice.h"\nint base_twice(int x)\n{\n\treturn 2 * x;\n}\n' > tree/lib/base/twice.c
	printf '#include "base/twice.h"\n#include "x.h"\n#include <stdio.h>\nint main(void)\n{\n\tprintf("%%d\\n", base_twice(X));\n\treturn 0;\n}\n' \
		> tree/cmd/chaos-x/main.c
	echo '#define X 1' > tree/cmd/chaos-x/x.h
	sed -i 's/^PKGS_ALL.*/&\nPKGS_chaos-x :=/' tree/Makefile
	cd tree || return 1
}

built() { make -j2 "$@" programs | grep -E '^  (CC|LD)' || true; }

@test "a changed header rebuilds who includes it, changed flags everything, else nothing" {
	small_tree
	built | grep -q 'LD  build/bin/chaos-x'
	run -0 built
	assert_output ""
	sleep 0.01
	echo '#define X 2' > cmd/chaos-x/x.h
	run -0 built
	assert_line --partial "cmd/chaos-x/main.o"
	refute_line --partial "lib/"
	run build/bin/chaos-x
	assert_output 4
	run -0 built CFLAGS=-DOTHER
	assert_line --partial "lib/base/twice.o"
	run -0 built CFLAGS=-DOTHER
	assert_output ""
	run -0 built CFLAGS=-DOTHER LDFLAGS=-Wl,--as-needed
	assert_line --partial "LD  build/bin/chaos-x"
}

@test "variants live side by side" {
	small_tree
	built > /dev/null
	run -0 built V=dev
	assert_line --partial "LD  build/dev/bin/chaos-x"
	run -0 built
	assert_output ""
	run -0 built V=dev
	assert_output ""
	[ -x build/bin/chaos-x ]
}

@test "a source that is gone is gone from the archive" {
	small_tree
	printf 'int gone(void);\nint gone(void)\n{\n\treturn 1;\n}\n' > lib/base/gone.c
	built > /dev/null
	ar t build/rel/libchaos.a | grep -q gone.o
	rm lib/base/gone.c
	built > /dev/null
	run ar t build/rel/libchaos.a
	refute_line gone.o
}
