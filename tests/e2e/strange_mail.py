# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Synthetic mail, well-formed and broken in the ways in which mail is broken, from a seed."""

import base64
import quopri
import random

WORDS = """garden river Über straße Ärger naïve café résumé Журнал привет ΣΊΣΥΦΟΣ Σίσυφος mañana señor Åse ﬁnance ½ litre Łódź
Đà phố İstanbul ıssız 東京 日本語 中文 한국어 עברית report invoice meeting tomorrow hello HELLO World quick brown fox 2024 $100 50% a
the <b>bold</b> user@example.org http://example.org/?a=b&c=d --dashes-- =equal= .dot "quoted" (paren) it's back\\slash semi;colon co,mma""".split()
CHARSETS = ["utf-8", "UTF-8", "iso-8859-1", "ISO-8859-15", "windows-1252", "koi8-r", "windows-1251", "iso-2022-jp", "gb2312", "big5", "shift_jis",
            "euc-kr", "us-ascii", "utf-7", "iso-8859-8"]
ADDRESSES = ["{w} <{a}>", "<{a}>", "{a}", '"{w}" <{a}>', "{a} ({w})", "{w}: {a}, {w} <{a}>;", "undisclosed-recipients:;", "{w}:{a};", "{w} {w} <{a}>",
             '"{w}, {w}" <{a}>', "<@relay.example,@hub.example:{a}>", "<@relay.example {a}>", "{w}", '"{w}"', '"{w}', "{w} <{a}", "{w} {a}>", "<>", "{w} <>",
             "a@[127.0.0.1]", "a@[bad[literal]", "first.last.@example.org", ".dot@example.org", "a..b@example.org", "a@b@c.example", "@example.org",
             "a@", "a b c@example.org", '"a b"@example.org', "{w} ({w} (nested) {w}) <{a}>", "({w}) {a}", "a(x)@(y)example(z).org (name)", "a @ example . org",
             "{e} <{a}>", "{a} ({e})", '"{e}" <{a}>', "{w}. {w} <{a}>", "{w} (open <{a}>", "; {a}", "{a};{a}", "{a},,{a}", ",{a}", "{w} <{a}> trailing",
             "{w}\r\n <{a}>", '"{w}\r\n\t{w}" <{a}>', "{w} <a\r\n @example.org>", "'{w}' <{a}>", '"esc \\" \\\\ {w}" <{a}>', "MAILER-DAEMON", "a@b,", "   "]
TYPES = ["text/plain", "text/html", "TEXT/Plain", "text/plain; charset={c}", 'text/html; charset="{c}"', "text/plain; charset={c}; format=flowed", "text",
         "text/", "/plain", "", "text plain", "text/plain charset=utf-8", "text/plain;", "text/plain; charset", "text/plain; ;charset={c}",
         "text / plain; charset = {c}", "text/(comment)plain (another); charset={c} (last)", "application/octet-stream; name=\"{w}\"", "image/gif; name={w}",
         "application/x-{n}; filename*=utf-8''%e2%82%ac%20rates", "image/png; name*0=\"part one \"; name*1=\"two\"", "image/png; name*0*=utf-8''a%20; name*1=b%; x=y",
         "image/png; name*1=b; name*0=a", "image/png; name*0=a; name*2=c", 'text/plain; name="unclosed', 'text/plain; name="esc\\"aped\\\\"; charset={c}',
         "text/plain; name==?utf-8?B?w7xiZXI=?=; charset={c}", "text/plain; name=a/b; charset={c}", "message/delivery-status", "text/x.y+z; charset={c}",
         "text/plain; charset={c}; charset=us-ascii", "text/plain;\r\n\tcharset={c};\r\n name=\"folded\r\n name\"", "text/plain, charset={c}", "audio/basic; a=1; A=2",
         "message/external-body; access-type=local-file", "multipart", "multipart/mixed", "message/rfc822", "text/plain; charset=unknown-8bit", "application/pdf"]
FIELDS = ["Content-Disposition: attachment; filename=\"{w}\"", "Content-Disposition: inline", "Content-Disposition: attachment; filename*0=a; filename*1=b; size={n}",
          "Content-Disposition: attachment filename=x", "Content-Disposition:", "Content-ID: <{n}@example.org>", "Content-Id:  ", "Content-Description: {w} {w}",
          "Content-Description: {e}\r\n\t{w}", "Content-Language: en, de", "Content-Language: en,,fr", "Content-Language: (none)", "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==",
          "Content-Location: http://example.org/\r\n {w}", "Content-Transfer-Encoding: {t}", "content-type : text/plain", "MIME-Version: 1.0", "Mime-Version: 1.0 (x)",
          "X-{n}: {w} {e}  {w}", "X-Empty:", "X-Tab:\t{w}\t{w}", "X-Folded:\r\n  {w}\r\n\t{w}  ", "no colon in this line", ": no name", "Bad Name: {w}", "X-8bit: {w} {w}",
          "Received: from a by b\r\n\twith SMTP id {n};\r\n\tMon, 1 Jan 2024 00:00:00 +0000", "Message-ID: <{n}@example.org>", "Message-ID:<{n}\r\n @example.org>  ",
          "In-Reply-To: <{n}@example.org> (comment)", "References: <1@x> <2@y>", "Subject: {w} {w} {w}", "Subject: {e} {e}", "Subject:  {w}\t\t{e}\r\n {e} {w}  ", "SUBJECT: ",
          "Subject: =?utf-8?Q?broken", "Subject: =?utf-8?X?a?= {e}", "Subject: a=?utf-8?q?b=20c_d?=e", "Subject: =?utf-8?Q?{w} {w}?= end", "Subject:\r\n {w}",
          "Date: {d}", "Date: {d}", "Date: not a date", "Date:", "X-Mailer: {w} {n}"]
