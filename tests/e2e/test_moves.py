# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What is moved or copied on one side is moved or copied on the other: no text crosses again, and flags, keywords and dates stay."""

import contextlib
import os
import re
import subprocess
import unittest

import support
import sync_case

ALL = "IMAP4rev1 LITERAL+ UNSELECT ENABLE CONDSTORE QRESYNC ESEARCH LIST-EXTENDED LIST-STATUS NAMESPACE"
SIZE = 100_000
SMALL = 20_000  # octets of a pass in which no text crosses


class Moves(sync_case.SyncCase):
    capability = None

    def begin(self, numbers=range(8), size=SIZE, mailboxes=("Archive", "Other"), **options):
        options.setdefault("capability", self.capability)
        self.meet_dovecot(compress=False, **options)
        self.proxy = sync_case.Proxy(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        for mailbox in mailboxes:
            self.assertEqual(self.far.create(mailbox)[0], "OK")
        for n in numbers:
            self.fill(self.far, "INBOX", [n], size, [None, r"(\Seen)", r"(\Flagged work)", r"(\Answered later $label1)"][n % 4])
        self.sync()
        self.near = self.store.connect()
        self.addCleanup(self.near.shutdown)
        self.before = sorted(m[1:] for m in self.contents_of(self.dovecot) if m[3])

    def uid(self, connection, mailbox, *numbers):
        """A set of the UIDs that these messages have there; the mailbox is selected."""
        self.assertEqual(connection.select(mailbox)[0], "OK")
        found = {}
        _, data = connection.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        for item, after in zip(data, [*data[1:], b""]):
            if isinstance(item, tuple):
                number = int(re.search(rb"<(\d+)@", item[1])[1])
                found[number] = re.search(rb"UID (\d+)", item[0] + (after if isinstance(after, bytes) else b""))[1].decode()
        return ",".join(found[n] for n in (numbers or sorted(found)))

    def do(self, connection, command, mailbox, to, *numbers):
        self.assertEqual(connection.uid(command, self.uid(connection, mailbox, *numbers), to)[0], "OK")

    def pass_without_texts(self, limit=SMALL):
        """A pass; both sides are the same after it, and there is nothing left to do."""
        self.proxy.forget()
        done = self.sync()
        octets = sum(map(len, self.proxy.relayed))
        self.assertLess(octets, limit, done)
        for direction in self.proxy.relayed:
            self.assertNotIn(b"The quick brown fox", direction)
        self.now = self.assert_same()
        self.assert_nothing_to_do()
        return done

    def where(self):
        """mailbox -> numbers of messages, on both sides."""
        out = {}
        for mailbox, _, _, text in self.now:
            if text:
                out.setdefault(mailbox, []).append(int(re.search(rb"Message-ID: <(\d+)@", text)[1]))
        return {mailbox: sorted(numbers) for mailbox, numbers in out.items()}

    def assert_kept(self):
        """All messages are there once, with the flags and dates of before."""
        self.assertEqual(sorted(m[1:] for m in self.now if m[3]), self.before)


class Here(Moves):
    """By a client of ours."""

    def test_a_move(self):
        self.begin(range(20))
        self.do(self.near, "MOVE", "INBOX", "Archive")
        done = self.pass_without_texts()
        self.assertEqual(done.count("moved or copied there"), 20, done)
        self.assertEqual(self.where(), {"Archive": list(range(20))})
        self.assert_kept()

    def test_a_copy(self):
        self.begin()
        self.do(self.near, "COPY", "INBOX", "Archive", 1, 2, 3)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": list(range(8)), "Archive": [1, 2, 3]})

    def test_a_copy_that_is_expunged_is_a_move(self):
        self.begin()
        self.do(self.near, "COPY", "INBOX", "Archive", 1, 2)
        uids = self.uid(self.near, "INBOX", 1, 2)
        self.near.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
        self.near.uid("EXPUNGE", uids)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assert_kept()

    def test_a_chain(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.do(self.near, "MOVE", "Archive", "Other", 1, 2)
        self.do(self.near, "MOVE", "Other", "INBOX", 2)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 4, 5, 6, 7], "Archive": [3], "Other": [1]})
        self.assert_kept()

    def test_there_and_back(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.do(self.near, "MOVE", "Archive", "INBOX")
        there = self.uid(self.far, "INBOX")
        self.pass_without_texts()
        self.assertEqual(self.uid(self.far, "INBOX"), there)
        self.assert_kept()

    def test_a_swap(self):
        self.begin(range(4))
        self.do(self.near, "MOVE", "INBOX", "Archive", 0, 1)
        self.pass_without_texts()
        self.do(self.near, "MOVE", "INBOX", "Other", 2, 3)
        self.do(self.near, "MOVE", "Archive", "INBOX", 0, 1)
        self.do(self.near, "MOVE", "Other", "Archive", 2, 3)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 1], "Archive": [2, 3]})
        self.assert_kept()

    def test_copies_and_a_move_of_one_message(self):
        self.begin()
        for to in ("Archive", "Other", "Archive"):
            self.do(self.near, "COPY", "INBOX", to, 1)
        self.do(self.near, "MOVE", "INBOX", "Other", 1)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3, 4, 5, 6, 7], "Archive": [1, 1], "Other": [1, 1]})

    def test_flags_that_change_on_both_sides(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.near.select("Archive")
        self.near.uid("STORE", "1:*", "+FLAGS", "(new)")
        self.near.uid("STORE", "1:*", "-FLAGS", r"(\Seen work)")
        uids = self.uid(self.far, "INBOX", 1, 2)
        self.far.uid("STORE", uids, "+FLAGS", r"(\Draft)")
        self.pass_without_texts()
        flags = sorted(m[1] for m in self.now if m[0] == "Archive" and m[3])
        self.assertEqual(flags, [r"\draft \flagged new", r"\draft new"])

    def test_into_a_new_mailbox(self):
        self.begin()
        self.assertEqual(self.near.create("fresh/one")[0], "OK")
        self.do(self.near, "MOVE", "INBOX", "fresh/one", 1, 2, 3)
        self.near.select("fresh/one")
        self.near.uid("STORE", "1:*", "-FLAGS", r"(\Seen)")
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5, 6, 7], "fresh/one": [1, 2, 3]})
        self.assertNotIn(r"\seen", "".join(m[1] for m in self.now if m[0] == "fresh/one"))

    def test_a_message_without_a_message_id(self):
        self.begin()
        text = b"Subject: nameless\r\n\r\n" + b"The quick brown fox\r\n" * 2000
        self.assertEqual(self.far.append("INBOX", r"(\Seen kw)", None, text)[0], "OK")
        self.sync()
        self.near.select("INBOX")
        uid = self.near.uid("SEARCH", "SUBJECT", "nameless")[1][0].decode()
        self.near.uid("MOVE", uid, "Archive")
        self.pass_without_texts()
        self.assertEqual([(m[0], m[1]) for m in self.now if b"nameless" in m[3]], [("Archive", r"\seen kw")])

    def test_with_the_owner_ended_in_between(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.store.stop_owner(kill=True)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assert_kept()

    def test_what_was_removed_there_meanwhile_is_sent(self):
        self.begin(size=0)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        uid = self.uid(self.far, "INBOX", 1)
        self.far.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
        self.far.uid("EXPUNGE", uid)
        self.sync()
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})


