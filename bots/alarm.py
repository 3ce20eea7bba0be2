"""What no pattern hears is guessed from a question's meaning and letters: danger that is only hinted at, leave to hurt
somebody, a medicine that is left (care.py).

`python -m bots.alarm` draws the lines anew, from a checkout: a softmax regression over the sentences of alarm.jsonl and of
the tests of crisis.py, and over the asked questions of the corpus. Of what is calm a share of QUIET lies above each line.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from zlib import crc32

import numpy as np

from bots.crisis import LONGEST, detect, plain
from core.wisdom.meaning import Matrix, unit
from core.wisdom.softmax import fit

FILE = Path(__file__).with_name("alarm.npz")
KINDS = ("danger", "harm", "health")  # and calm, the first row of the weights
BUCKETS = 16_384  # for pieces of words, which hold what MiniLM cannot read: Hinglish
QUIET = {"danger": 0.06, "harm": 0.02, "health": 0.02}  # the shares of what is calm that may stand above each line
LETTERS = 2  # what the letters weigh, where the meaning weighs 1
DECAY = 0.1


def _read(text: str, meaning: Matrix) -> Matrix:
    """What the lines are drawn through, [384 + BUCKETS]: the meaning, and the word's pieces of two to four letters, hashed."""
    pieces = Counter(
        crc32(word[i : i + n].encode()) % BUCKETS
        for word in (f" {word} " for word in plain(text[:LONGEST]).split())
        for n in (2, 3, 4)
        for i in range(len(word) - n + 1)
    )
    found = np.zeros((1, BUCKETS), dtype=np.float32)
    found[0, list(pieces)] = 1 + np.log(np.array(list(pieces.values()), dtype=np.float32))
    return np.concatenate([meaning, LETTERS * unit(found)[0]])


def _lines() -> tuple[Matrix, Matrix]:
    with FILE.open("rb") as f:
        kept = np.load(f)
        return kept["weights"].astype(np.float32), kept["least"]


WEIGHTS, LEAST = _lines()


def _above_calm(weights: Matrix, row: Matrix) -> Matrix:
    """Of each kind, [3], the logarithm of how many times likelier than calm it is."""
    scores = weights[:, :-1] @ row + weights[:, -1]
    return np.asarray(scores[1:] - scores[0])


def raised(text: str, meaning: Matrix) -> set[str]:
    """Of which KINDS these words may be. meaning: their vector, [384] of length 1."""
    above = _above_calm(WEIGHTS, _read(text, meaning)) > LEAST
    return {kind for kind, is_above in zip(KINDS, above, strict=True) if is_above}


def draw(said: list[tuple[str, str | None]], meanings: Matrix) -> tuple[Matrix, Matrix]:
    """The lines. said: texts and their kinds, None for calm. Every fourth calm text is kept out of the fit: how high the
    lines lie is read off those. All of a kind weigh as much as all of another."""
    rows = np.stack([_read(text, meaning) for (text, _), meaning in zip(said, meanings, strict=True)])
    kinds = np.array([(None, *KINDS).index(kind) for _, kind in said])
    calm = np.flatnonzero(kinds == 0)
    apart = np.zeros(len(rows), dtype=bool)
    apart[calm[::4]] = True
    shares = np.eye(1 + len(KINDS), dtype=np.float32)[kinds[~apart]]
    weights = fit(rows[~apart], shares * (len(shares) / len(shares.T) / shares.sum(axis=0)), DECAY)
    heights = np.stack([_above_calm(weights, row) for row in rows[apart]])
    return weights, np.array([np.quantile(heights[:, i], 1 - QUIET[kind]) for i, kind in enumerate(KINDS)])


def sentences() -> list[tuple[str, str | None]]:
    """What the lines are drawn from."""
    from bots import care
    from core.wisdom.search import asked

    here = Path(__file__).parent
    lines = (here / "alarm.jsonl").read_text(encoding="utf-8").splitlines()
    cases = (here.parent / "tests" / "bots" / "crisis_cases.jsonl").read_text(encoding="utf-8").splitlines()
    said = [(row["text"], row["kind"]) for row in map(json.loads, lines)]
    said += [(row["text"], row["kind"] and "danger") for row in map(json.loads, cases)]
    calm = [
        q for q in (row["question"] for row in asked()) if not detect(q) and care.of(q) not in (care.HARM, care.HEALTH)
    ]
    return said + [(question, None) for question in calm]


def main() -> None:
    from core.wisdom.meaning import Meaning
    from core.wisdom.search import english

    said = sentences()
    weights, least = draw(said, Meaning()([english(text) for text, _ in said]))
    np.savez_compressed(FILE, allow_pickle=False, weights=weights.astype(np.float16), least=least.astype(np.float32))


if __name__ == "__main__":
    main()
