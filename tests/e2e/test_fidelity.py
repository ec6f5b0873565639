# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The same messages in Dovecot and in ours: do ENVELOPE, BODY, BODYSTRUCTURE, every section, sizes and SEARCH say the same?

The messages are those of a directory (POSTERN_CORPUS, default ../shared/corpus), the same ones damaged (damaged_mail.py) and synthetic ones (strange_mail.py).
Each item's share of equal answers is printed with the classes of difference; docs/fidelity.md speaks of them. POSTERN_FIDELITY=N,SEED takes N
synthetic and N damaged messages of another seed.
"""

import collections
import os
import pathlib
import random
import re
import unittest

import damaged_mail
import fidelity_questions as questions
import odd_questions
import raw_imap
import searched_mail
import strange_mail
import support

CORPUS = pathlib.Path(os.environ.get("POSTERN_CORPUS", support.CORPUS))
AT_LEAST = 0.97


class Tally:
    """Per item: how many answers were compared, how many were equal, and the classes of difference with examples."""

    def __init__(self):
        self.compared, self.equal = collections.Counter(), collections.Counter()
        self.classes = collections.defaultdict(list)

    def compare(self, item, about, theirs, ours):
        self.compared[item] += 1
        if theirs == ours:
            self.equal[item] += 1
        else:
            path, left, right = first_difference(theirs, ours)
            self.classes[item, path].append((about, left, right))

    def report(self, title):
        lines = [f"{title}:"]
        for item, count in sorted(self.compared.items()):
            lines.append(f"  {item:28} {self.equal[item]:6} of {count:6} equal  {100 * self.equal[item] / count:7.2f} %")
        for (item, path), examples in sorted(self.classes.items(), key=lambda c: -len(c[1])):
            lines.append(f"  {len(examples):5} x {item} {path}")
            for about, left, right in examples[:4]:
                lines += [f"        {about}", f"          Dovecot: {short(left)}", f"          ours:    {short(right)}"]
        return "\n".join(lines)

    def below(self):
        shares = {item: self.equal[item] / count for item, count in self.compared.items()}
        return {item: share for item, share in shares.items() if share < AT_LEAST}


def short(value):
    text = repr(value)
    return text if len(text) < 240 else f"{text[:230]}... ({len(text)})"


def first_difference(left, right, path=""):
    """Where two values part: (path without indexes, value, value)."""
    if isinstance(left, list) and isinstance(right, list):
        for number, (a, b) in enumerate(zip(left, right)):
            if a != b:
                nested = isinstance(a, list) or isinstance(b, list)
                return first_difference(a, b, path + (f".{number}" if not nested or number < 10 else ".n"))
        return path + ".length", left, right
    if isinstance(left, bytes) and isinstance(right, bytes):
        at = next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))
        start = max(0, at - 30)
        return path, left[start:at + 60], right[start:at + 60]
    if isinstance(left, set) and isinstance(right, set):
        return path, sorted(left - right), sorted(right - left)
    return path, left, right


class Pair:
    """The same messages in two servers."""

    def __init__(self, test):
        self.dovecot, self.store = support.Dovecot(), support.Store()
        test.addCleanup(self.dovecot.close)
        test.addCleanup(self.store.close)
        self.servers = [raw_imap.Client.dial(self.dovecot.port, "user", "pass"), raw_imap.Client.tunnel(self.store.tunnel_command())]
        for server in self.servers:
            test.addCleanup(server.close)
        self.names = []

    def fill(self, mailbox, messages, tally, date=None):
        """Appends what both take; the answer to the n-th message says what the mailbox's n-th message is."""
        self.names = []
        for server in self.servers:
            if mailbox != "INBOX":
                server.run(f"CREATE {mailbox}")
        for number, (name, octets) in enumerate(messages):
            when = date() if date else f'"{1 + number % 28:02}-{("Jan", "Jul", "Nov")[number % 3]}-{2001 + number % 19} {number % 24:02}:30:00 +0000"'
            command = f"APPEND {mailbox} {when} ".encode() + raw_imap.string(octets)
            answers = [server.command(command)[0][:2] for server in self.servers]
            tally.compare("APPEND", name, *answers)
            if answers == [b"OK", b"OK"]:
                self.names.append(name)
            elif b"OK" in answers:
                raise AssertionError(f"{name}: {answers}")
        for server in self.servers:
            server.run(f"SELECT {mailbox}")

    def flag(self):
        for server in self.servers:
            for flags, numbers in (("\\Seen $Forwarded", "1:7"), ("\\Flagged Junk", "5:20"), ("\\Deleted \\Answered", "15,18,40:*"), ("\\Draft a", "3:9")):
                server.run(f"STORE {numbers} +FLAGS.SILENT ({flags})")

    def fetch(self, numbers, items):
        answers = []
        for server in self.servers:
            status, responses = server.command(f"FETCH {numbers} ({' '.join(items)})")
            answers.append(raw_imap.fetched(responses) if status.startswith(b"OK") else status[:3])
        return answers

    def compare_fetch(self, tally):
        """Everything about one message at a time: first what structures say, then every section that either structure speaks of."""
        for number, name in enumerate(self.names, 1):
            theirs, ours = (a.get(number, {}) if isinstance(a, dict) else {} for a in self.fetch(number, questions.ITEMS))
            for item in questions.ITEMS:
                tally.compare(questions.item_class(item), f"{name} {item}", theirs.get(answered(item)), ours.get(answered(item)))
            sections = questions.sections([theirs.get("BODYSTRUCTURE"), ours.get("BODYSTRUCTURE")])
            theirs, ours = (a.get(number, {}) if isinstance(a, dict) else a for a in self.fetch(number, sections))
            if isinstance(theirs, bytes) or isinstance(ours, bytes):
                tally.compare("FETCH", f"{name} {sections}", theirs, ours)
                continue
            for item in sections:
                key = answered(item)
                tally.compare(questions.item_class(item), f"{name} {item}", theirs.get(key, "absent"), ours.get(key, "absent"))

    def compare_odd(self, tally, chance, kept):
        for number, name in enumerate(self.names, 1):
            structures = [a.get(number, {}).get("BODYSTRUCTURE") for a in self.fetch(number, ["BODYSTRUCTURE"])]
            for item in odd_questions.sections(chance, structures, kept[name]):
                theirs, ours = (list(a.get(number, {}).items())[-1:] if isinstance(a, dict) else a for a in self.fetch(number, [item]))
                tally.compare(odd_questions.kind(item), f"{name} {item}", theirs, ours)

    def compare_octets(self, tally):
        """For clients that do not parse: the same strings quoted, the same as literals."""
        for item in ("ENVELOPE", "BODY", "BODYSTRUCTURE"):
            theirs, ours = (server.run(f"FETCH 1:* {item}") for server in self.servers)
            for name, left, right in zip(self.names, theirs, ours, strict=True):
                tally.compare(f"{item}, every octet", f"{name} {item}", left, right)

    def compare_search(self, tally, searches):
        for kind, key in searches:
            answers = []
            for server in self.servers:
                status, responses = server.command(b"SEARCH " + key)
                answers.append(raw_imap.searched(responses) if status.startswith(b"OK") else status[:3])
            tally.compare(f"SEARCH {kind}", key, *answers)
            if all(isinstance(a, set) for a in answers):
                tally.compared["SEARCH per message"] += len(self.names)
                tally.equal["SEARCH per message"] += len(self.names) - len(answers[0] ^ answers[1])