class WhileAPassRuns(Moves):
    """A client of ours moves messages when the pass has begun: the same pass moves them there."""

    def check(self, capability=None):
        self.begin(size=3000, capability=capability)
        self.proxy = Liar(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.far.select("INBOX")
        self.far.uid("STORE", "1:*", "+FLAGS", "(seen-there)")
        uids = self.uid(self.near, "INBOX", 1, 2)
        self.moved = 0

        def move(direction, octets):
            if direction == sync_case.Proxy.UP and b"SELECT INBOX" in octets and self.moved == 0:
                self.moved += 1
                self.assertEqual(self.near.uid("MOVE", uids, "Archive")[0], "OK")
            return octets

        self.proxy.lie = move
        self.pass_without_texts()
        self.assertEqual(self.moved, 1)
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assertEqual([m[1].count("seen-there") for m in self.now if m[3]], [1] * 8)

    def test_a_move(self):
        self.check()

    def test_a_move_without_move(self):
        self.check(ALL + " UIDPLUS")


class HereWithoutMove(Here):
    capability = ALL + " UIDPLUS"


class HereWithoutUidplus(Here):
    capability = ALL + " MOVE"


class HereOnPlainImap(Here):
    capability = "IMAP4rev1 LITERAL+ UIDPLUS MOVE LIST-EXTENDED LIST-STATUS"


class There(Moves):
    """By another client on the server."""

    def test_a_move(self):
        self.begin(range(20))
        self.do(self.far, "MOVE", "INBOX", "Archive")
        done = self.pass_without_texts()
        self.assertEqual(done.count("moved here"), 20, done)
        self.assertEqual(self.where(), {"Archive": list(range(20))})
        self.assert_kept()
        self.assertIn("0 messages are kept", self.postern("removed").out)

    def test_of_some_into_two_mailboxes(self):
        self.begin()
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2)
        self.do(self.far, "MOVE", "INBOX", "Other", 3)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5, 6, 7], "Archive": [1, 2], "Other": [3]})
        self.assert_kept()

    def test_a_chain(self):
        self.begin()
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.do(self.far, "MOVE", "Archive", "Other", 1, 2)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5, 6, 7], "Archive": [3], "Other": [1, 2]})
        self.assert_kept()

    def test_a_swap(self):
        self.begin(range(4))
        self.do(self.far, "MOVE", "INBOX", "Archive", 0, 1)
        self.pass_without_texts()
        self.do(self.far, "MOVE", "INBOX", "Other", 2, 3)
        self.do(self.far, "MOVE", "Archive", "INBOX", 0, 1)
        self.do(self.far, "MOVE", "Other", "Archive", 2, 3)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 1], "Archive": [2, 3]})
        self.assert_kept()

    def test_flags_that_change_on_both_sides(self):
        self.begin()
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2)
        self.far.select("Archive")
        self.far.uid("STORE", "1:*", "+FLAGS", "(new)")
        self.far.uid("STORE", "1:*", "-FLAGS", r"(\Seen work)")
        uids = self.uid(self.near, "INBOX", 1, 2)
        self.near.uid("STORE", uids, "+FLAGS", r"(\Draft)")
        self.pass_without_texts()
        flags = sorted(m[1] for m in self.now if m[0] == "Archive" and m[3])
        self.assertEqual(flags, [r"\draft \flagged new", r"\draft new"])

    def test_into_a_new_mailbox(self):
        self.begin(range(40), size=3000)
        self.assertEqual(self.far.create("fresh/one")[0], "OK")
        self.fill(self.far, "fresh/one", [50])
        self.do(self.far, "MOVE", "INBOX", "fresh/one", *range(2, 40))
        self.before += [m[1:] for m in self.contents_of(self.dovecot) if b"<50@" in m[3]]
        self.before.sort()
        self.proxy.forget()
        done = self.sync()
        self.assertEqual([done.count(what) for what in ("moved here", "fetched", "expunged here")], [38, 1, 0], done)
        self.now = self.assert_same()
        self.assert_nothing_to_do()
        self.assertEqual(self.where(), {"INBOX": [0, 1], "fresh/one": [*range(2, 40), 50]})
        self.assert_kept()

    def test_into_a_mailbox_that_was_renamed(self):
        self.begin()
        self.fill(self.far, "Archive", range(20, 25), 3000)
        self.sync()
        self.before = sorted(m[1:] for m in self.contents_of(self.dovecot) if m[3])
        self.assertEqual(self.far.rename("Archive", "Kept")[0], "OK")
        self.do(self.far, "MOVE", "INBOX", "Kept", 1, 2)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Kept": [1, 2, *range(20, 25)]})
        self.assert_kept()

    def test_into_a_mailbox_that_is_renamed_here(self):
        self.begin()
        self.fill(self.far, "Archive", range(20, 25), 3000)
        self.sync()
        self.before = sorted(m[1:] for m in self.contents_of(self.dovecot) if m[3])
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2)
        self.near.select("INBOX")
        self.assertEqual(self.near.rename("Archive", "Kept")[0], "OK")
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Kept": [1, 2, *range(20, 25)]})
        self.assert_kept()

    def test_more_than_the_fuse_lets_go(self):
        self.begin(range(40), size=3000)
        self.do(self.far, "MOVE", "INBOX", "Archive", *range(2, 40))
        self.pass_without_texts(60_000)
        self.assertEqual(self.where(), {"INBOX": [0, 1], "Archive": list(range(2, 40))})
        self.assert_kept()

    def test_what_came_and_went_besides(self):
        self.begin(size=3000)
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2)
        uid = self.uid(self.far, "INBOX", 3)
        self.far.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
        self.far.uid("EXPUNGE", uid)
        self.fill(self.far, "Archive", [50])
        self.fill(self.far, "INBOX", [51])
        done = self.sync()
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5, 6, 7, 51], "Archive": [1, 2, 50]})
        self.assertEqual([done.count(what) for what in ("moved here", "fetched", "expunged here")], [2, 2, 1], done)

    def test_the_same_message_twice_is_fetched(self):
        self.begin(size=3000)
        self.fill(self.far, "INBOX", [1], 3000)
        self.sync()
        self.far.select("INBOX")
        uids = self.far.uid("SEARCH", "HEADER", "Message-ID", "<1@example.org>")[1][0].decode().replace(" ", ",")
        self.far.uid("MOVE", uids, "Archive")
        self.sync()
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3, 4, 5, 6, 7], "Archive": [1, 1]})


