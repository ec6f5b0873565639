# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to a store and a server beside mail clients: backups that are put back, directories that are wiped or moved away, mailboxes that are renamed.

Such an accident comes alone, between two rounds of a model that has settled. Which flags are right behind it, and whether what was removed long ago comes back with an
old backup, is open: so nothing may be lost, nothing may be there more often than before or than the backup had it, and both sides must be the same. Then the model is
what is found.
"""

import collections
import os
import re
import shutil
import subprocess

import support
from sync_model import HERE, THERE, Copy

EX_HELD = 4
RARE = float(os.environ.get("POSTERN_ACCIDENTS", "0.05"))  # of the rounds
OPEN = {0, 1, EX_HELD}  # how a pass may end behind an accident: something may have to be said by a person


def counted(messages):
    """How often each message, by its number, is in each mailbox."""
    return collections.Counter((m[0], int(re.search(rb"Message-ID: <(\d+)@", m[3])[1])) for m in messages if m[3])


class Accidents:
    """For a Rounds between a store and a Dovecot."""

    def setUp(self):
        super().setUp()
        self.backups = {}  # what: where it lies, how often each message was there, names of mailboxes

    # Backups.

    def stop_all(self, kill=False):
        for side in list(self.sessions):
            self.leave(side)
        self.store.stop_owner(kill=kill)

    def copy_tree(self, source, target):
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", source, target], check=True)

    def places(self):
        return {"index": self.store.path / ".postern" / "index", "state": self.store.path / ".postern", "store": self.store.path, "server": self.dovecot.mail}

    def back_up(self):
        what = self.random.choice(sorted(self.places()))
        self.stop_all()
        if what == "server":
            self.dovecot.disconnect()
        target = self.store.directory / f"backup-{what}"
        self.copy_tree(self.places()[what], target)
        if what == "server":
            self.dovecot.start()
        self.backups[what] = (target, collections.Counter((c.mailbox, c.number) for c in self.model.copies), set(self.model.mailboxes))

    def put_back(self, what):
        target, had, _ = self.backups[what]
        self.stop_all(kill=what in ("index", "state") and self.random.random() < 0.5)
        if what == "server":
            self.dovecot.disconnect()
        self.copy_tree(target, self.places()[what])
        if what == "server":
            self.dovecot.start()
            # It gives UIDs again that older states know for other messages: nobody can tell but by each message's text.
            self.backups = {"server": self.backups["server"]}
        return had if what in ("store", "server") else collections.Counter()

    # Others.

    def wipe(self):
        """The files of a mailbox, all or most, or all its directories."""
        mailbox = self.random.choice(sorted(self.model.mailboxes))
        self.stop_all(kill=self.random.random() < 0.3)
        files = [f for part in ("cur", "new") for f in sorted((self.directory(mailbox) / part).glob("*"))]
        for file in self.random.sample(files, len(files) if self.random.random() < 0.6 else len(files) * 2 // 3):
            file.unlink()

    def move_away(self):
        """A mailbox, or the store; a pass; and back again."""
        mailbox = self.random.choice([None, *sorted(self.model.mailboxes)])
        place = self.store.path if mailbox is None else self.directory(mailbox)
        self.stop_all()
        away = self.store.directory / "away"
        place.rename(away)
        if self.random.random() < 0.5:  # what is mounted later lies over an empty directory
            place.mkdir()
        self.open_pass()
        self.assert_nothing_is_lost(self.dovecot)
        self.stop_all()
        shutil.rmtree(place, ignore_errors=True)
        away.rename(place)

    def rename(self):
        """By a client on one side, or by another program here; with what lies below."""
        def below(name):
            return [m for m in self.model.mailboxes if m == name or m.startswith(name + "/")]

        numbers = collections.Counter(c.mailbox for c in self.model.copies)
        names = [n for n in sorted(self.model.mailboxes - {"INBOX"}) if all(numbers[m] for m in below(n))]
        free = [n for n in ("renamed", "renamed-again", "elsewhere/here", "Q&-A", "&ZeVnLIqe-") if not below(n)]
        if not names or not free:
            return
        old, new = self.random.choice(names), self.random.choice(free)
        how = self.random.choice(["here", "there", "by hand"])
        if how == "by hand":
            self.stop_all()
            self.directory(new).parent.mkdir(exist_ok=True)
            self.directory(old).rename(self.directory(new))
        else:
            self.assertEqual(self.session(HERE if how == "here" else THERE).rename(old, new)[0], "OK", (old, new))
        for name in below(old):
            self.model.mailboxes.discard(name)
            self.model.mailboxes.add(new + name[len(old):])
        for copy in self.model.copies:
            if copy.mailbox == old or copy.mailbox.startswith(old + "/"):
                copy.mailbox = new + copy.mailbox[len(old):]
        self.model.known = [set(self.model.mailboxes), set(self.model.mailboxes)]
        self.backups.clear()  # they know the old names

    # A round.

    def accident(self):
        """None: no accident in this round."""
        chance = self.random.random()
        if RARE < chance < 2 * RARE:
            self.back_up()
        if chance > RARE:
            return None
        ready = [what for what, (_, _, names) in self.backups.items() if what in ("index", "state") or names == self.model.mailboxes]
        kind = self.random.choice([*ready, *ready, "wipe", "move away", "rename"])
        self.accidents[kind] += 1
        self.configure_accident(3600)
        had = collections.Counter()
        if kind == "wipe":
            self.wipe()
        elif kind == "move away":
            self.move_away()
        elif kind == "rename":
            self.rename()
        else:
            had = self.put_back(kind)
        return kind, had

    def configure_accident(self, wait):
        self.configure(top=f"missing-wait = {wait}", local=self.local, port=self.proxy.port, compress="NO")

    def open_pass(self):
        done = self.postern("sync")
        self.assertIn(done.code, OPEN, done)
        return done

    def assert_nothing_is_lost(self, *sides):
        wanted = collections.Counter((c.mailbox, c.number) for c in self.model.copies)
        for side in sides:
            self.assertEqual(sorted((wanted - counted(self.contents_of(side))).elements()), [], "lacking")

    def recover(self, kind, had):
        """A pass that may be broken off, what a person says, and passes until there is nothing left to say."""
        if self.random.random() < 0.4:
            self.interrupted_pass(OPEN)
            self.proxy.forget()
        self.open_pass()
        if kind != "rename":
            self.assert_nothing_is_lost(self.store if kind == "server" else self.dovecot)
        for _ in range(4):
            done = self.postern("sync")
            if done.code == 0 and done.count("waiting") == 0 and "nothing to do" in done.out:
                break
            self.postern("restore")
        self.assertIn("nothing to do", done.out, (kind, done))
        here, there = self.contents_of(self.store), self.contents_of(self.dovecot)
        self.assertEqual(support.differences(here, there), "", kind)
        self.assert_nothing_is_lost(self.store)
        wanted = collections.Counter((c.mailbox, c.number) for c in self.model.copies)
        self.assertEqual(sorted((counted(here) - (wanted | had)).elements()), [], f"doubled after {kind}")
        self.rebase(here)

    def rebase(self, found):
        self.model.mailboxes = {m[0] for m in found}
        self.model.known = [set(self.model.mailboxes), set(self.model.mailboxes)]
        self.model.copies = []
        for mailbox, flags, _, text in found:
            if text:
                copy = Copy(mailbox, int(re.search(rb"Message-ID: <(\d+)@", text)[1]), {HERE, THERE}, flags.split())
                copy.base = set(flags.split())
                self.model.copies.append(copy)

    def one_round(self, number):
        with self.timed("accidents"):
            what = self.accident()
            if what is not None:
                self.recover(*what)
                self.configure(top=self.top, local=self.local, port=self.proxy.port, compress="NO")
                return
        super().one_round(number)
