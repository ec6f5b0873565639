# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Mail made by damaging other mail, from a seed: what was sent once, in the ways in which it breaks on its way."""

import base64
import quopri
import random
import re

CHARSETS = [b"utf-8", b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"koi8-r", b"windows-1251", b"iso-2022-jp", b"gb2312", b"big5", b"shift_jis", b"euc-kr",
            b"us-ascii", b"utf-16", b"x-unknown", b"UTF8", b""]
ENCODINGS = [b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable", b"QUOTED-PRINTABLE", b"x-uuencode", b"", b"base64;", b"7-bit"]
TYPES = [b"text/plain", b"text/html", b"multipart/mixed", b"multipart/digest", b"message/rfc822", b"application/octet-stream", b"text", b"message/partial", b"*/*"]
PARAMETERS = [b"name", b"charset", b"boundary", b"filename", b"name*", b"name*0", b"name*1*", b"format", b"type"]


def lines_of(octets):
    return octets.split(b"\r\n")


class Damager:
    """Each method returns a damaged copy; `others` are messages to take pieces from."""

    def __init__(self, chance, others):
        self.chance, self.others = chance, others

    def place(self, octets):
        """An offset: in half the cases in the header, where more can be broken."""
        end = octets.find(b"\r\n\r\n")
        return self.chance.randrange((end if end > 0 and self.chance.random() < 0.5 else len(octets)) + 1)

    def in_lines(self, octets):
        c, lines = self.chance, lines_of(octets)
        at = octets.count(b"\r\n", 0, self.place(octets))
        length = c.choice([1, 1, 1, 2, 5, 30])
        kind = c.randrange(6)
        if kind == 0:
            del lines[at:at + length]
        elif kind == 1:
            lines[at:at] = lines[at:at + length]
        elif kind == 2:
            other = c.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines[at] = lines[at][:c.randrange(len(lines[at]) + 1)]
        elif kind == 4:
            lines[at:at + 2] = [b"".join(lines[at:at + 2])]
        else:
            lines[at] = lines[at] + c.choice([b" ", b"x", b"--", b"\t", b"a" * c.choice([1000, 9000, 70000])])
        return b"\r\n".join(lines)

    def fields(self, octets):
        """The fields of each header in it, as (start, end)."""
        return [m.span() for m in re.finditer(rb"^[A-Za-z-]+[ \t]*:[^\r\n]*(\r\n[ \t][^\r\n]*)*\r\n", octets, re.M)]

    def foreign_field(self, octets):
        """A field of another message, or of another part, in a header."""
        c, other = self.chance, self.chance.choice([octets, self.chance.choice(self.others)])
        there, here = self.fields(other), self.fields(octets)
        if not there or not here:
            return octets
        taken, at = other[slice(*c.choice(there))], c.choice(here)
        return octets[:at[0]] + taken + octets[c.choice(at):]

    def boundaries(self, octets):
        """A boundary shortened, lengthened, doubled, in another case; where it is said, or at some of the lines."""
        c = self.chance
        found = re.findall(rb'boundary="?([^"\r\n;]+)', octets, re.I)
        if not found:
            return octets
        old = c.choice(found)
        new = c.choice([old[:-1], old + b"x", old + b"-", b"-" + old, old + old, old.swapcase(), old + b" ", old[: len(old) // 2], c.choice(found)])
        places = [m.start() for m in re.finditer(re.escape(old), octets)]
        for at in reversed(c.sample(places, c.randint(1, len(places)))):
            octets = octets[:at] + new + octets[at + len(old):]
        return octets

    def substituted(self, octets, pattern, choices):
        places = list(re.finditer(pattern, octets, re.I | re.M))
        if not places:
            return octets
        place = self.chance.choice(places)
        return octets[:place.start(1)] + self.chance.choice(choices) + octets[place.end(1):]

    def exchanged(self, octets):
        pattern, choices = self.chance.choice([
            (rb'charset="?([^";\s]+)', CHARSETS), (rb"^content-transfer-encoding:[ \t]*([^\r\n;]*)", ENCODINGS), (rb"^content-type:\s*([^;\r\n]*)", TYPES),
            (rb";\s*([A-Za-z0-9*]+)=", PARAMETERS), (rb"=\?([^?\s]+)\?[bq]\?", CHARSETS), (rb"=\?[^?\s]+\?([bq])\?", [b"B", b"Q", b"b", b"x", b""]),
            (rb"(;)", [b",", b"", b";;", b" ;", b";\r\n\t", b"\r\n ;"]), (rb'(")', [b"", b"'", b'\\"', b'""']), (rb"([<>@,:])", [b"", b"<", b">", b"@", b",", b":", b"<<", b"(", b")"])])
        return self.substituted(octets, pattern, choices)

    def nested(self, octets):
        """Another message before, behind or within; in a multipart, or as a message in one."""
        c, other = self.chance, self.chance.choice(self.others)[:20000]
        mark = c.choice([b"cut", b"=_x", b"--", b"b" * 75])
        head = b"MIME-Version: 1.0\r\nSubject: nested\r\nContent-Type: multipart/" + c.choice([b"mixed", b"digest", b"related"]) + b'; boundary="' + mark + b'"\r\n\r\n'
        inner = c.choice([b"Content-Type: message/rfc822\r\n\r\n", b"", b"\r\n", b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"])
        kind = c.randrange(3)
        if kind == 0:
            return head + b"--" + mark + b"\r\n" + inner + octets + b"\r\n--" + mark + b"\r\n" + inner + other + c.choice([b"", b"\r\n--" + mark + b"--\r\n", b"\r\n--" + mark])
        at = self.place(octets)
        at = octets.find(b"\r\n", at) + 2 if octets.find(b"\r\n", at) >= 0 else len(octets)
        return octets[:at] + (b"Content-Type: message/rfc822\r\n\r\n" if kind == 1 else b"") + other + octets[at:]

    def octets(self, octets):
        """Single octets, flipped, lost or come in."""
        c, out = self.chance, bytearray(octets)
        for _ in range(c.choice([1, 1, 3, 20])):
            at = self.place(out)
            change = c.randrange(4)
            if change == 0 and at < len(out):
                out[at] ^= 1 << c.randrange(8)
            elif change == 1:
                out[at:at + c.randint(1, 3)] = b""
            elif change == 2:
                out[at:at] = c.choice([b"\xff", b"\xc3", b"\xe2\x82", b"\xc3\xa4", b" ", b"\t", b"\r\n", b"\r\n ", b"=", b"=?", b"?=", b"\\", b"(", b"\r\n\r\n", b"\0", b"\x1b$B"])
            else:
                out[at:at] = bytes(c.randrange(256) for _ in range(c.randint(1, 5)))
        return bytes(out)

    def folded(self, octets):
        """A field folded where no one would, or unfolded."""
        fields = self.fields(octets)
        if not fields:
            return octets
        start, end = self.chance.choice(fields)
        field = octets[start:end]
        if self.chance.random() < 0.3:
            field = re.sub(rb"\r\n[ \t]+", self.chance.choice([b"", b" ", b"\r\n", b"\r\n \r\n "]), field[:-2]) + b"\r\n"
        else:
            at = self.chance.randrange(len(field) - 1)
            field = field[:at] + self.chance.choice([b"\r\n ", b"\r\n\t", b"\r\n \r\n\t", b"\r\n      "]) + field[at:]
        return octets[:start] + field + octets[end:]

    def recoded(self, octets):
        """The body (of all parts at once, or of a text) in another transfer encoding, said or not."""
        end = octets.find(b"\r\n\r\n")
        if end < 0:
            return octets
        body = octets[end + 4:]
        if self.chance.random() < 0.5:
            name, body = b"base64", base64.encodebytes(body).replace(b"\n", b"\r\n")
        else:
            name, body = b"quoted-printable", quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        head = octets[:end]
        if self.chance.random() < 0.8:
            head = re.sub(rb"\r\ncontent-transfer-encoding:[^\r\n]*", b"", head, flags=re.I) + b"\r\nContent-Transfer-Encoding: " + name
        return head + b"\r\n\r\n" + body[:self.chance.choice([len(body), len(body), self.chance.randrange(len(body) + 1)])]

    def damaged(self, octets):
        for _ in range(self.chance.choice([1, 1, 2, 3, 6])):
            damage = self.chance.choice([self.in_lines, self.in_lines, self.foreign_field, self.boundaries, self.exchanged, self.exchanged, self.nested, self.octets,
                                         self.folded, self.recoded])
            octets = damage(octets)[:150_000]
        return octets


def messages(sources, count, seed):
    """(name, octets) of that many messages made of `sources`, (name, octets) themselves. CR and LF stand together only (docs/fidelity.md)."""
    sources = [(name, octets) for name, octets in sources if len(octets) < 60_000]
    texts = [octets for _, octets in sources]
    made = []
    for number in range(count):
        chance = random.Random(f"damaged {seed}.{number}")
        name, octets = chance.choice(sources)
        octets = Damager(chance, texts).damaged(octets)
        octets = octets.replace(b"\r", b"").replace(b"\n", b"\r\n")
        made.append((f"{name} damaged {seed}.{number}", octets or b"x"))
    return made
