# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""postern init: by options, by answers, on a terminal, and from another tool's configuration."""

import re
import shlex
import shutil
import stat
import subprocess
import unittest

import support
from switching_case import SwitchingCase
from terminal import Terminal


class Init(SwitchingCase):
    def setUp(self):
        super().setUp()
        self.start_dovecot()
        far = self.dovecot.connect()
        far.create("lists/one")
        self.fill(far, "INBOX", range(3))
        far.logout()
        self.config.unlink()
        self.address = f"imap://user@127.0.0.1:{self.dovecot.port}"

    def init(self, *words, text=None, code=0):
        """The server has no TLS that is trusted: what is written is made to do without before it is tried."""
        run = subprocess.run([support.POSTERN, "--config", self.config, "init", *words], env=self.environment, input=text, capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run.stdout + run.stderr

    def certificate(self):
        """Of the Dovecot, trusted by this test's programs alone."""
        self.environment["SSL_CERT_FILE"] = str(self.dovecot.certificate)
        self.address = f"imaps://user@localhost:{self.dovecot.tls_port}"

    def test_by_options(self):
        self.certificate()
        said = self.init(self.address, "--password-command", "echo pass", "--store", str(self.store.path), text="")
        self.assertIn("has 3 messages in ", said)
        self.assertIn("\n  lists/one", said)
        self.assertIn("holds no mail yet", said)
        self.assertEqual(stat.S_IMODE(self.config.stat().st_mode), 0o600)
        run = subprocess.run([support.POSTERN, "--config", self.config, "sync"], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertIn("3 messages fetched", run.stdout, run.stderr)

    def test_by_answers_through_a_pipe(self):
        self.certificate()
        self.init(text=f"{self.store.path}\n{self.address}\necho pass\n")
        self.assertIn("username = user\n", self.config.read_text())

    def test_a_login_that_fails_writes_nothing(self):
        self.certificate()
        for words in ((self.address, "--password-command", "echo wrong"), ("imaps://user@127.0.0.1:1", "--password-command", "echo pass")):
            run = subprocess.run([support.POSTERN, "--config", self.config, "init", *words, "--store", self.store.path], env=self.environment, stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=60)
            self.assertIn(run.returncode, (75, 77), run.stderr)
            self.assertFalse(self.config.exists())
        self.init("imaps://user@127.0.0.1:1", "--password-command", "echo pass", "--store", str(self.store.path), "--yes")
        self.assertTrue(self.config.exists())

    def test_what_is_missing_or_wrong(self):
        for words in (("h",), ("http://h", "--user", "u"), ("h:0", "--user", "u"), ("imaps://u:secret@h",), ("a", "b"), ()):
            self.init(*words, "--store", str(self.store.path), text="", code=64)
            self.assertFalse(self.config.exists())
        self.init("--from", "mutt", code=64)

    def test_a_configuration_that_is_there_stays(self):
        self.config.write_text("[remote]\nhost = old\n")
        said = self.init("h", "--user", "u", code=73)
        self.assertIn("is there already; it is not overwritten", said)
        self.init("h", "--user", "u", "--store", str(self.store.path), "--yes", text="\n")
        self.assertIn("host = h\n", self.config.read_text())
        before = self.config.parent / (self.config.name + ".before")
        self.assertIn("host = old", before.read_text())
        self.init("h", "--user", "u", "--store", str(self.store.path), "--yes", text="\n")  # the same again
        self.assertEqual([one.name for one in self.config.parent.glob("*.before*")], [before.name])
        self.init("h2", "--user", "u", "--store", str(self.store.path), "--yes", text="\n")
        self.assertIn("host = old", before.read_text())
        self.assertIn("host = h\n", (self.config.parent / (before.name + "-2")).read_text())

    def test_several_accounts_below_one_directory(self):
        for name in ("work/INBOX", "home/Inbox"):
            for part in ("cur", "new", "tmp"):
                (self.store.path / name / part).mkdir(parents=True)
        said = self.init("h", "--user", "u", "--store", str(self.store.path), text="", code=64)
        self.assertIn(f"\n  {self.store.path}/home\n  {self.store.path}/work\n", said)
        self.init("h", "--user", "u", "--store", str(self.store.path / "work"), text="\n")
        self.assertIn(f"path = {self.store.path}/work\n", self.config.read_text())

    def two_accounts(self):
        for name in ("work/INBOX", "home/INBOX"):
            for part in ("cur", "new", "tmp"):
                (self.store.path / name / part).mkdir(parents=True)
            (self.store.path / name / "cur" / "1700000000.1,U=1:2,S").write_bytes(support.message(1))
        self.config = self.store.directory / "config"

    def test_an_account_each(self):
        """What it proposes without a terminal can be run as it stands."""
        self.two_accounts()
        (self.store.path / "work/INBOX/.mbsyncstate").write_text("")
        (self.home / ".mbsyncrc").write_text("")
        said = self.init("--store", str(self.store.path), text="", code=64)
        self.assertIn(f"as mbsync has them in {self.home}/.mbsyncrc: postern init --from mbsync\n", said)
        for name in ("home", "work"):
            proposed = re.search(rf"(?m)^  postern init (--account {name} --store .*) SERVER$", said)[1]
            self.init(*proposed.split(), f"{name}.example.org", "--user", "u", text="\n")
            written = (self.config.parent / "accounts" / f"{name}.conf").read_text()
            self.assertIn(f"path = {self.store.path}/{name}\n", written)
            self.assertIn(f"host = {name}.example.org\n", written)
        accounts = self.postern("list")
        self.assertEqual(accounts.code, 0, accounts)
        self.assertIn("home: home.example.org", accounts.out)
        self.assertIn("work: work.example.org", accounts.out)
        for name in ("home", "work"):
            if (pid := support.owner_of(self.store.path / name)) is not None:
                support.end_owner(pid)

    def test_account_needs_a_name_and_a_configuration_beside_which_it_can_lie(self):
        self.init("h", "--user", "u", "--account", "work", "--store", str(self.store.path), code=64)
        self.config = self.store.directory / "config"
        for name in ("../x", ".x"):
            self.init("h", "--user", "u", "--account", name, "--store", str(self.store.path), code=64)

    def test_an_account_each_on_a_terminal(self):
        support.need("tmux")
        self.two_accounts()
        command = " ".join(map(shlex.quote, map(str, (support.POSTERN, "--config", self.config, "init", "--store", self.store.path))))
        with Terminal(command, self.environment) as terminal:
            for question, answer in (("Write an account for each", "y"), ("server of home", "imaps://me@home.example.org"), ("prints the password", ""),
                                     ("server of work", "work.example.org:1993"), ("The user name there", "you"), ("prints the password", "")):
                terminal.wait_for(question)
                terminal.text(answer)
                terminal.type("Enter")
            self.assertEqual(terminal.wait_for_end(), 0)
        written = self.config.read_text()
        for line in (f"[local home]\npath = {self.store.path}/home\n[remote home]\n", "host = home.example.org\nusername = me\n",
                     f"[local work]\npath = {self.store.path}/work\n[remote work]\n", "username = you\n"):
            self.assertIn(line, written)

    def test_on_a_terminal(self):
        support.need("tmux")
        self.certificate()
        command = " ".join(map(shlex.quote, map(str, (support.POSTERN, "--config", self.config, "init", self.address.replace("user@", "")))))
        with Terminal(command, self.environment) as terminal:
            for question, answer in (("local mail", str(self.store.path)), ("The user name there", "user"), ("A command that prints", ""), ("The password, to be", "pass")):
                terminal.wait_for(question)
                terminal.text(answer)
                terminal.type("Enter")
            self.assertEqual(terminal.wait_for_end(), 0)
            self.assertNotIn("pass\n", terminal.screen())
            self.assertIn("has 3 messages in", terminal.screen())
        self.assertIn("password = pass\n", self.config.read_text())
        self.assertEqual(stat.S_IMODE(self.config.stat().st_mode), 0o600)

    def test_from_each_tool(self):
        """Theirs is read, what is written is ours, and a pass with it copies nothing that is on both sides."""
        texts = {
            "mbsync": (".mbsyncrc", f"IMAPStore far\nHost 127.0.0.1\nPort {self.dovecot.port}\nUser user\nPassCmd \"echo pass\"\nSSLType None\nUseKeychain no\n\n"
                                    f"MaildirStore near\nPath {self.store.path}/\nInbox {self.store.path}/INBOX\n\nChannel c\nFar :far:\nNear :near:\nPatterns * !lists/*\n", "UseKeychain no"),
            "offlineimap": (".offlineimaprc", f"[general]\naccounts = A\n[Account A]\nlocalrepository = L\nremoterepository = R\n[Repository L]\ntype = Maildir\nlocalfolders = {self.store.path}\n"
                                              f"[Repository R]\ntype = IMAP\nssl = no\nstarttls = no\nremotehost = 127.0.0.1\nremoteport = {self.dovecot.port}\nremoteuser = user\nremotepass = pass\nfolderfilter = lambda f: True\n",
                            "folderfilter"),
            "interimap": ("config/interimap/config", f"list-mailbox = *\n[local]\ntype = tunnel\ncommand = exec doveadm exec imap\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\n"
                                                     f"port = {self.dovecot.port}\nusername = user\npassword = pass\n", "command"),
        }
        for tool, (name, text, left_out) in texts.items():
            with self.subTest(tool):
                file = self.home / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                self.config.unlink(missing_ok=True)
                said = self.init("--from", tool)
                self.assertRegex(said, rf"line \d+: {left_out}")
                self.assertIn("has 3 messages in", said)
                self.assertNotIn("= pass", said)
                self.assertEqual(stat.S_IMODE(self.config.stat().st_mode), 0o600)
                shutil.rmtree(self.store.path, ignore_errors=True)
                run = subprocess.run([support.POSTERN, "--config", self.config, "sync"], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                self.assertIn("3 messages fetched", run.stdout + run.stderr)
                owner = re.search(r"(?m)^path = (.*)$", self.config.read_text())[1]
                if (pid := support.owner_of(owner)) is not None:
                    support.end_owner(pid)

    def test_from_nothing(self):
        said = self.init("--from", "mbsync", code=78)
        self.assertIn(".mbsyncrc does not exist", said)
        (self.home / "rc").write_text("nonsense\n")
        self.init("--from", "mbsync", str(self.home / "rc"), code=78)
        self.assertFalse(self.config.exists())


if __name__ == "__main__":
    unittest.main()
