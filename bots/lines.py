"""python -m bots.lines: alarm.npz anew, from a checkout, after a change of alarm.jsonl, of the asked questions or the phrasings.

A softmax regression over the sentences of alarm.jsonl and of the tests of crisis.py, and over the asked questions and the
phrasings of the corpus. Of what is calm a share of QUIET lies above each line.
"""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import numpy as np

from bots import care
from bots.alarm import FILE, KINDS, TONGUES, above_calm, read
from bots.crisis import detect
from core.text import language
from core.wisdom.corpus import asked, rows
from core.wisdom.meaning import Matrix, Meaning
from core.wisdom.reading import english
from core.wisdom.softmax import fit

QUIET = {"danger": 0.05, "harm": 0.02, "health": 0.02}  # the shares of what is calm that may stand above each line
DECAY = 0.1


def draw(said: list[tuple[str, str | None]], meanings: Matrix) -> tuple[Matrix, Matrix]:
    """The lines. said: texts and their kinds, None for calm. Every fourth calm text is kept out of the fit: how high the
    lines lie is read off those, in each language apart. All of a kind weigh as much as all of another."""
    rows = np.stack([read(text, meaning) for (text, _), meaning in zip(said, meanings, strict=True)])
    kinds = np.array([(None, *KINDS).index(kind) for _, kind in said])
    calm = np.flatnonzero(kinds == 0)
    apart = np.zeros(len(rows), dtype=bool)
    apart[calm[::4]] = True
    shares = np.eye(1 + len(KINDS), dtype=np.float32)[kinds[~apart]]
    weights = fit(rows[~apart], shares * (len(shares) / len(shares.T) / shares.sum(axis=0)), DECAY)
    heights = np.stack([above_calm(weights, row) for row in rows[apart]])
    tongues = np.array([TONGUES.index(language(said[i][0])) for i in np.flatnonzero(apart)])
    return weights, np.array(
        [
            [np.quantile(heights[tongues == tongue, i], 1 - QUIET[kind]) for i, kind in enumerate(KINDS)]
            for tongue in range(len(TONGUES))
        ]
    )


def sentences() -> list[tuple[str, str | None]]:
    """What the lines are drawn from."""
    here = Path(__file__).parent
    lines = (here / "alarm.jsonl").read_text(encoding="utf-8").splitlines()
    cases = (here.parent / "tests" / "bots" / "crisis_cases.jsonl").read_text(encoding="utf-8").splitlines()
    said = [(row["text"], row["kind"]) for row in map(json.loads, lines)]
    said += [(row["text"], row["kind"] and "danger") for row in map(json.loads, cases)]
    # Of the phrasings only those of the cases' own writers: with all of them less is heard (docs/benchmarks.md).
    questions = chain((row["question"] for row in asked()), *(row["asked"] for row in rows("phrasings.jsonl")))
    calm = [q for q in questions if not detect(q) and care.of(q) not in (care.HARM, care.HEALTH)]
    return said + [(question, None) for question in calm]


def main() -> None:
    said = sentences()
    weights, least = draw(said, Meaning()([english(text) for text, _ in said]))
    np.savez_compressed(FILE, allow_pickle=False, weights=weights.astype(np.float16), least=least.astype(np.float32))


if __name__ == "__main__":
    main()
