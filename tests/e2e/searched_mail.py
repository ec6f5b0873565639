# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Mail that is hard to search, and what to search it for: words that the wire has taken to pieces, from a seed."""

import base64
import random

TEXTS = {"utf-8": "Übergrößenträger naïve Σίσυφος Журнал 東京都庁 İstanbul ﬁnance ½ Åse e\u0301te\u0301 한국어 ₿ 😀face", "iso-8859-1": "Grüße Ærøskøbing señor ÿ",
         "windows-1252": "“quoted” – dash… œuvre €uro", "iso-8859-15": "œuvre €uro Žižek", "koi8-r": "Журнал Привет мир", "windows-1251": "Съешь ещё булок",
         "iso-2022-jp": "日本語の件名テスト 会議", "shift_jis": "表示ソース能 カタカナ", "euc-jp": "日本語の本文", "gb2312": "中文邮件 测试", "gbk": "鎔基 中文", "big5": "功能許蓋 測試",
         "euc-kr": "한국어 편지 제목", "iso-8859-7": "Σίσυφος και άλλα", "iso-8859-8": "שלום עולם", "iso-8859-9": "İıŞş ığdır", "us-ascii": "plain ascii words here",
         "utf-7": "plain Übung", "iso-8859-2": "Łódź Žluťoučký kůň", "tis-620": "สวัสดี ภาษาไทย"}
ENTITIES = {"ü": "&uuml;", "é": "&#233;", "ß": "&#xDF;", "&": "&amp;", "<": "&lt;"}
ODD_NAMES = ["X-Odd_Name", "X.Dot", "X+Plus", "x-lower", "X-UPPER", "X!", "X-8bit", "X", "X-Empty", "X-Blank", "X-Tab", "X-Twice", "Message-ID", "Received", "List-Id"]


def split(chance, octets, most):
    while octets:
        size = chance.randint(1, most)
        yield octets[:size]
        octets = octets[size:]


def quoted_printable(chance, octets, word=False):
    """Each octet as it is or coded at will, with soft breaks anywhere."""
    out = b""
    for octet in octets:
        plain = 33 <= octet <= 126 and octet not in b"=?_" and chance.random() < 0.8
        out += bytes([octet]) if plain else b"_" if word and octet == 32 else (b"=%02X" if chance.random() < 0.8 else b"=%02x") % octet
        if not word and chance.random() < 0.1:
            out += chance.choice([b"=\r\n", b"=\r\n", b"= \r\n", b"=\t\r\n"])
    return out


def encoded_words(chance, text, charset):
    """Encoded words, at times split in the middle of a character."""
    octets, out = text.encode(charset), []
    for piece in split(chance, octets, 24):
        if chance.random() < 0.5:
            out.append(b"=?%s?%s?%s?=" % (charset.encode(), chance.choice([b"B", b"b"]), base64.b64encode(piece)))
        else:
            out.append(b"=?%s?%s?%s?=" % (charset.encode(), chance.choice([b"Q", b"q"]), quoted_printable(chance, piece, True)))
    return b"".join(w + chance.choice([b" ", b" ", b"\r\n ", b"\r\n\t", b"  ", b""]) for w in out)


def field_text(chance, text, charset):
    """A field's value: encoded, as it is (8-bit), or ASCII with folds that cut its words."""
    kind = chance.random()
    if kind < 0.7 and charset != "us-ascii":
        return b"=?" .join([chance.choice([b"", b"Re: ", b"a"]), encoded_words(chance, text, charset)[2:]])
    octets = text.encode("utf-8" if kind < 0.85 else charset, "replace")
    return b"".join(p + chance.choice([b"", b"", b"\r\n ", b"\r\n\t", b" \r\n  "]) for p in split(chance, octets, 9)).rstrip()


