#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Prints a shell's completions of one of our programs, made of what the program prints for --help: `completions.py bash|zsh|fish NAME PROGRAM`.

Behind the command `interimap` come InterIMAP's options: those of `PROGRAM interimap --help`.
"""

import re
import subprocess
import sys

FILES, DIRECTORIES = "files", "directories"
KINDS = {"FILE": FILES, "DIR": DIRECTORIES}


def read_help(text):
    """Options [(short, long, argument, description)] and commands [(name, description)]; a description that was wrapped is one line again."""
    options, commands = [], []
    head, _, tail = text.partition("Commands:\n")
    for line in head.splitlines():
        found = re.match(r" {2}(?:-(\w), |    )--([\w-]+)(?: ([A-Z]+))?(?: {2,}(.*))?$", line)
        if found:
            options.append([found[1] or "", found[2], found[3] or "", (found[4] or "").strip()])
        elif options and line.startswith(" " * 12):
            options[-1][3] = (options[-1][3] + " " + line.strip()).strip()
    for line in tail.splitlines():
        found = re.match(r" {2}([a-z]+)\b(.*?)(?: {2,}(\S.*))?$", line)
        if found:
            commands.append([found[1], found[3] or ""])
        elif commands and not commands[-1][1]:
            commands[-1][1] = line.strip()
    return options, commands


def read_interimap(text):
    """Options [(long, argument)]: `--config=FILE`, `--target={local,remote,database}`, `--watch[=SECONDS]`."""
    found = re.findall(r"--([a-z]+)(?:\[?=(\{[a-z,]+\}|[A-Z]+)\]?)?", text.partition("Options:")[2] + text.partition("Options:")[0])
    return list(dict(sorted(found, key=lambda one: one[1])).items())


def bash(name, options, commands, inner):
    function = "_" + name.replace("-", "_")
    words = " ".join(f"--{long}" for _, long, _, _ in options)
    cases = ""
    for kind, flag in ((FILES, "-f"), (DIRECTORIES, "-d")):
        names = "|".join(f"--{long}" for _, long, argument, _ in options if KINDS.get(argument) == kind)
        if names:
            cases += f'    {names}) COMPREPLY=($(compgen {flag} -- "$word")); return ;;\n'
    rest = "|".join(f"--{long}" for _, long, argument, _ in options if argument and argument not in KINDS)
    if rest:
        cases += f"    {rest}) return ;;\n"
    names = " ".join(command for command, _ in commands)
    take = [long for _, long, argument, _ in options if argument]
    out = f"{function}() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} command= skip= i\n  COMPREPLY=()\n"
    out += f"  case $before in\n{cases}  esac\n"
    if commands:
        skips = "|".join(f"--{long}" for long in take)
        out += "  for ((i = 1; i < COMP_CWORD; i++)); do\n    if [[ $skip ]]; then skip=; continue; fi\n"
        out += f"    case ${{COMP_WORDS[i]}} in\n      {skips}) skip=1 ;;\n      -*) ;;\n      *) command=${{COMP_WORDS[i]}}; break ;;\n    esac\n  done\n"
    if inner:
        theirs = " ".join(f"--{long}" for long, _ in inner)
        out += f'  if [[ $command == interimap && $word == -* ]]; then\n    COMPREPLY=($(compgen -W "{theirs}" -- "$word"))\n    return\n  fi\n'
    out += f'  if [[ $word == -* ]]; then\n    COMPREPLY=($(compgen -W "{words}" -- "$word"))\n    return\n  fi\n'
    if commands:
        out += f'  if [[ ! $command || $command == help ]]; then COMPREPLY=($(compgen -W "{names}" -- "$word")); fi\n'
    return out + f"}}\ncomplete -F {function} {name}\n"


def choices(argument):
    return argument.strip("{}").split(",") if argument.startswith("{") else []


def zsh(name, options, commands, inner):
    quoted = lambda text: re.sub(r"([\[\]:\\])", r"\\\1", text).replace("'", "'\\''")
    out = f"#compdef {name}\n_arguments -s \\\n"
    for short, long, argument, text in options:
        action = {FILES: "_files", DIRECTORIES: "_files -/"}.get(KINDS.get(argument), " ")
        value = f":{argument.lower()}:{action}" if argument else ""
        names = f"(-{short} --{long})'{{-{short},--{long}}}'" if short else f"--{long}"
        out += f"  '{names}[{quoted(text)}]{value}' \\\n"
    if not commands:
        return out + "  && return 0\n"
    described = " ".join(f'{command}\\:"{quoted(text)}"' for command, text in commands)
    out += f"  '1:command:(({described}))' \\\n  '*::argument:->rest' && return 0\n"
    if inner:
        out += "if [[ $words[1] == interimap ]]; then\n  _arguments" \
            + "".join(f" \\\n    '--{long}{zsh_value(argument)}'" for long, argument in inner) + " && return 0\nfi\n"
    return out + f"[[ $words[1] == help ]] && _values command {' '.join(command for command, _ in commands)}\n"


def zsh_value(argument):
    if choices(argument):
        return f"=:one of these:({' '.join(choices(argument))})"
    return "" if not argument else f"=:{argument.lower()}:{'_files' if KINDS.get(argument) == FILES else ' '}"


def fish(name, options, commands, inner):
    quoted = lambda text: "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    out = f"complete -c {name} -f\n"
    for short, long, argument, text in options:
        kind = {FILES: " -r -F", DIRECTORIES: " -x -a '(__fish_complete_directories)'"}.get(KINDS.get(argument), " -x" if argument else "")
        out += f"complete -c {name}{' -s ' + short if short else ''} -l {long}{kind} -d {quoted(text)}\n"
    for command, text in commands:
        out += f"complete -c {name} -n __fish_use_subcommand -a {command} -d {quoted(text)}\n"
    for long, argument in inner:
        kind = f" -x -a '{' '.join(choices(argument))}'" if choices(argument) else " -r -F" if KINDS.get(argument) == FILES else ""
        out += f"complete -c {name} -n '__fish_seen_subcommand_from interimap' -l {long}{kind} -d {quoted('as interimap has it')}\n"
    if commands:
        out += f"complete -c {name} -n '__fish_seen_subcommand_from help' -a '{' '.join(command for command, _ in commands)}'\n"
    return out


def main():
    shell, name, program = sys.argv[1:]
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    options, commands = read_help(text)
    if not options:
        sys.exit(f"{program} --help tells no options")
    inner = []
    if any(command == "interimap" for command, _ in commands):
        inner = read_interimap(subprocess.run([program, "interimap", "--help"], check=True, capture_output=True, text=True).stderr)
    body = {"bash": bash, "zsh": zsh, "fish": fish}[shell](name, options, commands, inner)
    first, _, rest = body.partition("\n")
    spdx = "# SPDX-FileCopyrightText: 2026 The Postern authors\n# SPDX-License-Identifier: Apache-2.0\n"
    print(f"{first}\n{spdx}{rest}" if shell == "zsh" else spdx + body, end="")


main()
