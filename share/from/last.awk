# The end of every filter of chaos-from: what could not be read, said and passed on.
END {
	if (fatal)
		exit 3 # 2 is of awk itself, as when it cannot write
	if (torn) { # as a row without an end, which readers count as torn
		note("the log is cut off: its last line has no end, and is left out")
		if (has_header)
			printf "?"
	}
	if (bad_lines)
		note(bad_lines (bad_lines == 1 ? " line is" : " lines are") " not of this format, the first " first_bad)
	if (rows == 0) {
		note("no request in it")
		exit 3
	}
	if (refused)
		exit 3
}
