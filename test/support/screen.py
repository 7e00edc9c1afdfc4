#!/usr/bin/env python3
"""screen.py COLUMNS FILE: what a terminal of that width shows of the bytes in FILE, each time before the cursor goes
up, and at the end; frames are separated by a line of a form feed. A row that wraps is marked with a leading '>'."""
import re
import sys
import unicodedata

columns = int(sys.argv[1])
with open(sys.argv[2], encoding="utf-8", errors="replace", newline="") as f:
    text = f.read()


class Row(list):
    wrapped = False


rows, y, x = [Row()], 0, 0


def frame():
    print("\n".join(">" * r.wrapped + "".join(r).rstrip() for r in rows))
    print("\f")


for token in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|.|\n", text, re.S):
    if token.startswith("\x1b["):
        n, what = token[2:-1], token[-1]
        if what == "A":
            frame()
            y = max(0, y - int(n or 1))
        elif what == "K":
            del rows[y][x:]
        elif what == "J":
            del rows[y][x:], rows[y + 1:]
    elif token == "\r":
        x = 0
    elif token == "\n":
        y += 1
        while len(rows) <= y:
            rows.append(Row())
    else:
        wide = 2 if unicodedata.east_asian_width(token) in "WF" else 1
        if x + wide > columns:
            y, x = y + 1, 0
            rows.insert(y, Row())
            rows[y].wrapped = True
        rows[y] += [" "] * (x - len(rows[y]))
        rows[y][x:x + wide] = [token] + [""] * (wide - 1)
        x += wide
frame()
