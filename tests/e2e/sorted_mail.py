# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Messages that are hard to sort and to thread: subjects with marks of all kinds, addresses, dates, ids and references, good and broken."""

import base64
import random

WORDS = ["meeting", "Meeting", "plan", "Äpfel", "äpfel", "zebra", "straße", "Ærø", "日本語", "привет", "ΑΒΓ", "αβγ", "é", "ﬁne", "Ǆ", "ǆ", "ﾊﾟ", "각", "Ấ", "ấm", "Å", "Ω",
         "ı", "ⅷ", "a", "b", "", "1", "~", "!", "[x", "y]", "(fwd) z", "re", "fw", "fwd"]
MARKS = ["Re: ", "RE:", "re : ", "Re[2]: ", "Re [3] : ", "Fwd: ", "FW: ", "fw:", "[list] ", "[a][b] ", "[a] Re: ", "Re: [a] ", "[fwd: ", "AW: ", "  ", "\t", "Re:Re: ",
         "Re: Fwd: ", "[", "]", "[]", "Re[: ", "Fwd", "=?utf-8?q?Re=3A?= "]
ENDS = ["", "", "", " (fwd)", " (FWD) (fwd)", "]", "  ", "\t", " [tail]", "(Fwd)", " (fwd)]"]
CHARSETS = ["utf-8", "UTF-8", "iso-8859-1", "iso-8859-15", "koi8-r", "windows-1252", "iso-2022-jp", "nonsense"]


def encoded(chance, text):
    """A text in a header: raw, or in encoded words of some charset."""
    kind = chance.randrange(6)
    if kind < 2 or not text:
        return text.encode()
    if kind == 2 and len(text) > 2:
        cut = chance.randrange(1, len(text))
        return encoded(chance, text[:cut]) + chance.choice([b" ", b"\r\n ", b"  "]) + encoded(chance, text[cut:])
    charset = chance.choice(CHARSETS)
    octets = text.encode("utf-8" if charset == "nonsense" else charset, "replace")
    if chance.random() < 0.5:
        return b"=?%s?b?%s?=" % (charset.encode(), base64.b64encode(octets))
    quoted = b"".join(bytes([c]) if 65 <= c <= 122 and c not in b"=?_[\\]^`" else b"_" if c == 32 else b"=%02X" % c for c in octets)
    return b"=?%s?Q?%s?=" % (charset.encode(), quoted)


def subject(chance):
    base = " ".join(chance.choice(WORDS) for _ in range(chance.choice([1, 1, 1, 2])))
    marks = "".join(chance.choice(MARKS) for _ in range(chance.choice([0, 0, 1, 1, 2, 4])))
    text = marks + base + chance.choice(ENDS)
    octets = encoded(chance, text) if chance.random() < 0.4 else text.encode()
    if chance.random() < 0.1:
        octets = octets.replace(b" ", b"\r\n\t", 1)
    if chance.random() < 0.03:
        octets += chance.choice([b"\xff\xfe", b"\xc3", b"caf\xe9"])
    return octets


def address(chance):
    user = chance.choice(["ann", "Ann", "bob", "ærø", "zoe", "a.b", '"quoted user"', "x(comment)", "", "J\u00f6"])
    host = chance.choice(["example.org", "EXAMPLE.net", "[127.0.0.1]", "", "a b"])
    name = encoded(chance, chance.choice(WORDS + ["Ann Example", "Zoe, Example"]))
    return chance.choice([
        f"{user}@{host}".encode(), f"<{user}@{host}>".encode(), name + f" <{user}@{host}>".encode(), b'"' + name + f'" <{user}@{host}>'.encode(),
        f"{user}@{host} (".encode() + name + b")", b"Group: " + f"{user}@{host}, other@example.org;".encode(), b"undisclosed-recipients:;", b"", name, b",",
        f"<@route:{user}@{host}>".encode(), f'"" <{user}@{host}>'.encode(), b'"unended <a@b>'])


def addresses(chance):
    return b", ".join(address(chance) for _ in range(chance.choice([1, 1, 2, 3])))


