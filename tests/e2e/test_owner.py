# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""imapd as a process: launchers and their owner, signals, sockets, stores it must refuse, stores it adopts."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest

import support


class Owner(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)

    def run_imapd(self, *arguments):
        return subprocess.run([support.IMAPD, *arguments], capture_output=True, text=True, timeout=30, env=self.store.environment,
                              stdin=subprocess.DEVNULL)

    def owners(self):
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
                if b"--owner" in words and str(self.store.path).encode() in words:
                    found.append(int(entry.name))
        return found

    def test_racing_launchers_get_one_owner(self):
        for _ in range(10):
            sessions = []
            threads = [threading.Thread(target=lambda: sessions.append(self.store.connect())) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(sessions), 6)
            # Those that lost the race are ending; none of them stays.
            support.wait_until(lambda: len(self.owners()) == 1, what="one owner")
            for session in sessions:
                self.assertEqual(session.noop()[0], "OK")
                session.logout()
            self.store.stop_owner(kill=True)

    def test_sessions_see_each_other_at_once(self):
        first, second = self.store.connect(), self.store.connect()
        first.select("INBOX")
        first.send(b"i IDLE\r\n")
        self.assertTrue(first.readline().startswith(b"+"))
        second.append("INBOX", None, None, support.message(1))
        self.assertEqual(first.readline(), b"* 1 EXISTS\r\n")
        second.select("INBOX")
        second.store("1", "+FLAGS", "(\\Flagged)")
        lines = [first.readline(), first.readline()]
        self.assertTrue(any(b"FETCH" in line and b"\\Flagged" in line for line in lines), lines)
        first.send(b"DONE\r\n")
        second.logout()
        first.kill()

    def test_foreign_delivery_is_seen_at_once(self):
        session = self.store.connect()
        session.select("INBOX")
        session.send(b"i IDLE\r\n")
        session.readline()
        inbox = self.store.path / "INBOX"
        (inbox / "tmp" / "1.x.host").write_bytes(b"Subject: hello\n\nfrom elsewhere\n")
        os.rename(inbox / "tmp" / "1.x.host", inbox / "new" / "1.x.host")
        self.assertEqual(session.readline(), b"* 1 EXISTS\r\n")
        session.kill()

    def test_killed_launcher_ends_its_session_only(self):
        first, second = self.store.connect(), self.store.connect()
        first.kill()
        self.assertEqual(second.noop()[0], "OK")
        second.logout()

    def test_killed_owner_loses_nothing(self):
        session = self.store.connect()
        for number in range(20):
            session.append("INBOX", "(\\Seen mykey)", None, support.message(number))
        session.select("INBOX")
        session.store("1:5", "+FLAGS", "(\\Flagged)")
        before = session.fetch("1:*", "(UID FLAGS)")[1]
        self.store.stop_owner(kill=True)
        with contextlib.suppress(Exception):
            session.kill()
        session = self.store.connect()
        session.select("INBOX", readonly=True)
        clean = lambda lines: [line.replace(b" \\Recent", b"").replace(b"\\Recent", b"") for line in lines]
        self.assertEqual(clean(before), clean(session.fetch("1:*", "(UID FLAGS)")[1]))
        session.logout()

    def test_lost_index_comes_back(self):
        session = self.store.connect()
        session.create("box")
        for number in range(30):
            session.append("box", "(\\Seen one)" if number % 2 else None, support.imaplib.Time2Internaldate(1_500_000_000 + number), support.message(number))
        session.select("box")
        session.store("3,4", "+FLAGS", "(\\Deleted)")
        session.expunge()
        session.unselect()
        state = session.status("box", "(UIDVALIDITY UIDNEXT HIGHESTMODSEQ)")[1][0]
        session.select("box", readonly=True)
        before = session.fetch("1:*", "(UID FLAGS INTERNALDATE)")[1]
        session.logout()
        self.store.stop_owner()
        shutil.rmtree(self.store.path / ".postern" / "index")
        session = self.store.connect()
        session.select("box", readonly=True)
        self.assertEqual(before, session.fetch("1:*", "(UID FLAGS INTERNALDATE)")[1])
        session.unselect()
        after = session.status("box", "(UIDVALIDITY UIDNEXT HIGHESTMODSEQ)")[1][0]
        self.assertEqual(state.split(b"UIDVALIDITY ")[1].split()[0], after.split(b"UIDVALIDITY ")[1].split()[0])
        number = lambda text, name: int(text.split(name + b" ")[1].split(b")")[0].split()[0])
        self.assertGreaterEqual(number(after, b"UIDNEXT"), number(state, b"UIDNEXT"))
        self.assertGreater(number(after, b"HIGHESTMODSEQ"), number(state, b"HIGHESTMODSEQ"))
        session.logout()

    def test_damaged_index_is_rebuilt_by_the_next_owner(self):
        session = self.store.connect()
        session.create("box")
        for number in range(300):  # more than one block of a table
            session.append("box", "(\\Seen one)", None, support.message(number))
        session.select("box")
        session.unselect()
        session.select("box", readonly=True)
        before = session.fetch("1:*", "(UID FLAGS INTERNALDATE)")[1]
        session.logout()
        self.store.stop_owner()
        self.store.connect().logout()  # what was in the index's log is in its tables now
        self.store.stop_owner()
        table = max((self.store.path / ".postern" / "index").glob("*.sst"), key=lambda path: path.stat().st_size)
        with open(table, "r+b") as file:  # where the rows are, which opening the index does not read
            file.write(b"Z" * (table.stat().st_size // 4))
        found = []

        def selects():
            with contextlib.suppress(support.imaplib.IMAP4.error, OSError):
                session = self.store.connect()
                if session.select("box", readonly=True)[0] == "OK":
                    found.append(session)
            return found

        support.wait_until(selects, what="an owner with a whole index")
        self.assertTrue(before == found[0].fetch("1:*", "(UID FLAGS INTERNALDATE)")[1])
        found[0].logout()
        log = (self.store.path / ".postern" / "log").read_text()
        self.assertIn("the store has to be opened anew", log)
        self.assertIn("the index is corrupt and is rebuilt", log)

    def deliver(self, name):
        inbox = self.store.path / "INBOX"
        (inbox / "tmp" / name).write_bytes(b"Subject: hello\n\nfrom elsewhere\n")
        os.rename(inbox / "tmp" / name, inbox / "new" / name)

    def test_delivery_between_owners_is_seen(self):
        session = self.store.connect()
        self.deliver("1.a.host")
        self.assertEqual(session.select("INBOX", readonly=True)[1], [b"1"])
        session.logout()
        for number in range(2, 5):
            self.store.stop_owner()
            os.utime(self.store.path / "INBOX" / "cur", (1_600_000_000, 1_600_000_000))  # quiet for long: only new/ is young
            self.deliver(f"{number}.a.host")
            session = self.store.connect()
            self.assertEqual(session.select("INBOX", readonly=True)[1], [str(number).encode()])
            session.logout()

    def test_a_name_cannot_use_up_the_uids(self):
        session = self.store.connect()
        session.append("INBOX", None, None, support.message(1))
        session.logout()
        self.store.stop_owner()
        self.deliver("2.a.host,U=4294967294")
        shutil.rmtree(self.store.path / ".postern" / "index")
        session = self.store.connect()
        self.assertEqual(session.select("INBOX")[1], [b"2"])
        self.assertEqual(session.append("INBOX", None, None, support.message(3))[0], "OK")
        self.assertLess(int(session.status("INBOX", "(UIDNEXT)")[1][0].split(b"UIDNEXT ")[1].strip(b")")), 100_000)
        session.logout()

    def test_sigterm_says_bye_within_a_second(self):
        session = self.store.connect()
        session.append("INBOX", None, None, support.message(1))
        start = time.monotonic()
        self.store.stop_owner()
        self.assertLess(time.monotonic() - start, 1.5)
        self.assertTrue(session.readline().startswith(b"* BYE"))
        session.kill()

    def test_idle_owner_leaves(self):
        run = subprocess.run([support.IMAPD, "--stdio", "--store", self.store.path, "--idle-exit", "1"], input=b"a LOGOUT\r\n", capture_output=True,
                             timeout=30, env=self.store.environment)
        self.assertIn(b"a OK", run.stdout)
        support.wait_until(lambda: not self.owners(), what="the idle owner leaves")

    def test_files_as_descriptors(self):
        given = self.store.directory / "commands"
        given.write_bytes(b"a NOOP\r\nb LOGOUT\r\n")
        taken = self.store.directory / "answers"
        with given.open("rb") as commands, taken.open("wb") as answers:
            run = subprocess.run([support.IMAPD, "--stdio", "--store", self.store.path], stdin=commands, stdout=answers, timeout=30,
                                 env=self.store.environment)
        self.assertEqual(run.returncode, 0)
        self.assertIn(b"b OK", taken.read_bytes())

    def test_where_it_is_installed(self):
        installed = self.store.directory / "usr"
        owner = installed / "libexec" / "postern" / "imapd-owner"
        (installed / "bin").mkdir(parents=True)
        owner.parent.mkdir(parents=True)
        imapd = installed / "bin" / "imapd"
        shutil.copy(support.IMAPD, imapd)
        for arguments in (["--store", self.store.path], ["--stdio", "--store", self.store.path]):
            run = subprocess.run([imapd, *arguments], capture_output=True, text=True, timeout=30, env=self.store.environment, stdin=subprocess.DEVNULL)
            self.assertEqual(run.returncode, 72, run.stderr)
            self.assertIn(str(owner), run.stderr)
        owner.write_text("#!/bin/sh\nkill -KILL $$\n")
        owner.chmod(0o755)
        run = subprocess.run([imapd, "--stdio", "--store", self.store.path], capture_output=True, text=True, timeout=30, env=self.store.environment, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, 75, run.stderr)
        self.assertIn("died while it started", run.stderr)
        owner.unlink()
        shutil.copy(support.IMAPD.with_name("imapd-owner"), owner)
        run = subprocess.run([imapd, "--stdio", "--store", self.store.path], capture_output=True, timeout=30, env=self.store.environment, input=b"a LOGOUT\r\n")
        self.assertIn(b"a OK", run.stdout)
        self.assertEqual(os.readlink(f"/proc/{self.store.owner()}/exe"), str(owner))

    def test_refusals(self):
        other = self.store.directory / "other"
        other.mkdir()
        (other / "thesis.tex").write_text("not mail")
        run = self.run_imapd("--store", str(other))
        self.assertEqual(run.returncode, 66, run.stderr)
        self.assertIn("not a mail store", run.stderr)
        (other / "figures").mkdir()
        for how in (), ("--stdio",):
            run = self.run_imapd(*how, "--store", str(other))
            self.assertEqual(run.returncode, 66, run.stderr)
            self.assertIn("not a mail store", run.stderr)
        self.assertEqual(sorted(p.name for p in other.iterdir()), ["figures", "thesis.tex"])
        run = self.run_imapd("--stdio", "--store", str(other / "thesis.tex"))
        self.assertEqual((run.returncode, run.stderr), (66, f"imapd: the store {other}/thesis.tex cannot be served: {other}/thesis.tex is not a directory\n"))
        self.assertEqual(self.run_imapd("--store", str(self.store.path), "--listen", "tcp:127.0.0.1:0").returncode, 78)
        session = self.store.connect()
        run = self.run_imapd("--store", str(self.store.path))
        self.assertEqual(run.returncode, 75, run.stderr)
        self.assertIn("in use by process", run.stderr)
        session.logout()

    def test_command_lines_that_are_wrong(self):
        configuration = self.store.directory / "config"
        configuration.write_text("[remote]\nhost = h\n[local]\npaht = /elsewhere\n")
        store, passwords = ("--store", str(self.store.path)), ("--password-file", str(configuration))
        configuration.chmod(0o600)
        for words, code, said in (
                (("--nonsense",), 64, "nonsense"),
                (("word",), 64, "unexpected argument word"),
                (("--stdio", "--idle-exit", "soon"), 64, "--idle-exit wants a number, not soon"),
                (("--stdio", "--literal-limit", "-1"), 64, "--literal-limit wants a number, not -1"),
                (("--stdio", "--verbose"), 64, "--stdio and --verbose do not go together"),
                (("--config", "/none/such"), 78, "/none/such does not exist"),
                (("--stdio", "--config", str(configuration)), 78, "line 4: there is no option paht; did you mean path?"),
                ((*store, "--listen", "tcp"), 78, "--listen wants unix:PATH, tcp:HOST:PORT or tls:HOST:PORT, not tcp"),
                ((*store, *passwords, "--listen", "tcp:127.0.0.1:99999"), 78, "99999 is no port")):
            run = self.run_imapd(*words)
            self.assertEqual(run.returncode, code, run)
            self.assertIn(said, run.stderr)
            self.assertEqual("Try imapd --help." in run.stderr, code == 64, run)
        self.assertFalse(self.store.path.exists())

    @unittest.skipUnless(os.getuid() == 0, "wants root to make another user's store")
    def test_foreign_owned_store(self):
        self.store.path.mkdir()
        os.chown(self.store.path, 65534, 65534)
        for how in (), ("--stdio",):
            run = self.run_imapd(*how, "--store", str(self.store.path))
            self.assertEqual(run.returncode, 77, run.stderr)
            self.assertIn("another user", run.stderr)
        self.assertEqual(list(self.store.path.iterdir()), [])
        os.chown(self.store.path, 0, 0)

    def test_permissions(self):
        session = self.store.connect()
        self.assertEqual((self.store.path / ".postern" / "socket").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.store.path / ".postern").stat().st_mode & 0o777, 0o700)
        session.logout()


class Listening(unittest.TestCase):
    def setUp(self):
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.certificate, self.key = support.make_certificate(self.store.directory)
        passwords = self.store.directory / "passwords"
        passwords.write_text("user:pass\n")
        passwords.chmod(0o600)
        self.log = self.store.directory / "log"
        self.process = subprocess.Popen(
            [support.IMAPD, "--store", self.store.path, "--listen", "tcp:127.0.0.1:0", "--listen", "tls:127.0.0.1:0", "--listen",
             f"unix:{self.store.directory}/imap", "--password-file", passwords, "--tls-certificate", self.certificate, "--tls-key", self.key,
             "--log-file", self.log], env=self.store.environment)
        self.addCleanup(support.stop, self.process)

    def port(self, kind):
        text = support.wait_until(lambda: (t := self.log.read_text() if self.log.exists() else "") and f"{kind}:127.0.0.1:" in t and "unix:" in t and t)
        return int(text.split(f"address={kind}:127.0.0.1:")[1].split()[0])

    def test_tcp_tls_unix_and_starttls(self):
        context = ssl.create_default_context(cafile=str(self.certificate))
        plain = support.imaplib.IMAP4("127.0.0.1", self.port("tcp"))
        with self.assertRaises(support.imaplib.IMAP4.error):
            plain.login("user", "wrong")
        self.assertEqual(plain.login("user", "pass")[0], "OK")
        plain.append("INBOX", None, None, support.message(1))
        plain.logout()
        secure = support.imaplib.IMAP4_SSL("127.0.0.1", self.port("tls"), ssl_context=context)
        secure.login("user", "pass")
        self.assertEqual(secure.select("INBOX")[1], [b"1"])
        secure.logout()
        upgraded = support.imaplib.IMAP4("127.0.0.1", self.port("tcp"))
        self.assertEqual(upgraded.starttls(context)[0], "OK")
        self.assertEqual(upgraded.login("user", "pass")[0], "OK")
        upgraded.logout()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.store.directory / "imap"))
            self.assertTrue(client.recv(1000).startswith(b"* PREAUTH"))

    def was_ended(self, connection):
        connection.setblocking(False)
        try:
            while connection.recv(4096):
                pass
        except BlockingIOError:
            return False
        except OSError:
            pass
        return True

    def test_silent_connections_keep_nobody_out(self):
        connections = []
        with contextlib.ExitStack() as silent:
            for kind in ("tcp", "tls"):
                port = self.port(kind)
                for _ in range(150):
                    connections.append(silent.enter_context(socket.create_connection(("127.0.0.1", port))))
            support.wait_until(lambda: sum(map(self.was_ended, connections)) >= len(connections) - 32, what="the server has met them all")
            plain = support.imaplib.IMAP4("127.0.0.1", self.port("tcp"), timeout=10)
            self.assertEqual(plain.login("user", "pass")[0], "OK")
            context = ssl.create_default_context(cafile=str(self.certificate))
            secure = support.imaplib.IMAP4_SSL("127.0.0.1", self.port("tls"), ssl_context=context, timeout=10)
            self.assertEqual(secure.login("user", "pass")[0], "OK")
            descriptors = pathlib.Path(f"/proc/{self.process.pid}/fd")
            support.wait_until(lambda: len(list(descriptors.iterdir())) < 150, what="the oldest were ended")
            plain.logout()
            secure.logout()

    def test_sigterm(self):
        self.port("tcp")
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(3), 0)


