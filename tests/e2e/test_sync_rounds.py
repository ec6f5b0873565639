# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Random changes on both sides, round after round, with passes that are cut off, and accidents between them: nothing is lost, nothing doubled, flags are merged as a model says.

Each copy of a message that a client made is a thing of the model, with its mailbox and its flags here, there and as last agreed. POSTERN_SEED picks the history,
POSTERN_ROUNDS its length.
"""

import collections
import contextlib
import imaplib
import os
import pathlib
import random
import re
import signal
import time
import unittest

import support
import sync_case
from sync_accidents import Accidents
from sync_model import HERE, THERE, Copy, Model

SEED = int(os.environ.get("POSTERN_SEED", "20261123"))
ROUNDS = int(os.environ.get("POSTERN_ROUNDS", "200"))
CHECK_EVERY = 20
FLAGS = ["\\seen", "\\flagged", "\\answered", "\\draft", "$label1", "work", "later"]
LETTERS = {"\\seen": "S", "\\flagged": "F", "\\answered": "R", "\\draft": "D"}


class Rounds:
    interruptions = []

    def setUp(self):
        super().setUp()
        self.start_dovecot()
        self.start_near()
        self.proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.random = random.Random(SEED)
        self.model = Model()
        self.number = 0
        self.usual = 0.1  # seconds of a pass
        self.octets = [500, 3000]
        self.interrupted, self.hit, self.accidents, self.seconds = (collections.Counter() for _ in range(4))
        self.sessions = {}
        self.addCleanup(lambda: [self.leave(side) for side in list(self.sessions)])

    # What clients do.

    def server(self, side):
        return self.near if side == HERE else self.dovecot

    def session(self, side):
        """One that is kept from round to round, as long as its server lives."""
        if side in self.sessions:
            try:
                self.sessions[side].noop()
                return self.sessions[side]
            except (imaplib.IMAP4.error, OSError):
                self.leave(side)
        self.sessions[side] = self.server(side).connect()
        return self.sessions[side]

    def leave(self, side):
        if connection := self.sessions.pop(side, None):
            try:
                connection.logout()
            except (imaplib.IMAP4.error, OSError):
                with contextlib.suppress(OSError, ValueError):
                    connection.shutdown()

    @contextlib.contextmanager
    def timed(self, what):
        start = time.monotonic()
        yield
        self.seconds[what] += time.monotonic() - start

    def uids(self, connection, mailbox):
        """number -> UID of the mailbox, which is selected."""
        self.assertEqual(connection.select(mailbox)[0], "OK", mailbox)
        _, data = connection.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        found = {}
        for item, after in zip(data, [*data[1:], b""]):
            if isinstance(item, tuple):
                number = int(re.search(rb"<(\d+)@", item[1])[1])
                found[number] = re.search(rb"UID (\d+)", item[0] + (after if isinstance(after, bytes) else b""))[1].decode()
        return found

    def append(self, connection, side):
        mailbox = self.random.choice(sorted(self.model.known[side]))
        for _ in range(self.random.choice([1, 1, 2, 5])):
            self.number += 1
            flags = self.random.sample(FLAGS, self.random.choice([0, 0, 1, 3]))
            size = self.random.choice([0, 0, 2000, 30_000])
            ok, why = connection.append(mailbox, f"({' '.join(flags)})", imaplib.Time2Internaldate(1_600_000_000 + 97 * self.number),
                                        support.message(self.number, size))
            self.assertEqual(ok, "OK", why)
            self.model.copies.append(Copy(mailbox, self.number, {side}, flags))

    def change_flags(self, connection, side):
        mailbox = self.random.choice(sorted(self.model.known[side]))
        candidates = [c for c in self.model.pick(side, mailbox) if not c.still]
        if not candidates:
            return
        chosen = self.random.sample(candidates, min(len(candidates), self.random.choice([1, 2, 6])))
        flags = set(self.random.sample(FLAGS, self.random.choice([1, 2])))
        add = self.random.random() < 0.6
        uids = self.uids(connection, mailbox)
        ok, why = connection.uid("STORE", ",".join(uids[c.number] for c in chosen), "+FLAGS" if add else "-FLAGS", f"({' '.join(sorted(flags))})")
        self.assertEqual(ok, "OK", why)
        for copy in chosen:
            copy.flags[side] = copy.flags[side] | flags if add else copy.flags[side] - flags

    def expunge(self, connection, side):
        mailbox = self.random.choice(sorted(self.model.known[side]))
        candidates = self.model.pick(side, mailbox)
        if not candidates:
            return
        chosen = self.random.sample(candidates, min(len(candidates), self.random.choice([1, 1, 3])))
        uids = self.uids(connection, mailbox)
        listed = ",".join(uids[c.number] for c in chosen)
        self.assertEqual(connection.uid("STORE", listed, "+FLAGS", "(\\Deleted)")[0], "OK")
        self.assertEqual(connection.uid("EXPUNGE", listed)[0], "OK")
        for copy in chosen:
            copy.gone = True
            copy.on.discard(side)

    def move(self, connection, side, command="MOVE"):
        """Also what came by a move or a copy in this round: back, or further on."""
        mailbox, to = self.random.choice(sorted(self.model.known[side])), self.random.choice(sorted(self.model.known[side]))
        candidates = self.model.pick_alike(side, mailbox, to)
        if not candidates or mailbox == to:
            return
        chosen = self.random.sample(candidates, min(len(candidates), self.random.choice([1, 1, 4])))
        uids = self.uids(connection, mailbox)
        self.assertEqual(connection.uid(command, ",".join(uids[c.number] for c in chosen), to)[0], "OK")
        for copy in chosen:
            copy.still = True
            self.model.copies.append(Copy(to, copy.number, {side}, copy.flags[side]))
            if command == "MOVE":
                copy.gone = True
                copy.on.discard(side)

    def copy(self, connection, side):
        self.move(connection, side, "COPY")

    def create(self, connection, side):
        if len(self.model.mailboxes) >= 12:
            return
        name = self.random.choice(["a", "b", "a/x", "b/y/z", "Q&-A", "two-words", "&ZeVnLIqe-", "lists/one", "lists/two", "old", "old/2025"])
        if name in self.model.known[side]:
            return
        self.assertEqual(connection.create(name)[0], "OK")
        self.model.known[side].add(name)
        self.model.mailboxes.add(name)

    def act(self, side, how_much):
        work = self.random.choices([self.append, self.change_flags, self.expunge, self.move, self.copy, self.create], [4, 5, 2, 3, 1, 1], k=self.random.choice(how_much))
        if not work:
            return
        connection = self.session(side)
        for one in work:
            one(connection, side)
        if self.random.random() < 0.3:
            self.leave(side)

    # Passes.

    @staticmethod
    def kill_imap(server):
        # Not SIGKILL: what such a process had locked, Dovecot itself waits two minutes for.
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                if entry.name.isdigit() and support.parent_of(entry) == server.process.pid and (entry / "comm").read_text().strip() == "imap":
                    os.kill(int(entry.name), signal.SIGTERM)

    def interrupted_pass(self, ends=frozenset({0})):
        kind = self.random.choice(self.interruptions)
        self.interrupted[kind] += 1
        if kind in ("up", "down"):
            direction = self.proxy.UP if kind == "up" else self.proxy.DOWN
            self.proxy.cut_after(direction, self.random.randrange(self.octets[direction] * 3 // 4) + 1)
        asked = self.start("sync")
        if kind in ("postern", "owner", "imap"):
            with contextlib.suppress(support.subprocess.TimeoutExpired):
                asked.wait(self.random.uniform(0, self.usual * 1.2))
            if kind == "postern":
                asked.kill()
            elif kind == "owner":
                self.store.stop_owner(kill=True)
            else:
                self.kill_imap(self.random.choice([self.dovecot, self.near]) if self.near is not self.store else self.dovecot)
        out, err = asked.communicate(timeout=60)
        self.assertIn(asked.returncode, {*ends, -signal.SIGKILL, sync_case.EX_TEMPFAIL, sync_case.EX_UNAVAILABLE}, (kind, out, err))
        self.hit[kind] += asked.returncode != 0
        self.proxy.forget()

    def one_round(self, number):
        with self.timed("others"):
            self.act_as_others()
        for side in self.random.sample([HERE, THERE], 2):
            with self.timed(f"clients {'here' if side == HERE else 'there'}"):
                self.act(side, [3, 6, 12] if number % 3 == 2 else [0, 1, 2, 3, 4])
        self.deliver()
        if number % 3 == 2:
            with self.timed("interrupted"):
                self.interrupted_pass()
        self.proxy.forget()
        self.configure(top=self.top, local=self.local, port=self.proxy.port, compress=self.random.choice(["NO", "NO", "YES"]))
        start = time.monotonic()
        with self.timed("passes"):
            self.sync()
        self.usual = 0.9 * self.usual + 0.1 * (time.monotonic() - start)
        self.octets = [max(200, (9 * usual + len(now)) // 10) for usual, now in zip(self.octets, self.proxy.relayed)]
        self.model.settle()

    def check(self, number):
        found, there = support.contents(self.session(HERE)), support.contents(self.session(THERE))
        self.assertEqual(support.differences(found, there), "")
        texts = [(m[0], int(re.search(rb"Message-ID: <(\d+)@", m[3])[1]), m[1]) for m in found if m[3]]
        expected = self.model.expected()
        left, right = collections.Counter(expected), collections.Counter(texts)
        self.assertEqual((sorted((left - right).elements()), sorted((right - left).elements())), ([], []), "lacking, and too much")
        self.assertEqual({m[0] for m in found}, self.model.mailboxes)
        again = self.sync()
        self.assertIn("nothing to do", again.out, number)

    def test_rounds(self):
        print(f"seed {SEED}, {self.rounds} rounds", flush=True)
        self.configure(top=self.top, local=self.local, port=self.proxy.port, compress="NO")
        self.sync()
        start = time.monotonic()
        for number in range(self.rounds):
            try:
                self.one_round(number)
                if (number + 1) % CHECK_EVERY == 0 or number + 1 == self.rounds:
                    with self.timed("checks"):
                        self.check(number)
            except BaseException:
                print(f"seed {SEED}, round {number}, interrupted {dict(self.interrupted)}", flush=True)
                raise
        print(f"{self.rounds} rounds, {self.number} messages, {len(self.model.copies)} left in {len(self.model.mailboxes)} mailboxes, "
              f"{time.monotonic() - start:.0f} s, interrupted {dict(self.interrupted)}, of which ended early {dict(self.hit)}, accidents {dict(self.accidents)}; "
              f"seconds: {', '.join(f'{what} {seconds:.1f}' for what, seconds in self.seconds.most_common())}", flush=True)
        if self.rounds >= 30:
            self.assertGreater(self.hit.total(), self.interrupted.total() // 4, "most passes were over before they were interrupted")


class StoreAndServer(Accidents, Rounds, sync_case.SyncCase):
    interruptions = ["postern", "owner", "owner", "up", "down", "imap"]
    rounds, top, local = ROUNDS, "missing-wait = 0", None

    def start_near(self):
        self.near = self.store

    # What other programs do in our Maildir.

    ON_DISK = {"Q&-A": "Q&A", "&ZeVnLIqe-": "日本語"}

    def directory(self, mailbox):
        place = self.store.path
        for part in mailbox.split("/"):
            usual = place / self.ON_DISK.get(part, part)
            place = usual if usual.exists() else place / part  # as the server spells it
        return place

    def mailbox_in(self, directory):
        names = {disk: name for name, disk in self.ON_DISK.items()}
        return "/".join(names.get(part, part) for part in directory.relative_to(self.store.path).parts)

    def deliver(self):
        if self.random.random() > 0.4:
            return
        mailbox = self.random.choice(sorted(self.model.known[HERE]))
        place = self.directory(mailbox)
        if not (place / "new").is_dir():
            return
        self.number += 1
        name = f"{1_700_000_000 + self.number}.foreign{self.number}.host"
        (place / "tmp" / name).write_bytes(support.message(self.number).replace(b"\r\n", b"\n"))
        (place / "tmp" / name).rename(place / "new" / name)
        self.model.copies.append(Copy(mailbox, self.number, {HERE}))

    def act_as_others(self):
        """Renames (flags) and removals of files by a foreign hand, while nobody has the store open."""
        if self.random.random() > 0.3:
            return
        self.store.stop_owner()
        candidates = {(c.mailbox, c.number): c for c in self.model.pick(HERE)}
        files = [f for f in sorted(self.store.path.rglob("cur/*")) if ".postern" not in f.parts]
        robbed = set()
        for file in self.random.sample(files, min(len(files), 3)):
            mailbox = self.mailbox_in(file.parent.parent)
            copy = candidates.get((mailbox, int(re.search(rb"Message-ID: <(\d+)@", file.read_bytes())[1])))
            if copy is None:
                continue
            if self.random.random() < 0.3 and file.parent not in robbed:  # two may be all that a mailbox has, which is held
                robbed.add(file.parent)
                file.unlink()
                copy.gone = True
                copy.on.discard(HERE)
                continue
            stem, _, letters = file.name.partition(":2,")
            flag = self.random.choice(sorted(LETTERS))
            letters = set(letters) ^ {LETTERS[flag]}
            file.rename(file.parent / f"{stem}:2,{''.join(sorted(letters))}")
            copy.flags[HERE] = copy.flags[HERE] ^ {flag}


class TwoServers(Rounds, sync_case.SyncCase):
    """No store of ours: the journal is a file, and messages are appended to a server in both directions."""

    interruptions = ["postern", "postern", "up", "down", "imap"]
    rounds = ROUNDS * 2 // 5

    def start_near(self):
        self.near = support.Dovecot(fsync=False)
        self.addCleanup(self.near.close)
        self.top = f"database = {self.store.directory / 'journal'}"
        self.local = {"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.near.port, "username": "user", "password": "pass"}

    def act_as_others(self):
        pass

    def deliver(self):
        pass


if __name__ == "__main__":
    unittest.main()