DATES = ["Mon, 02 Nov 2020 10:11:12 +0100", "2 Nov 2020 10:11:12 GMT", "Tue, 3 Nov 98 1:02:03 EST", "03 Nov 2011 23:59 -1100", "Fri, 31 Feb 2012 10:00:00 +0000",
         "Sun,  5 Jul 2015 00:00:00 Z", "Sunday, 5 Jul 2015 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "Wed, 01 March 2017 24:00:00 +0000", "1 Apr 2018",
         "(c) Mon (d), 4 (e) Jun 2007 (f) 08.09.10 +0200", "Mon, 4 Jun\r\n 2007 08:09:10 (CEST)", "2007-06-04 08:09:10", "Mon 4 Jun 2007 08:09:10", "4 Jun 107 08:09:10 +0000"]
ENCODINGS = ["7bit", "8bit", "base64", "quoted-printable", "binary", "BASE64", "Quoted-Printable", "x-uuencode", "", "7bit;", "base64 (comment)", "8-bit", "quoted-printable x"]


class Maker:
    def __init__(self, chance):
        self.chance = chance

    def encoded_word(self):
        c = self.chance
        charset, text = c.choice(CHARSETS), " ".join(c.choices(WORDS, k=c.randint(1, 2)))
        octets = text.encode(charset.replace("utf-7", "utf-8"), "replace")
        if c.random() < 0.5:
            return f"=?{charset}?{c.choice('Bb')}?{base64.b64encode(octets).decode()[:c.choice([None, None, None, -1, 5])]}?="
        coded = "".join(chr(o) if chr(o).isalnum() and o < 128 else "_" if o == 32 else f"={o:02X}" for o in octets)
        return f"=?{charset}?{c.choice('Qq')}?{coded}?="

    def fill(self, template):
        c = self.chance
        out = template
        makers = {"{w}": lambda: c.choice(WORDS), "{a}": lambda: f"u{c.randint(1, 99)}@{c.choice(['Example.ORG', 'mail.example.com', 'x'])}", "{e}": self.encoded_word,
                  "{c}": lambda: c.choice(CHARSETS), "{n}": lambda: str(c.randint(1, 999)), "{t}": lambda: c.choice(ENCODINGS), "{d}": lambda: c.choice(DATES)}
        for mark, make in makers.items():
            while mark in out:
                out = out.replace(mark, make(), 1)
        return out.encode("utf-8" if c.random() < 0.7 else "latin-1", "replace")

    def addresses(self):
        return b"%s: %s" % (self.chance.choice([b"From", b"To", b"Cc", b"Bcc", b"Reply-To", b"Sender", b"to", b"FROM"]),
                            self.fill(self.chance.choice([", ", ",", ",\r\n ", ",\r\n\t"]).join(self.chance.choices(ADDRESSES, k=self.chance.choice([1, 1, 1, 2, 3])))))

    def text(self):
        c = self.chance
        lines = [" ".join(c.choices(WORDS, k=c.randint(0, 9))) + c.choice(["", "", "", "  ", "\t", "="]) for _ in range(c.randint(0, 12))]
        if c.random() < 0.1:
            lines.append("long " * c.randint(200, 5000))
        if c.random() < 0.1:
            lines += ["--", "--no-boundary", "From here", "Header: like"]
        return "\r\n".join(lines) + c.choice(["", "\r\n", "\r\n\r\n"])

    def leaf(self):
        c = self.chance
        charset, encoding = c.choice(CHARSETS), c.choice(ENCODINGS)
        octets = self.text().encode(charset if c.random() < 0.9 else "utf-8", "replace")
        if encoding.lower().startswith("base64"):
            octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
        elif encoding.lower().startswith("quoted"):
            octets = quopri.encodestring(octets).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        octets = octets.replace(b"\0", b"" if c.random() < 0.9 else b"\0")
        fields = []
        if c.random() < 0.9:
            template = c.choice(TYPES) if c.random() < 0.6 else "text/plain; charset={c}"
            fields.append(b"Content-Type: " + self.fill(template.replace("{c}", charset)))
        if c.random() < 0.9:
            fields.append(b"Content-Transfer-Encoding: " + encoding.encode())
        return fields, octets

    def multipart(self, depth):
        c = self.chance
        boundary = c.choice([f"b{c.randint(1, 9)}", "b1", "b", "=_next.part 7", "x" * 90, "b1--", "it's(a)+_,-./:=?"]).encode()
        written = c.choice([boundary, boundary, boundary, b"--" + boundary, boundary[:-1] or b"b", boundary + b" ", boundary.upper()]) if c.random() < 0.2 else boundary
        quoted = c.choice([b'"%s"' % written, b'"%s"' % written, written])
        fields = [b"Content-Type: multipart/" + c.choice([b"mixed", b"alternative", b"digest", b"related", b"MIXED", b"signed; micalg=x", b"report"]) + b"; boundary=" + quoted]
        if c.random() < 0.05:
            fields[0] = b"Content-Type: multipart/mixed"
        body = c.choice([b"", b"", b"preamble\r\n", b"\r\n", b"This is MIME.\r\n\r\n"])
        for number in range(c.choice([0, 1, 2, 2, 3, 4])):
            body += (b"" if number == 0 and c.random() < 0.7 else b"\r\n") + b"--" + boundary + c.choice([b"", b"", b"", b" ", b"\t", b"x"]) + b"\r\n" + self.entity(depth + 1)
        if c.random() < 0.85:
            body += b"\r\n--" + boundary + b"--" + c.choice([b"", b"\r\n", b"\r\nepilogue\r\n", b" \r\n\r\n", b"junk\r\n"])
        return fields, body

    def content(self, depth):
        c = self.chance
        kind = c.random()
        if depth < 4 and kind < (0.5 if depth == 0 else 0.3):
            return self.multipart(depth)
        if depth < 4 and kind < (0.56 if depth == 0 else 0.42):
            fields = [b"Content-Type: " + c.choice([b"message/rfc822", b"Message/RFC822; name=x", b"message/global"])]
            return fields, self.message(depth + 1)
        return self.leaf()

    def entity(self, depth):
        c = self.chance
        fields, body = self.content(depth)
        while c.random() < 0.3:
            fields.insert(c.randint(0, len(fields)), self.fill(c.choice(FIELDS)))
        if c.random() < 0.04:
            fields = []
        return self.joined(fields, body)

    def joined(self, fields, body):
        c = self.chance
        empty_line = c.choice([b"", b"\r\n \r\n", b"\r\n\r\n\r\n"]) if c.random() < 0.06 else b"\r\n\r\n" if fields else b"\r\n"
        return b"\r\n".join(fields) + empty_line + body

    def message(self, depth=0):
        c = self.chance
        fields, body = self.content(depth)
        if c.random() < 0.8:
            fields.append(b"MIME-Version: 1.0")
        fields += [self.addresses() for _ in range(c.randint(0, 4))] + [self.fill(c.choice(FIELDS)) for _ in range(c.randint(1, 7))]
        c.shuffle(fields)
        return self.joined(fields, body)

    def mutated(self, octets):
        c = self.chance
        pieces = [b"\r\n", b"\r\n\r\n", b"--b1\r\n", b"\r\n--b1--\r\n", b"\r\n--b\r\n", b" ", b"\t", b'"', b"(", b")", b";", b",", b":", b"<", b">", b"@", b"\\", b"=", b"=?", b"?=", b"\xff", b"\0",
                  b"[", b"]", b"/", b"*", b"''", b"%", b"Content-Type: text/html\r\n", b"\xc3\xa4"]
        for _ in range(c.choice([1, 1, 2, 4])):
            at = c.randrange(len(octets) + 1)
            change = c.random()
            if change < 0.5:
                octets = octets[:at] + c.choice(pieces) + octets[at:]
            elif change < 0.7:
                octets = octets[:at] + octets[at + c.randint(1, 4):]
            elif change < 0.8:
                octets = octets[:at] + octets[octets.find(b"\n", at) + 1 or len(octets):]
            elif change < 0.9:
                other = c.randrange(len(octets) + 1)
                octets = octets[:at] + octets[other:other + c.randint(1, 200)] + octets[at:]
            else:
                octets = octets[:max(at, 1)]
        return octets


def messages(count, seed):
    """(name, octets) of that many messages. CR and LF stand together only: Dovecot changes others (docs/fidelity.md)."""
    made = []
    for number in range(count):
        chance = random.Random(f"{seed}.{number}")
        maker = Maker(chance)
        octets = maker.message()
        if chance.random() < 0.5:
            octets = maker.mutated(octets)
        octets = octets.replace(b"\r", b"").replace(b"\n", b"\r\n")
        made.append((f"synthetic {seed}.{number}", octets or b"x"))
    return made