class ThereOnCondstore(There):
    capability = "IMAP4rev1 LITERAL+ UIDPLUS MOVE UNSELECT ENABLE CONDSTORE ESEARCH LIST-EXTENDED LIST-STATUS"


class ThereOnPlainImap(There):
    capability = "IMAP4rev1 LITERAL+ UIDPLUS MOVE LIST-EXTENDED LIST-STATUS"


class Both(Moves):
    """On both sides between two passes."""

    def test_other_messages(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.do(self.far, "MOVE", "INBOX", "Archive", 3, 4)
        self.do(self.near, "COPY", "INBOX", "Other", 5)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 5, 6, 7], "Archive": [1, 2, 3, 4], "Other": [5]})

    def test_the_same_messages(self):
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.do(self.far, "MOVE", "INBOX", "Archive", 1, 2)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assert_kept()

    def test_to_other_places(self):
        """The move that the server has made counts, as for any two clients of a server: the other one finds nothing to move any more."""
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1)
        self.do(self.far, "MOVE", "INBOX", "Other", 1)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3, 4, 5, 6, 7], "Other": [1]})
        self.assert_kept()

    def test_against_each_other(self):
        self.begin(range(4))
        self.do(self.near, "MOVE", "INBOX", "Archive", 0, 1)
        self.pass_without_texts()
        self.do(self.near, "MOVE", "INBOX", "Archive", 2)
        self.do(self.far, "MOVE", "Archive", "INBOX", 0)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3], "Archive": [1, 2]})
        self.assert_kept()


