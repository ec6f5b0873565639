# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""An IMAP server of a test's own, which answers as well-behaved ones do until the test says otherwise: what is not quite true, not quite IMAP, or too much.

A test derives from Server and overrides one answer: `on_uid_fetch`, `line_of` ... Each command that came is kept in `asked`, and the octets that came in `received`.
"""

import contextlib
import re
import socket
import threading

SYSTEM = r"\Answered \Flagged \Deleted \Seen \Draft"
PLAIN = "IMAP4rev1 SASL-IR AUTH=PLAIN LITERAL+ UIDPLUS UNSELECT"


class Mail:
    def __init__(self, uid, text, flags=(), modseq=1):
        self.uid, self.text, self.flags, self.modseq = uid, text, set(flags), modseq

    def has(self, flag):
        return "\\" + flag.capitalize() in self.flags


class Mailbox:
    def __init__(self, validity):
        self.validity, self.next, self.modseq, self.mails = validity, 1, 1, []

    def add(self, text, flags=()):
        self.modseq += 1
        self.mails.append(Mail(self.next, text, flags, self.modseq))
        self.next += 1
        return self.mails[-1]

    def chosen(self, numbers):
        """(sequence number, mail) of the UIDs of a set."""
        last = self.mails[-1].uid if self.mails else 0
        ranges = [sorted(last if end == "*" else int(end) for end in (part.split(":") * 2)[:2]) for part in numbers.split(",")]
        return [(n, m) for n, m in enumerate(self.mails, 1) if any(first <= m.uid <= last for first, last in ranges)]


class Talk:
    """One connection."""

    def __init__(self, server, connection):
        self.server, self.connection, self.buffer = server, connection, b""
        self.mailbox = None
        self.literals = []

    def say(self, *lines):
        self.send(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines))

    def send(self, octets):
        self.connection.sendall(octets)

    def more(self):
        octets = self.connection.recv(1 << 16)
        if not octets:
            raise EOFError
        self.server.received += len(octets)
        self.buffer += octets

    def line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def octets(self, count):
        while len(self.buffer) < count:
            self.more()
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def command(self):
        """Tag, name and the rest with `{}` for each literal; a literal that is refused ends it: None."""
        line, self.literals = self.line(), []
        self.server.longest = max(self.server.longest, len(line))
        while found := re.search(rb"\{(\d+)(\+?)\}$", line):
            size = int(found[1])
            tag = line.split(b" ", 1)[0].decode()
            if not found[2]:
                refusal = self.server.refuses_literal(size)
                if refusal:
                    self.say(f"{tag} {refusal}")
                    return None
                self.say("+ go on")
            self.literals.append(self.octets(size))
            line = line[:found.start()] + b"{}" + self.line()
        words = re.match(r"(\S+) ((?:UID )?\S+) ?(.*)", line.decode("latin-1"), re.IGNORECASE)
        return words[1], words[2].lower().replace(" ", "_"), words[3]


class Server:
    def __init__(self, *names, capability=PLAIN):
        self.capability = capability
        self.mailboxes = {name: Mailbox(7000 + n) for n, name in enumerate(("INBOX", *names))}
        self.asked, self.received, self.longest, self.connections = [], 0, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.talk, args=(self.listener.accept()[0],), daemon=True).start()

    def talk(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        talk = Talk(self, connection)
        with connection, contextlib.suppress(OSError, EOFError):
            talk.say(f"* OK [CAPABILITY {self.capability}] hello")
            while True:
                said = talk.command()
                if said is None:
                    self.asked.append(("refused_literal", ""))
                    continue
                tag, name, rest = said
                self.asked.append((name, rest))
                getattr(self, "on_" + name, self.unknown)(talk, tag, rest)
                if name == "logout":
                    return

    def count(self, name, what=""):
        """How often a command came, with this in it."""
        return sum(1 for one, rest in self.asked if one == name and what in rest)

    @property
    def inbox(self):
        return self.mailboxes["INBOX"]

    def named(self, rest):
        return self.mailboxes[re.match(r'"?([^" ]*)', rest)[1]]

    # Answers.

    def refuses_literal(self, size):
        """What a synchronising literal of this size is answered instead of `+`; empty: nothing."""
        return ""

    def ok(self, talk, tag, rest):
        talk.say(f"{tag} OK done")

    on_authenticate = on_login = on_noop = on_subscribe = on_unsubscribe = on_enable = ok

    def unknown(self, talk, tag, rest):
        talk.say(f"{tag} BAD what?")

    def on_capability(self, talk, tag, rest):
        talk.say(f"* CAPABILITY {self.capability}", f"{tag} OK done")

    def on_logout(self, talk, tag, rest):
        talk.say("* BYE", f"{tag} OK done")

    def on_list(self, talk, tag, rest, word="LIST"):
        for name in self.mailboxes:
            talk.say(f'* {word} () "/" "{name}"')
        talk.say(f"{tag} OK done")

    def on_lsub(self, talk, tag, rest):
        self.on_list(talk, tag, rest, "LSUB")

    def on_create(self, talk, tag, rest):
        self.mailboxes[rest.strip('"')] = Mailbox(8000 + len(self.mailboxes))
        talk.say(f"{tag} OK done")

    def counts(self, mailbox):
        out = {"MESSAGES": len(mailbox.mails), "UIDNEXT": mailbox.next, "UIDVALIDITY": mailbox.validity,
               "UNSEEN": sum(1 for one in mailbox.mails if r"\Seen" not in one.flags)}
        if "CONDSTORE" in self.capability:
            out["HIGHESTMODSEQ"] = mailbox.modseq
        return out

    def on_status(self, talk, tag, rest):
        name, items = rest.rsplit(" (", 1)
        counts = self.counts(self.named(rest))
        told = " ".join(f"{item} {counts[item]}" for item in items.rstrip(")").split() if item in counts)
        talk.say(f"* STATUS {name} ({told})", f"{tag} OK done")

    def on_select(self, talk, tag, rest):
        talk.mailbox = mailbox = self.named(rest)
        talk.say(f"* FLAGS ({SYSTEM})", rf"* OK [PERMANENTFLAGS ({SYSTEM} \*)] kept", f"* {len(mailbox.mails)} EXISTS",
                 f"* OK [UIDVALIDITY {mailbox.validity}] valid", f"* OK [UIDNEXT {mailbox.next}] next")
        if "CONDSTORE" in self.capability:
            talk.say(f"* OK [HIGHESTMODSEQ {mailbox.modseq}] highest")
        talk.say(f"{tag} OK [READ-WRITE] selected")

    on_examine = on_select

    def on_unselect(self, talk, tag, rest):
        talk.mailbox = None
        talk.say(f"{tag} OK done")

    def on_uid_fetch(self, talk, tag, rest):
        numbers, _, items = rest.partition(" ")
        since = re.search(r"CHANGEDSINCE (\d+)", items)
        for number, mail in talk.mailbox.chosen(numbers):
            if since and mail.modseq <= int(since[1]):
                continue
            if self.stops_at(talk, mail, items):
                if not self.how:
                    raise EOFError
                talk.say(f"{tag} {self.how}")
                return
            self.give(talk, number, mail, items)
        talk.say(f"{tag} OK done")

    how = ""  # it answers the command at which it stops; "": the connection ends

    def stops_at(self, talk, mail, items):
        """Whether it gives nothing of this message, and of none behind it."""
        return False

    def size_of(self, mail):
        return len(mail.text)

    def date_of(self, mail):
        """What it tells of its date: items of FETCH."""
        return [b'INTERNALDATE "03-Nov-2026 10:00:00 +0000"']

    def header_of(self, mail, fields):
        """What it tells of these fields: the item's name, and its text."""
        lines = mail.text.partition(b"\r\n\r\n")[0].split(b"\r\n")
        wanted = fields.lower().split()
        text = b"".join(line + b"\r\n" for line in lines if line.partition(b":")[0].decode("latin-1").lower() in wanted) + b"\r\n"
        return b"BODY[HEADER.FIELDS (%s)]" % fields.encode(), text

    def give(self, talk, number, mail, items):
        said = [b"UID %d" % mail.uid]
        if "FLAGS" in items:
            said.append(b"FLAGS (%s)" % " ".join(sorted(mail.flags)).encode())
        if "CHANGEDSINCE" in items:
            said.append(b"MODSEQ (%d)" % mail.modseq)
        if "INTERNALDATE" in items:
            said += self.date_of(mail)
        if "RFC822.SIZE" in items:
            said.append(b"RFC822.SIZE %d" % self.size_of(mail))
        if fields := re.search(r"HEADER\.FIELDS \(([^)]*)\)", items):
            name, text = self.header_of(mail, fields[1])
            said.append(b"%s {%d}\r\n%s" % (name, len(text), text))
        if "BODY.PEEK[]" in items:
            said.append(b"BODY[] {%d}\r\n%s" % (len(mail.text), mail.text))
        self.send_fetched(talk, number, mail, said)

    def send_fetched(self, talk, number, mail, said):
        talk.send(b"* %d FETCH (%s)\r\n" % (number, b" ".join(said)))

    def found(self, talk, rest):
        """What SEARCH looks for: all, or a set of UIDs; of these those with a flag, or larger than so many octets."""
        found = re.search(r"UID ([0-9,:*]+)", rest)
        mails = [mail for _, mail in talk.mailbox.chosen(found[1])] if found else talk.mailbox.mails
        if larger := re.search(r"LARGER (\d+)", rest):
            mails = [mail for mail in mails if self.size_of(mail) > int(larger[1])]
        return [mail for mail in mails if all(mail.has(flag) for flag in re.findall(r"\b(DELETED|SEEN|FLAGGED|ANSWERED|DRAFT)\b", rest))]

    def on_uid_search(self, talk, tag, rest):
        talk.say("* SEARCH" + "".join(f" {mail.uid}" for mail in self.found(talk, rest)), f"{tag} OK done")

    def on_uid_store(self, talk, tag, rest):
        numbers, what, flags = rest.split(" ", 2)
        flags = set(flags.strip("()").split())
        for _, mail in talk.mailbox.chosen(numbers):
            talk.mailbox.modseq += 1
            mail.flags, mail.modseq = (mail.flags | flags if what[0] == "+" else mail.flags - flags), talk.mailbox.modseq
        talk.say(f"{tag} OK done")

    def on_uid_expunge(self, talk, tag, rest):
        for number, mail in reversed(talk.mailbox.chosen(rest)):
            if r"\Deleted" in mail.flags:
                talk.mailbox.mails.remove(mail)
                talk.mailbox.modseq += 1
                talk.say(f"* {number} EXPUNGE")
        talk.say(f"{tag} OK done")

    def on_expunge(self, talk, tag, rest):
        self.on_uid_expunge(talk, tag, "1:*")

    def on_append(self, talk, tag, rest):
        mailbox = self.named(rest)
        added = [mailbox.add(text, flags.split()) for text, flags in zip(talk.literals, re.findall(r"\(([^)]*)\)", rest) or [""] * len(talk.literals))]
        if talk.mailbox is mailbox:
            talk.say(f"* {len(mailbox.mails)} EXISTS")
        talk.say(f"{tag} OK {self.code_of_append(mailbox, added)}taken")

    def code_of_append(self, mailbox, added):
        uids = f"{added[0].uid}:{added[-1].uid}" if len(added) > 1 else str(added[0].uid)
        return f"[APPENDUID {mailbox.validity} {uids}] " if "UIDPLUS" in self.capability else ""