class Adoption(unittest.TestCase):
    def adopt(self, layout):
        with support.Dovecot(layout=layout) as dovecot, support.Store() as store:
            remote = dovecot.connect()
            remote.create("lists" if layout == "maildir++" else "lists/a")
            for number in range(20):
                remote.append("INBOX", "(\\Seen $Important)" if number % 3 else None, support.imaplib.Time2Internaldate(1_500_000_000 + number),
                              support.message(number))
            remote.select("INBOX")
            remote.store("2:4", "+FLAGS", "(\\Deleted)")
            remote.expunge()
            expected = remote.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)")[1]
            remote.unselect()
            validity = remote.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1][0]
            modseq = int(remote.status("INBOX", "(HIGHESTMODSEQ)")[1][0].split(b"HIGHESTMODSEQ ")[1].strip(b")"))
            remote.logout()
            dovecot.stop()
            shutil.copytree(dovecot.mail, store.path)
            for path in [store.path, *store.path.rglob("*")]:
                os.chown(path, os.getuid(), os.getgid())
            local = store.connect()
            self.assertIn(b"lists", b" ".join(local.list()[1]))
            local.select("INBOX", readonly=True)
            clean = lambda lines: [line.replace(b" \\Recent", b"").replace(b"\\Recent", b"") for line in lines]
            self.assertEqual(clean(expected), clean(local.fetch("1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)")[1]))
            local.unselect()
            # A client that resynchronises with what Dovecot told it must be told everything.
            self.assertGreater(int(local.status("INBOX", "(HIGHESTMODSEQ)")[1][0].split(b"HIGHESTMODSEQ ")[1].strip(b")")), modseq)
            mine = local.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1][0]
            self.assertEqual(sorted(validity.split(b"(")[1].strip(b")").split()), sorted(mine.split(b"(")[1].strip(b")").split()))
            local.logout()

    def test_dovecot_fs(self):
        self.adopt("fs")

    def test_dovecot_maildir_plus_plus(self):
        self.adopt("maildir++")


if __name__ == "__main__":
    unittest.main()