class Files(Moves):
    """Another program moves files between the directories of the store: a shell, or mutt without our server."""

    def file_of(self, mailbox, number):
        """The file of a message."""
        for directory in ("cur", "new"):
            for file in (self.store.path / mailbox / directory).iterdir():
                if f"<{number}@".encode() in file.read_bytes()[:2000]:
                    return file
        raise AssertionError(f"no file of {number} in {mailbox}")

    def assert_kept(self):
        """A letter of a keyword that the other mailbox does not know is shown as some keyword."""
        self.now = [(m[0], re.sub(r" ?unknown-\d+", "", m[1]), *m[2:]) for m in self.now]
        super().assert_kept()

    def move(self, number, mailbox="INBOX", to="Archive"):
        file = self.file_of(mailbox, number)
        file.rename(self.store.path / to / file.parent.name / file.name)

    def test_mv(self):
        self.begin()
        for number in (0, 1, 2, 3):
            self.move(number)
        done = self.pass_without_texts()
        self.assertEqual(done.count("moved or copied there"), 4, done)
        self.assertEqual(self.where(), {"INBOX": [4, 5, 6, 7], "Archive": [0, 1, 2, 3]})
        self.assert_kept()

    def test_more_than_the_fuse_lets_go(self):
        self.begin(range(40), size=3000)
        for number in range(2, 40):
            self.move(number)
        self.pass_without_texts(60_000)
        self.assertEqual(self.where(), {"INBOX": [0, 1], "Archive": list(range(2, 40))})
        self.assert_kept()

    def test_under_no_client(self):
        self.begin()
        self.near.shutdown()
        self.store.stop_owner()
        self.move(1)
        self.move(2, to="Other")
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1], "Other": [2]})
        self.assert_kept()

    def test_what_is_gone_before_it_comes(self):
        self.begin()
        file = self.file_of("INBOX", 1)
        aside = self.store.directory / "aside"
        file.rename(aside)
        self.sync()
        aside.rename(self.store.path / "Archive" / file.parent.name / file.name)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3, 4, 5, 6, 7], "Archive": [1]})
        self.assert_kept()

    def test_of_another_date_it_is_sent(self):
        """The date there would not be the one here any more."""
        self.begin(size=3000)
        self.move(1)
        os.utime(self.file_of("Archive", 1), (1_600_000_000, 1_600_000_000))
        self.assertEqual(self.sync().count("sent"), 1)
        self.assertEqual([m[0] for m in self.contents_of(self.dovecot) if b"<1@" in m[3]], ["Archive", "INBOX"])

    def test_of_two_alike_none_is_taken_for_the_other(self):
        self.begin(size=3000)
        self.fill(self.far, "INBOX", [1], 3000)
        self.sync()
        self.move(1)
        self.assertEqual(self.sync().count("sent"), 1)

    def test_the_plan_tells_it(self):
        self.begin()
        self.move(1)
        self.assertIn("Archive: 1 message to move there\n", self.postern("plan").out)


class FilesWithoutMove(Files):
    capability = ALL + " UIDPLUS"