def date(chance):
    day, month, year = chance.randint(1, 31), chance.choice("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()), chance.choice([1969, 1970, 1999, 2003, 2003, 2010, 2039, 2110])
    time = chance.choice(["10:00:00", "10:00", "9:05:01", "23:59:60", "10.00.00", "25:00:00", "00:00:00"])
    zone = chance.choice(["+0000", "-0500", "+0530", "+9999", "EST", "PDT", "gmt", "Z", "A", "y", "", "nonsense", "(CET)", "+0100 (CET)"])
    return chance.choice([f"Mon, {day} {month} {year} {time} {zone}", f"{day} {month} {year % 100:02} {time} {zone}", f"{day} {month} {year} {time} {zone}",
                          f"{month} {day} {year}", "", "yesterday", f"Mon {day} {month} {year} {time} {zone}", f"Thu,\r\n {day}\r\n {month} {year} {time} {zone}"]).encode()


def spelled(chance, number):
    """An id as programs write it; the same one in several spellings."""
    left, right = f"id{number}", "example.org"
    return chance.choice([f"<{left}@{right}>"] * 8 + [f'<"{left}"@{right}>', f"<{left} @ {right}>", f"<{left}(c)@{right}>", f"<{left}\r\n @{right}>",
                                                       f"<{left}>", f"{left}@{right}", f"<{left}@{right}", f"<{left}@[{right}]>"]).encode()


def references(chance, ids):
    picked = [chance.choice(ids) for _ in range(chance.choice([0, 1, 1, 2, 3, 6]))]
    if chance.random() < 0.6:
        picked.sort()
    between = chance.choice([b" ", b"\r\n\t", b"", b", ", b" text "])
    return between.join(spelled(chance, number) for number in picked)


def one(chance, number, ids):
    fields = [(b"Subject", subject), (b"From", addresses), (b"To", addresses), (b"Cc", addresses), (b"Date", date)]
    header = []
    for name, make in fields:
        for _ in range(chance.choice([1] * 12 + [0, 0, 2])):
            header.append(chance.choice([name, name, name.upper()]) + b": " + make(chance))
    own = chance.choice(ids) if chance.random() < 0.1 else number
    if chance.random() < 0.93:
        header.append(b"Message-ID: " + spelled(chance, own))
    if chance.random() < 0.6:
        header.append(b"References: " + references(chance, ids))
    if chance.random() < 0.5:
        header.append(b"In-Reply-To: " + chance.choice([b"", b"message of "]) + references(chance, ids))
    chance.shuffle(header)
    return b"\r\n".join(header) + b"\r\n\r\n" + b"x" * chance.choice([3, 3, 10, 400]) + b"\r\n"


def messages(count, seed):
    chance = random.Random(f"sorted {seed}")
    for number in range(count):
        near = range(max(0, number - 12), number + 4)
        yield f"sorted {number}", one(chance, number, list(near))


# Charsets as mail names them, and words that they can write; None: no such charset.
CHARSET_WORDS = {
    "shift_jis": "表示 ソース カタカナ ｶﾅ ～ ¥5 ‾ 会議", "Shift_JIS": "能 十 予定 ―", "x-sjis": "表 会議", "windows-31j": "①② ㈱ 会議 ～", "cp932": "髙 ① 表",
    "iso-2022-jp": "日本語 件名 テスト 会議", "ISO-2022-JP-2": "日本語 한국", "euc-jp": "日本語 本文 ～ −", "gb2312": "中文 邮件 测试 · —", "gbk": "鎔基 中文 镕",
    "gb18030": "中文 測試 € ǆ", "hz": "中文", "big5": "功能 許蓋 測試", "big5-hkscs": "功能 測試", "euc-kr": "한국어 편지 제목", "ks_c_5601-1987": "한국어 똠방각하",
    "iso-2022-kr": "한국어", "windows-1250": "Łódź Žluťoučký", "windows-1251": "Съешь ещё", "windows-1252": "“quoted” dash… œuvre €uro", "cp1252": "Äpfel äpfel",
    "windows-1253": "Σίσυφος Άλλα", "windows-1254": "İıŞş ığdır", "windows-1255": "שלום", "windows-1256": "سلام", "windows-1257": "Ąžuolas", "windows-1258": "Đà phố",
    "koi8-r": "Журнал привет", "koi8-u": "Їжак ґава", "iso-8859-1": "Grüße señor ÿ", "latin1": "Grüße", "iso-8859-2": "Łódź", "iso-8859-5": "Журнал",
    "iso-8859-8-i": "שלום", "iso-8859-15": "œuvre €uro Žižek", "iso-8859-16": "Țară", "utf-7": "Übung plain", "unicode-1-1-utf-7": "Übung", "utf-16": "Übung 日本",
    "utf-16le": "Übung", "tis-620": "สวัสดี", "macintosh": "Äpfel", "ibm850": "Äpfel", "utf8": "Äpfel", "ascii": "Apfel", "ansi_x3.4-1968": "Apfel", "unknown-8bit": None,
    "x-unknown": None, "nonsense": None, "": None, "utf-8*de": "Äpfel", "iso-8859-1*en": "señor"}
PYTHON_NAMES = {"x-sjis": "shift_jis", "windows-31j": "cp932", "iso-2022-jp-2": "iso2022_jp_2", "iso-8859-8-i": "iso-8859-8", "unicode-1-1-utf-7": "utf-7",
                "macintosh": "mac-roman", "ks_c_5601-1987": "cp949", "ansi_x3.4-1968": "ascii"}


def charset_word(chance):
    """An encoded word; at times in octets of another charset, cut, or with an octet changed."""
    charset = chance.choice(list(CHARSET_WORDS))
    meant = charset if chance.random() < 0.8 else chance.choice([name for name, words in CHARSET_WORDS.items() if words])
    words = (CHARSET_WORDS[meant] or "Äpfel apfel").split()
    name = PYTHON_NAMES.get(meant.lower(), meant.split("*")[0].lower()) if CHARSET_WORDS[meant] else "utf-8"
    octets = " ".join(chance.choices(words, k=chance.randint(1, 2))).encode(name, "replace")
    kind = chance.random()
    if kind < 0.1:
        octets = octets[:-1]
    elif kind < 0.2:
        at = chance.randrange(len(octets))
        octets = octets[:at] + bytes([chance.randrange(1, 256)]) + octets[at + 1:]
    if chance.random() < 0.5:
        return b"=?%s?b?%s?=" % (charset.encode(), base64.b64encode(octets))
    return b"=?%s?q?%s?=" % (charset.encode(), b"".join(bytes([c]) if chr(c).isalnum() and c < 128 else b"_" if c == 32 else b"=%02X" % c for c in octets))


def charset_text(chance):
    pieces = [charset_word(chance) if chance.random() < 0.7 else chance.choice(["re", "a", "zebra", "Äpfel", "\\~"]).encode() for _ in range(chance.choice([1, 1, 2, 3]))]
    return b"".join(piece + chance.choice([b" ", b" ", b"", b"  ", b" \r\n ", b"\r\n\t"]) for piece in pieces).rstrip() or b"x"


def in_charsets(count, seed):
    """Subjects and names in every charset that mail knows, and in some that it does not."""
    chance = random.Random(f"charsets {seed}")
    for number in range(count):
        names = [b"%s: %s <%d@example.org>" % (field, chance.choice([b"%s", b'"%s"']) % charset_text(chance), chance.randrange(9)) for field in (b"From", b"To", b"Cc")]
        header = [b"Subject: " + chance.choice([b"", b"", b"Re: ", b"[x] "]) + charset_text(chance), *names, b"Message-ID: <%d@charsets>" % number]
        yield f"charsets {number}", b"\r\n".join(header) + b"\r\n\r\nx\r\n"


def threaded(count, seed):
    """Plain mail of a mailing list, so that threads get long."""
    chance = random.Random(f"threaded {seed}")
    chains = []
    for number in range(count):
        chain = list(chance.choice(chains)) if chains and chance.random() < 0.8 else []
        chain = chain[:chance.randint(1, len(chain))] if chain and chance.random() < 0.5 else chain
        chains.append(chain + [number])
        header = [b"Subject: " + (b"Re: " if chain else b"") + b"topic %d" % (chain[0] % 7 if chain else number % 7), b"Message-ID: <%d@list>" % number]
        if chain and chance.random() < 0.9:
            header.append(b"References: " + b" ".join(b"<%d@list>" % n for n in chain[-chance.choice([1, 3, 20]):]))
        if chance.random() < 0.9:
            header.append(b"Date: %d Mar 2020 %02d:00:00 +0000" % (1 + chance.randrange(28), chance.randrange(24)))
        if chance.random() < 0.95:
            yield f"threaded {number}", b"\r\n".join(header) + b"\r\n\r\nx\r\n"
