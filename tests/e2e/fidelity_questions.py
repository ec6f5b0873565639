# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What test_fidelity.py asks: items and sections of FETCH, keys of SEARCH, made from the messages themselves."""

import email
import email.header
import email.policy
import random
import re

FIELDS = "(SUBJECT FROM RECEIVED X-MAILER)"
ITEMS = ["ENVELOPE", "BODY", "BODYSTRUCTURE", "RFC822.SIZE", "RFC822.HEADER", "RFC822.TEXT", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]",
         f"BODY.PEEK[HEADER.FIELDS {FIELDS}]", f"BODY.PEEK[HEADER.FIELDS.NOT {FIELDS}]", "BODY.PEEK[]<5.40>", "BODY.PEEK[TEXT]<0.10>",
         "BODY.PEEK[HEADER]<0.30>", "BODY.PEEK[TEXT]<99999999.5>", f"BODY.PEEK[HEADER.FIELDS {FIELDS}]<3.20>"]


def with_crlf(octets):
    return re.sub(rb"\r?\n", b"\r\n", octets)


def item_class(item):
    """BODY[n.MIME] and the like: the item's kind, for the count."""
    item = item.replace(".PEEK", "").replace(f" {FIELDS}", "")
    kind = re.sub(r"\[[0-9.]*[0-9](?=[.\]])", "[n", item)
    return re.sub(r"<.*", " partial", kind) if "<" in kind else kind


def part_numbers(body, prefix=""):
    """The section numbers of a body structure: (number, is a message)."""
    if not isinstance(body, list) or not body:
        return
    if isinstance(body[0], list):
        for number, child in enumerate((b for b in body if isinstance(b, list) and b and isinstance(b[0], (list, bytes)) and len(b) >= 4), 1):
            yield from one_part(child, f"{prefix}{number}")
    else:
        yield from one_part(body, f"{prefix}1")


def one_part(body, number):
    multipart = isinstance(body[0], list)
    message = not multipart and len(body) > 8 and isinstance(body[7], list) and isinstance(body[8], list)
    yield number, message
    if message:
        yield from part_numbers(body[8], number + ".")
    elif multipart:
        yield from part_numbers(body, number + ".")


def sections(structures):
    """Sections to ask for: of every part that either structure knows, and a few that are not there."""
    found = ["BODY.PEEK[99]", "BODY.PEEK[1.1.1.1.1.7]"]
    numbers = dict.fromkeys(n for s in structures for n in part_numbers(s))
    for number, message in list(numbers)[:150]:
        found += [f"BODY.PEEK[{number}]", f"BODY.PEEK[{number}.MIME]", f"BODY.PEEK[{number}]<0.10>"]
        if message:
            found += [f"BODY.PEEK[{number}.{s}]" for s in ("HEADER", "TEXT", f"HEADER.FIELDS {FIELDS}", f"HEADER.FIELDS.NOT {FIELDS}")]
            found += [f"BODY.PEEK[{number}.TEXT]<0.10>"]
        else:
            found += [f"BODY.PEEK[{number}.1]", f"BODY.PEEK[{number}.HEADER]", f"BODY.PEEK[{number}.TEXT]"]
    return list(dict.fromkeys(found))


def decoded(value):
    """A header's text, as far as Python can read it."""
    try:
        parts = email.header.decode_header(value)
        return "".join(p if isinstance(p, str) else p.decode(c or "latin-1", "replace") for p, c in parts)
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return value