class Table(Moves):
    """What becomes of a message in INBOX between two passes here, and there; where it is then on both sides; whether its text crosses."""

    rows = (
        ("COPY Archive", "COPY Archive", "INBOX Archive", False),
        ("COPY Archive", "COPY Other", "INBOX Archive Other", True),
        ("COPY Archive", "MOVE Archive", "Archive", False),
        ("COPY Archive", "MOVE Other", "Archive Other", False),
        ("COPY Archive", "EXPUNGE", "Archive", True),
        ("COPY Archive", "FLAG", "INBOX Archive", False),
        ("MOVE Archive", "COPY Archive", "Archive", False),
        ("MOVE Archive", "COPY Other", "Archive Other", True),
        ("MOVE Archive", "MOVE Archive", "Archive", False),
        ("MOVE Archive", "MOVE Other", "Other", False),
        ("MOVE Archive", "EXPUNGE", "Archive", True),
        ("MOVE Archive", "FLAG", "Archive", False),
        ("MOVE Archive BACK", "MOVE Other", "Other", False),
        ("MOVE Archive BACK", "EXPUNGE", "", False),
        ("EXPUNGE", "COPY Archive", "Archive", True),
        ("EXPUNGE", "MOVE Archive", "Archive", True),
        ("EXPUNGE", "EXPUNGE", "", False),
        ("EXPUNGE", "FLAG", "", False),
        ("FLAG", "COPY Archive", "INBOX Archive", True),
        ("FLAG", "MOVE Archive", "Archive", False),
        ("FLAG", "EXPUNGE", "", False),
        ("FLAG", "FLAG", "INBOX", False),
    )

    def act(self, connection, words, number):
        command, *mailboxes = words.split()
        if command in ("COPY", "MOVE"):
            self.do(connection, command, "INBOX", mailboxes[0], number)
        if "BACK" in mailboxes:
            self.do(connection, command, mailboxes[0], "INBOX", number)
        if command in ("EXPUNGE", "FLAG"):
            uid = self.uid(connection, "INBOX", number)
            connection.uid("STORE", uid, "+FLAGS", r"(\Deleted)" if command == "EXPUNGE" else f"({'here' if connection is self.near else 'there'})")
            if command == "EXPUNGE":
                connection.uid("EXPUNGE", uid)

    def places_of(self, number):
        return " ".join(sorted(mailbox for mailbox, numbers in self.where().items() for one in numbers if one == number))

    def check(self, capability):
        self.begin(range(len(self.rows)), size=3000, capability=capability)
        for number, (here, there, end, crosses) in enumerate(self.rows):
            with self.subTest(here=here, there=there):
                self.act(self.near, here, number)
                self.act(self.far, there, number)
                self.proxy.forget()
                done = self.sync()
                self.now = self.assert_same()
                self.assertEqual(self.places_of(number), " ".join(sorted(end.split())), done)
                texts = sum(relayed.count(b"The quick brown fox") > 0 for relayed in self.proxy.relayed)
                self.assertEqual(texts > 0, crosses, done)
                self.assert_nothing_to_do()

    def test_one_by_one(self):
        self.check(None)

    def test_one_by_one_without_move(self):
        self.check(ALL + " UIDPLUS")

    def test_all_at_once(self):
        self.begin(range(len(self.rows)), size=500)
        for number, (here, _, _, _) in enumerate(self.rows):
            self.act(self.near, here, number)
        for number, (_, there, _, _) in enumerate(self.rows):
            self.act(self.far, there, number)
        self.sync()
        self.now = self.assert_same()
        for number, (here, there, end, _) in enumerate(self.rows):
            with self.subTest(here=here, there=there):
                self.assertEqual(self.places_of(number), " ".join(sorted(end.split())))
        self.assert_nothing_to_do()


