# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What two sides must hold after a pass, whatever was done to each before."""

import collections

HERE, THERE = 0, 1


class Copy:
    """A message in a mailbox, on both sides once they are the same."""

    def __init__(self, mailbox, number, sides, flags=()):
        self.mailbox, self.number = mailbox, number
        self.base = set()
        self.flags = [set(flags) if side in sides else set() for side in (HERE, THERE)]
        self.on = set(sides)
        self.gone = False
        self.still = False  # its flags are not changed before the next pass: which copy takes a change along is open


class Model:
    def __init__(self):
        self.copies = []
        self.mailboxes = {"INBOX"}
        self.known = [{"INBOX"}, {"INBOX"}]  # on each side

    def settle(self):
        """What a pass must lead to."""
        for copy in self.copies:
            copy.still = False
            if len(copy.on) == 1:
                copy.base = set(copy.flags[min(copy.on)])
            else:
                here, there = copy.flags
                copy.base = {f for f in here | there | copy.base if ((f in here) if (f in here) != (f in copy.base) else (f in there))}
            copy.on = {HERE, THERE}
            copy.flags = [set(copy.base), set(copy.base)]
        self.copies = [copy for copy in self.copies if not copy.gone]
        self.known = [set(self.mailboxes), set(self.mailboxes)]

    def expected(self):
        return sorted((copy.mailbox, copy.number, " ".join(sorted(copy.base))) for copy in self.copies)

    def pick(self, side, mailbox=None):
        """Copies that this side has, with a number that is nowhere else in their mailbox."""
        there = [c for c in self.copies if side in c.on and not c.gone and mailbox in (None, c.mailbox)]
        numbers = collections.Counter((c.mailbox, c.number) for c in self.copies)
        return [c for c in there if numbers[c.mailbox, c.number] == 1]

    def pick_alike(self, side, mailbox, to):
        """Those of them whose flags are the same on both sides, and of which there is nothing in the other mailbox."""
        inside = {c.number for c in self.copies if c.mailbox == to}
        return [c for c in self.pick(side, mailbox) if c.on == {HERE, THERE} and c.flags[HERE] == c.flags[THERE] and c.number not in inside] or [
            c for c in self.pick(side, mailbox) if c.on == {side} and c.number not in inside]
