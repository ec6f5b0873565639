# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Homes as they should not be: XDG_* unset, relative, of another user; read-only; on FUSE; without systemd; in the C locale; a store of a newer version.
A clear sentence each, nothing lost, and no secret where others see it."""

import contextlib
import hashlib
import os
import pathlib
import pwd
import socket
import subprocess
import unittest

import support
import sync_case

XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME")


def tree(directory):
    """{name: digest} of all that is below."""
    return {str(file.relative_to(directory)): hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else file.lstat().st_mtime_ns
            for file in sorted(pathlib.Path(directory).rglob("*")) if not file.is_socket()}


class HomeCase(unittest.TestCase):
    def setUp(self):
        support.need("dovecot")
        self.dovecot = support.Dovecot(fsync=False)
        self.addCleanup(self.dovecot.close)
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.home = self.store.directory
        self.environment = {name: value for name, value in self.store.environment.items() if name not in XDG}
        self.config = self.home / ".config" / "postern" / "config"

    def configure(self, path=None, password="pass", port=None, top=""):
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"{top}\n[local]\npath = {path or self.store.path}\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\n"
                               f"port = {port or self.dovecot.port}\nusername = user\npassword = {password}\n")
        self.config.chmod(0o600)

    def append(self, number):
        far = self.dovecot.connect()
        far.append("INBOX", None, None, support.message(number))
        far.logout()

    def postern(self, *words, before=(), environment=None, **more):
        run = subprocess.run([*before, support.POSTERN, *words], env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=60, **more)
        return sync_case.Pass(run)


class Homes(HomeCase):
    def test_directories_that_are_unset_relative_or_missing(self):
        self.configure()
        for number, given in enumerate(({}, {name: "relative" for name in XDG}, {name: "" for name in XDG}, {name: "/none/such" for name in XDG[1:]})):
            with self.subTest(given):
                self.append(number)
                done = self.postern("sync", environment=given, cwd=self.home)
                self.assertEqual((done.code, done.err, done.count("fetched")), (0, "", 1), done)
                self.store.stop_owner()
        self.assertFalse((self.home / "relative").exists())

    @unittest.skipUnless(os.getuid() == 0, "wants root to be two users")
    def test_directories_of_another_user(self):
        nobody = pwd.getpwnam("nobody")
        self.configure()
        self.config.parent.chmod(0o700)
        own = self.home / "nobodys"
        own.mkdir()
        os.chown(own, nobody.pw_uid, nobody.pw_gid)
        self.home.chmod(0o755)
        as_nobody = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        before = tree(self.home)
        for words in ("sync",), ("status",), ("watch",), ("doctor",):
            done = self.postern(*words, before=as_nobody, environment={"HOME": str(own), "XDG_CONFIG_HOME": str(self.home / ".config")})
            self.assertEqual(done.code, sync_case.EX_CONFIG, done)
            self.assertIn(f"{self.config} cannot be read: Permission denied", done.err)
        # What two foreign servers have agreed on cannot be kept there.
        server = f"type = imap\nSTARTTLS = NO\nhost = 127.0.0.1\nport = {self.dovecot.port}\nusername = user\npassword = pass\n"
        pair = own / "pair.conf"
        pair.write_text(f"[local]\n{server}list-reference = a/\n[remote]\n{server}list-reference = b/\n")
        os.chown(pair, nobody.pw_uid, nobody.pw_gid)
        pair.chmod(0o600)
        done = self.postern("--config", pair, "sync", before=as_nobody, environment={"HOME": str(own), "XDG_DATA_HOME": str(self.config.parent)})
        self.assertNotEqual(done.code, 0, done)
        self.assertIn("Permission denied", done.err)
        pair.unlink()
        self.assertEqual({name: what for name, what in tree(self.home).items() if "nobodys" not in name}, {name: what for name, what in before.items() if "nobodys" not in name})

    def mounted(self, mount):
        """A command's beginning: with mounts of its own."""
        made = subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest("mounts of one's own: " + made.stderr.strip())
        return ["unshare", "-m", "sh", "-c", mount + ' && exec "$@"', "sh"]

    def test_a_home_that_is_read_only(self):
        self.configure()
        self.append(1)
        self.assertEqual(self.postern("sync").code, 0)
        self.store.stop_owner()
        support.wait_until(lambda: self.store.owner() is None, what="the owner leaves")
        self.append(2)
        before = tree(self.home)
        inside = self.mounted(f"mount --bind {self.home} {self.home} && mount -o remount,ro,bind {self.home}")
        done = self.postern("sync", before=inside)
        self.assertNotEqual(done.code, 0, done)
        self.assertRegex(done.err, "Read-only file system|is not readable and writable")
        done = self.postern("init", "--yes", "--user", "u", "--password-command", "echo pass", f"imap://127.0.0.1:{self.dovecot.port}", before=inside)
        self.assertNotEqual(done.code, 0, done)
        client = subprocess.run([*inside, support.IMAPD, "--stdio"], env=self.environment, input="1 LOGOUT\r\n", capture_output=True, text=True, timeout=30)
        self.assertIn(client.returncode, (66, 77), client)
        self.assertRegex(client.stderr, "Read-only file system|is not readable and writable")
        self.assertEqual(tree(self.home), before)
        self.assertEqual(self.postern("sync").count("fetched"), 1)

    def test_a_home_on_fuse(self):
        support.need("bindfs")
        below = self.home / "below"
        below.mkdir()
        place = self.home / "fuse"
        place.mkdir()
        made = subprocess.run(["bindfs", below, place], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest("no FUSE: " + made.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", place], check=True)
        store = support.Store(place)
        self.addCleanup(store.stop_owner)
        self.configure(path=store.path)
        self.append(1)
        self.assertEqual(self.postern("sync").count("fetched"), 1)
        near = support.Tunnel(f"env HOME={self.home} {support.IMAPD} --stdio --config {self.config}")
        near.append("INBOX", None, None, support.message(2))
        support.wait_until(lambda: len(sync_case.ids(self.dovecot)) == 2, what="it is there")
        self.append(3)
        support.wait_until(lambda: near.select("INBOX")[1] == [b"3"], what="it is here")
        near.store("1:2", "+FLAGS", r"(\Deleted)")
        near.expunge()
        support.wait_until(lambda: len(sync_case.ids(self.dovecot)) == 1, what="they are gone there")
        near.logout()
        store.stop_owner()
        self.assertIn("nothing to do", self.postern("sync").out)

    def test_a_home_that_does_not_tell_small_letters_from_capitals(self):
        """There, .POSTERN is .postern: a link makes it so."""
        self.configure()
        mail = self.store.path / "INBOX" / "cur" / "1.a.b:2,S"
        mail.parent.mkdir(parents=True)
        mail.write_bytes(support.message(1))
        (self.store.path / ".postern").mkdir()
        (self.store.path / ".POSTERN").symlink_to(".postern")
        self.append(1)
        said = "does not tell small letters from capitals"
        done = self.postern("sync")
        self.assertNotEqual(done.code, 0)
        self.assertIn(said, done.err)
        client = subprocess.run([support.IMAPD, "--stdio"], env=self.environment, input="1 LOGOUT\r\n", capture_output=True, text=True, timeout=30)
        self.assertIn(said, client.stdout + client.stderr)
        self.assertEqual([file.name for file in self.store.path.rglob("*") if ".postern" not in file.parts and ".POSTERN" not in file.name], ["INBOX", "cur", mail.name])
        (self.store.path / ".POSTERN").unlink()
        self.assertEqual(self.postern("--yes", "sync").code, 0)

    def test_no_systemd_and_the_c_locale(self):
        self.configure()
        far = self.dovecot.connect()
        far.create("caf&AOk-")
        far.append("caf&AOk-", None, None, support.message(1))
        far.logout()
        given = {"NOTIFY_SOCKET": "/none/such", "LISTEN_FDS": "3", "LISTEN_PID": "1", "LC_ALL": "C", "LANG": "C", "TERM": "dumb"}
        done = self.postern("sync", environment=given)
        self.assertEqual((done.code, done.err, done.count("fetched")), (0, "", 1), done)
        self.assertIn("café: 1 message", self.postern("list", environment=given).out)
        process = subprocess.Popen([support.IMAPD, "--wait"], env={**self.environment, **given}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(support.stop, process)
        self.append(2)
        support.wait_until(lambda: len([*self.store.path.rglob("new/*"), *self.store.path.rglob("cur/*")]) == 2, what="the service works")

    def test_a_store_of_a_newer_version_is_refused_and_not_touched(self):
        self.configure()
        self.append(1)
        self.assertEqual(self.postern("sync").code, 0)
        self.store.stop_owner()
        support.wait_until(lambda: self.store.owner() is None, what="the owner leaves")
        mark = self.store.path / ".postern" / "format"
        self.assertEqual(mark.read_text(), "postern store 1\n")
        mark.write_text("postern store 2\n")
        before = tree(self.store.path)
        said = "was written by a newer version of Postern (format 2; this one knows 1); nothing was touched"
        for words in ("sync",), ("status",), ("removed",), ("watch",):
            done = self.postern(*words)
            self.assertNotEqual(done.code, 0, words)
            self.assertIn(said, done.err)
        for words in ("--stdio",), ("--wait",):
            client = subprocess.run([support.IMAPD, *words], env=self.environment, input="", capture_output=True, text=True, timeout=30)
            self.assertEqual(client.returncode, 66, client)
            self.assertIn(said, client.stderr)
        self.assertEqual(tree(self.store.path), before)
        mark.unlink()
        self.assertIn("nothing to do", self.postern("sync").out)


class Secrets(HomeCase):
    """While a pass hangs, whoever looks at the processes, or reads the log, sees no password."""

    def test_no_password_in_the_process_list(self):
        secret, proxys = "s3cr3t-of-the-account", "s3cr3t-of-the-proxy"
        hole = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(hole.close)
        self.configure(password=secret, port=hole.getsockname()[1])
        with open(self.config, "a") as config:
            config.write(f"proxy = socks5h://me:{proxys}@127.0.0.1:{hole.getsockname()[1]}\n")
        process = subprocess.Popen([support.POSTERN, "--debug", "sync"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(support.stop, process)
        hole.settimeout(30)
        connection, _ = hole.accept()
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit():
                    seen = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                    self.assertNotIn(b"s3cr3t", seen, entry)
        connection.close()
        process.wait(60)
        self.assertNotIn("s3cr3t", process.stdout.read())
        for file in [file for file in self.home.rglob("*") if file.is_file() and file != self.config]:
            self.assertNotIn(b"s3cr3t", file.read_bytes(), file)


if __name__ == "__main__":
    unittest.main()