def answered(item):
    """How an item is called in the answer."""
    return re.sub(r"<(\d+)\.\d+>", r"<\1>", item.replace(".PEEK", ""))


def corpus():
    return [(f.name, questions.with_crlf(f.read_bytes())) for f in sorted(CORPUS.glob("*.eml"))]


def number_and_seed():
    return map(int, os.environ.get("POSTERN_FIDELITY", "300,1").split(","))


class Fidelity(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        support.need("/usr/sbin/dovecot", support.IMAPD)

    def compare(self, title, messages):
        tally, pair = Tally(), Pair(self)
        pair.fill("INBOX", messages, tally)
        kept = {name: octets for name, octets in messages}
        pair.compare_fetch(tally)
        pair.compare_octets(tally)
        pair.compare_search(tally, questions.searches([kept[name] for name in pair.names]))
        print(tally.report(title))
        self.assertGreater(tally.compared["ENVELOPE"], len(messages) * 9 // 10)
        self.assertEqual(tally.below(), {}, "items below the share that must be equal")

    def test_corpus(self):
        messages = corpus()
        if not messages:
            self.skipTest(f"NO CORPUS IN {CORPUS}: set POSTERN_CORPUS to a directory of *.eml files")
        self.compare(f"{len(messages)} messages of the corpus", messages)

    def test_synthetic(self):
        count, seed = number_and_seed()
        self.compare(f"{count} synthetic messages of seed {seed}", strange_mail.messages(count, seed))

    def test_damaged(self):
        count, seed = number_and_seed()
        sources = corpus() or strange_mail.messages(300, 1)
        self.compare(f"{count} damaged messages of seed {seed}", damaged_mail.messages(sources, count, seed))

    def test_odd_questions(self):
        count, seed = number_and_seed()
        chance = random.Random(f"odd {seed}")
        sources = corpus() or strange_mail.messages(300, 1)
        messages = [(name, octets) for name, octets in chance.sample(sources, min(count // 2, len(sources))) if len(octets) < 200_000]
        tally, pair, kept = Tally(), Pair(self), dict(messages)
        pair.fill("INBOX", messages, tally, lambda: odd_questions.append_date(chance))
        pair.flag()
        pair.compare_odd(tally, chance, kept)
        pair.compare_search(tally, odd_questions.searches(chance, [kept[name] for name in pair.names]))
        print(tally.report(f"odd questions of seed {seed} about {len(messages)} messages"))
        self.assertEqual(tally.below(), {}, "items below the share that must be equal")

    def test_searches(self):
        count, seed = number_and_seed()
        made = list(searched_mail.messages(count // 4, seed))
        tally, pair = Tally(), Pair(self)
        pair.fill("INBOX", [message for message, _ in made], tally)
        pair.flag()
        pair.compare_search(tally, searched_mail.searches([texts for _, texts in made], seed))
        print(tally.report(f"{len(made)} messages of seed {seed} that are hard to search"))
        self.assertEqual(tally.below(), {}, "items below the share that must be equal")


if __name__ == "__main__":
    unittest.main()
