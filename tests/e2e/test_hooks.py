# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Hooks: commands that are told of new mail, changes and problems (docs/hooks.md). None of them holds up a pass or a session."""

import json
import os
import pathlib
import stat
import unittest

import support
import sync_case


def mail(subject, sender="Ann <ann@example.org>", number=1):
    return (f"From: {sender}\r\nSubject: {subject}\r\nMessage-ID: <{number}@example.org>\r\nDate: Wed, 26 Nov 2025 16:55:00 +0000\r\n\r\nhello\r\n").encode()


class Hooks(sync_case.SyncCase):
    def setUp(self):
        super().setUp()
        self.meet_dovecot()
        self.heard = self.store.directory / "heard"

    keeps_owner = False

    def sync(self, expected=0):
        """With its hooks: the owner of one command leaves when they have ended."""
        done = super().sync(expected) if expected == 0 else self.postern("sync")
        self.assertEqual(done.code, expected, done)
        if not self.keeps_owner:
            support.wait_until(lambda: self.store.owner() is None, what="the owner leaves")
        return done

    def connect(self):
        self.keeps_owner = True
        return self.store.connect()

    def hook(self, name, more=""):
        """The line of a hook that writes what it is told to a file of its own."""
        file = self.store.directory / f"heard-{name}"
        return f"{name} = cat >> {file}; {more}"

    def told(self, name):
        file = self.store.directory / f"heard-{name}"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def told_in_the_end(self, name, number):
        return support.wait_until(lambda: (lambda t: t if len(t) >= number else None)(self.told(name)), what=f"{name} is told {number} times")

    def test_new_mail_is_told_with_sender_subject_and_mailbox(self):
        self.configure(top=self.hook("on-new"))
        self.sync()
        self.assertEqual(self.told("on-new"), [])
        subject = "=?utf-8?q?Gr=C3=BC=C3=9Fe_=1B[31m?="
        self.far.append("INBOX", None, None, mail(subject, "=?utf-8?q?J=C3=B6rg?= <j@example.org>"))
        self.far.create("lists")
        self.far.append("lists", r"(\Seen)", None, mail("two", number=2))
        self.sync()
        (news,) = self.told("on-new")
        self.assertEqual((news["event"], news["account"], news["count"], news["first"]), ("new", "127.0.0.1", 2, False))
        by_mailbox = {one["mailbox"]: one for one in news["messages"]}
        one = by_mailbox["INBOX"]
        self.assertEqual((one["subject"], one["from"], one["message_id"], one["date"], one["uid"], one["flags"]),
                         ("Grüße \x1b[31m", "Jörg <j@example.org>", "<1@example.org>", "2025-11-26T16:55:00Z", 1, []))
        self.assertEqual(by_mailbox["lists"]["flags"], ["\\Seen"])
        self.sync()
        self.assertEqual(len(self.told("on-new")), 1)

    def test_a_first_pass_is_one_call_with_a_count(self):
        self.fill(self.far, "INBOX", range(120))
        self.configure(top=self.hook("on-new"))
        self.sync()
        (news,) = self.told("on-new")
        self.assertEqual((news["count"], news["first"], news["messages"]), (120, True, []))
        self.fill(self.far, "INBOX", range(200, 330))
        self.sync()
        news = self.told("on-new")[1]
        self.assertEqual((news["count"], news["first"], len(news["messages"])), (130, False, 100))

    def test_a_move_on_the_server_is_no_new_mail(self):
        self.far.append("INBOX", None, None, mail("moved"))
        self.far.create("archive")
        self.configure(top="fuse = NO\n" + self.hook("on-new"))
        self.sync()
        before = self.told("on-new")
        self.far.select("INBOX")
        self.assertEqual(self.far.uid("MOVE", "1", "archive")[0], "OK")
        self.sync()
        self.assertEqual(len(self.messages(self.store, "archive")), 1)
        self.assertEqual(self.told("on-new"), before)

    def test_what_was_only_sent_is_a_change_and_no_new_mail(self):
        self.configure(top="\n".join([self.hook("on-new"), self.hook("on-change")]))
        self.sync()
        near = self.connect()
        near.append("INBOX", None, None, mail("from here"))
        self.sync()
        news = support.wait_until(lambda: [one for one in self.told("on-change") if one["there"]["sent"]], what="the change is told")
        near.logout()
        self.assertEqual([(one["there"]["sent"], one["here"]["fetched"], one["mailboxes"]) for one in news], [(1, 0, ["INBOX"])])
        self.assertEqual(self.told("on-new"), [])

    def test_a_problem_is_told_when_it_appears_and_when_it_is_gone(self):
        self.configure(top=self.hook("on-problem"), password="wrong")
        for _ in range(3):
            self.sync(sync_case.EX_NOPERM)
        (news,) = self.told("on-problem")
        (problem,) = news["problems"]
        self.assertEqual((problem["kind"], problem["gone"]), ("stopped", False))
        self.assertIn("refuses the login", problem["text"])
        self.configure(top=self.hook("on-problem"))
        self.sync()
        self.sync()
        self.assertEqual([(one["kind"], one["gone"]) for news in self.told("on-problem")[1:] for one in news["problems"]], [("stopped", True)])

    def test_a_fuse_is_a_problem_until_it_is_settled(self):
        self.fill(self.far, "INBOX", range(40))
        self.configure(top="missing-wait = 0\n" + self.hook("on-problem"))
        self.sync()
        self.store.stop_owner()
        for file in (self.store.path / "INBOX").rglob("*"):
            if file.is_file() and file.parent.name in ("cur", "new"):
                file.unlink()
        self.sync(4)
        self.sync(4)
        (news,) = self.told("on-problem")
        self.assertEqual([(one["kind"], one["mailbox"], one["gone"]) for one in news["problems"]], [("held", "INBOX", False)])
        self.assertNotIn("/", news["problems"][0]["text"].replace("`", ""))
        self.assertEqual(self.postern("restore").code, 0)
        self.sync()
        self.assertEqual([(one["kind"], one["gone"]) for one in self.told("on-problem")[1]["problems"]], [("held", True)])

    def test_hooks_that_hang_fail_and_flood_hold_up_nothing(self):
        pids = self.store.directory / "pids"
        self.configure(top=f"hook-timeout = 2\non-new = sleep 300 & echo $! >> {pids}; wait\n"
                           "on-change = echo password of mine; echo 'first line' >&2; echo 'the last words' >&2; exit 7\non-problem = yes >&2")
        self.far.append("INBOX", None, None, mail("one"))
        near = self.connect()
        done = self.sync()
        self.assertIn("1 message fetched", done.out)
        self.far.append("INBOX", None, None, mail("two", number=2))
        self.assertIn("1 message fetched", self.sync().out)
        self.assertEqual(near.select("INBOX"), ("OK", [b"2"]))
        log = self.store.path / ".postern" / "log"
        support.wait_until(lambda: "a hook took too long" in log.read_text() and "a hook failed" in log.read_text(), what="the log says it")
        self.assertIn('a hook failed account=127.0.0.1 hook=on-change status=7 said="the last words"', log.read_text())
        self.assertNotIn("password of mine", log.read_text())
        support.wait_until(lambda: len(pids.read_text().split()) == 2, what="the second call")
        for pid in pids.read_text().split():
            support.wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists() or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1][:3],
                               what="what the hook has started ends with it")
        near.logout()

    def deaf_hook(self, timeout):
        """Ignores SIGTERM; returns the file with the pids of what it is."""
        pids = self.store.directory / "pids"
        self.configure(top=f"hook-timeout = {timeout}\non-new = trap '' TERM; echo $$ >> {pids}; while :; do sleep 0.1; done")
        self.far.append("INBOX", None, None, mail("one"))
        return pids

    def is_gone(self, pid):
        status = pathlib.Path(f"/proc/{pid}/stat")
        return not status.exists() or "Z" in status.read_text().rsplit(")", 1)[1][:3]

    def test_a_hook_that_ignores_sigterm_is_killed(self):
        pids = self.deaf_hook(1)
        near = self.connect()
        self.sync()
        (pid,) = support.wait_until(lambda: pids.exists() and pids.read_text().split(), what="the hook runs")
        support.wait_until(lambda: self.is_gone(pid), what="it is killed")
        near.noop()
        near.logout()

    def test_it_does_not_outlive_the_owner(self):
        pids = self.deaf_hook(300)
        near = self.connect()
        self.sync()
        (pid,) = support.wait_until(lambda: pids.exists() and pids.read_text().split(), what="the hook runs")
        self.store.stop_owner()
        self.assertTrue(self.is_gone(pid))
        near.shutdown()

    def test_what_comes_while_a_hook_runs_is_gathered_and_none_runs_twice(self):
        self.sync()
        gate, begun = self.store.directory / "gate", self.store.directory / "begun"
        self.configure(top=self.hook("on-new", f"echo >> {begun}; while [ ! -e {gate} ]; do sleep 0.05; done"))
        near = self.connect()
        for n in range(1, 5):
            self.far.append("INBOX", None, None, mail(f"number {n}", number=n))
            self.sync()
            if n == 1:
                support.wait_until(begun.exists, what="the hook runs")
        self.assertEqual(len(begun.read_text().split("\n")), 2, "one runs")
        gate.write_text("")
        first, second = self.told_in_the_end("on-new", 2)
        self.assertEqual(([m["subject"] for m in first["messages"]], [m["subject"] for m in second["messages"]]),
                         (["number 1"], ["number 2", "number 3", "number 4"]))
        near.logout()

    def test_the_owner_of_one_command_waits_for_its_hooks(self):
        self.sync()
        self.configure(top=self.hook("on-new", "sleep 2; echo '{}' >> " + str(self.store.directory / "heard-late")))
        self.far.append("INBOX", None, None, mail("one"))
        self.sync()
        self.assertEqual(len(self.told("late")), 1, "the owner has left before")

    def test_no_secret_reaches_a_hook(self):
        seen = self.store.directory / "seen"
        self.configure(top=f"on-change = env > {seen}; tr '\\0' ' ' < /proc/$PPID/cmdline >> {seen}; cat >> {seen}", password="pass")
        self.far.append("INBOX", None, None, mail("one"))
        self.sync()
        text = support.wait_until(lambda: seen.exists() and "change" in seen.read_text() and seen.read_text(), what="the hook is told")
        self.assertNotRegex(text, r"\bpass\b")

    def test_the_desktop_is_told(self):
        said = self.store.directory / "said"
        programs = self.store.directory / "bin"
        programs.mkdir()
        fake = programs / "notify-send"
        fake.write_text(f"#!/usr/bin/python3\nimport json, sys\nopen({str(said)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n")
        fake.chmod(fake.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        self.store.environment["PATH"] = f"{programs}:{os.environ['PATH']}"
        self.configure(top="notify = desktop")
        self.fill(self.far, "INBOX", range(3))
        self.sync()
        self.far.append("INBOX", None, None, mail("=?utf-8?q?<b>it's=1B[31m=0A&_$(reboot)?=", "--help <x@example.org>"))
        self.far.append("INBOX", r"(\Seen)", None, mail("read", number=2))
        self.sync()
        words = support.wait_until(lambda: said.exists() and said.read_text(), what="notify-send runs")
        self.assertEqual([json.loads(line) for line in words.splitlines()],
                         [["--app-name=postern", "--", "1 new message (127.0.0.1)",
                           "--help &lt;x@example.org&gt;: &lt;b&gt;it's\ufffd[31m &amp; $(reboot)"]])

    def test_hooks_of_accounts(self):
        """What `config` says holds for the files beside it; an empty one turns it off there."""
        other = support.Dovecot(fsync=False)
        self.addCleanup(other.close)
        third = support.Dovecot(fsync=False)
        self.addCleanup(third.close)
        directory = self.store.directory / "config" / "postern"
        (directory / "accounts").mkdir(parents=True)
        self.config = directory / "config"
        self.configure(top=self.hook("on-new"))
        for name, server, more in (("work", other, ""), ("mute", third, "on-new =\n")):
            (directory / "accounts" / f"{name}.conf").write_text(
                f"first-sync = both\n{more}database = {name}\n[local]\nlist-reference = {name}/\n[remote]\ntype = imap\nSTARTTLS = NO\nhost = 127.0.0.1\n"
                f"port = {server.port}\nusername = user\npassword = pass\n")
        self.assertEqual(self.postern("sync").code, 0)
        for number, server in enumerate((self.dovecot, other, third)):
            session = server.connect()
            session.append("INBOX", None, None, mail(f"to {number}", number=number))
            session.logout()
        self.assertEqual(self.postern("sync").code, 0)
        told = self.told_in_the_end("on-new", 2)
        self.assertEqual(sorted((one["account"], one["messages"][0]["mailbox"], one["messages"][0]["subject"]) for one in told),
                         [("127.0.0.1", "INBOX", "to 0"), ("work", "work/INBOX", "to 1")])


class Alerts(sync_case.SyncCase):
    def test_a_fuse_is_told_to_connected_clients_once(self):
        self.meet_dovecot()
        self.fill(self.far, "INBOX", range(40))
        self.configure(top="missing-wait = 0")
        self.sync()
        near = self.store.connect()
        near.select("INBOX")
        for file in (self.store.path / "INBOX").rglob("*"):
            if file.is_file() and file.parent.name in ("cur", "new"):
                file.unlink()
        self.sync(4)

        def alerts(session, fresh=False):
            if not fresh:
                session.untagged_responses.clear()
                session.noop()
            return [one.decode() for one in session.untagged_responses.get("OK", []) + session.untagged_responses.get("ALERT", []) if b"no longer here" in one]

        told = alerts(near)
        self.assertTrue(told)
        self.assertIn("Account 127.0.0.1, INBOX: ", told[0])
        self.assertNotIn(str(self.store.path), told[0])
        self.sync(4)
        self.assertEqual(alerts(near), [])
        late = self.store.connect()
        self.assertTrue(alerts(late, fresh=True), "a session that comes later")
        self.assertEqual(alerts(late), [])
        late.logout()
        self.assertEqual(self.postern("restore").code, 0)
        self.sync()
        new = self.store.connect()
        self.assertEqual(alerts(new, fresh=True) + alerts(new), [])
        new.logout()
        near.logout()


if __name__ == "__main__":
    unittest.main()