class Full(Moves):
    """The server has no MOVE, and no room for a copy: what is moved here stays where it is there until there is room, and is moved then."""

    capability = ALL + " UIDPLUS"
    quota = sync_case.quota(10)

    def begin_full(self):
        self.begin(extra=self.quota)
        self.fill(self.far, "Other", [20, 21])
        self.sync()
        self.assertEqual(self.far.append("Other", None, None, support.message(22))[0], "NO")
        self.there = self.contents_of(self.dovecot)

    def wait(self, passes=2):
        """Passes in which nothing changes there, and nothing is lost here."""
        here = self.contents_of(self.store)
        for _ in range(passes):
            done = self.sync(1)
            self.assertIn("messages wait here until there is room on 127.0.0.1", done.err)
            self.assertEqual(support.differences(self.contents_of(self.dovecot), self.there), "")
            self.assertEqual(support.differences(self.contents_of(self.store), here), "")

    def make_room(self, *numbers):
        uids = self.uid(self.far, "Other", *numbers)
        self.far.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
        self.far.uid("EXPUNGE", uids)

    def test_it_stays_there_and_is_moved_when_there_is_room(self):
        self.begin_full()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.wait()
        self.make_room(20, 21)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assert_kept()
        self.assertEqual(self.postern("removed").out.count("<1@"), 0)

    def test_room_for_one(self):
        """It is taken, and what is moved makes room for the next one."""
        self.begin_full()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.wait()
        self.make_room(20)
        self.proxy.forget()
        for _ in range(3):
            self.postern("sync")
        for direction in self.proxy.relayed:
            self.assertNotIn(b"The quick brown fox", direction)
        self.now = self.assert_same()
        self.assert_nothing_to_do()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5, 6, 7], "Archive": [1, 2, 3], "Other": [21]})

    def test_a_copy_is_made_when_there_is_room(self):
        self.begin_full()
        self.do(self.near, "COPY", "INBOX", "Archive", 1, 2)
        self.wait()
        self.make_room(20, 21)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": list(range(8)), "Archive": [1, 2]})

    def test_it_moves_on_meanwhile(self):
        self.begin_full()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.wait(1)
        self.do(self.near, "MOVE", "Archive", "Other", 1)
        self.do(self.near, "MOVE", "Archive", "INBOX", 2)
        self.store.stop_owner(kill=True)
        self.wait()
        self.make_room(20, 21)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 4, 5, 6, 7], "Archive": [3], "Other": [1]})
        self.assert_kept()

    def test_it_is_expunged_meanwhile(self):
        self.begin_full()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.wait(1)
        uid = self.uid(self.near, "Archive", 1)
        self.near.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
        self.near.uid("EXPUNGE", uid)
        for _ in range(2):
            self.postern("sync")
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [2], "Other": [20, 21]})

    def test_a_file_that_another_program_moves(self):
        self.begin_full()
        file = Files.file_of(self, "INBOX", 1)
        file.rename(self.store.path / "Archive" / file.parent.name / file.name)
        self.configure(port=self.proxy.port, top="missing-wait = 0")
        self.wait()
        self.make_room(20, 21)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3, 4, 5, 6, 7], "Archive": [1]})
        self.assert_kept()

    def test_out_of_a_mailbox_that_is_deleted(self):
        self.begin_full()
        self.do(self.near, "MOVE", "Other", "Archive")
        self.near.select("INBOX")
        self.assertEqual(self.near.delete("Other")[0], "OK")
        for _ in range(2):
            done = self.sync(1)
            self.assertEqual(support.differences(self.contents_of(self.dovecot), self.there), "")
            self.assertIn("Other: is deleted on the server when what was copied out of it is there", done.err)
        uids = self.uid(self.far, "INBOX", 0, 1)
        self.far.uid("STORE", uids, "+FLAGS", r"(\Deleted)")
        self.far.uid("EXPUNGE", uids)
        for _ in range(2):
            self.postern("sync")
        self.now = self.assert_same()
        self.assert_nothing_to_do()
        self.assertEqual(self.where(), {"INBOX": [2, 3, 4, 5, 6, 7], "Archive": [20, 21]})

    def test_a_pass_over_one_mailbox(self):
        """It does not take away there what another pass has still to move."""
        self.begin()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        there = self.contents_of(self.dovecot)
        self.postern("sync", "INBOX")
        self.assertEqual(support.differences(self.contents_of(self.dovecot), there), "")
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2]})
        self.assert_kept()

    def test_with_move_there_is_always_room(self):
        self.begin(extra=self.quota, capability=ALL + " UIDPLUS MOVE")
        self.fill(self.far, "Other", [20, 21])
        self.sync()
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 3, 4, 5, 6, 7], "Archive": [1, 2], "Other": [20, 21]})


class Plan(Moves):
    def test_the_plan_tells_moves(self):
        self.begin(size=500)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2)
        self.do(self.near, "COPY", "INBOX", "Other", 3)
        self.do(self.far, "MOVE", "INBOX", "Other", 4)
        plan = self.postern("plan")
        self.assertEqual(plan.code, 0, plan)
        self.assertIn("Archive: 2 messages to move there\n", plan.out)
        self.assertIn("Other: 1 message to move here, 1 message to copy there\n", plan.out)
        self.assertIn("in all: 1 message to move here, 2 messages to move there, 1 message to copy there;", plan.out)
        done = self.pass_without_texts()
        self.assertEqual([done.count("moved here"), done.count("moved or copied there")], [1, 3], done)


class Liar(sync_case.Proxy):
    """Changes what goes through it, where `lie` (direction, octets) says so."""

    def __init__(self, port):
        super().__init__(port)
        self.lie = None

    def rewrite(self, direction, octets):
        return self.lie(direction, octets) if self.lie else octets


