# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Man pages and `postern help` against what the programs say of themselves (`--help`, `help configuration`), and versions."""

import re
import subprocess
import unittest

import support

DOCS = support.ROOT / "docs"


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


def option_names(text):
    """Of a --help: {"--quiet", "-q", …}."""
    return {name for line in text.splitlines() if re.match(r" {2,6}-", line) for name in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line[:line.find("  ", 6)])}


def command_names(text):
    return re.findall(r"^  ([a-z]+)\b", text.split("Commands:\n")[1], re.M)


def flags_in(page):
    """The options that a page's synopsis or lists name: `.Fl -quiet` is --quiet."""
    return {"-" + name for name in re.findall(r"\bFl (-?[a-z][a-z-]*)", page)}


class Documents(unittest.TestCase):
    def page(self, name):
        return (DOCS / name).read_text()

    def compare(self, program, page):
        options = option_names(output_of(program, "--help"))
        self.assertGreater(len(options), 5)
        self.assertEqual(options, flags_in(self.page(page)))

    def test_imapd_1_has_imapds_options_and_no_others(self):
        self.compare(support.IMAPD, "imapd.1")

    def test_postern_1_has_posterns_options_and_no_others(self):
        self.compare(support.POSTERN, "postern.1")

    def test_postern_1_has_posterns_commands_and_no_others(self):
        commands = command_names(output_of(support.POSTERN, "--help"))
        self.assertEqual(len(commands), len(set(commands)))
        self.assertEqual(set(commands), set(re.findall(r"^\.It Cm ([a-z]+)", self.page("postern.1"), re.M)))

    def test_postern_config_5_has_all_options_of_the_configuration(self):
        known = {word for word in output_of(support.POSTERN, "help", "configuration").split("\nman ")[0].split() if re.fullmatch(r"[A-Za-z_-]+", word)}
        known -= {"Before", "the", "first", "In", "and"}
        page = self.page("postern-config.5")
        self.assertGreater(len(known), 30)
        for name in known:
            self.assertRegex(page, rf"(?m)^\.(It )?Ic .*(?<![\w-]){re.escape(name)}(?![\w-])", name)
        for line in re.findall(r"^\.It Ic (.*)$", page, re.M):
            self.assertLessEqual(set(re.findall(r"[A-Za-z][\w-]+", line.replace(" No *", ""))), known, line)

    def test_each_command_has_help_with_an_example(self):
        for command in command_names(output_of(support.POSTERN, "--help")):
            text = output_of(support.POSTERN, "help", command)
            self.assertTrue(text.startswith(f"postern {command}"), text)
            self.assertIn(f"\n$ postern {command}", text.replace(" --yes", ""))

    def test_help_without_a_command_is_help_and_of_none_is_an_error(self):
        self.assertEqual(output_of(support.POSTERN, "help"), output_of(support.POSTERN, "--help"))
        run = subprocess.run([support.POSTERN, "help", "nothing"], capture_output=True, text=True, timeout=30)
        self.assertEqual((run.returncode, run.stderr), (64, "postern: there is no command nothing\nTry postern --help.\n"))

    def test_versions_of_postern_and_its_libraries(self):
        version = re.search(r"version: '([\d.]+)'", (support.ROOT / "meson.build").read_text()).group(1)
        self.assertEqual(output_of(support.IMAPD, "--version"), f"imapd (Postern) {version}\n")
        first, libraries = output_of(support.POSTERN, "--version").splitlines()
        self.assertEqual(first, f"postern {version}")
        for library in ("OpenSSL", "zlib", "Asio", "RocksDB", "PCRE2", "utf8proc", "cxxopts"):
            self.assertRegex(libraries, rf"\b{library} \d+\.\d+")

    def test_the_version_is_on_no_compile_line(self):
        self.assertNotIn("POSTERN_VERSION", (support.BUILD / "compile_commands.json").read_text())


if __name__ == "__main__":
    unittest.main()
