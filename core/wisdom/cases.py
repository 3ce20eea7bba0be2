"""Which case a question is: a trouble that many bring, for which somebody wrote a whole counsel (cases.jsonl).

The words of a case answer what its phrasings ask, and no more; said to anybody else they would be beside the point. So a question
is a case only where most of what stands nearest to it, among all questions of the index, is said of that case.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.text import Language
from core.wisdom.corpus import Case
from core.wisdom.meaning import Matrix

NEAREST = 10  # questions of the index that are asked
# Of their nearness that has to be the case's: more where a question is read by a glossary, word by word.
SHARE: dict[Language, float] = {"en": 0.45, "hi": 0.57, "hinglish": 0.57}
ALIKE, BEST = 0.45, 3  # the cosine that a case's best phrasings have to have in the mean


class Cases:
    """The cases, and which questions of the index are said of each."""

    def __init__(self, cases: Sequence[Case], said: Sequence[str]) -> None:
        """said: for each question of the index the id of its case, empty for none."""
        places = {case.id: i for i, case in enumerate(cases)}
        self._cases, self._of = cases, np.array([places[id] if id else -1 for id in said])

    def of(self, near: Matrix, cosines: Matrix, tongue: Language) -> Case | None:
        """The case of one question in a language, [asked] its nearness to each question of the index and the cosines; None where
        it is none."""
        near = near * cosines  # like words alone, of another meaning, are no neighbours
        nearest = np.argpartition(-near, NEAREST)[:NEAREST]
        shares = np.bincount(self._of[nearest] + 1, near[nearest])
        if len(shares) < 2:
            return None
        best = int(np.argmax(shares[1:]))
        alike = np.mean(np.sort(cosines[self._of == best])[-BEST:])
        sure = shares[best + 1] >= SHARE[tongue] * shares.sum() and alike >= ALIKE
        return self._cases[best] if sure else None
