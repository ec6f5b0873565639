#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Checks lengths: 300 lines a file, 40 a function (tests apart). What is longer is named in tools/long_things.txt, and may not grow."""

import pathlib
import re
import sys

import check_style

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILE, FUNCTION = 300, 40
TOLD_ELSEWHERE = "tools/long_things.txt"  # path, function or "-" for the file itself, lines

# As clang-format writes it: what begins at a margin, and whose first line end is "{", ends with "}" at that margin.
NO_FUNCTION = re.compile(r"\s*(namespace|enum|union|extern|using|typedef|public|private|protected|#|//|\}|template <[^>]*> (class|struct))")
TYPE = re.compile(r"\s*(template <.*>\s*)?(class|struct)\b[^;()]*\{$")
NAME = re.compile(r"([~\w:]+|operator\S+)\(")


def functions(lines, margin=""):
    """The name and the length of each function that begins at a margin, and of those of the classes there."""
    at = 0
    while at < len(lines):
        line = lines[at]
        first = at
        at += 1
        if not line.startswith(margin) or line[len(margin):len(margin) + 1] in ("", " ") or NO_FUNCTION.match(line):
            continue
        while not lines[at - 1].split("  // ")[0].endswith(("{", "}", ";")) and at < len(lines):
            at += 1
        head = " ".join(lines[first:at])
        if not head.endswith("{"):
            continue
        end = at
        while end < len(lines) and lines[end] not in (margin + "}", margin + "};"):
            end += 1
        if TYPE.match(head):
            yield from functions(lines[at:end], margin + "  ")
        elif name := NAME.search(head):
            yield name[1], end - first + 1
        at = end + 1


def lengths():
    for found in check_style.tracked():
        file = found.relative_to(ROOT)
        if file.suffix not in (".cc", ".h"):
            continue
        path = file.as_posix()
        lines = found.read_text().splitlines()
        yield path, "-", len(lines), FILE
        if file.suffix == ".cc" and file.parts[0] != "tests":
            for name, length in functions(lines):
                yield path, name, length, FUNCTION


def main():
    allowed = {}
    for line in (ROOT / TOLD_ELSEWHERE).read_text().splitlines():
        if line and not line.startswith("#"):
            path, name, length = line.split()
            allowed[path, name] = int(length)
    faults = []
    long_now = set()
    for path, name, length, limit in lengths():
        if length <= limit:
            continue
        long_now.add((path, name))
        most = allowed.get((path, name), limit)
        if length > most:
            faults.append(f"{path}: {'the file' if name == '-' else name} has a length of {length}, and {most} are allowed")
    faults += [f"{TOLD_ELSEWHERE}: {path} {name} is not long any more" for path, name in allowed if (path, name) not in long_now]
    for fault in faults:
        print(fault)
    print(f"lengths checked, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