def texts(message):
    """The texts of a message's parts."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            octets = part.get_payload(decode=True)
            try:
                yield octets.decode(part.get_content_charset() or "latin-1", "replace")
            except (LookupError, AttributeError, ValueError):
                pass


def pick(chance, text):
    """A piece of a text to search for: a word, a piece of one, or words, in some case."""
    words = [w for w in re.findall(r"[^\s\ufffd\x00]+", text) if len(w) < 60]
    if not words:
        return None
    at = chance.randrange(len(words))
    piece = " ".join(words[at:at + chance.choice([1, 1, 1, 2])])
    if len(piece) > 4 and chance.random() < 0.4:
        start = chance.randrange(len(piece) - 3)
        piece = piece[start:start + chance.randint(2, 8)].strip()
    return chance.choice([str, str.upper, str.lower])(piece) or None


def argument(chance, text):
    """(CHARSET and value): in UTF-8, or where it fits at times in ISO-8859-1 or none."""
    if text.isascii() and chance.random() < 0.5:
        return b"", b"{%d+}\r\n%s" % (len(text), text.encode())
    octets, charset = text.encode("utf-8", "replace"), b"UTF-8"
    if chance.random() < 0.4:
        try:
            octets, charset = text.encode("latin-1"), b"ISO-8859-1"
        except UnicodeError:
            pass
    return b"CHARSET " + charset + b" ", b"{%d+}\r\n%s" % (len(octets), octets)


def text_searches(chance, octets):
    message = email.message_from_bytes(octets)
    for name in ("Subject", "From", "To", "Cc", "Bcc"):
        value = pick(chance, decoded(str(message.get(name, ""))))
        if value:
            yield name.upper(), name.upper().encode(), value
    fields = [(n, v) for n, v in message.items() if re.fullmatch(r"[A-Za-z0-9-]+", n)]
    for name, field in chance.sample(fields, min(2, len(fields))):
        value = pick(chance, decoded(str(field)))
        if value:
            yield "HEADER x y", b"HEADER " + name.encode(), value
            yield "TEXT", b"TEXT", value
        if chance.random() < 0.2:
            yield "TEXT", b"TEXT", chance.choice([f"{name}: ", name, f"{name}:"])
    for text in list(texts(message))[:3]:
        value = pick(chance, text)
        if value:
            yield "BODY", b"BODY", value
            yield "TEXT", b"TEXT", value
    raw = octets.decode("latin-1")
    value = pick(chance, raw[chance.randrange(len(raw) + 1):][:200])
    if value and value.isascii():
        yield from (("BODY", b"BODY", value), ("TEXT", b"TEXT", value))


DAYS = [f"{d}-{m}-{y}" for d, m, y in [(1, "Jan", 1990), (1, "Jan", 2000), (17, "Mar", 2004), (11, "Sep", 2009), (5, "Jul", 2012), (29, "Feb", 2016),
                                       (1, "Jan", 2020), (2, "Nov", 2026)]]


def fixed_searches(chance, messages):
    names = {name for octets in messages for name in email.message_from_bytes(octets).keys() if re.fullmatch(r"[A-Za-z0-9-]+", name)}
    for name in chance.sample(sorted(names), min(60, len(names))):
        yield 'HEADER x ""', f'HEADER {name} ""'.encode()
    dates = [m[1].decode() for octets in messages for m in [re.search(rb"^Date:[^\n]*?(\d{1,2} [A-Z][a-z]{2} [12]\d{3})", octets, re.M)] if m]
    dates = [d for d in dates if int(d.split()[0]) <= 28]
    days = DAYS + [d.replace(" ", "-") for d in chance.sample(dates, min(30, len(dates)))]
    for key in ("SENTON", "SENTBEFORE", "SENTSINCE"):
        for day in days:
            yield key, f"{key} {day}".encode()
    for key in ("ON", "BEFORE", "SINCE"):
        for day in DAYS + ["1-Jan-2001", "15-Jul-2010", "20-Nov-2019"]:
            yield key, f"{key} {day}".encode()
    for size in (0, 100, 500, 1000, 5000, 50000, *(len(m) for m in chance.sample(messages, 4))):
        yield from (("LARGER", b"LARGER %d" % size), ("SMALLER", b"SMALLER %d" % size))
    for key in (b'SUBJECT ""', b'FROM ""', b'TO ""', b'CC ""', b'BCC ""', b'BODY ""', b'TEXT ""', b'SUBJECT " "', b'TEXT " "', b'BODY "\t"'):
        yield "empty", key


def searches(messages, seed=7, most=600):
    """(kind, key) for a mailbox that holds these messages."""
    chance = random.Random(seed)
    single = []
    for octets in chance.sample(messages, min(len(messages), 250)):
        for kind, key, value in text_searches(chance, octets):
            charset, text = argument(chance, value)
            single.append((kind, charset, key + b" " + text))
    chance.shuffle(single)
    for kind, charset, key in single[:most]:
        yield kind, charset + key
    yield from fixed_searches(chance, messages)
    plain = [key for _, charset, key in single if not charset] + [b"LARGER 2000", b"SENTSINCE 1-Jan-2005", b"BEFORE 1-Jan-2010", b'HEADER Cc ""']
    for _ in range(60):
        a, b, c = chance.sample(plain, 3)
        yield "combined", chance.choice([b"OR %s NOT %s", b"NOT (%s OR %s SEEN)", b"OR (%s) %s"]) % (a, b) + chance.choice([b"", b" NOT " + c])
