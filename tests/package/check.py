#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""The Debian package in a fresh Debian: `tools/package --check [TEST …]`. Installed beside other IMAP servers, the guide walked by an unprivileged user,
upgraded while a session is open, removed, purged; the units under a real `systemd --user`.

It builds the packages of two versions first. Each test has a root of its own; debootstrap's is kept in build-package/base.tar.
"""

import contextlib
import imaplib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import guide
import root as roots
from manager import Manager
from terminal import Terminal

TOP = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(os.environ.get("POSTERN_PACKAGES", TOP / "build-package"))
VERSION = re.search(r"version: '([\d.]+)'", (TOP / "meson.build").read_text()).group(1)
NEXT = re.sub(r"\d+$", lambda last: str(int(last.group()) + 1), VERSION)


def package(version):
    """Built unless it is newer than every file of the tree."""
    file = OUT / f"postern_{version}_amd64.deb"
    built = file.stat().st_mtime if file.exists() else 0
    sources = subprocess.run(["git", "ls-files"], cwd=TOP, check=True, capture_output=True, text=True).stdout.split()
    if any((TOP / name).exists() and (TOP / name).stat().st_mtime > built for name in sources if not name.startswith("tests/")):
        subprocess.run(["tools/package", "--version", version], cwd=TOP, check=True)
    return file


class Package(unittest.TestCase):
    def setUp(self):
        self.root = roots.Root(OUT)
        self.addCleanup(self.root.remove)
        guide.add_user(self.root)

    def installed(self):
        return self.root.run("dpkg", "-L", "postern").split()

    def test_beside_other_imap_servers_nothing_collides(self):
        self.root.install("dovecot-imapd", "interimap")
        self.root.install_file(package(VERSION))
        self.root.run("dpkg", "--verify", "postern", "dovecot-imapd", "interimap")
        self.root.install("courier-imap")  # Debian has it replace dovecot-imapd
        for name in self.installed():
            owners = self.root.attempt("dpkg", "-S", name).stdout
            if (self.root.path / name.lstrip("/")).is_file():
                self.assertEqual(owners, f"postern: {name}\n")
        self.root.run("dpkg", "--verify", "postern", "courier-imap", "interimap")
        self.assertIn("courier", self.root.run("dpkg", "-S", "/usr/bin/imapd"))
        # postern takes its own imapd, not courier's /usr/bin/imapd beside it.
        self.root.write(f"home/{guide.USER}/c", "[remote]\nhost = 127.0.0.1\nport = 1\nusername = me\npassword = x\n", 0o644)
        done = self.root.attempt("postern", "--config", "c", "sync", user=guide.USER)
        self.assertEqual(done.returncode, 75, done.stderr)
        self.assertIn("127.0.0.1", done.stderr)

    def test_what_is_in_it(self):
        self.root.install("man-db", "bash", "bash-completion", "zsh", "fish")
        self.root.install_file(package(VERSION))
        files = self.installed()
        for name in ("bin/postern", "bin/postern-imapd", "libexec/postern/imapd-owner", "lib/systemd/user/postern.service", "lib/systemd/user/postern@.service",
                     "lib/systemd/user/postern.socket", "lib/systemd/user/postern-sync.timer", "lib/systemd/user/postern-watch.service",
                     "libexec/postern/interimap", "share/doc/postern/copyright",
                     "share/doc/postern/README.md", "share/doc/postern/docs/getting-started.md", "share/doc/postern/examples/config"):
            self.assertIn("/usr/" + name, files)
        self.assertEqual(self.root.run("postern-imapd", "--version"), f"imapd (Postern) {VERSION}\n")
        # One program with two names, as the unit of InterIMAP's users runs it and as it is typed.
        told = [self.root.attempt(*words, "--help") for words in (["/usr/libexec/postern/interimap"], ["postern", "interimap"])]
        self.assertIn("--target", told[0].stderr)
        self.assertEqual([done.stderr for done in told], [told[0].stderr] * 2)
        self.root.run("mandb", "--quiet")
        for page in ("postern", "postern-imapd", "postern-interimap", "postern-config"):
            self.assertIn(page, self.root.run("whatis", page))
        for shell, line, expected in (("bash", "postern ver", "verify"), ("fish", "postern interimap --wat", "--watch"), ("bash", "postern-imapd --sto", "--store"), ("fish", "postern ver", "verify"),
                                      ("fish", "postern-imapd --sto", "--store")):
            if shell == "bash":
                program, word = line.split()
                script = f"source /usr/share/bash-completion/completions/{program}; COMP_WORDS=({line}); COMP_CWORD=1; " \
                         f"_{program.replace('-', '_')} {program} {word}; echo ${{COMPREPLY[@]}}"
                self.assertEqual(self.root.run("bash", "-c", script), expected + "\n")
            else:
                self.assertIn(expected, self.root.run("fish", "-c", f"complete -C '{line}'").split())
        self.assertIn("_postern\n", self.root.run("zsh", "-c", "autoload -U compinit; compinit -u; echo ${_comps[postern]}; echo ${_comps[postern-imapd]}"))

    def add_the_remote(self, dovecot):
        """"Add a remote" of the guide, its lines as they are; then what they are for."""
        remote = dovecot.connect()
        for number in range(3):
            remote.append("INBOX", "(\\Seen)" if number else None, None, guide.message(number))
        self.root.write(f"home/{guide.USER}/password", dovecot.password + "\n")
        said = ""
        for line in guide.lines("Add a remote"):
            done = self.root.attempt(*line.split(), user=guide.USER, text=guide.answers_to_init("cat ~/password") if "init" in line else "")
            self.assertEqual(done.returncode, 0, f"{line}: {done.stdout}{done.stderr}")
            said += done.stdout
        self.assertIn(guide.HOST, said)
        self.assertIn("3 messages fetched", said)
        local = guide.tunnel(self.root)
        self.assertEqual(local.select("INBOX")[1], [b"3"])
        local.store("1", "+FLAGS", "(\\Flagged)")
        local.append("INBOX", None, None, guide.message(3))
        local.logout()
        self.root.run("postern", "sync", user=guide.USER)
        remote.select("INBOX")
        self.assertEqual(remote.search(None, "ALL")[1], [b"1 2 3 4"])
        self.assertEqual(remote.search(None, "FLAGGED")[1], [b"1"])
        remote.logout()

    def try_other_ways_in(self):
        home = f"home/{guide.USER}"
        self.root.write(f"{home}/.config/postern/passwords", "me:x\n", 0o600)
        self.root.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", f"/{home}/K", "-out", f"/{home}/C")
        for name in ("K", "C", ".config/postern/passwords"):
            self.root.run("chown", guide.USER, f"/{home}/{name}")
        ways = guide.lines("Other ways in")
        self.assertEqual(len(ways), 3)
        for line in ways:
            line = line.replace("/run/user/1000/", "/tmp/").replace("~/", f"/{home}/").replace("-file F", f"-file /{home}/.config/postern/passwords")
            process = subprocess.Popen(self.root.command(*line.split(), "--no-sync", "--wait", user=guide.USER), stderr=subprocess.PIPE, text=True)
            guide.end_owner()
            while "listening" not in (said := process.stderr.readline()):
                self.assertTrue(said, line)
            process.terminate()
            process.wait(20)
            process.stderr.close()

    def test_the_guide_by_an_unprivileged_user(self):
        self.root.install("dovecot-imapd", "openssl", "mutt")
        self.root.install_file(package(VERSION))
        with roots.alone():
            dovecot = guide.Dovecot(self.root)
            try:
                self.add_the_remote(dovecot)
                self.root.write(f"home/{guide.USER}/.muttrc", "\n".join([*guide.lines("Point mutt at it"), "set from = me@example.org", ""]))
                with Terminal(shlex.join(self.root.command("mutt", user=guide.USER))) as terminal:
                    terminal.wait_for("message 3")
                    terminal.type("q")
                    terminal.wait_for_end()
                self.try_other_ways_in()
            finally:
                dovecot.stop()

    def test_an_upgrade_ends_no_session_and_loses_no_mail(self):
        self.root.install_file(package(VERSION))
        old = guide.tunnel(self.root)
        old.append("INBOX", None, None, guide.message(1))
        self.root.install_file(package(VERSION))  # the same again
        self.root.run("apt-get", "install", "-y", "-qq", "--reinstall", f"/tmp/postern_{VERSION}_amd64.deb")
        self.assertEqual(old.noop()[0], "OK")
        self.root.install_file(package(NEXT))
        self.assertEqual(old.append("INBOX", None, None, guide.message(2))[0], "OK")
        # The next client is of the new version: the old owner gives way, with a word to whom it serves.
        new = guide.tunnel(self.root)
        with contextlib.suppress(imaplib.IMAP4.abort):
            self.fail(old.noop())
        self.assertEqual(new.select("INBOX")[1], [b"2"])
        self.assertIn(NEXT.encode(), new.xatom("ID", "NIL") and new.response("ID")[1][0])
        for number in (1, 2):
            self.assertEqual(new.search(None, "SUBJECT", f'"message {number}"')[1], [str(number).encode()])
        new.logout()

    def test_removed_and_purged_nothing_is_left_but_mail(self):
        before = set(self.root.find("postern"))
        self.root.install_file(package(VERSION))
        files = self.installed()
        session = guide.tunnel(self.root)
        session.append("INBOX", None, None, guide.message(1))
        self.root.run("apt-get", "remove", "-y", "-qq", "postern")
        self.assertEqual(session.append("INBOX", None, None, guide.message(2))[0], "OK")  # who reads mail goes on
        session.logout()
        for name in files:
            self.assertFalse((self.root.path / name.lstrip("/")).is_file(), name)
        self.root.run("apt-get", "purge", "-y", "-qq", "postern")
        self.assertEqual(set(self.root.find("postern")) - before, set())
        self.assertEqual(self.root.run("dpkg-query", "-W", "-f", "${Package}\\n").split().count("postern"), 0)
        self.assertEqual(len([f for f in (self.root.path / f"home/{guide.USER}/Mail/INBOX").glob("[cn]*/*")]), 2)

    def test_the_units(self):
        self.root.install("systemd")
        self.root.install_file(package(VERSION))
        units = [name for name in self.installed() if name.startswith("/usr/lib/systemd/user/postern")]
        self.assertEqual(len(units), 6)
        runtime = {"XDG_RUNTIME_DIR": "/run/verify"}
        self.root.run("mkdir", "-p", "/run/verify")
        done = self.root.attempt("systemd-analyze", "verify", "--user", "--man=no", *units, environment=runtime)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        for unit in units:
            if unit.endswith(".service"):
                self.root.run("systemd-analyze", "security", "--user", "--offline=true", "--threshold=40", unit, environment=runtime)

    def test_the_units_under_a_real_manager(self):
        self.root.install("systemd", "dovecot-imapd", "openssl")
        self.root.install_file(package(VERSION))
        with roots.alone(), Manager(self.root, guide.USER) as manager:
            dovecot = guide.Dovecot(self.root)
            try:
                self.add_the_remote(dovecot)
                self.try_units(manager, dovecot)
            finally:
                dovecot.stop()

    def try_units(self, manager, dovecot):
        client = guide.tunnel(self.root)
        manager.systemctl("start", "postern.service")  # at once, though a client's owner is there
        self.assertIn("in use by process", manager.show("postern.service", "StatusText"))
        self.assertEqual(client.noop()[0], "OK")
        client.logout()
        guide.end_owner()
        manager.wait_for(lambda: manager.show("postern.service", "StatusText") == "Serving")
        client = guide.tunnel(self.root)  # served by the service now
        self.assertEqual(manager.show("postern.service", "NRestarts"), "0")
        count = int(client.select("INBOX")[1][0])
        # The unit's limits let it read mail, the configuration and run password-command.
        remote = dovecot.connect()
        remote.append("INBOX", None, None, guide.message(70))
        manager.wait_for(lambda: int(client.select("INBOX")[1][0]) == count + 1)
        client.logout()
        manager.systemctl("stop", "postern.service")
        remote.append("INBOX", None, None, guide.message(71))
        manager.systemctl("start", "postern-sync.service")
        self.assertEqual(manager.show("postern-sync.service", "Result"), "success")
        manager.systemctl("start", "postern.socket")
        self.assertIn(b"* PREAUTH", manager.greeting())
        client = guide.tunnel(self.root)
        self.assertEqual(int(client.select("INBOX")[1][0]), count + 2)
        client.logout()
        manager.systemctl("stop", "postern.socket", "postern.service")
        manager.systemctl("start", "postern-watch.service")
        remote.append("INBOX", None, None, guide.message(72))
        manager.wait_for(lambda: len(list((self.root.path / f"home/{guide.USER}/Mail/INBOX").glob("[cn]*/*"))) == count + 3)
        manager.systemctl("stop", "postern-watch.service")
        self.assertEqual(manager.show("postern-watch.service", "Result"), "success")
        # The guide's own lines.
        self.root.write(f"home/{guide.USER}/.config/postern/work", "[local]\npath = ~/Work\n[remote]\nhost = 127.0.0.1\nport = 1\nusername = x\npassword = x\n")
        lines = [line.split() for line in guide.lines("In the background") if line.startswith("systemctl")]
        self.assertEqual(len(lines), 4)
        for line in lines:
            manager.systemctl(*line[2:])
            self.assertEqual(manager.show(line[-1], "ActiveState"), "active")
            manager.systemctl("disable", "--now", line[-1])


class Source(unittest.TestCase):
    def test_the_tarball_builds_and_tests_without_git_and_network(self):
        subprocess.run(["tools/package", "--source"], cwd=TOP, check=True, capture_output=True)
        with tempfile.TemporaryDirectory() as directory, roots.alone():
            subprocess.run(["tar", "-C", directory, "-xf", OUT / f"postern-{VERSION}.tar.xz"], check=True)
            git = pathlib.Path(directory) / "git"
            git.write_text("#!/bin/sh\nexit 1\n")
            git.chmod(0o755)
            environment = {**os.environ, "PATH": f"{directory}:{os.environ['PATH']}"}
            tree = f"{directory}/postern-{VERSION}"
            for command in (["tools/build", "build"], *(["tools/run_tests.py", "--only", word, "build"] for word in ("check_", "base", "test_service"))):
                done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    roots.enter()
    package(VERSION)
    package(NEXT)
    unittest.main(verbosity=2)
