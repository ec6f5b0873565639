# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What clients seldom ask of mail: pieces of fields over folds and encoded words, in any charset; sizes and days at their borders; sections and
partials of every nesting; field names in odd cases. Made from the messages themselves, by a seed."""

import datetime
import email
import email.utils
import re

import fidelity_questions as questions

CHARSETS = ["UTF-8", "utf8", "UTF-7", "ISO-8859-1", "iso-8859-15", "WINDOWS-1252", "KOI8-R", "ISO-2022-JP", "Shift_JIS", "EUC-JP", "GB18030", "BIG5",
            "EUC-KR", "windows-1251", "ISO-8859-2", "TIS-620"]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
ZONES = ["+0000", "-0800", "+1300", "+0545", "-1200", "+1400", "-0330"]
TIMES = ["00:00:00", "23:59:59", "12:00:00", "02:30:00", "00:00:01"]


def append_date(chance):
    """An INTERNALDATE near midnight, somewhere on earth."""
    return f'"{chance.randint(1, 28):02}-{chance.choice(MONTHS)}-{chance.choice([1999, 2009, 2010, 2024])} {chance.choice(TIMES)} {chance.choice(ZONES)}"'


def any_case(chance, text):
    return chance.choice([str, str, str.upper, str.lower, str.swapcase])(text)


def cut(chance, text, most=14):
    """A piece of a text that may begin and end anywhere."""
    start = chance.randrange(len(text)) if text else 0
    return text[start:start + chance.choice([1, 2, 3, 5, 8, most])]


def key(chance, name, text):
    """(CHARSET, key) in one of the charsets that have the text."""
    charset = chance.choice(CHARSETS)
    try:
        octets = text.encode(charset)
    except (UnicodeError, LookupError):
        charset, octets = "UTF-8", text.encode("utf-8", "replace")
    named = b"" if charset == "UTF-8" and text.isascii() and chance.random() < 0.5 else b"CHARSET " + charset.encode() + b" "
    return named, name + b" {%d+}\r\n%s" % (len(octets), octets)


def field_pieces(chance, field):
    """What of a field's value may be looked for: as it reads, as it is written, with its folds made something else."""
    written = field.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    unfolded = re.sub(r"\r?\n", "", written)
    yield cut(chance, questions.decoded(unfolded))
    yield cut(chance, chance.choice([unfolded, re.sub(r"\r?\n[ \t]+", " ", written), re.sub(r"\r?\n[ \t]", "", written), re.sub(r"\s+", " ", unfolded)]), 40)
    at = unfolded.find(" ", chance.randrange(len(unfolded) + 1))
    if at > 0:
        yield unfolded[max(0, at - 4):at + 4]
    if "\n" in written:
        at = re.sub(r"\r\n", "\n", written).index("\n")
        yield re.sub(r"\r?\n", "", written)[max(0, at - 5):at + 6]


def field_searches(chance, octets):
    message = email.message_from_bytes(octets)
    fields = [(n, str(v)) for n, v in message.items() if re.fullmatch(r"[!-9;-~]+", n) and v]
    for name, field in chance.sample(fields, min(4, len(fields))):
        own = {"from": b"FROM", "to": b"TO", "cc": b"CC", "bcc": b"BCC", "subject": b"SUBJECT"}.get(name.lower())
        for piece in field_pieces(chance, field):
            if not piece or "\0" in piece:
                continue
            named = b"HEADER " + chance.choice([b"%s", b'"%s"']) % any_case(chance, name).encode("ascii", "replace")
            which = chance.choice([own or named, named, b"TEXT"])
            asked = "HEADER, TEXT: pieces of fields" if which in (named, b"TEXT") else "FROM and the like: pieces"
            yield asked, *key(chance, which, any_case(chance, piece))
    if fields:
        name = chance.choice(fields)[0].encode("ascii", "replace")
        odd = chance.choice([name[:-1], name + b":", name + b" ", b" " + name, name + b"x", name.replace(b"-", b"_")])
        yield "HEADER: names", b"", b"HEADER {%d+}\r\n%s %s" % (len(odd), odd, chance.choice([b'""', b'" "', b"a", b'"\\""', b'"\\\\"']))


def text_searches(chance, octets):
    for text in list(questions.texts(email.message_from_bytes(octets)))[:3]:
        pieces = [re.sub(r"\s*\n\s*", " ", text), *re.split(r"\r?\n", text)]
        piece = cut(chance, chance.choice(pieces), 30)
        if piece and not re.search("[\r\n\0]", piece):
            yield "BODY, TEXT: pieces", *key(chance, chance.choice([b"BODY", b"TEXT"]), any_case(chance, piece))


def border_searches(chance, octets):
    size = len(octets)
    yield "LARGER, SMALLER", b"", b"%s %d" % (chance.choice([b"LARGER", b"SMALLER"]), size + chance.choice([-1, 0, 1]))
    try:
        sent = email.utils.parsedate_to_datetime(str(email.message_from_bytes(octets)["Date"]))
        day = sent.date() + datetime.timedelta(chance.choice([-1, 0, 0, 1]))
    except (TypeError, ValueError, OverflowError):
        return
    yield "SENT days", b"", f"{chance.choice(['SENTON', 'SENTBEFORE', 'SENTSINCE'])} {day.day}-{MONTHS[day.month - 1]}-{day.year:04}".encode()


