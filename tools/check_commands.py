#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Three rooms, one name: every command has its grammar, its handler and its transcript, and stands in docs/commands.md."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def main():
    faults = []
    commands = sorted(p.stem for p in (ROOT / "proto/command").glob("*.h"))
    page = (ROOT / "docs/commands.md").read_text() if (ROOT / "docs/commands.md").exists() else ""
    variant = (ROOT / "proto/command.h").read_text()
    for name in commands:
        for path in (f"proto/command/{name}.cc", f"server/command/{name}.cc", f"tests/transcripts/{name}"):
            if not (ROOT / path).exists():
                faults.append(f"{name}: {path} is missing")
        if f"{name.capitalize()}Command" not in variant:
            faults.append(f"{name}: not in the Command variant")
        if not re.search(rf"^\| *`?{name.upper()}`? *\|", page, re.M):
            faults.append(f"{name}: no row in docs/commands.md")
    for fault in faults:
        print(fault)
    print(f"{len(commands)} commands checked, {len(faults)} faults")
    return 1 if faults or not commands else 0


sys.exit(main())
