# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""How postern behaves towards people and programs: JSON, progress on a terminal, narrow and plain terminals, the trace of an account's conversations."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
import unittest

import support
import sync_case


def in_terminal(words, environment, columns=80, **more):
    """Runs a program in a pseudo-terminal: its exit code and all that it writes there, octet for octet."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(words, env={"TERM": "xterm", "LC_ALL": "C.UTF-8", **environment, **more}, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    out = b""
    while True:
        try:
            octets = os.read(ours, 65536)
        except OSError:  # the terminal is closed
            break
        if not octets:
            break
        out += octets
    os.close(ours)
    return process.wait(60), out


class SlowProxy(sync_case.Proxy):
    def relay(self, source):
        time.sleep(0.03)
        super().relay(source)


class Json(sync_case.SyncCase):
    def objects(self, *words, code=0):
        done = self.postern("--json", *words)
        self.assertEqual((done.code, done.err), (code, ""), done)
        return json.loads(done.out)

    def test_json_of_each_command(self):
        self.meet_dovecot()
        self.fill(self.far, "INBOX", range(3))
        (plan,) = self.objects("plan")
        self.assertEqual((plan["account"], plan["mailboxes"][0]["mailbox"], plan["mailboxes"][0]["here"]["messages"]), ("127.0.0.1", "INBOX", 3))
        (done,) = self.objects("sync")
        self.assertEqual((done["account"], done["good"], done["stopped"], done["problems"], done["here"]["fetched"], done["there"]["sent"]),
                         ("127.0.0.1", True, None, [], 3, 0))
        self.assertTrue(done["summary"].startswith("in sync, 3 messages fetched"), done)
        self.assertGreater(done["octets_received"], 100)
        (status,) = self.objects("status")
        self.assertEqual((status["good"], status["mailboxes"][0]["messages"]), (True, 3))
        (listed,) = self.objects("list")
        self.assertEqual([one["name"] for one in listed["mailboxes"]], ["INBOX"])
        (same,) = self.objects("verify")
        self.assertEqual((same["good"], same["messages"], same["mailboxes"], same["differences"]), (True, 3, 1, []))
        self.fill(self.far, "INBOX", [7])
        (other,) = self.objects("verify", code=1)
        self.assertEqual((other["good"], len(other["differences"])), (False, 1))
        self.assertEqual(self.postern("verify").code, 1)
        (doctor,) = self.objects("doctor")
        self.assertEqual((doctor["good"], doctor["there"]["error"], doctor["there"]["is"]), (True, None, f"127.0.0.1 port {self.dovecot.port}"))
        self.assertGreater(len(doctor["there"]["says"]), 2)
        near = self.store.connect()
        near.select("INBOX")
        near.store("1", "+FLAGS", r"(\Deleted)")
        near.expunge()
        near.logout()
        (removed,) = self.objects("removed")
        self.assertEqual(removed["mailbox"], "INBOX")
        self.assertNotIn("pass", json.dumps([done, status, listed, doctor["there"]["is"]]).split('"'))

    def test_json_of_what_does_not_go_well(self):
        self.start_dovecot()
        self.configure(password="wrong")
        (done,) = self.objects("sync", code=sync_case.EX_NOPERM)
        self.assertEqual(done["good"], False)
        self.assertIn("refuses the login", done["stopped"])
        (doctor,) = self.objects("doctor", code=sync_case.EX_NOPERM)
        self.assertEqual(doctor["good"], False)
        self.assertIn("refuses the login", doctor["there"]["error"])
        (verified,) = self.objects("verify", code=sync_case.EX_NOPERM)
        self.assertIn("refuses the login", verified["error"])
        (status,) = self.objects("status", code=1)
        self.assertEqual(status["good"], False)
        self.assertEqual(self.postern("status").code, 1)
        self.config.write_text("nonsense\n")
        for command in ("sync", "status", "verify", "doctor", "plan", "list"):
            (one,) = self.objects(command, code=sync_case.EX_CONFIG)
            self.assertIn("expected OPTION = VALUE", one["error"], command)

    def test_a_command_that_gives_none_says_so(self):
        self.start_dovecot()
        done = self.postern("--json", "repair", "INBOX")
        self.assertEqual(done.code, 64)
        self.assertIn("repair does not give JSON", done.err)

    def test_a_failure_is_an_object_too(self):
        """Whatever goes wrong, also before anybody is asked; -q is about sentences."""
        self.meet_dovecot()
        (one,) = json.loads(self.postern("-q", "--json", "list").out)
        self.assertEqual(one["account"], "127.0.0.1")
        cases = [(("sync", "nobody", "x"), 1), (("status", "nobody"), 64), (("doctor", "nobody"), 64), (("why", "nonsense"), 1), (("why", "INBOX", "77"), 1), (("why", "none", "1"), 1),
                 (("undo", "x"), 64), (("repair", "INBOX"), 64), (("nothing",), 64), (("--nothing", "status"), 64), (("plan", "nobody"), 64)]
        for words, code in cases:
            with self.subTest(words):
                done = self.postern("--json", *words)
                said = json.loads(done.out)
                self.assertEqual(done.code, code, done)
                if words[0] == "sync":
                    continue  # a mailbox that is on neither side: the pass was made
                (one,) = said if isinstance(said, list) else (said,)
                self.assertEqual(isinstance(said, list), words[0] in ("status", "doctor", "plan"))
                self.assertEqual(one["good"], False)
                self.assertGreater(len(one["error"]), 10)
                self.assertIn(one["error"], done.err)
        self.config.unlink()
        for command in ("sync", "status", "verify", "doctor", "plan", "list"):
            (one,) = json.loads(self.postern("--json", command).out)
            self.assertEqual(one["good"], False)
        for command in ("removed", "why"):
            self.assertEqual(json.loads(self.postern("--json", command, "x").out)["good"], False)

    def test_nothing_but_the_object_is_said(self):
        """No progress and no question on a terminal either."""
        self.meet_dovecot()
        self.fill(self.far, "INBOX", range(3))
        self.config.write_text(self.config.read_text().replace("first-sync = both", ""))
        near = self.store.connect()
        near.append("INBOX", None, None, support.message(99))
        near.logout()
        code, out = in_terminal([support.POSTERN, "--config", self.config, "--json", "sync"], self.store.environment)
        self.assertEqual(code, 1, out)
        (done,) = json.loads(out)
        self.assertEqual((done["here"]["fetched"], done["there"]["sent"]), (3, 0))
        self.assertNotIn(b"\x1b", out)


class Terminals(sync_case.SyncCase):
    def sync_slowly(self, columns=80, options=(), **variables):
        """300 messages of 10 kB at a pace at which they can be watched."""
        if not hasattr(self, "proxy"):
            self.meet_dovecot()
            self.fill(self.far, "INBOX", range(300), size=10_000)
            self.proxy = SlowProxy(self.dovecot.port)
            self.addCleanup(self.proxy.close)
        store = support.Store()
        self.addCleanup(store.close)
        self.store = store
        self.configure(remote={"type": "imap", "STARTTLS": "NO", "host": "127.0.0.1", "port": self.proxy.port, "username": "user", "password": "pass",
                               "compress": "NO"})
        code, out = in_terminal([support.POSTERN, "--config", self.config, *options, "sync"], store.environment, columns, **variables)
        self.assertEqual(code, 0, out)
        return out.decode()

    def test_progress_fits_goes_forward_and_leaves_one_line(self):
        for columns in (80, 20):
            out = self.sync_slowly(columns, NO_COLOR="1")
            *shown, last = out.split("\r\x1b[K")
            self.assertGreater(len(shown), 2, out)
            self.assertEqual(shown[0], "")
            percents = [int(one) for line in shown for one in re.findall(r"(\d+) %", line)]
            self.assertTrue(percents, out)
            self.assertEqual(percents, sorted(percents))
            self.assertGreater(len({one for one in percents if 0 < one < 100}), 2, out)  # within the one batch
            for line in shown:
                self.assertLess(len(line), columns)
            self.assertNotIn("\x1b", "".join(shown) + last)
            self.assertRegex(last, r"^in sync, 300 messages fetched[^\n]*\r\n$")
            if columns == 80:
                self.assertRegex(out, r"INBOX: \d+ of 300 messages, \d+ %, [\d.]+ [kM]?B, [\d.]+ [kM]?B/s")

    def test_no_progress_where_it_is_not_wanted_or_cannot_be_overwritten(self):
        for options, variables in (((), {"TERM": "dumb"}), (("--quiet",), {})):
            out = self.sync_slowly(options=options, **variables)
            self.assertNotIn("\x1b", out)
            self.assertNotIn("%", out)
        self.assertEqual(out, "")

    def test_a_server_writes_no_control_character_to_the_terminal(self):
        self.configure(remote={"type": "tunnel", "command": r"printf '* BYE \033[31mm\303\274de\007\033]0;evil\007\r\n'", "username": "u", "password": "p"})
        for command in ("sync", "doctor", "verify"):
            code, out = in_terminal([support.POSTERN, "--config", self.config, command], self.store.environment)
            self.assertNotEqual(code, 0)
            self.assertIn("müde".encode(), out)
            self.assertNotRegex(out.replace(b"\r\x1b[K", b""), rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
            _, out = in_terminal([support.POSTERN, "--config", self.config, command], self.store.environment, LC_ALL="C")
            self.assertIn(b"m?de", out)
            self.assertNotRegex(out, rb"[\x80-\xff]")


class Traces(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        self.configure(password="pass")
        self.sync()
        self.near = self.store.connect()  # keeps the owner

    def trace(self, *words):
        return subprocess.Popen([support.POSTERN, "--config", self.config, "trace", *words], env=self.store.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_the_wire_is_shown_without_secrets(self):
        tracing = self.trace("--seconds", "600")
        self.assertIn("listening", tracing.stdout.readline())
        self.far.append("INBOX", None, None, b"Subject: seen\r\n\r\n" + b"text of the message " * 100)
        self.sync()
        lines = []
        while not (lines and "LOGOUT" in lines[-1]):
            lines.append(tracing.stdout.readline())
        tracing.send_signal(signal.SIGINT)
        rest, errors = tracing.communicate(timeout=30)
        text = "".join(lines) + rest
        self.assertEqual(errors, "")
        self.assertRegex(text, r"(?m)^\d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1 #\d+ > \S+ (AUTHENTICATE PLAIN|LOGIN) \(not shown\)$")
        self.assertRegex(text, r"< \* .*FETCH")
        self.assertIn("Subject: seen", text)
        self.assertNotIn("text of the message " * 10, text)
        self.assertNotRegex(text, r"\bpass\b|AHVzZXIAcGFzcw")
        self.near.noop()

    def test_it_ends_when_its_time_is_over(self):
        tracing = self.trace("--seconds", "1")
        self.assertEqual(tracing.communicate(timeout=60)[1], "")
        self.assertEqual(tracing.returncode, 0)
        done = self.postern("trace", "--seconds", "never")
        self.assertEqual(done.code, 64, done)

    def test_one_that_is_not_read_holds_up_nothing(self):
        tracing = self.trace("--seconds", "600")
        self.assertIn("listening", tracing.stdout.readline())
        for n in range(3):
            self.fill(self.far, "INBOX", range(100 * n, 100 * n + 40), size=2000)
            self.sync()
        tracing.kill()
        tracing.communicate()
        self.assertEqual(self.near.select("INBOX"), ("OK", [b"120"]))

    def test_debug_shows_what_the_owner_does(self):
        self.fill(self.far, "INBOX", range(2))
        done = self.postern("--debug", "sync")
        self.assertEqual(done.code, 0, done)
        self.assertRegex(done.err, r"> \S+ (AUTHENTICATE PLAIN|LOGIN) \(not shown\)")
        self.assertRegex(done.err, r"< \* OK")
        self.assertNotRegex(done.err, r"\bpass\b|AHVzZXIAcGFzcw")
        self.near.noop()


if __name__ == "__main__":
    unittest.main()
