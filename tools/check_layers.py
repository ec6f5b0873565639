#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Checks that each room includes only rooms below it, and third parties only where they belong (docs/architecture.md)."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# A room, and the rooms whose headers it may include besides its own. The longest prefix of a path is its room.
ROOMS = {
    "proto/base": set(),
    "proto": {"proto/base"},
    "proto/mail": {"proto", "proto/base"},
    "proto/transport": {"proto", "proto/base"},
    "store": {"proto", "proto/base", "proto/mail"},
    "server": {"proto", "proto/base", "proto/mail", "proto/transport", "store"},
    "sync": {"proto", "proto/base", "proto/mail", "proto/transport", "store"},
    "server/daemon": {"proto", "proto/base", "proto/transport", "store", "server", "sync"},
    "sync/cli": {"proto", "proto/base", "proto/transport", "store", "sync"},
}

# transport uses of proto only the framing, store only the values (never the syntax).
NARROWED = {
    ("proto/transport", "proto"): {"proto/frame.h", "proto/literal.h"},
}
FORBIDDEN = {
    ("store", "proto"): {"proto/parser.h", "proto/printer.h", "proto/command.h", "proto/response.h", "proto/frame.h", "proto/status_response.h"},
}

# A third party's headers, and the rooms that may include them; True: in .cc files only.
THIRD_PARTIES = [
    (re.compile(r"^asio\b"), {"proto/transport", "server", "sync", "server/daemon", "sync/cli"}, False),
    (re.compile(r"^openssl/"), {"proto/transport", "proto/mail", "sync"}, True),
    (re.compile(r"^zlib"), {"proto/transport"}, True),
    (re.compile(r"^rocksdb/"), {"store"}, True),
    (re.compile(r"^mimetic"), {"proto/mail"}, True),
    (re.compile(r"^utf8proc"), {"proto/mail"}, True),
    (re.compile(r"^iconv"), {"proto/mail"}, True),
    (re.compile(r"^cxxopts"), {"server/daemon", "sync/cli"}, True),
    (re.compile(r"^pcre2"), {"sync"}, True),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    best = ""
    for room in ROOMS:
        if (path + "/").startswith(room + "/") and len(room) > len(best):
            best = room
    return best


def main():
    faults = []
    checked = 0
    for folder in ("proto", "store", "server", "sync"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix not in (".h", ".cc"):
                continue
            checked += 1
            path = file.relative_to(ROOT).as_posix()
            room = room_of(path)
            for kind, header in INCLUDE.findall(file.read_text()):
                if kind == '"':
                    if not (ROOT / header).exists():
                        faults.append(f"{path}: {header} does not start at the root, or is missing")
                        continue
                    other = room_of(header)
                    if other == room:
                        continue
                    if other not in ROOMS[room]:
                        faults.append(f"{path}: {room} must not include {header}")
                    narrowed = NARROWED.get((room, other))
                    if narrowed is not None and header not in narrowed:
                        faults.append(f"{path}: {room} may use of {other} only {', '.join(sorted(narrowed))}, not {header}")
                    if header in FORBIDDEN.get((room, other), ()):
                        faults.append(f"{path}: {room} must not include {header}")
                else:
                    for pattern, rooms, source_only in THIRD_PARTIES:
                        if pattern.match(header):
                            if room not in rooms:
                                faults.append(f"{path}: {room} must not include <{header}>")
                            elif source_only and file.suffix == ".h":
                                faults.append(f"{path}: <{header}> belongs into .cc files")
                            if header == "asio.hpp":
                                faults.append(f"{path}: include the small Asio headers, not <asio.hpp>")
    for fault in faults:
        print(fault)
    print(f"{checked} files checked, {len(faults)} faults")
    return 1 if faults or not checked else 0


sys.exit(main())
