#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Runs every test of a build directory and sums them up: `tools/run_tests.py [--unit-only] [--only WORD] BUILD [BUILD ...]`.

The gtest executables that Meson knows, the end-to-end tests in tests/e2e (Python's unittest, against the first build directory), and the
checks of the tree (layers, commands, style) each count. The last line is `N passed, M failed, K skipped`; the exit status is 1 when something failed
or nothing ran. A further build directory (sanitizers) runs its gtest executables and the end-to-end tests named in SANITIZED. With --threads the build directory
is one for ThreadSanitizer (tools/test --threads): what has threads runs there, THREADED.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
CHECKS = ["check_layers.py", "check_commands.py", "check_style.py", "check_lengths.py", "check_docs"]
SANITIZED = ["test_owner", "test_clients", "test_interimap", "test_background", "test_sync", "test_sync_rounds", "test_sync_mailboxes", "test_modes"]
SANITIZED_ROUNDS = "60"  # of test_sync_rounds: each takes longer there
THREADED = {"base", "files", "store", "content", "transport", "session", "transcripts", "client", "sync", "view_model", "mailbox_model", "sync_model",
            "sync_disk_model", "test_owner", "test_sync"}
THREADED_ROUNDS = "3"  # of the models
TIME_LIMIT = 1500
REPORT = "sanitizer"


def run_gtest(name, command, environment):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        try:
            run = subprocess.run([*command, f"--gtest_output=json:{report.name}"], cwd=ROOT, env=environment, capture_output=True, text=True,
                                 errors="replace", timeout=TIME_LIMIT)
            text, code = run.stdout + run.stderr, run.returncode
        except subprocess.TimeoutExpired as late:
            text, code = f"{late}\n{(late.stdout or b'')[-4000:]}", -1
        try:
            cases = [case for suite in json.load(open(report.name))["testsuites"] for case in suite["testsuite"]]
        except (ValueError, OSError):
            cases = []
    passed = sum(1 for c in cases if c["status"] == "RUN" and c["result"] == "COMPLETED" and not c.get("failures"))
    skipped = [f"{name}: {c['classname']}.{c['name']}" for c in cases if c["result"] == "SKIPPED" or c["status"] != "RUN"]
    failed = [f"{name}: {c['classname']}.{c['name']}" for c in cases if c.get("failures")]
    if code != 0 and not failed:
        failed.append(f"{name}: ended with {code}")
    if not cases and not failed:
        failed.append(f"{name}: ran no test")
    return name, passed, failed, skipped, text if failed else ""


def run_e2e(name, environment):
    try:
        run = subprocess.run([sys.executable, __file__, "--one", name], cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace",
                             timeout=TIME_LIMIT, stdin=subprocess.DEVNULL)
        text, code = run.stdout + run.stderr, run.returncode
        result = json.loads(run.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, ValueError, IndexError) as fault:
        return name, 0, [f"{name}: {fault}"], [], locals().get("text", "")
    failed = [f"{name}: {f}" for f in result["failed"]]
    if code not in (0, 1) and not failed:
        failed.append(f"{name}: ended with {code}")
    return name, result["passed"], failed, [f"{name}: {s}" for s in result["skipped"]], text if failed else ""


def one(name):
    """In a process of its own: one file of tests/e2e."""
    sys.path.insert(0, str(ROOT / "tests" / "e2e"))
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    failed = [t.id() for t, _ in result.failures + result.errors] + [t.id() for t in result.unexpectedSuccesses]
    broken = len({t.id().split(" ")[0] for t, _ in result.failures + result.errors})
    skipped = [f"{t.id()}: {why}" for t, why in result.skipped]
    print(json.dumps({"passed": max(0, result.testsRun - broken - len(result.skipped) - len(result.unexpectedSuccesses)), "failed": failed,
                      "skipped": skipped}))
    return 1 if failed else 0


def run_check(name):
    run = subprocess.run([ROOT / "tools" / name], cwd=ROOT, capture_output=True, text=True)
    text = run.stdout + run.stderr
    return name, int(run.returncode == 0), [] if run.returncode == 0 else [name], [], text if run.returncode else ""


def faults_in(build):
    """What sanitizers wrote, also of owners in the background, whose standard error nobody reads."""
    for report in sorted(build.glob(REPORT + ".*")):
        text = report.read_text(errors="replace")
        if any(word in text for word in ("ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer")):
            print(text[:6000], flush=True)
            yield f"{build.name}: {report.name}"


def jobs_of(build, environment, names, first, unit_only):
    introspect = subprocess.run(["/usr/bin/meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True).stdout
    for test in json.loads(introspect):
        label = f"{build.name}/{test['name']}"
        yield label, run_gtest, (label, test["cmd"], {**environment, **{k: v for k, v in test.get("env", {}).items()}})
    if unit_only:
        return
    for name in names:
        if first or name in SANITIZED:
            yield f"{build.name}/{name}", run_e2e, (name, environment)


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background of a shell ignores it, and so would all tests
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help="run only what has this word in its name")
    parser.add_argument("--unit-only", action="store_true", help="no end-to-end tests")
    parser.add_argument("--threads", action="store_true", help="the build directory is one for ThreadSanitizer")
    parser.add_argument("builds", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    if options.one:
        return one(options.one)

    jobs = [(name, run_check, (name,)) for name in CHECKS]
    names = sorted(p.stem for p in (ROOT / "tests" / "e2e").glob("test_*.py"))
    for number, build in enumerate(options.builds):
        build = build.resolve()
        environment = {**os.environ, "POSTERN_BUILD": str(build), "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:detect_odr_violation=0",
                       "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
        if options.threads:
            environment["POSTERN_MODEL_ROUNDS"] = THREADED_ROUNDS
            environment["TSAN_OPTIONS"] = f"suppressions={ROOT}/tests/tsan.supp:second_deadlock_stack=1:exitcode=0:log_path={build}/{REPORT}"
            for old in build.glob(REPORT + ".*"):
                old.unlink()
        if number > 0:
            environment["POSTERN_ROUNDS"] = SANITIZED_ROUNDS
            for kind in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
                environment[kind] += f":log_path={build}/{REPORT}"
            for old in build.glob(REPORT + ".*"):
                old.unlink()
        jobs += jobs_of(build, environment, names, number == 0, options.unit_only)
    if options.threads:
        jobs = [job for job in jobs if job[0].rpartition("/")[2] in THREADED]
    jobs = [job for job in jobs if options.only in job[0]]

    passed, failed, skipped = 0, [], []
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        running = {pool.submit(function, *arguments): name for name, function, arguments in jobs}
        for done in concurrent.futures.as_completed(running):
            _, good, bad, left, text = done.result()
            passed += good
            failed += bad
            skipped += left
            print(f"[{time.monotonic() - start:6.1f} s] {running[done]}: {good} passed, {len(bad)} failed, {len(left)} skipped", flush=True)
            if text:
                print(text[-12000:], flush=True)
    for build in options.builds:
        for fault in faults_in(build):
            failed.append(fault)
    for line in skipped:
        print("skipped:", line)
    for line in failed:
        print("FAILED:", line)
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 1 if failed or not passed else 0


sys.exit(main())
