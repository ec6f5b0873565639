#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""tools/bench's main: makes the mail, runs the rows, prints the tables."""

import argparse
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "e2e")]

import client_rows
import large_rows
import mail
import memory_rows
import move_rows
import push_rows
import safety_rows
import server_rows
import servers
import stall_rows
import sync_rows
import table


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a tenth of the mail")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="server, memory, large, stalls, client, sync, moves, push or safety")
    parser.add_argument("--directory", help="where the mail is made (1.5 GB)")
    parser.add_argument("--markdown", help="write the tables there too")
    return parser.parse_args()


def show(rows):
    found = []
    for row in rows:
        found.append(row)
        print(f"  {row.name}: " + ", ".join(f"{p} {table.shown(row.median(p), row.unit)}" for p in row.values) + (f" ({row.remark})" if row.remark else ""), flush=True)
    return found


def main():
    options = parse()
    share = 10 if options.quick else 1
    root = pathlib.Path(tempfile.mkdtemp(prefix="postern-bench-", dir=options.directory))
    root.chmod(0o755)
    start, out = time.monotonic(), []
    try:
        if options.only in ("", "server", "memory", "stalls", "client"):
            count = 100_000 // share
            octets = mail.small(root / "small", count)
            print(f"{count:,} messages of {octets / count / 1000:.1f} KB in one mailbox", flush=True)
            both = [servers.Postern(root, root / "small"), servers.Dovecot(root, root / "small")]
            try:
                title = f"{count:,} messages of {octets / count / 1000:.1f} KB, stdio"
                rows = []
                if options.only in ("", "server"):
                    rows += show(server_rows.Bench(both, count, options.runs).rows())
                if options.only in ("", "memory"):
                    rows += show(memory_rows.rows(both, count))
                if options.only in ("", "client"):
                    rows += show(client_rows.rows(both, count, options.runs, root))
                if rows:
                    out += [*table.lines(title, rows, ["Dovecot"]), ""]
                if options.only in ("", "stalls"):
                    stalls = show(stall_rows.Stalls(both, count, options.runs).rows())
                    out += [*table.lines("what others wait for while one session works (aims: 99 of 100 within 20 ms, all within 50 ms)", stalls, ["Dovecot"]), ""]
            finally:
                for server in both:
                    server.close()
        if options.only in ("", "memory", "large"):
            out += [*table.lines("large messages", show(large_rows.rows(root, share)), []), ""]
        if options.only in ("", "sync"):
            rows = show(sync_rows.rows(root, share, options.runs))
            out += [*table.lines("a Dovecot remote on this machine", rows, ["InterIMAP", "mbsync"]), ""]
        if options.only in ("", "moves"):
            out += [*table.lines("moves between mailboxes", show(move_rows.rows(root, share)), []), ""]
        if options.only in ("", "push"):
            out += [*table.lines("how soon changes are on the other side", show(push_rows.rows(root)), []), ""]
        if options.only in ("", "safety"):
            rows = show(safety_rows.rows(root, share, options.runs))
            out += [*table.lines("what safety costs", rows, ["without the ledger"]), ""]
    finally:
        shutil.rmtree(root, ignore_errors=True)
    cpu = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    out.append(f"{os.cpu_count()} processors ({cpu}), medians of {options.runs} runs that alternate, {(time.monotonic() - start) / 60:.0f} minutes in all; "
               f"load at the end {os.getloadavg()[0]:.1f}.")
    print("\n" + "\n".join(out))
    if options.markdown:
        pathlib.Path(options.markdown).write_text("\n".join(out) + "\n")


main()
