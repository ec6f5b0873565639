# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""What the guide needs around it in the root: a user, a real Dovecot with mail in it, a mail client's tunnel."""

import contextlib
import imaplib
import os
import pathlib
import shlex
import signal
import subprocess
import time

USER = "ada"
HOST = "mail.example"
PASSWORD = "secret of ada"


def message(number):
    return f"From: a@example.org\r\nSubject: message {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\nThis is message {number}.\r\n".encode()


def lines(heading):
    """The indented lines below a heading of the guide, without their comments."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "docs/getting-started.md").read_text()
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.split(" # ")[0].strip() for line in section.splitlines() if line.startswith("    ")]


def add_user(root):
    root.run("useradd", "--create-home", "--shell", "/bin/bash", USER)


class Dovecot:
    """On port 993 of the root, with a certificate that the root's system trusts."""

    def __init__(self, root):
        self.root = root
        root.run("useradd", "--create-home", "remote")
        root.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext",
                 f"subjectAltName=DNS:{HOST}", "-keyout", "/etc/mail.key", "-out", "/usr/local/share/ca-certificates/mail.crt")
        root.run("update-ca-certificates")
        with open(root.path / "etc/hosts", "a") as hosts:
            hosts.write(f"127.0.0.1 localhost {HOST}\n")
        root.write("etc/dovecot-test.conf", f"""
protocols = imap
listen = 127.0.0.1
log_path = /var/log/dovecot-test
ssl = yes
ssl_cert = </usr/local/share/ca-certificates/mail.crt
ssl_key = </etc/mail.key
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={PASSWORD.replace(" ", "_")}
}}
userdb {{
  driver = static
  args = uid=remote gid=remote home=/home/remote
}}
namespace inbox {{
  inbox = yes
}}
""")
        self.process = subprocess.Popen(root.command("dovecot", "-F", "-c", "/etc/dovecot-test.conf"), stdin=subprocess.DEVNULL)
        self.password = PASSWORD.replace(" ", "_")

    def connect(self, seconds=20):
        end = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError):
                connection = imaplib.IMAP4_SSL("127.0.0.1", 993)
                connection.login("remote", self.password)
                return connection
            if time.monotonic() > end:
                raise AssertionError("dovecot does not answer: " + (self.root.path / "var/log/dovecot-test").read_text()[-2000:])
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def tunnel(root, *options):
    """As a mail client of the user's runs it."""
    return imaplib.IMAP4_stream(shlex.join(root.command("postern-imapd", "--stdio", *options, user=USER)))


def answers_to_init(password_command):
    return f"\n{HOST}\nremote\n{password_command}\n"  # where the mail is: as proposed


def end_owner():
    """The one that a client has started. Only the check's own processes are seen here."""
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and b"--owner" in (entry / "cmdline").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGTERM)