def body(chance, text, charset):
    """(transfer encoding, octets)"""
    octets = text.encode(charset, "replace")
    encoding = chance.choice([b"8bit", b"base64", b"base64", b"quoted-printable", b"quoted-printable", b"7bit", b"binary", b"x-other"])
    if encoding == b"base64":
        coded = base64.b64encode(octets)
        line_end = chance.choice([b"\r\n", b"\r\n", b"\r\n", b" \r\n", b"\r\n\r\n"])
        return encoding, b"".join(p + line_end for p in split(chance, coded, chance.choice([3, 17, 76])))
    if encoding == b"quoted-printable":
        return encoding, b"\r\n".join(quoted_printable(chance, line, False) for line in octets.split(b"\r\n"))
    return encoding, octets


def part(chance):
    """(fields, body, text)"""
    charset = chance.choice(list(TEXTS))
    words = TEXTS[charset].split()
    text = " ".join(chance.choices(words, k=chance.randint(3, 30))) + chance.choice(["", "\r\n", "\r\nlast line"])
    kind = chance.choice([b"text/plain", b"text/plain", b"text/html", b"text/x-log", b"application/octet-stream", b"message/delivery-status", b"image/png", b""])
    if kind == b"text/html":
        shown = "".join(ENTITIES.get(c, c) if chance.random() < 0.5 else c for c in text)
        text = f"<p title=\"{words[0]}\">" + shown.replace(" ", chance.choice([" ", "<br>", "</b> <b>", "&nbsp;"])) + "<!-- hidden --></p><script>code()</script>"
    encoding, octets = body(chance, text, charset)
    fields = [b"Content-Transfer-Encoding: " + encoding]
    if kind:
        fields.append(b"Content-Type: " + kind + b"; charset=" + chance.choice([charset, charset.upper(), f'"{charset}"']).encode())
    if chance.random() < 0.4:
        fields.append(b'Content-Disposition: attachment; filename="' + words[0].encode("utf-8") + b'.txt"')
    return fields, octets, text


def message(chance):
    """(octets, its texts)"""
    texts, fields = [], [b"MIME-Version: 1.0"]
    for name in [b"Subject", b"From", b"To", b"Cc", *(n.encode() for n in chance.sample(ODD_NAMES, 4))]:
        charset = chance.choice(list(TEXTS))
        text = " ".join(chance.choices(TEXTS[charset].split(), k=chance.randint(1, 5)))
        value = {b"X-Empty": b"", b"X-Blank": b"  ", b"X-Tab": b"\t"}.get(name, field_text(chance, text, charset))
        if name in (b"From", b"To", b"Cc"):
            value += chance.choice([b" <user@example.org>", b" <a.b@Example.ORG>, other@example.org"])
        fields.append(name + chance.choice([b": ", b":", b" : ", b":\t", b":  "]) + value)
        texts.append((name.decode(), text))
    parts = [part(chance) for _ in range(chance.choice([1, 1, 2, 3]))]
    texts += [("BODY", text) for _, _, text in parts]
    if len(parts) == 1:
        return b"\r\n".join(fields + parts[0][0]) + b"\r\n\r\n" + parts[0][1], texts
    fields.append(b"Content-Type: multipart/mixed; boundary=cut")
    inner = b"".join(b"--cut\r\n" + b"\r\n".join(f) + b"\r\n\r\n" + octets + b"\r\n" for f, octets, _ in parts)
    return b"\r\n".join(fields) + b"\r\n\r\n" + inner + b"--cut--\r\n", texts


def piece(chance, text):
    """What to search for: words, a piece that may begin and end anywhere, or something much like it."""
    if chance.random() < 0.4:
        words = text.split(" ")
        at = chance.randrange(len(words))
        found = " ".join(words[at:at + chance.choice([1, 1, 2, 3])])
    else:
        start = chance.randrange(len(text))
        found = text[start:start + chance.choice([1, 2, 3, 5, 9, 20])]
    found = found.split("\r\n")[0]  # Dovecot looks for line ends as they are in the file
    change = chance.random()
    if change < 0.3:
        found = chance.choice([found.upper(), found.lower(), found.title(), found.swapcase()])
    elif change < 0.36:
        found = chance.choice([found + " ", " " + found, found.replace(" ", ""), found.replace(" ", "  "), found[::-1]])
    return found


def literal(octets):
    return b"{%d+}\r\n%s" % (len(octets), octets)


