# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A real `systemd --user` of a user in the root. Where the machine gives no control groups, the test that wants one is skipped and says so."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import unittest

GROUPS = pathlib.Path("/sys/fs/cgroup")


class Manager:
    def __init__(self, root, user):
        self.root, self.user = root, user
        self.number = root.run("id", "-u", user).strip()
        self.runtime = f"/run/user/{self.number}"
        self.environment = {"XDG_RUNTIME_DIR": self.runtime, "SYSTEMD_LOG_TARGET": "console"}
        self.groups = [base / f"postern-check-{os.getpid()}" for base in self.hierarchies()]
        self.process = None

    @staticmethod
    def hierarchies():
        """Those that systemd keeps its units in: the unified one, or the one called systemd."""
        return [GROUPS] if (GROUPS / "cgroup.procs").exists() else [base for name in ("systemd", "unified") if (base := GROUPS / name).exists()]

    def __enter__(self):
        try:
            for group in self.groups:
                group.mkdir()
                for path in (group, *group.iterdir()):
                    os.chown(path, int(self.number), int(self.number))
        except OSError as why:
            raise unittest.SkipTest(f"no control groups here: {why}") from why
        self.root.run("mkdir", "-p", "/run/systemd/system", "/run/systemd/unit-root", self.runtime)  # as on a machine that systemd has booted
        self.root.run("chown", self.user, self.runtime)
        self.root.run("chmod", "700", self.runtime)
        self.log = open(self.root.path / "var/log/manager", "w")
        # Not in a chroot: in one the kernel lets nobody make user namespaces, and the units want one.
        environment = {**self.environment, "HOME": f"/home/{self.user}", "USER": self.user, "PATH": "/usr/bin:/bin"}
        script = "for group in " + " ".join(f"{group}/cgroup.procs" for group in self.groups) + '; do echo $$ >$group; done; cd "$1"; shift; ' \
            'mount --rbind . .; cd "$PWD"; pivot_root . mnt; umount -l /mnt; exec "$@"'
        self.process = subprocess.Popen(["unshare", "--mount", "/bin/sh", "-e", "-c", script, "sh", self.root.path, "setpriv", f"--reuid={self.number}",
                                         f"--regid={self.number}", "--clear-groups", "env", "-i", *(f"{k}={v}" for k, v in environment.items()),
                                         "/lib/systemd/systemd", "--user"], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.wait_for(lambda: self.attempt("is-system-running").stdout.strip() in ("running", "degraded"))
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGRTMIN + 24)  # systemd's own word for "exit"
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        for group in self.groups:
            for path in sorted(group.rglob("*"), reverse=True):
                if path.is_dir():
                    path.rmdir()
            group.rmdir()

    def attempt(self, *words):
        return self.root.attempt("systemctl", "--user", *words, user=self.user, environment=self.environment)

    def systemctl(self, *words):
        done = self.attempt(*words)
        if done.returncode != 0:
            status = self.attempt("status", *words[1:]).stdout
            raise AssertionError(f"systemctl --user {words}: {done.stderr}\n{status}\n{(self.root.path / 'var/log/manager').read_text()[-3000:]}")
        return done.stdout

    def show(self, unit, name):
        return self.systemctl("show", "--value", "-p", name, unit).strip()

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("not within {} s\n{}".format(seconds, (self.root.path / "var/log/manager").read_text()[-3000:]))
            time.sleep(0.1)

    def greeting(self):
        with socket.socket(socket.AF_UNIX) as client:
            # The owner lets nobody in but its user.
            os.seteuid(int(self.number))
            try:
                client.settimeout(20)
                client.connect(str(self.root.path) + self.runtime + "/postern/imap")
            finally:
                os.seteuid(0)
            return client.recv(1000)
