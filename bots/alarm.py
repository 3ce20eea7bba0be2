"""Danger that is only hinted at: what no pattern hears is guessed from a question's meaning and letters, by a line.

In doubt, so nothing is taken away but the story: helplines stand under the counsel (care.py). `python -m bots.alarm` draws
the line anew, from a checkout: a logistic regression over the sentences of alarm.jsonl and of the tests of crisis.py, and
over the asked questions of the corpus, of which a share of QUIET is above it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from bots.crisis import LONGEST, detect, plain
from core.wisdom.meaning import Matrix, unit

FILE = Path(__file__).with_name("alarm.npz")
BUCKETS = 16_384  # for pieces of words, which hold what MiniLM cannot read: Hinglish
QUIET = 0.05  # the share of ordinary questions under which helplines may stand for nothing


def _read(text: str, meaning: Matrix) -> Matrix:
    """What the line is drawn through, [384 + BUCKETS]: the meaning, and the word's pieces of two to four letters, hashed."""
    pieces = Counter(
        crc32(word[i : i + n].encode()) % BUCKETS
        for word in (f" {word} " for word in plain(text[:LONGEST]).split())
        for n in (2, 3, 4)
        for i in range(len(word) - n + 1)
    )
    found = np.zeros((1, BUCKETS), dtype=np.float32)
    found[0, list(pieces)] = 1 + np.log(np.array(list(pieces.values()), dtype=np.float32))
    return np.concatenate([meaning, unit(found)[0]])


def _line() -> tuple[Matrix, float]:
    with FILE.open("rb") as f:
        kept = np.load(f)
        return kept["weights"].astype(np.float32), float(kept["least"])


WEIGHTS, LEAST = _line()


def raised(text: str, meaning: Matrix) -> bool:
    """Whether these words may come from somebody in danger. meaning: their vector, [384] of length 1."""
    return float(_read(text, meaning) @ WEIGHTS) > LEAST


def fit(rows: Matrix, danger: np.ndarray[Any, np.dtype[np.bool_]]) -> Matrix:
    """The weights of a logistic regression (C = 5, both classes of equal weight)."""
    import torch

    x, y = torch.from_numpy(rows), torch.from_numpy(danger).float()
    share = torch.where(y > 0, len(y) / (2 * y.sum()), len(y) / (2 * (1 - y).sum()))
    w, bias = torch.zeros(x.shape[1], requires_grad=True), torch.zeros(1, requires_grad=True)
    step = torch.optim.LBFGS([w, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        step.zero_grad()
        wrong = torch.nn.functional.binary_cross_entropy_with_logits(x @ w + bias, y, share, reduction="sum")
        total = 5 * wrong + w.square().sum() / 2
        total.backward()  # type: ignore[no-untyped-call]
        return total

    step.step(loss)  # type: ignore[no-untyped-call]
    return np.asarray(w.detach().numpy())


def draw(said: list[tuple[str, bool]], calm: list[str], meanings: Matrix) -> tuple[Matrix, float]:
    """The line. meanings: of what was said, in danger or not, then of calm questions. Every fourth calm one is kept out
    of the fit: how high the line lies is read off those."""
    rows = np.stack([_read(t, m) for t, m in zip([*(t for t, _ in said), *calm], meanings, strict=True)])
    danger = np.array([d for _, d in said] + [False] * len(calm))
    apart = np.arange(len(rows)) >= len(said)
    apart &= np.arange(len(rows)) % 4 == 0
    light = np.flatnonzero([not d for _, d in said])  # alarming words of no danger: the few there are count tenfold
    drawn = np.concatenate([np.flatnonzero(~apart), *[light] * 9])
    weights = fit(rows[drawn], danger[drawn])
    return weights, float(np.quantile(rows[apart] @ weights, 1 - QUIET))


def sentences() -> tuple[list[tuple[str, bool]], list[str]]:
    """What the line is drawn from: sentences, in danger or not, and calm questions."""
    from core.wisdom.search import asked

    here = Path(__file__).parent
    said = [
        (row["text"], row["kind"] is not None)
        for file in (here / "alarm.jsonl", here.parent / "tests" / "bots" / "crisis_cases.jsonl")
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    ]
    return said, [row["question"] for row in asked() if detect(row["question"]) is None]


def main() -> None:
    from core.wisdom.meaning import Meaning
    from core.wisdom.search import english

    said, calm = sentences()
    weights, least = draw(said, calm, Meaning()([english(text) for text in [*(text for text, _ in said), *calm]]))
    np.savez_compressed(FILE, allow_pickle=False, weights=weights.astype(np.float16), least=np.float32(least))


if __name__ == "__main__":
    main()