def text_keys(chance, texts):
    """(kind, key) for one message's texts."""
    for where, text in texts:
        found = piece(chance, text)
        charset = chance.choice(["UTF-8", "UTF-8", "utf-8", chance.choice(list(TEXTS))])
        try:
            octets = found.encode(charset)
        except UnicodeError:
            charset, octets = "UTF-8", found.encode()
        key = {"Subject": b"SUBJECT", "From": b"FROM", "To": b"TO", "Cc": b"CC", "BODY": b"BODY"}.get(where, b"HEADER " + where.encode())
        if chance.random() < 0.3:
            key = chance.choice([b"TEXT", b"HEADER " + (b"Subject" if where == "BODY" else where.encode()), b"BODY"])
        yield f"{key.split()[0].decode()}, hard", b"CHARSET " + charset.encode() + b" " + key + b" " + literal(octets)


def plain_keys(chance, count):
    """(kind, key): what needs no text."""
    for name in [*ODD_NAMES, "x-odd_name", "Subject:", "Subj", "X-None", "", " ", "X Y", "Über", "*", "%"]:
        for text in ("", " ", "\t", "\r\n", "a", ":"):
            if name.isascii():
                yield "HEADER odd", b"HEADER " + literal(name.encode()) + b" " + literal(text.encode())
    for name in ("$Forwarded", "none", "NONE", "$forwarded", "a", "Junk", "x" * 60):
        yield from (("KEYWORD", f"KEYWORD {name}".encode()), ("KEYWORD", f"UNKEYWORD {name}".encode()))
    for size in (0, 1, 300, 500, 900, 2**31 - 1, 2**31, 2**32 - 1):
        yield from (("LARGER, SMALLER", b"LARGER %d" % size), ("LARGER, SMALLER", b"SMALLER %d" % size))
    for day in ("31-Feb-2020", "30-Feb-1999", "0-Jan-2010", "99-Dec-2030", '" 1-Jan-2010"', "29-Feb-2019", "1-Jan-1970", "31-Dec-1969", "1-jan-2038"):
        yield from (("odd dates", f"{key} {day}".encode()) for key in ("ON", "BEFORE", "SINCE", "SENTON", "SENTBEFORE", "SENTSINCE"))
    flags = ["ANSWERED", "DELETED", "DRAFT", "FLAGGED", "NEW", "OLD", "RECENT", "SEEN", "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN", "ALL"]
    sets = ["1", "*", "1:*", "*:1", f"{count}:*", f"{count + 5}:*", f"*:{count - 3}", "2,4:7,9:*", "7:4,5,5", "4294967295", f"1:{count}", "4294967295:*"]
    for members in sets:
        yield from (("sets", f"UID {members}".encode()), ("sets", f"NOT UID {members}".encode()))
    for members in sets[:5] + [f"*:{count - 3}", "2,4:7,9:*", "7:4,5,5"]:
        yield from (("sets", members.encode()), ("sets", f"NOT {members}".encode()), ("sets", f"OR {members} UID {members}".encode()))
    keys = flags + [f"UID {s}" for s in sets] + ["KEYWORD $Forwarded", "LARGER 500", "BODY a", "SUBJECT e", "NOT TEXT b", 'HEADER X-Empty ""', "SINCE 1-Jan-2010"]

    def nest(depth):
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(keys)
        return chance.choice(["OR {} {}", "NOT {}", "({} {})", "NOT ({} {})", "OR ({}) NOT {}"]).format(nest(depth - 1), nest(depth - 1))

    for _ in range(150):
        yield "nests", nest(4).encode()


def messages(count, seed):
    """((name, octets), its texts) of that many messages."""
    for number in range(count):
        octets, texts = message(random.Random(f"searched {seed}.{number}"))
        yield (f"searched {seed}.{number}", octets.replace(b"\r", b"").replace(b"\n", b"\r\n")), texts


def searches(texts, seed):
    chance = random.Random(f"keys {seed}")
    for now in texts:
        yield from text_keys(chance, now)
    yield from plain_keys(chance, len(texts))