class Lies(Moves):
    """Nothing is lost and nothing doubled, whatever the server answers. COPYUID with the UIDVALIDITY of the source, of GreenMail: https://github.com/greenmail-mail-test/greenmail/issues/423;
    without the UIDs of the source, of Cyrus: https://github.com/cyrusimap/cyrus-imapd/issues/4027; 0, of Outlook.com: https://github.com/jstedfast/MailKit/issues/240. The others: none known."""

    def check(self, lie, capability=None):
        self.begin(range(6), size=3000, capability=capability)
        self.proxy = Liar(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.lied = 0

        def tell(direction, octets):
            told = lie(direction, octets)
            self.lied += told != octets
            return told

        self.proxy.lie = tell
        self.postern("sync")
        self.assertGreater(self.lied, 0)
        self.proxy.lie = None
        self.postern("sync")
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5], "Archive": [1, 2, 3]})
        self.assert_kept()
        self.assert_nothing_to_do()
        # The pairs are right: what is expunged here is expunged there.
        uid = self.uid(self.near, "Archive", 2)
        self.near.uid("STORE", uid, "+FLAGS", r"(\Deleted)")
        self.near.uid("EXPUNGE", uid)
        self.postern("sync")
        self.postern("sync")
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5], "Archive": [1, 3]})

    def copyuid(self, text):
        def lie(direction, octets):
            return re.sub(rb"\[COPYUID (\d+) (\S+) (\S+)\]", text, octets) if direction == sync_case.Proxy.DOWN else octets
        return lie

    def test_no_copyuid(self):
        self.check(self.copyuid(rb"[HIGHESTMODSEQ 7]"))

    def test_a_copyuid_of_too_few(self):
        self.check(self.copyuid(rb"[COPYUID \1 \2 1]"))

    def test_a_copyuid_of_messages_that_are_not_there(self):
        self.check(self.copyuid(rb"[COPYUID \1 \2 101:103]"))

    def test_a_copyuid_of_other_originals(self):
        self.check(self.copyuid(rb"[COPYUID \1 1:3 \3]"))

    def test_a_copyuid_in_another_order(self):
        self.check(self.copyuid(rb"[COPYUID \1 \2 3,2,1]"))

    def test_a_copyuid_of_another_uidvalidity(self):
        self.check(self.copyuid(rb"[COPYUID 5 \2 \3]"))

    def test_a_copyuid_without_originals_or_without_a_uidvalidity(self):
        for code in (rb"[COPYUID \1 \3]", rb"[COPYUID 0 \2 \3]"):
            with self.subTest(code=code):
                self.doCleanups()
                self.setUp()
                self.check(self.copyuid(code))

    def test_a_move_that_was_made_is_refused(self):
        self.check(lambda direction, octets: re.sub(rb"(?m)^(\S+) OK( \[[^]]*\])? Move completed", rb"\1 NO it failed", octets))

    def test_a_move_that_is_not_understood(self):
        self.check(lambda direction, octets: octets.replace(b"UID MOVE ", b"UID XOVE "))

    def test_a_copy_that_is_refused(self):
        self.check(lambda direction, octets: octets.replace(b" Archive\r\n", b" Nowhere\r\n") if b"UID COPY" in octets else octets, ALL + " UIDPLUS")

    def test_a_copy_that_is_refused_without_uidplus(self):
        self.check(lambda direction, octets: octets.replace(b" Archive\r\n", b" Nowhere\r\n") if b"UID COPY" in octets else octets, ALL)

    def test_a_copy_that_was_made_is_refused(self):
        self.check(lambda direction, octets: re.sub(rb"(?m)^(\S+) OK \[COPYUID[^]]*\] Copy", rb"\1 BAD it failed", octets), ALL + " UIDPLUS")

    def test_more_came_to_the_mailbox_meanwhile(self):
        """Then COPYUID alone does not prove anything."""
        def lie(direction, octets):
            if b"UID MOVE" in octets:
                self.fill(self.far, "Archive", [50])
            return octets

        self.begin(range(6))
        self.proxy = Liar(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.proxy.lie = lie
        self.pass_without_texts()
        self.assertEqual(self.where(), {"INBOX": [0, 4, 5], "Archive": [1, 2, 3, 50]})


class DroppedFlags(Moves):
    """A server that copies a message without its flags (all of them, or its keywords)."""

    def check(self, capability, flags_there, repeats=1):
        self.begin(range(4), size=3000, capability=capability)
        self.proxy = Liar(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1, 2, 3)
        self.near.uid("STORE", self.uid(self.near, "Archive", 3), "-FLAGS", r"(\Answered)")
        self.far.uid("STORE", self.uid(self.far, "INBOX", 3), "-FLAGS", "(later)")
        self.dropped = 0

        def drop(direction, octets):
            if direction == sync_case.Proxy.DOWN and b"COPYUID" in octets and self.dropped < repeats:
                self.dropped += 1
                self.far.select("Archive")
                self.far.uid("STORE", "1:*", "FLAGS.SILENT", flags_there)
            return octets

        self.proxy.lie = drop
        self.pass_without_texts()
        self.assertEqual(self.dropped, repeats)
        flags = sorted(m[1] for m in self.now if m[0] == "Archive" and m[3])
        self.assertEqual(flags, ["$label1", r"\flagged work", r"\seen"])

    def test_all(self):
        self.check(None, "()")

    def test_all_without_move(self):
        self.check(ALL + " UIDPLUS", "()")

    def test_all_on_plain_imap(self):
        self.check(HereOnPlainImap.capability, "()")


class Cuts(Moves):
    """The connection breaks somewhere in the pass; the next one makes it whole."""

    def check(self, near_or_far, capability=None):
        self.begin(range(4), size=500, capability=capability)
        side = self.near if near_or_far == "near" else self.far
        mailboxes = ["INBOX", "Archive"]
        self.do(side, "MOVE", *mailboxes, 1, 2)
        self.proxy.forget()
        self.sync()
        octets = [len(relayed) for relayed in self.proxy.relayed]
        for direction in (sync_case.Proxy.UP, sync_case.Proxy.DOWN):
            for step in range(10):
                mailboxes.reverse()
                self.do(side, "MOVE", *mailboxes, 1, 2)
                self.proxy.forget()
                self.proxy.cut_after(direction, max(1, octets[direction] * (step + 1) // 11))
                self.postern("sync")
                self.proxy.forget()
                with self.subTest(direction=direction, step=step):
                    if capability == ALL:
                        self.settle_doubts()
                    self.sync()
                    self.now = self.assert_same()
                    self.assert_kept()
                    self.assertEqual(self.where()[mailboxes[1]], [1, 2] if mailboxes[1] == "Archive" else [0, 1, 2, 3])
        self.assertGreater(self.proxy.cuts, 10)

    def settle_doubts(self):
        """Without UIDPLUS a message may be shown later: what a copy that was cut off has done is a person's to say, as it is of what was sent."""
        done = self.postern("sync")
        if done.code != 0:
            self.assertEqual(done.code, 1, done)
            self.assertIn("the answer to sending it never came", done.err)
            for mailbox in ("INBOX", "Archive"):
                self.postern("repair", mailbox)

    def test_here(self):
        self.check("near")

    def test_here_without_move(self):
        self.check("near", ALL + " UIDPLUS")

    def test_here_without_uidplus(self):
        self.check("near", ALL)

    def test_there(self):
        self.check("far")


class Onward(Moves):
    """The server has made the move and the answer never came; meanwhile its copy here goes on."""

    def move_without_an_answer(self):
        self.begin(range(4), size=500)
        self.proxy = Liar(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.configure(port=self.proxy.port)
        self.do(self.near, "MOVE", "INBOX", "Archive", 1)

        def cut(direction, octets):
            if direction == self.proxy.DOWN and b"COPYUID" in octets:
                raise OSError
            return octets

        self.proxy.lie = cut
        self.postern("sync")
        self.proxy.lie = None

    def test_it_is_expunged(self):
        self.move_without_an_answer()
        self.near.select("Archive")
        self.near.store("1", "+FLAGS.SILENT", r"(\Deleted)")
        self.near.expunge()
        self.sync()
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3]})

    def test_it_moves_on(self):
        self.move_without_an_answer()
        self.do(self.near, "MOVE", "Archive", "Other", 1)
        self.sync()
        self.now = self.assert_same()
        self.assertEqual(self.where(), {"INBOX": [0, 2, 3], "Other": [1]})


class Kills(Moves):
    """The owner is killed at some time in the pass."""

    def test_here_and_there(self):
        self.begin(range(8), size=500)
        self.near.shutdown()
        mailboxes = ["INBOX", "Archive"]
        for step in range(12):
            with self.store.connect() as near:
                self.do(near, "MOVE", *mailboxes, 1, 2)
                self.do(self.far, "MOVE", *mailboxes, 3, 4)
            asked = self.start("sync")
            with contextlib.suppress(subprocess.TimeoutExpired):
                asked.wait(0.02 + 0.015 * step)
            self.store.stop_owner(kill=True)
            asked.communicate()
            mailboxes.reverse()
            self.sync()
            self.now = self.assert_same()
            self.assert_kept()
            self.assertEqual(set(self.where()[mailboxes[0]]) & {1, 2, 3, 4}, {1, 2, 3, 4})


if __name__ == "__main__":
    unittest.main()
