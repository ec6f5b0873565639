# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Real peers for the end-to-end tests: a Dovecot, our imapd, certificates, temporary directories.

Each server is started by the test that needs it, on a free port of 127.0.0.1, in a temporary directory, and stopped by process id.
POSTERN_BUILD names the build directory (default: build).
"""

import collections
import contextlib
import imaplib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build")).resolve()
IMAPD = BUILD / "server" / "daemon" / "imapd"
POSTERN = BUILD / "sync" / "cli" / "postern"
os.environ["POSTERN_IMAPD"] = str(IMAPD)  # postern starts this one as the store's owner
CORPUS = ROOT.parent / "shared" / "corpus"

imaplib._MAXLINE = 100_000_000


def unprivileged():
    """The user that Dovecot runs as: ourselves, or when we are root, nobody."""
    if os.getuid() != 0:
        return pwd.getpwuid(os.getuid())
    return pwd.getpwnam("nobody")


def as_unprivileged():
    """For preexec_fn: drops root."""
    user = unprivileged()
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o077)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def end_owner(pid, how=signal.SIGTERM):
    """Ends a process that is not our child, and waits for that. Somebody else reaps it: a zombie counts as ended."""
    os.kill(pid, how)

    def gone():
        try:
            return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            return True

    wait_until(gone, what="owner ends")


def wait_until(condition, seconds=20, what="condition"):
    """Polls a condition of another process; for what cannot be waited on otherwise."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s: {what}")


def stop(process, kill=False):
    if process.poll() is None:
        process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def make_certificate(directory, name="localhost", days=2, expired=False):
    """A self-signed certificate and its key; returns (certificate, key)."""
    certificate, key = pathlib.Path(directory) / f"{name}.crt", pathlib.Path(directory) / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
               "-out", certificate, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1"]
    if expired:
        # A certificate whose time is over: signed by itself with explicit dates.
        config = pathlib.Path(directory) / "ca.cnf"
        csr = pathlib.Path(directory) / f"{name}.csr"
        subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", csr,
                        "-subj", f"/CN={name}"], check=True, capture_output=True)
        (pathlib.Path(directory) / "index.txt").write_text("")
        (pathlib.Path(directory) / "serial").write_text("01\n")
        config.write_text(f"[ca]\ndefault_ca=d\n[d]\ndatabase={directory}/index.txt\nserial={directory}/serial\nnew_certs_dir={directory}\n"
                          "default_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n"
                          f"[e]\nsubjectAltName=DNS:{name},IP:127.0.0.1\nbasicConstraints=CA:TRUE\n")
        subprocess.run(["openssl", "ca", "-batch", "-selfsign", "-config", config, "-keyfile", key, "-in", csr, "-out", certificate,
                        "-startdate", "20200101000000Z", "-enddate", "20200201000000Z"], check=True, capture_output=True)
    else:
        subprocess.run(command + ["-days", str(days)], check=True, capture_output=True)
    os.chmod(key, 0o600)
    return certificate, key


def parent_of(entry):
    """The parent's process id of a /proc entry."""
    try:
        return int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


class Dovecot:
    """Debian's Dovecot with one user ("user", password "pass"), Maildir, on free ports. Attributes: port, tls_port, home, mail."""

    def __init__(self, directory=None, layout="fs", compress=True, capability=None, extra="", password="pass", certificate=None, fsync=True, location=None):
        self.own = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="dovecot-"))
        self.directory.mkdir(exist_ok=True)
        self.port, self.tls_port = free_port(), free_port()
        self.home = self.directory / "home"
        self.mail = self.home / "Maildir"
        self.home.mkdir(exist_ok=True)
        self.password = password
        self.certificate, self.key = certificate or make_certificate(self.directory)
        user = unprivileged()
        plugins = "mail_plugins =\nprotocol imap {\n  mail_plugins = %s\n}\n" % ("imap_zlib" if compress else "")
        location_of_layout = f"maildir:{self.mail}" + (":LAYOUT=fs:INBOX=%s" % (self.mail / "INBOX") if layout == "fs" else "")
        location = location.format(mail=self.mail, home=self.home) if location else location_of_layout
        capability = f"imap_capability = {capability}\n" if capability else ""
        group = subprocess.run(["id", "-gn", user.pw_name], check=True, capture_output=True, text=True).stdout.strip()
        (self.directory / "dovecot.conf").write_text(f"""
protocols = imap
base_dir = {self.directory}/run
state_dir = {self.directory}/run
log_path = {self.directory}/log
ssl = yes
ssl_cert = <{self.certificate}
ssl_key = <{self.key}
disable_plaintext_auth = no
listen = 127.0.0.1
default_internal_user = {user.pw_name}
default_login_user = {user.pw_name}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = {location}
mail_home = {self.home}
mailbox_list_index = yes
mail_fsync = {"optimized" if fsync else "never"}
login_trusted_networks = 127.0.0.0/8
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user.pw_uid} gid={user.pw_gid} home={self.home}
}}
service imap-login {{
  chroot =
  process_limit = 50
  inet_listener imap {{
    address = 127.0.0.1
    port = {self.port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {self.tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service imap {{
  process_limit = 100
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
{capability}{plugins}{extra}
""")
        if os.getuid() == 0:
            for path in [self.directory, *self.directory.rglob("*")]:
                os.chown(path, user.pw_uid, user.pw_gid)
        self.process = None
        self.start()

    def start(self):
        with open(self.directory / "log", "ab") as log:  # what it says before it has read where to log
            os.chown(log.fileno(), unprivileged().pw_uid, unprivileged().pw_gid)
            self.process = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", self.directory / "dovecot.conf"], preexec_fn=as_unprivileged,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

        def answers():
            if self.process.poll() is not None:
                raise AssertionError("dovecot ended: " + (self.directory / "log").read_text()[-2000:])
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    return s.recv(100).startswith(b"* OK")
            return False

        wait_until(answers, what="dovecot greets")

    def stop(self, kill=False):
        stop(self.process, kill)

    def set_password(self, password):
        """Of the user; connections end."""
        file = self.directory / "dovecot.conf"
        file.write_text(file.read_text().replace(f"args = password={self.password}\n", f"args = password={password}\n"))
        self.password = password
        self.disconnect()
        self.start()

    def disconnect(self):
        """Stops, and cuts the connections that it has (Dovecot's own stop waits for them)."""
        children = [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit() and parent_of(entry) == self.process.pid]
        self.process.terminate()
        for pid in children:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        self.stop()

    def connect(self):
        connection = imaplib.IMAP4("127.0.0.1", self.port)
        connection.login("user", self.password)
        return connection

    def tunnel(self):
        """A shell command for a pre-authenticated session on the same mail."""
        user = unprivileged()
        inner = f"/usr/bin/env USER=user HOME={self.home} /usr/lib/dovecot/imap -c {self.directory}/dovecot.conf"
        if os.getuid() == 0:
            return f"exec setpriv --reuid={user.pw_uid} --regid={user.pw_gid} --clear-groups {inner}"
        return f"exec {inner}"

    def close(self):
        self.disconnect()
        if self.own:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tunnel(imaplib.IMAP4_stream):
    """imaplib over a tunnel command; kill() ends it as a crash would."""

    def __init__(self, command):
        super().__init__(command)

    def open(self, host=None, port=None, timeout=None):
        self.host = self.port = self.sock = None
        self.process = subprocess.Popen(self.command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, shell=True, close_fds=True)
        self.writefile = self.process.stdin
        self.readfile = os.fdopen(os.dup(self.process.stdout.fileno()), "rb", 1 << 16)

    def shutdown(self):
        self.process.stdin.close()
        self.readfile.close()
        self.process.stdout.close()
        self.process.wait()

    def kill(self):
        self.process.kill()
        self.shutdown()


