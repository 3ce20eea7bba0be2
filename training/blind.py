"""Pairs of answers for a person to judge without knowing whose they are, and what the person said."""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path
from typing import Any

from training.errors import DataError

SHEET, KEY = "blind.md", "blind.key.json"
HOW = """# Which answer is better?

Two answers to each question; whose is whose is shuffled. Put A, B or = behind each "verdict:", then run
`python -m training verdicts FOLDER`.
"""


def write(out: Path, report: dict[str, Any], mine: str, other: str, n: int, seed: int) -> int:
    """blind.md to fill in, and blind.key.json not to look at. Returns how many pairs there are: where both systems show
    the same words there is nothing to judge."""
    columns = {s["name"]: s["answers"] for s in report["systems"]}
    dice = random.Random(seed)
    pairs = [
        (q["text"], a["shown"], b["shown"])
        for q, a, b in zip(report["questions"], columns[mine], columns[other], strict=True)
        if a["shown"] != b["shown"]
    ]
    dice.shuffle(pairs)
    sheet, key = [HOW], []
    for i, (question, my, their) in enumerate(pairs[:n], 1):
        first = dice.random() < 0.5
        key.append(first)
        a, b = (my, their) if first else (their, my)
        sheet.append(f"## {i}. {question}\n\nA: {a}\n\nB: {b}\n\nverdict:\n")
    (out / SHEET).write_text("\n".join(sheet), "utf-8")
    (out / KEY).write_text(json.dumps({"A is": key, "mine": mine, "other": other}))
    return len(key)


def read(out: Path) -> str:
    """The verdicts in one sentence. Raises DataError where the sheet is not filled in."""
    try:
        sheet, key = (out / SHEET).read_text("utf-8"), json.loads((out / KEY).read_text())
    except OSError as error:
        raise DataError(f"{out} holds no blind pairs ({error}); make them with evaluate --blind") from error
    said = re.findall(r"^verdict:[ \t]*(\S*)[ \t]*$", sheet, re.MULTILINE)
    mine = key["A is"]
    wrong = [i for i, v in enumerate(said, 1) if v.upper() not in ("A", "B", "=")]
    if len(said) != len(mine) or wrong:
        raise DataError(
            f"verdict {wrong[0]} of {out / SHEET} is neither A, B nor ="
            if wrong
            else f"{out / SHEET} has {len(said)} verdicts, {len(mine)} are wanted"
        )
    won = sum(v.upper() == ("A" if first else "B") for v, first in zip(said, mine, strict=True))
    even = said.count("=")
    lost = len(said) - won - even
    return f"{key['mine']} preferred {won} times, {key['other']} {lost} times, even {even}, of {len(said)} pairs (p = {_sign(won, lost):.3f})"


def _sign(won: int, lost: int) -> float:
    """The two-sided sign test: how likely so uneven a count is where nobody is better."""
    n = won + lost
    tail: float = sum(math.comb(n, k) for k in range(min(won, lost) + 1)) / 2**n
    return min(1.0, 2 * tail)
