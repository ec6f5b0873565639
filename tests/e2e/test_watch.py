# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""`postern watch`: pairs of foreign servers in the background, by themselves or by a store's owner; and what a server is asked to tell of."""

import fcntl
import json
import signal
import subprocess
import unittest

import support
import sync_case


class Watch(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        support.need("dovecot")
        self.store = support.Store()
        self.addCleanup(self.store.close)
        self.config = self.store.directory / "config" / "postern" / "config"
        self.config.parent.mkdir(parents=True)
        self.data = self.store.directory / "data"
        self.environment = {**self.store.environment, "XDG_DATA_HOME": str(self.data)}

    def dovecot(self):
        out = support.Dovecot(fsync=False)
        self.addCleanup(out.close)
        return out

    def side(self, section, dovecot, more=""):
        port = dovecot if isinstance(dovecot, int) else dovecot.port
        return f"[{section}]\ntype = imap\nhost = 127.0.0.1\nport = {port}\nSTARTTLS = NO\nusername = user\npassword = pass\n{more}\n"

    def pair(self, name, near, far, more=""):
        return f"[account {name}]\ndatabase = {name}\nfirst-sync = both\n{more}\n{self.side(f'local {name}', near)}{self.side(f'remote {name}', far)}"

    def write(self, text):
        self.config.write_text(text)
        self.config.chmod(0o600)

    def watch(self, *words):
        self.log = self.store.directory / "watch.log"
        with open(self.log, "ab") as log:
            process = subprocess.Popen([support.POSTERN, "watch", *words], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(support.stop, process)
        return process

    def postern(self, *words, timeout=60):
        return sync_case.Pass(subprocess.run([support.POSTERN, *words], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                             timeout=timeout))

    def append(self, side, number, mailbox="INBOX"):
        connection = side.connect()
        connection.create(mailbox)
        self.assertEqual(connection.append(mailbox, None, None, support.message(number))[0], "OK")
        connection.logout()

    def wait_for(self, side, count, mailbox="INBOX", seconds=40):
        def is_so():
            try:
                return len(sync_case.ids(side, mailbox)) == count
            except support.imaplib.IMAP4.error:  # not made yet; or a busy Dovecot ends a session
                return False

        support.wait_until(is_so, seconds, f"{count} messages in {mailbox}; {self.log.read_text()[-2000:]}")

    def is_free(self, name):
        with open(self.data / "postern" / f"{name}.postern.lock", "ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError:
                return False

    def test_two_pairs_in_one_process(self):
        servers = near, far, near2, far2 = [self.dovecot() for _ in range(4)]
        heard = self.store.directory / "heard"
        one = self.pair("one", near, far, f"interval = 600\non-new = cat >> {heard}")
        two = self.pair("two", near2, far2, "interval = 600")
        self.write(one + two)
        for number, side in enumerate(servers):
            self.append(side, number)
        process = self.watch()
        for side in servers:
            self.wait_for(side, 2)
        # Both ways, INBOX and others, at once: between passes are ten minutes.
        self.append(far, 10)
        self.append(near2, 11, "lists")
        self.wait_for(near, 3)
        self.wait_for(far2, 1, "lists")
        self.append(far2, 12, "lists")
        self.wait_for(near2, 2, "lists")
        news = support.wait_until(lambda: heard.exists() and [json.loads(line) for line in heard.read_text().splitlines()], what="the hook has heard")
        self.assertEqual(("one", "new"), (news[-1]["account"], news[-1]["event"]))
        # Commands meanwhile.
        said = json.loads(self.postern("list", "--json").out)
        self.assertEqual([(a["account"], {m["name"]: m["messages"] for m in a["mailboxes"]}) for a in said], [("one", {"INBOX": 3}), ("two", {"INBOX": 2, "lists": 2})])
        self.assertEqual(self.postern("status").code, 0)
        self.append(near, 13)
        done = self.postern("sync", "one")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertEqual(len(sync_case.ids(far)), 4)
        self.assertIn("in sync", self.postern("sync", "two", "INBOX").out)
        self.assertIn("listening to the connections", self.postern("trace", "one", "--seconds", "1").out)
        # One that is dead holds up no other.
        far2.disconnect()
        self.append(near2, 14)
        self.append(far, 15)
        self.wait_for(near, 5)
        support.wait_until(lambda: self.postern("status", "two").code == 1, what="status tells")
        self.assertEqual(self.postern("status", "one").code, 0)
        far2.start()
        self.wait_for(far2, 3, seconds=60)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.assertIn("nothing to do", self.postern("sync").out)
        self.assertNotIn("pass", self.log.read_text().replace("passes", "").replace("the pass", ""))

    def test_an_account_that_goes_and_comes_and_is_changed(self):
        near, far = self.dovecot(), self.dovecot()
        one = self.pair("one", near, far)
        other = self.pair("other", self.dovecot(), self.dovecot())
        self.write(one + other)
        process = self.watch()
        self.append(far, 1)
        self.wait_for(near, 1)
        self.assertFalse(self.is_free("one"))
        self.write(other)
        support.wait_until(lambda: self.is_free("one"), 30, "its state is anybody's")
        self.append(far, 2)
        self.write(one.replace("database = one", "database = one\nkeep-ledger = 1") + other)
        self.wait_for(near, 2)
        self.write(one + other)  # with what it has agreed, by another configuration
        self.append(far, 3)
        self.wait_for(near, 3)
        self.assertEqual(self.postern("sync", "one").code, 0)
        process.kill()
        process.wait()
        self.assertEqual(self.postern("sync", "one").code, 0)  # whatever it has left
        process = self.watch("one")
        self.append(far, 4)
        self.wait_for(near, 4)
        self.assertTrue(self.is_free("other"))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 0)

    def test_what_is_wrong(self):
        self.assertEqual(self.postern("watch").code, sync_case.EX_CONFIG)
        self.write("[local]\ntype = imap\n[remote]\nnonsense = 1\n")
        done = self.postern("watch")
        self.assertEqual(done.code, sync_case.EX_CONFIG)
        self.assertIn("there is no option nonsense", done.err)
        self.write(self.pair("one", 1, 1))
        done = self.postern("watch", "two")
        self.assertEqual((done.code, "there is no account two" in done.err), (64, True), done)
        self.assertIn("postern watch does", self.postern("trace").err)

    def test_a_store_and_a_pair_by_the_stores_owner(self):
        near, far, home = self.dovecot(), self.dovecot(), self.dovecot()
        self.write(f"interval = 600\n[local]\npath = {self.store.path}\n{self.side('remote', home)}{self.pair('pair', near, far)}")
        self.append(home, 1)
        self.append(far, 2)
        process = self.watch()
        self.wait_for(near, 1)
        support.wait_until(lambda: len([*self.store.path.rglob("new/*"), *self.store.path.rglob("cur/*")]) == 1, 30, "the message is in the store")
        self.append(home, 3, "lists")  # told by NOTIFY
        support.wait_until(lambda: len([*self.store.path.rglob("new/*"), *self.store.path.rglob("cur/*")]) == 2, 30, "and of another mailbox")
        done = self.postern("sync")
        self.assertEqual((done.code, done.err), (0, ""), done)
        self.assertIn("pair: in sync", done.out)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)


class Told(unittest.TestCase):
    """Of which mailboxes a server without NOTIFY tells: option idle."""

    def setUp(self):
        support.need("dovecot")
        self.dovecot = support.Dovecot(fsync=False)
        self.addCleanup(self.dovecot.close)
        self.far = self.dovecot.connect()
        self.addCleanup(self.far.logout)
        for name in ("lists/one", "lists/two"):
            self.far.create(name)
        self.proxy = WithoutNotify(self.dovecot.port)
        self.addCleanup(self.proxy.close)
        self.store = support.Store()
        self.addCleanup(self.store.close)

    def open(self, idle):
        config = self.store.directory / "config" / "postern" / "config"
        config.parent.mkdir(parents=True)
        config.write_text(f"interval = 600\nfirst-sync = both\nidle = {idle}\n[local]\npath = {self.store.path}\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\n"
                          f"port = {self.proxy.port}\nusername = user\npassword = pass\ncompress = NO\n")
        config.chmod(0o600)
        environment = " ".join(f"{name}={self.store.environment[name]}" for name in ("HOME", "XDG_CONFIG_HOME"))
        near = support.Tunnel(f"env {environment} {support.IMAPD} --stdio")
        self.addCleanup(near.kill)
        return near

    def idles(self):
        return bytes(self.proxy.relayed[self.proxy.UP]).count(b" IDLE\r\n")

    def arrives(self, near, mailbox, number):
        self.far.append(mailbox, None, None, support.message(number))
        support.wait_until(lambda: int(near.select(f'"{mailbox}"', readonly=True)[1][0] or 0) == 1, 20, f"a message of {mailbox}")

    def test_named_mailboxes_are_heard_at_once(self):
        near = self.open("inbox, lists/one,lists/two")
        support.wait_until(lambda: self.idles() >= 3, what="three connections listen")
        for number, mailbox in enumerate(("lists/one", "INBOX", "lists/two")):
            self.arrives(near, mailbox, number)

    def test_a_mailbox_that_is_not_there_holds_up_no_other(self):
        near = self.open("nowhere, INBOX")
        support.wait_until(lambda: self.idles() >= 1, what="one listens")
        self.arrives(near, "INBOX", 1)

    def test_nobody_listens(self):
        near = self.open("NO")
        support.wait_until(lambda: near.select('"lists/two"', readonly=True)[0] == "OK", what="the first pass")
        near.append("INBOX", None, None, support.message(1))
        support.wait_until(lambda: len(sync_case.ids(self.dovecot)) == 1, what="what is new here is sent")
        self.assertEqual(self.idles(), 0)


class WithoutNotify(sync_case.Proxy):
    def rewrite(self, direction, octets):
        return octets.replace(b" NOTIFY", b" NOTHING") if direction == self.DOWN else octets


if __name__ == "__main__":
    unittest.main()
