#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A session with imapd, in a temporary directory: a store behind a tunnel, a second imapd with TLS as the remote, and both mirrored by InterIMAP."""

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

IMAPD = pathlib.Path(sys.argv[1]).resolve()
MESSAGES = 200


def message(number):
    return (f"From: Ada <ada@example.org>\r\nTo: you@example.org\r\nSubject: Letter {number}\r\nDate: Mon, 02 Nov 2026 10:{number % 60:02}:00 +0000\r\n"
            f"Message-ID: <{number}@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThis is letter {number}.\r\n").encode()


class Tunnel(imaplib.IMAP4_stream):
    """What a mail client does with `set tunnel`; prints what goes over the wire."""

    def send(self, data):
        if b"APPEND" not in data and len(data) < 200:
            print("   C:", data.decode().strip())
        super().send(data)

    def readline(self):
        line = super().readline()
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


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="postern-demo-"))
    tunnel = f"{IMAPD} --stdio --store {directory}/Mail --idle-exit 2"
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

        print("2. InterIMAP mirrors it into a local store, through the tunnel command.")
        configuration = directory / "interimap.conf"
        configuration.write_text(f"database = {directory}/interimap.db\n[local]\ntype = tunnel\ncommand = {tunnel}\nnull-stderr = NO\n"
                                 f"[remote]\ntype = imaps\nhost = 127.0.0.1\nport = {port}\nusername = you\npassword = secret\nSSL_CAfile = {certificate}\n"
                                 "SSL_verify = YES\n")
        configuration.chmod(0o600)
        mirror = ["interimap", "--quiet", f"--config={configuration}"]
        start = time.monotonic()
        subprocess.run(mirror, check=True, env={**os.environ, "HOME": str(directory)})
        print(f"   done in {time.monotonic() - start:.1f} s.")

        print("3. A mail client's session through the tunnel.")
        near = Tunnel(tunnel)
        near.list()
        near.select("INBOX")
        near.fetch("1:2", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        near.store("1", "+FLAGS", "(\\Seen)")
        near.logout()

        print("4. The flag set here arrives there, a letter written there arrives here.")
        far.append("INBOX", None, None, message(2000))
        subprocess.run(mirror, check=True, env={**os.environ, "HOME": str(directory)})
        far.select("INBOX", readonly=True)
        print("   there, letter 1:", far.fetch("1", "(FLAGS)")[1][0].decode())
        near = imaplib.IMAP4_stream(tunnel)
        print("   here:", near.select("INBOX", readonly=True)[1][0].decode(), "letters")
        near.logout()
        far.logout()
        print(f"\nIn mutt:\n  set tunnel = \"{IMAPD} --stdio\"\n  set folder = imap://x/\n  set spoolfile = imap://x/INBOX")
    finally:
        if remote is not None:
            remote.send_signal(signal.SIGTERM)
            remote.wait()
        time.sleep(2.5)  # the store's owner leaves by itself
        shutil.rmtree(directory, ignore_errors=True)


main()
