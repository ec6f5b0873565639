# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""A program in a real terminal (tmux on a socket of its own): type keys, read the screen."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time


class Terminal:
    def __init__(self, command, environment=None, columns=140, lines=50):
        self.directory = tempfile.mkdtemp(prefix="terminal-")
        self.socket = os.path.join(self.directory, "tmux")
        environment = {**(environment or os.environ), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        environment.pop("TMUX", None)
        self.environment = environment
        (pathlib.Path(self.directory) / "conf").write_text("set -g remain-on-exit on\nset -s escape-time 0\nset -g default-terminal screen\n")
        self._tmux("-f", os.path.join(self.directory, "conf"), "new-session", "-d", "-x", str(columns), "-y", str(lines), command)

    def _tmux(self, *words):
        return subprocess.run(["tmux", "-S", self.socket, *words], env=self.environment, check=True, capture_output=True, text=True).stdout

    def type(self, *keys):
        """Keys as tmux names them ("Enter", "Escape", "C-u"); other words are typed as they are."""
        for key in keys:
            self._tmux("send-keys", key)

    def text(self, words):
        self._tmux("send-keys", "-l", words)

    def screen(self):
        return self._tmux("capture-pane", "-p")

    def wait_for(self, *words, seconds=30, gone=False):
        """Waits until the screen shows one of the words (or none of them, with gone); returns the screen."""
        end = time.monotonic() + seconds
        while True:
            screen = self.screen()
            if any(w in screen for w in words) != gone:
                return screen
            if time.monotonic() > end:
                raise AssertionError(f"the terminal does not {'lose' if gone else 'show'} {words!r} in {seconds} s; it shows:\n{screen}")
            time.sleep(0.02)

    def wait_for_end(self, seconds=30):
        end = time.monotonic() + seconds
        while self._tmux("display-message", "-p", "#{pane_dead}").strip() != "1":
            if time.monotonic() > end:
                raise AssertionError(f"the program does not end in {seconds} s; it shows:\n{self.screen()}")
            time.sleep(0.02)
        return int(self._tmux("display-message", "-p", "#{pane_dead_status}").strip() or 0)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.environment, capture_output=True, check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