def owner_of(path):
    """The process id of a store's owner that was started on demand, or None."""
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"--owner" in words and str(path).encode() in words:
                    return int(entry.name)
    return None


class Store:
    """A store directory of ours with its own run-time directory, so that its owner is this test's alone."""

    def __init__(self, directory=None):
        self.own = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp(prefix="postern-"))
        self.path = self.directory / "Mail"
        self.runtime = self.directory / "run"
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime), "HOME": str(self.directory),
                            "XDG_CONFIG_HOME": str(self.directory / "config"), "XDG_STATE_HOME": str(self.directory / "state")}

    def tunnel_command(self):
        return f"env XDG_RUNTIME_DIR={self.runtime} HOME={self.directory} {IMAPD} --stdio --store {self.path}"

    def connect(self):
        return Tunnel(self.tunnel_command())

    def owner(self):
        """The owner's process id, or None."""
        return owner_of(self.path)

    def stop_owner(self, kill=False):
        pid = self.owner()
        if pid is None:
            return
        end_owner(pid, signal.SIGKILL if kill else signal.SIGTERM)

    def close(self):
        self.stop_owner()
        if self.own:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def contents(connection, with_dates=True):
    """Every message of every mailbox: a sorted list of (mailbox, flags, internal date, octets). INBOX and all others, flags without \\Recent."""
    found = []
    ok, mailboxes = connection.list()
    assert ok == "OK", mailboxes
    for line in mailboxes:
        if isinstance(line, tuple):  # a name sent as a literal
            attributes, name = line[0], b'"' + line[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        else:
            attributes, name = line.split(b")", 1)[0], line.split(b'" ', 1)[1]
        if b"\\Noselect" in attributes or b"\\NonExistent" in attributes:
            continue
        ok, count = connection.select(name.decode(), readonly=True)
        assert ok == "OK", count
        label = name.strip(b'"').decode()
        found.append((label, "", "", b""))
        if int(count[0]) == 0:
            continue
        ok, data = connection.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
        assert ok == "OK", data
        for item, after in zip(data, [*data[1:], b""]):
            if not isinstance(item, tuple):
                continue
            head = item[0] + (after if isinstance(after, bytes) else b"")
            flags = " ".join(sorted(f.decode().lower() for f in imaplib.ParseFlags(head) if f.lower() != b"\\recent"))
            when = imaplib.Internaldate2tuple(head)
            found.append((label, flags, str(time.mktime(when)) if with_dates else "", item[1]))
    return sorted(found)


def differences(a, b):
    """What two answers of contents() do not share, short enough to read; empty when they are equal (as multisets)."""
    left, right = collections.Counter(a), collections.Counter(b)
    short = [(sign, m[0], m[1], m[2], m[3][:60]) for sign, side in (("-", left - right), ("+", right - left)) for m in side.elements()]
    return "\n".join(map(str, short[:20])) + (f"\n... {len(short)} differences" if len(short) > 20 else "")


def message(number, size=0, subject=None):
    """A small deterministic message with CRLF line ends."""
    text = (f"From: Sender {number} <sender{number}@example.org>\r\nTo: user@example.org\r\nSubject: {subject or f'message {number}'}\r\n"
            f"Date: Mon, 02 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0000\r\nMessage-ID: <{number}@example.org>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is message {number}.\r\n")
    line = "The quick brown fox jumps over the lazy dog, again and again and again.\r\n"
    text += line * max(0, -(-(size - len(text)) // len(line)))
    return text.encode()


def need(*programs):
    """Skips the test where a program is missing."""
    for program in programs:
        if shutil.which(str(program)) is None and not pathlib.Path(program).exists():
            raise unittest.SkipTest(f"{program} is not installed")
