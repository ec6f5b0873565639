#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Checks what no compiler does: the two SPDX lines of each file, include guards, no machine's paths, formatting by clang-format."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATHS = re.compile(r"(?<![\w.])/(work|home/\w+|root)/")
# The compiler checks the use of base::Mutex only (proto/base/mutex.h).
LOCKS = re.compile(r"\bstd::(\w*mutex|lock_guard|unique_lock|scoped_lock|shared_lock|condition_variable\w*|call_once|once_flag|lock|try_lock)\b"
                   r"|\bpthread_\w*(mutex|cond|rwlock)|#include <(mutex|shared_mutex|condition_variable)>")
LOCKS_HOME = "proto/base/mutex.h"
NO_SPDX = {".eml", ".mbox", ".md", ".1", ".5", ""}


def tracked():
    if not (ROOT / ".git").exists():  # a source tarball (tools/package --source) holds nothing else
        return [path for path in sorted(ROOT.rglob("*")) if path.is_file() and not path.relative_to(ROOT).parts[0].startswith("build")]
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name for name in out.decode().split("\0") if name and (ROOT / name).is_file()]


def main():
    faults = []
    sources = []
    files = tracked()
    for file in files:
        path = file.relative_to(ROOT).as_posix()
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        is_source = file.suffix in (".h", ".cc")
        if is_source:
            sources.append(path)
        is_script = text.startswith("#!")
        if (is_source or is_script or file.suffix in (".py", ".build") or file.name == "meson_options.txt") and \
                "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.splitlines()[:4]):
            faults.append(f"{path}: no SPDX lines at the top")
        if file.suffix == ".h" and "#pragma once" not in text:
            faults.append(f"{path}: no #pragma once")
        if is_source and path != LOCKS_HOME:
            for number, line in enumerate(text.splitlines(), 1):
                if LOCKS.search(line):
                    faults.append(f"{path}:{number}: a lock that the compiler does not check; use those of {LOCKS_HOME}")
        if is_source or is_script or file.suffix in (".py", ".md", ".1", ".5"):
            for number, line in enumerate(text.splitlines(), 1):
                if PATHS.search(line) and "check_style" not in path:
                    faults.append(f"{path}:{number}: a path of somebody's machine")
    for start in range(0, len(sources), 60):
        run = subprocess.run(["clang-format-19", "--dry-run", "--Werror", *sources[start:start + 60]], cwd=ROOT, capture_output=True, text=True)
        if run.returncode:
            faults += sorted({line.split(":")[0] + ": not as clang-format-19 writes it" for line in run.stderr.splitlines() if ": error:" in line})
    for fault in faults:
        print(fault)
    print(f"{len(files)} files checked, {len(faults)} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main())
