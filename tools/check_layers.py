#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Checks that each room includes only rooms below it, and third parties only where they belong (docs/architecture.md)."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]

# A room, and the rooms whose headers it may include besides its own. The longest prefix of a path is its room. `store (face)` is the headers that
# lie directly in store/: interfaces and values, which the rooms of store/ implement and which name none of them.
VALUES = {"proto/base", "proto"}
STORE_FACE = "store (face)"
FACE = VALUES | {"proto/mail", STORE_FACE}
SYNC = FACE | {"proto/transport", "sync"}
ROOMS = {
    "proto/base": set(),
    "proto": {"proto/base"},
    "proto/mail": VALUES,
    "proto/transport": VALUES,
    STORE_FACE: VALUES,
    "store/owner": VALUES | {STORE_FACE},
    "store/maildir": VALUES | {STORE_FACE, "store/owner"},
    "store/index": VALUES | {STORE_FACE},
    "store/removed": VALUES | {STORE_FACE, "store/maildir"},
    "store/ledger": VALUES | {STORE_FACE},
    "store/mailbox": FACE | {"store/maildir", "store/index", "store/removed", "store/ledger"},
    "store": FACE | {"store/owner", "store/maildir", "store/index", "store/mailbox", "store/removed", "store/ledger"},
    "server": FACE | {"proto/transport"},
    "sync": FACE | {"proto/transport"},
    "sync/config": SYNC,
    "sync/journal": SYNC,
    "sync/interimap": SYNC,
    "sync/client": SYNC | {"sync/config"},
    "sync/imap": SYNC | {"sync/client", "sync/config"},
    "sync/local": SYNC,
    "sync/pass/context": SYNC | {"sync/journal"},
    "sync/pass/mailboxes": SYNC | {"sync/journal", "sync/pass/context"},
    "sync/pass/pairing": SYNC | {"sync/journal", "sync/pass/context", "sync/pass/mailboxes"},
    "sync/pass/apply": SYNC | {"sync/journal", "sync/pass/context", "sync/pass/pairing"},
    "sync/pass/moves": SYNC | {"sync/journal", "sync/pass/context", "sync/pass/mailboxes", "sync/pass/apply"},
    "sync/pass": SYNC | {"sync/journal", "sync/pass/context", "sync/pass/mailboxes", "sync/pass/pairing", "sync/pass/apply", "sync/pass/moves"},
    "sync/switch": SYNC,
    "sync/account": SYNC | {"sync/config", "sync/interimap", "sync/journal", "sync/client", "sync/imap", "sync/local", "sync/pass", "sync/switch"},
    "sync/hooks": SYNC | {"sync/config", "sync/account"},
    "sync/command": SYNC | {"sync/account", "sync/config", "sync/journal"},
    "sync/engine": SYNC | {"store/owner", "sync/account", "sync/hooks", "sync/command", "sync/config", "sync/client", "sync/journal"},
    # The programs put it all together.
    "server/daemon": FACE | {"proto/transport", "store/owner", "server", "sync", "sync/config", "sync/client", "sync/account", "sync/command", "sync/engine"},
    "sync/cli": SYNC | {"store/owner", "sync/config", "sync/account", "sync/client", "sync/command", "sync/hooks", "sync/imap", "sync/interimap", "sync/switch", "sync/engine"},
}
# Of store/ only these are not its face.
BEHIND_THE_FACE = {"store/mail_store_impl.h"}

# transport uses of proto only the framing, store only the values (never the syntax).
NARROWED = {
    ("proto/transport", "proto"): {"proto/frame.h", "proto/literal.h"},
}
SYNTAX = {"proto/parser.h", "proto/printer.h", "proto/command.h", "proto/response.h", "proto/frame.h", "proto/status_response.h"}
FORBIDDEN = {(room, "proto"): SYNTAX for room in ROOMS if room.startswith("store") or room == "proto/mail"}

# A third party's headers, and the rooms that may include them; True: in .cc files only.
TALKING = {"proto/transport", "server", "server/daemon", *(room for room in ROOMS if room.startswith("sync"))}
THIRD_PARTIES = [
    (re.compile(r"^asio\b"), TALKING - {"sync/config"}, False),
    (re.compile(r"^openssl/"), {"proto/transport", "proto/mail"}, True),
    (re.compile(r"^zlib"), {"proto/transport", "store/maildir", "sync/journal"}, True),
    (re.compile(r"^(bzlib|lzma|zstd)"), {"store/maildir"}, True),
    (re.compile(r"^rocksdb/"), {"store/index"}, True),
    (re.compile(r"^mimetic"), {"proto/mail"}, True),
    (re.compile(r"^utf8proc"), {"proto/mail"}, True),
    (re.compile(r"^iconv"), {"proto/mail"}, True),
    (re.compile(r"^cxxopts"), {"server/daemon", "sync/cli"}, True),
    (re.compile(r"^pcre2"), {"sync/config"}, True),
    (re.compile(r"^sqlite3"), {"sync/interimap", "sync/switch"}, True),
    (re.compile(r"^nlohmann/"), {"sync/command", "sync/cli", "sync/hooks"}, True),
]

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    folder, _, name = path.rpartition("/")
    if folder == "store" and name.endswith(".h") and path not in BEHIND_THE_FACE:
        return STORE_FACE
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
