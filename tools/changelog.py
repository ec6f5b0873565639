#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The newest entry of CHANGELOG.md, read from standard input, as the body of an entry of debian/changelog."""

import re
import sys
import textwrap


def main():
    entry = re.split(r"^## .*$", sys.stdin.read(), flags=re.M)[1]
    items = [" ".join(item.split()) for item in re.split(r"^- ", entry, flags=re.M)[1:]]
    for item in items:
        plain = re.sub(r"[`*]|\]\([^)]*\)|\[(?=[^\]]*\]\()", "", item)
        print(textwrap.fill(plain, 78, initial_indent="  * ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False))


main()
