#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A session with Postern, in a temporary directory: a second imapd with TLS plays the remote, `postern sync` mirrors it, a mail client's session shows it, and
changes on either side arrive on the other by themselves."""

import imaplib
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(sys.argv[1]).resolve()
IMAPD, POSTERN = BUILD / "server/daemon/imapd", BUILD / "sync/cli/postern"
MESSAGES = 200


def message(number):
    return (f"From: Ada <ada@example.org>\r\nTo: you@example.org\r\nSubject: Letter {number}\r\nDate: Mon, 02 Nov 2026 10:{number % 60:02}:00 +0000\r\n"
            f"Message-ID: <{number}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is letter {number}.\r\n").encode()


class Tunnel(imaplib.IMAP4_stream):
    """What a mail client does with `set tunnel`; prints what goes over the wire."""

    quiet = False

    def send(self, data):
        if not self.quiet:
            print("   C:", data.decode().strip())
        super().send(data)

    def read(self, size):
        octets = super().read(size)
        if not self.quiet:
            print("\n".join("     " + line for line in octets.decode(errors="replace").split("\r\n") if line))
        return octets

    def readline(self):
        line = super().readline()
        if not self.quiet:
            print("   S:", line.decode(errors="replace").strip()[:150])
        return line


def start_remote(directory):
    certificate, key = directory / "remote.crt", directory / "remote.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    passwords = directory / "passwords"
    passwords.write_text("you:secret\n")
    passwords.chmod(0o600)
    log = directory / "remote.log"
    process = subprocess.Popen([IMAPD, "--store", directory / "remote", "--listen", "tls:127.0.0.1:0", "--password-file", passwords, "--tls-certificate", certificate,
                                "--tls-key", key, "--log-file", log])
    for _ in range(500):
        text = log.read_text() if log.exists() else ""
        if "address=tls:127.0.0.1:" in text:
            return process, int(text.split("address=tls:127.0.0.1:")[1].split()[0]), certificate
        time.sleep(0.02)
    raise SystemExit("the remote does not start")


def arrives(what, condition):
    """Waits for it and says how long that took."""
    start = time.monotonic()
    while not condition():
        if time.monotonic() - start > 20:
            raise SystemExit(f"it does not arrive: {what}")
        time.sleep(0.002)
    print(f"   {what}: after {1000 * (time.monotonic() - start):.0f} ms.")


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="postern-demo-"))
    os.environ["POSTERN_IMAPD"] = str(IMAPD)
    remote = None
    try:
        print("1. A second imapd plays the remote, with TLS and a password.")
        remote, port, certificate = start_remote(directory)
        far = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=ssl.create_default_context(cafile=str(certificate)))
        far.login("you", "secret")
        for number in range(1, MESSAGES + 1):
            far.append("INBOX", None, None, message(number))
        far.create("lists/postern")
        far.append("lists/postern", "(\\Flagged)", None, message(1000))
        print(f"   {MESSAGES + 1} letters lie there.")

        print("2. postern sync mirrors it into a local store. The configuration:")
        configuration = directory / "config"
        configuration.write_text(f"[local]\npath = {directory}/Mail\n[remote]\nhost = 127.0.0.1\nport = {port}\nusername = you\npassword = secret\n"
                                 f"SSL_CAfile = {certificate}\n")
        configuration.chmod(0o600)
        print("".join(f"     {line}\n" for line in configuration.read_text().splitlines()), end="")
        said = subprocess.run([POSTERN, "--config", configuration, "sync"], check=True, capture_output=True, text=True).stdout
        print("   $ postern sync\n  ", said.strip())

        print("3. A mail client's session through the tunnel, `imapd --stdio`. While it lasts, changes go over by themselves.")
        near = Tunnel(f"{IMAPD} --stdio --config {configuration} --idle-exit 1")
        near.list()
        near.select("INBOX")
        near.fetch("1:2", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        near.store("1", "+FLAGS", "(\\Seen)")
        near.quiet = True
        far.select("INBOX")
        arrives("the flag set here is there", lambda: b"Seen" in far.fetch("1", "(FLAGS)")[1][0])
        far.append("INBOX", None, None, message(2000))
        arrives("a letter that came there is here", lambda: int(near.select("INBOX")[1][0]) == MESSAGES + 1)
        near.logout()
        far.logout()
        said = subprocess.run([POSTERN, "--config", configuration, "verify"], check=True, capture_output=True, text=True).stdout
        print("   $ postern verify\n  ", said.strip())
        print(f"\nIn mutt:\n  set tunnel = \"{IMAPD} --stdio\"\n  set folder = imap://x/\n  set spoolfile = imap://x/INBOX")
    finally:
        if remote is not None:
            remote.send_signal(signal.SIGTERM)
            remote.wait()
        lock = directory / "Mail" / ".postern" / "socket"
        for _ in range(500):  # the store's owner leaves by itself
            if not lock.exists():
                break
            time.sleep(0.02)
        shutil.rmtree(directory, ignore_errors=True)


main()
