#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Draws docs/session.svg: `postern sync` from a second imapd, then mutt on `imapd --stdio`, as the terminal shows it. `POSTERN_BUILD=build tools/picture.py`."""

import html
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

import support
from terminal import Terminal

LETTERS = [("Ada Lovelace", "Notes upon the memoir, part G"), ("Charles Babbage", "Re: Notes upon the memoir, part G"), ("Grace Hopper", "A compiler, if you like"),
           ("Jean Bartik", "The tables are done"), ("Radia Perlman", "Trees"), ("Barbara Liskov", "Re: What may stand in for what"), ("Mark Crispin", "UIDVALIDITY, again"),
           ("Ray Tomlinson", "test"), ("Lists", "[postern] the door is open")]


def letter(number, sender, subject):
    address = sender.split()[0].lower() + "@example.org"
    return (f"From: {sender} <{address}>\r\nTo: you@example.org\r\nSubject: {subject}\r\nDate: Mon, {number + 2:02} Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{number}@example.org>\r\n\r\nHello,\r\n\r\nthis is about {subject.lower()}.\r\n").encode()


def screen(far, near):
    connection = far.connect()
    for number, (sender, subject) in enumerate(LETTERS):
        connection.append("INBOX", r"(\Seen)" if number < 5 else None, None, letter(number, sender, subject))
    connection.logout()
    configuration = near.directory / "config"
    configuration.write_text(f"[local]\npath = {near.path}\n[remote]\ntype = tunnel\ncommand = {far.tunnel_command()}\n")
    said = subprocess.run([support.POSTERN, "--config", configuration, "sync"], check=True, capture_output=True, text=True, env=near.environment).stdout
    muttrc = near.directory / "muttrc"
    muttrc.write_text(f'set tunnel = "{near.tunnel_command()}"\nset folder = imap://x/\nset spoolfile = imap://x/INBOX\nset imap_user = you\nset sleep_time = 0\n'
                      'set index_format = "%4C %Z %{%b %d} %-18.18L %s"\nset status_format = "-- mutt: %f [Msgs:%m New:%n] "\nset quit = yes\nset sort = date\nset mark_old = no\n'
                      'set help = no\nset header_cache =\n')
    with Terminal(f"mutt -n -F {muttrc}", {**os.environ, "HOME": str(near.directory)}, columns=92, lines=14) as terminal:
        shown = terminal.wait_for("Msgs:9")
        terminal.type("x")
        terminal.wait_for_end()
    return ["$ postern sync", said.strip(), "$ mutt", *shown.rstrip("\n").split("\n")]


def draw(lines):
    width, height = 92 * 8 + 24, len(lines) * 18 + 24
    out = ["<!-- SPDX-FileCopyrightText: 2026 The Postern authors", "     SPDX-License-Identifier: Apache-2.0 -->",
           f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
           f'<rect width="{width}" height="{height}" rx="6" fill="#1d1f21"/>',
           '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13" fill="#c5c8c6" xml:space="preserve">']
    for number, line in enumerate(lines):
        bar = line.startswith("-- mutt:")
        if bar:
            out.append(f'<rect x="8" y="{number * 18 + 13}" width="{width - 16}" height="18" fill="#3b4a5a"/>')
        colour = ' fill="#8abeb7"' if line.startswith("$ ") else ""
        out.append(f'<text x="12" y="{number * 18 + 26}"{colour}>{html.escape(line)}</text>')
    return "\n".join([*out, "</g>", "</svg>", ""])


with support.Store() as far, support.Store() as near:
    (ROOT / "docs" / "session.svg").write_text(draw(screen(far, near)))
