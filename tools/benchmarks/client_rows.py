# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""mutt and neomutt open the mailbox in a terminal, without a header cache."""

import os
import shutil
import time

from table import Row
from terminal import Terminal


def open_it(program, server, directory, messages):
    configuration = directory / "muttrc"
    configuration.write_text(f'set tunnel = "{server.command()}"\nset folder = imap://x/\nset spoolfile = imap://x/big\nset imap_user = user\nset header_cache =\n'
                             f'set sort = mailbox-order\nset status_format = "STATUS msgs=%m"\nset sleep_time = 0\nset record =\nset tmpdir = {directory}\nset quit = yes\n'
                             "set read_inc = 0\nset mail_check = 60\nset imap_check_subscribed = no\n")
    start = time.perf_counter()
    with Terminal(f"{program} -n -F {configuration}", {**os.environ, "HOME": str(directory)}) as terminal:
        terminal.wait_for(f"msgs={messages}", seconds=120)
        seconds = time.perf_counter() - start
        terminal.type("x")
        terminal.wait_for_end()
    return seconds


def rows(servers, messages, runs, directory):
    for program in ("mutt", "neomutt"):
        row = Row(f"{program} opens it, no header cache", 0.7)
        if shutil.which(program) is None:
            row.remark = "not installed"
        else:
            for _ in range(runs):
                for server in servers:
                    row.add(server.name, open_it(program, server, directory, messages))
        yield row
