# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Man pages and `postern help` against what the programs say of themselves (`--help`, `help configuration`), and versions."""

import os
import pathlib
import re
import subprocess
import tempfile
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


def texts_of_the_programs():
    """All string literals, those that follow each other joined."""
    source = "\n".join(file.read_text() for room in ("proto", "store", "server", "sync") for file in sorted((support.ROOT / room).rglob("*.[ch]*")))
    return "\n".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*\n\s*"', "", source))).replace('\\"', '"')


class Documents(unittest.TestCase):
    def page(self, name):
        return (DOCS / name).read_text()

    def compare(self, program, page):
        options = option_names(output_of(program, "--help"))
        self.assertGreater(len(options), 5)
        self.assertEqual(options, flags_in(self.page(page)))

    def test_a_man_page_is_found_by_its_name(self):
        for page in [*DOCS.glob("*.[15]")]:
            named, title = re.search(r"^\.Sh NAME\n\.Nm (.+)\n\.Nd", page.read_text(), re.M), re.search(r"^\.Dt (\S+) \d$", page.read_text(), re.M)
            self.assertEqual(named.group(1), page.stem)  # what whatis(1) knows it by is one word
            self.assertEqual(title.group(1), page.stem.upper())

    def test_imapd_1_has_imapds_options_and_no_others(self):
        self.compare(support.IMAPD, "imapd.1")

    def test_postern_1_has_posterns_options_and_no_others(self):
        self.compare(support.POSTERN, "postern.1")

    def test_postern_interimap_1_has_its_options_and_no_others(self):
        said = subprocess.run([support.POSTERN, "interimap", "--help"], check=True, capture_output=True, text=True, timeout=30).stderr
        options = {name for name in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", said)}
        self.assertGreater(len(options), 10)
        self.assertEqual(options, flags_in(self.page("postern-interimap.1")))

    def test_postern_1_has_posterns_commands_and_no_others(self):
        commands = command_names(output_of(support.POSTERN, "--help"))
        self.assertEqual(len(commands), len(set(commands)))
        self.assertEqual(set(commands), set(re.findall(r"^\.It Cm ([a-z]+)", self.page("postern.1"), re.M)))

    def completions(self, *words):
        """What bash proposes for the last word."""
        script = subprocess.run([support.ROOT / "tools" / "completions.py", "bash", "postern", support.POSTERN], check=True, capture_output=True, text=True).stdout
        script += f"COMP_WORDS=({' '.join(words)} {'' if words[-1] else chr(39) * 2}); COMP_CWORD={len(words) - 1}; _postern; echo ${{COMPREPLY[@]}}\n"
        return set(output_of("bash", "-c", script).split())

    def test_completions_know_all_commands_and_options_and_interimaps(self):
        told = output_of(support.POSTERN, "--help")
        self.assertEqual(self.completions("postern", ""), set(command_names(told)))
        self.assertEqual(self.completions("postern", "help", ""), set(command_names(told)))
        self.assertEqual(self.completions("postern", "sync", "-"), {name for name in option_names(told) if name.startswith("--")})
        said = subprocess.run([support.POSTERN, "interimap", "--help"], check=True, capture_output=True, text=True).stderr
        self.assertEqual(self.completions("postern", "--config", "x", "interimap", "-"), set(re.findall(r"--[a-z]+", said)))
        for shell in ("zsh", "fish"):
            script = output_of(support.ROOT / "tools" / "completions.py", shell, "postern", support.POSTERN)
            for name in {*command_names(told), *re.findall(r"--([a-z]+)", said)}:
                self.assertIn(name, script)

    def test_postern_config_5_has_all_options_of_the_configuration(self):
        known = {word for word in output_of(support.POSTERN, "help", "configuration").split("\nman ")[0].split() if re.fullmatch(r"[A-Za-z_-]+", word)}
        known -= {"Before", "the", "first", "In", "and"}
        page = self.page("postern-config.5")
        self.assertGreater(len(known), 30)
        for name in known:
            self.assertRegex(page, rf"(?m)^\.(It )?Ic .*(?<![\w-]){re.escape(name)}(?![\w-])", name)
        for line in re.findall(r"^\.It Ic (.*)$", page, re.M):
            self.assertLessEqual(set(re.findall(r"[A-Za-z][\w-]+", line.replace(" No *", ""))), known, line)

    def test_troubleshooting_has_messages_that_the_programs_say(self):
        said = texts_of_the_programs()
        rows = re.findall(r"^\| (`.*`) \| ", self.page("troubleshooting.md"), re.M)
        self.assertGreater(len(rows), 40)
        for row in rows:
            for message in re.findall(r"(?:^|, )`(.*?)`(?=$|, )", row):
                for part in message.split("…"):
                    self.assertTrue(part.strip(" :;") in said, message)

    def test_the_sample_configuration_has_all_options_and_each_of_its_lines_is_right(self):
        sample = self.page("config.sample")
        known = set(re.findall(r"^  (\S+)$", output_of(support.POSTERN, "help", "configuration"), re.M))
        not_yet = {name for name in known if re.search(rf"{name} is not supported", texts_of_the_programs())}
        self.assertEqual(set(re.findall(r"^#?([A-Za-z_-]+) =", sample, re.M)), known - not_yet)
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "config"
            lines = sample.replace("imap.example.org", "127.0.0.1").replace("pass show mail", "echo x").splitlines()
            # As it is, and with each of its lines in use. A connection fails (75, or 76, 77 with certificates), reading does not (78).
            for number in [None, *(n for n, line in enumerate(lines) if re.match(r"#[A-Za-z_-]+ =", line) and "command = ssh" not in line)]:
                used = [line[1:] if n == number else line for n, line in enumerate(lines)]
                file.write_text("\n".join(used).replace("#port = 993", "port = 1") + "\n")
                run = subprocess.run([support.POSTERN, "--config", file, "doctor"], capture_output=True, text=True, timeout=60,
                                     env={**os.environ, "HOME": directory})
                self.assertEqual(run.returncode, 75, f"{used[number or 0]}\n{run.stderr}")

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
        for library in ("OpenSSL", "zlib", "Asio", "RocksDB", "PCRE2", "SQLite", "utf8proc", "cxxopts"):
            self.assertRegex(libraries, rf"\b{library} \d+\.\d+")

    def test_the_version_is_on_no_compile_line(self):
        self.assertNotIn("POSTERN_VERSION", (support.BUILD / "compile_commands.json").read_text())


if __name__ == "__main__":
    unittest.main()
