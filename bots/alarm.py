"""What no pattern hears is guessed from a question's meaning and letters: danger that is only hinted at, leave to hurt
somebody, a medicine that is left (care.py). How the lines in alarm.npz were drawn: lines.py.
"""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np

from bots.crisis import LONGEST, for_patterns
from core.text import language
from core.wisdom.meaning import Matrix, unit

FILE = Path(__file__).with_name("alarm.npz")
KINDS = ("danger", "harm", "health")  # and calm, the first row of the weights
TONGUES = ("en", "hinglish", "hi")  # each has lines of its own: of some every piece is rarer
BUCKETS = 16_384  # for pieces of words, which hold what MiniLM cannot read: Hinglish
LETTERS = 2  # what the letters weigh, where the meaning weighs 1


def read(text: str, meaning: Matrix) -> Matrix:
    """What the lines are drawn through, [384 + BUCKETS]: the meaning, and the word's pieces of two to four letters, hashed."""
    words = [f" {word} " for word in for_patterns(text[:LONGEST]).split()]
    pieces = [crc32(w[i : i + n].encode()) for w in words for n in (2, 3, 4) for i in range(len(w) - n + 1)]
    places, counts = np.unique(np.array(pieces, dtype=np.uint32) % BUCKETS, return_counts=True)
    found = np.zeros(len(meaning) + BUCKETS, dtype=np.float32)
    found[: len(meaning)] = meaning
    found[len(meaning) + places] = LETTERS * unit(1 + np.log(counts[None].astype(np.float32)))[0]
    return found


def _lines() -> tuple[Matrix, Matrix]:
    with FILE.open("rb") as f:
        kept = np.load(f)
        return kept["weights"].astype(np.float32), kept["least"]


WEIGHTS, LEAST = _lines()


def above_calm(weights: Matrix, row: Matrix) -> Matrix:
    """Of each kind, [3], the logarithm of how many times likelier than calm it is."""
    scores = weights[:, :-1] @ row + weights[:, -1]
    return np.asarray(scores[1:] - scores[0])


def raised(text: str, meaning: Matrix) -> set[str]:
    """Of which KINDS these words may be. meaning: their vector, [384] of length 1."""
    above = above_calm(WEIGHTS, read(text, meaning)) > LEAST[TONGUES.index(language(text))]
    return {kind for kind, is_above in zip(KINDS, above, strict=True) if is_above}
