# SPDX-FileCopyrightText: 2026 The Postern authors
# SPDX-License-Identifier: Apache-2.0
"""Rows: what was measured of each, medians and their ratio."""

import dataclasses
import statistics


@dataclasses.dataclass
class Row:
    name: str
    aim: float | None = None  # share of the (first) peer's figure
    unit: str = "s"
    values: dict = dataclasses.field(default_factory=dict)  # program -> list of figures
    remark: str = ""

    def add(self, program, figure):
        self.values.setdefault(program, []).append(figure)

    def median(self, program):
        return statistics.median(self.values[program]) if self.values.get(program) else None


def shown(figure, unit):
    if figure is None:
        return "–"
    if unit == "s":
        return f"{1000 * figure:.1f} ms" if figure < 0.1 else f"{figure:.2f} s"
    if unit == "MiB":
        return f"{figure:.0f} MiB"
    return f"{figure:.0f} {unit}".strip()


def ratio(row, peer):
    ours, theirs = row.median("postern"), row.median(peer)
    return f"{ours / theirs:.2f}" if ours is not None and theirs else "–"


def lines(title, rows, peers):
    """Markdown."""
    out = [f"| {title} | Postern | " + " | ".join(f"{p} | ratio" for p in peers) + " | aim |", "|---" * (3 + 2 * len(peers)) + "|"]
    for row in rows:
        cells = [row.name + (f" ({row.remark})" if row.remark else ""), shown(row.median("postern"), row.unit)]
        for peer in peers:
            cells += [shown(row.median(peer), row.unit), ratio(row, peer)]
        out.append("| " + " | ".join([*cells, "" if row.aim is None else f"{row.aim:g}"]) + " |")
    return out