def fixed_searches(chance, count):
    days = [f"{day}-{month}-{year}" for day in (1, 15, 28) for month in ("Jan", "Jun", "Dec") for year in (1999, 2009, 2010, 2024)]
    for day in days:
        yield "days", b"", f"{chance.choice(['ON', 'BEFORE', 'SINCE'])} {day}".encode()
    for name in ("$Forwarded", "$MDNSent", "NonJunk", "nonjunk", "a.b", "x" * 40, "unknown"):
        yield "KEYWORD", b"", f"{chance.choice(['KEYWORD', 'UNKEYWORD'])} {name}".encode()
    for name in (b"FROM", b"TO", b"CC", b"BCC", b"SUBJECT", b"BODY", b"TEXT", b"HEADER Received", b"HEADER Date", b"HEADER X"):
        for text in (b'""', b'" "', b'"\t"', b'"  "', b'"\\""', b'"\\\\"', b"@", b"<", b'">"', b"{2+}\r\n; ", b"=?", b"?="):
            yield "odd texts", b"", name + b" " + text
    for charset in ("US-ASCII", "X-UNKNOWN", "utf-8", '"UTF-8"', "ISO-8859-1"):
        yield "CHARSET", b"CHARSET " + charset.encode() + b" ", b"SUBJECT {2+}\r\n\xc3\xa4"
        yield "CHARSET", b"CHARSET " + charset.encode() + b" ", b"TEXT e"
    yield "sets", b"", f"{count // 2}:* NOT 1,3:7 SEEN".encode()


def searches(chance, messages, most=700):
    """(kind, key) for a mailbox that holds these messages."""
    found = []
    for octets in messages:
        for made in (field_searches, text_searches, border_searches):
            found += made(chance, octets)
    chance.shuffle(found)
    found = found[:most] + list(fixed_searches(chance, len(messages)))
    for kind, charset, text in found:
        yield kind, charset + text
    plain = [text for kind, charset, text in found if not charset and kind != "CHARSET"]
    flags = [b"SEEN", b"UNSEEN", b"FLAGGED", b"KEYWORD $Forwarded", b"NOT DELETED", b"NEW", b"OLD", b"UID 1:20"]
    for _ in range(120):
        yield "nests", nest(chance, plain + flags, 4)


def nest(chance, keys, depth):
    if depth == 0 or chance.random() < 0.25:
        return chance.choice(keys)
    inner = [nest(chance, keys, depth - 1) for _ in range(2)]
    return chance.choice([b"OR %s %s", b"NOT (%s %s)", b"(%s) %s", b"OR NOT %s (%s)", b"NOT (NOT (OR %s %s))"]) % tuple(inner)


def names(chance, octets):
    """Field names as a client might write them: of the message, of none, twice, in any case."""
    own = [n for n in email.message_from_bytes(octets).keys() if re.fullmatch(r"[A-Za-z0-9_-]+", n)] or ["Subject"]
    wanted = [any_case(chance, chance.choice([*own, *own, "X-None", "MIME-Version", "content-TYPE"])) for _ in range(chance.randint(1, 4))]
    return "(" + " ".join(chance.choice([n, n, f'"{n}"']) for n in wanted) + ")"


def partial(chance):
    """Not from 1 on: there Dovecot takes the CR of an empty header for its LF (docs/fidelity.md)."""
    return chance.choice(["", "", f"<{chance.choice([0, 2, 5, 70, 1000, 4294967290])}.{chance.choice([1, 2, 17, 500, 100000, 4294967295])}>"])


def sections(chance, structures, octets):
    """FETCH items for one message."""
    found = ["INTERNALDATE", "RFC822", "BODY.PEEK[1.MIME]", "BODY.PEEK[1.1.MIME]", "BODY.PEEK[2]<0.4294967295>"]
    for head in ("HEADER.FIELDS", "HEADER.FIELDS.NOT"):
        found += [f"BODY.PEEK[{head} {names(chance, octets)}]{partial(chance)}" for _ in range(2)]
    numbers = list(dict.fromkeys(n for s in structures for n in questions.part_numbers(s)))
    for number, message in chance.sample(numbers, min(12, len(numbers))):
        below = chance.choice([number, number, f"{number}.1", f"{number}.2", f"{number}.1.1"])
        texts = ["MIME", "", "", "TEXT", "HEADER", f"HEADER.FIELDS {names(chance, octets)}", f"HEADER.FIELDS.NOT {names(chance, octets)}"]
        for text in chance.sample(texts, 4 if message else 2):
            found.append(f"BODY.PEEK[{below}{'.' if text else ''}{text}]{partial(chance)}")
    return list(dict.fromkeys(found))


def kind(item):
    """An item's class, for the count."""
    item = re.sub(r" \([^)]*\)", "", item.replace(".PEEK", ""))
    item = re.sub(r"\[[0-9.]*[0-9](?=[.\]])", "[n", item)
    return re.sub(r"<.*", " partial", item)
