# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian 12 to try the package in: made by debootstrap, entered by chroot. Everything that it starts ends with the process that called enter()."""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys

SOURCES = [pathlib.Path("/etc/apt/sources.list.d/debian.sources"), pathlib.Path("/etc/apt/sources.list")]


def mirror():
    """The one that this machine's apt uses."""
    for file in SOURCES:
        if file.exists():
            for line in file.read_text().splitlines():
                words = line.split()
                if words[:1] == ["URIs:"]:
                    return words[1]
                if words[:1] == ["deb"]:
                    return next(word for word in words if "://" in word)
    raise SystemExit("no mirror of Debian's in /etc/apt")


def enter():
    """Runs this program again where mounts and processes are its own; returns there. The network stays until alone() is called."""
    if os.environ.get("POSTERN_CHECK") != "inside":
        if os.getuid() != 0:
            raise SystemExit("tools/package --check makes a root of its own (debootstrap, chroot) and needs to be root")
        os.environ["POSTERN_CHECK"] = "inside"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])


class Root:
    def __init__(self, directory):
        self.path = pathlib.Path(directory).resolve() / "root"
        base = pathlib.Path(directory) / "base.tar"
        self.remove()
        if not base.exists():
            self.call(["debootstrap", "--variant=minbase", "--include=ca-certificates", "bookworm", self.path, mirror()])
            self.call(["tar", "-C", self.path, "-cf", base, "."])
        self.remove()
        self.path.mkdir()
        self.call(["tar", "-C", self.path, "-xf", base])
        for file in SOURCES:
            if file.exists():
                shutil.copy(file, self.path / file.relative_to("/"))
        # No service of the system's starts by itself.
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        self.call(["mount", "-t", "proc", "proc", self.path / "proc"])
        for name in ("dev", "dev/pts", "sys"):
            self.call(["mount", "--rbind", f"/{name}", self.path / name])
        self.call(["mount", "-t", "tmpfs", "tmpfs", self.path / "run"])
        with contextlib.suppress(OSError):
            shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        self.run("apt-get", "update", "-qq")

    def mounts(self):
        lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
        return [point for line in lines if (point := line.split()[4]).startswith(f"{self.path}/")]

    def remove(self):
        """Never while something is mounted in it: /dev is the machine's own."""
        for entry in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and os.readlink(entry / "root") == str(self.path):
                    os.kill(int(entry.name), signal.SIGKILL)
        for point in reversed(self.mounts()):
            subprocess.run(["umount", "-l", point], capture_output=True)
        if self.mounts():
            raise SystemExit(f"still mounted: {self.mounts()}")
        if self.path.exists():
            self.call(["rm", "-rf", "--one-file-system", self.path])

    @staticmethod
    def call(command):
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def command(self, *words, user=None, environment=None):
        """The words as a command in the root, as root or as a user with nothing in the environment but what is given."""
        home = f"/home/{user}" if user else "/root"
        values = {"HOME": home, "USER": user or "root", "LOGNAME": user or "root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                  "DEBIAN_FRONTEND": "noninteractive", "TERM": "xterm", **(environment or {})}
        return ["env", "-i", *(f"{name}={value}" for name, value in values.items()), "chroot",
                *(["--userspec", f"{user}:{user}"] if user else []), str(self.path), "/bin/sh", "-c", 'cd; umask 022; exec "$@"', "sh", *map(str, words)]

    def run(self, *words, **how):
        return self.call(self.command(*words, **how))

    def attempt(self, *words, text="", **how):
        return subprocess.run(self.command(*words, **how), capture_output=True, text=True, input=text, timeout=120)

    def install(self, *packages):
        self.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)

    def install_file(self, package):
        shutil.copy(package, self.path / "tmp")
        self.install("/tmp/" + package.name)

    def find(self, word):
        """What has a word in its name, mail and apt's own files apart."""
        out = self.run("find", "/", "-xdev", "-iname", f"*{word}*", "-not", "-path", "/home/*", "-not", "-path", "/tmp/*", "-not", "-path", "/proc/*",
                       "-not", "-path", "/var/cache/apt/*", "-not", "-path", "/sys/*", "-not", "-path", "/dev/*")
        return out.split()


@contextlib.contextmanager
def alone():
    """Without any network but a loopback of our own, whose ports are all free."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as before:
        if libc.unshare(0x40000000) != 0:  # CLONE_NEWNET
            raise OSError(ctypes.get_errno(), "unshare")
        with socket.socket() as s:  # ip link set lo up
            fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))
        try:
            yield
        finally:
            libc.setns(before.fileno(), 0)
